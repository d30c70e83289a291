/** The failure of a TLS handshake, which may succeed the next time. */
export class HandshakeError extends Error {
  override readonly name = "HandshakeError";
}
