/** A TLS connection that could not be made, and may be the next time. */
export class HandshakeError extends Error {
  override readonly name = "HandshakeError";
}
