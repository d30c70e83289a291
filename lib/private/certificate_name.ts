/** The name in every certificate of a private chat. No public authority signs for it: `.invalid` is reserved (RFC 2606). */
export const CERTIFICATE_NAME = "chat.invalid";
