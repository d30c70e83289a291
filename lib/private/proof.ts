/**
 * Proofs that both ends of a private chat know the same code, without revealing it. They are tied to the listener's
 * certificate, so that a man in the middle cannot relay them. docs/closed.md has the specification.
 */

/** The size of a nonce, in random bytes. */
export const NONCE_SIZE = 32;

/** The size of a proof, in bytes. */
export const PROOF_SIZE = 32;

/** The size of a secret, which replaces a code, in random bytes. */
export const SECRET_SIZE = 32;

/** The number of bytes of an HMAC that identify a member. */
const ID_SIZE = 8;

const HMAC = { name: "HMAC", hash: "SHA-256" } as const;

/** The end that makes a proof. */
export type Prover = "peer" | "listener";

/** The text that a proof signs. */
export interface ProofOptions {
  readonly by: Prover;
  /** The certificate's DER, as this end knows it. */
  readonly certificate: Uint8Array<ArrayBuffer>;
  /** The peer's random bytes, used once. */
  readonly nonce: Uint8Array;
}

/** Returns the name under which a listener finds a key: 16 hexadecimal digits that do not reveal the key. */
export async function memberId(key: Uint8Array<ArrayBuffer>): Promise<string> {
  const id = await crypto.subtle.sign(HMAC, await importKey(key), new TextEncoder().encode("id"));
  return new Uint8Array(id, 0, ID_SIZE).toHex();
}

/** Makes a proof with a key: the UTF-8 of a code, or a secret. */
export async function makeProof(
  key: Uint8Array<ArrayBuffer>,
  options: ProofOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.sign(HMAC, await importKey(key), await textOf(options)));
}

/** Checks a proof in a time that does not depend on the position of the first wrong byte. */
export async function checkProof(
  key: Uint8Array<ArrayBuffer>,
  proof: Uint8Array,
  options: ProofOptions,
): Promise<boolean> {
  return await crypto.subtle.verify(HMAC, await importKey(key), proof.slice(), await textOf(options));
}

function importKey(key: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", key, HMAC, false, ["sign", "verify"]);
}

async function textOf({ by, certificate, nonce }: ProofOptions): Promise<Uint8Array<ArrayBuffer>> {
  const label = new TextEncoder().encode(`chat 1 ${by} `);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", certificate));
  const text = new Uint8Array(label.length + digest.length + nonce.length);
  text.set(label);
  text.set(digest, label.length);
  text.set(nonce, label.length + digest.length);
  return text;
}
