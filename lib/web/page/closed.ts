/** The page's access to a private chat: by a code the first time, later by the secret that replaced it. */

import { keyOfCode, parseCode } from "../../private/code.ts";
import { parsePem } from "../../private/pem.ts";
import { checkProof, makeProof, memberId, NONCE_SIZE } from "../../private/proof.ts";
import type { Value } from "../../pickle/values/values.ts";

/** The storage of this browser's secret. */
export interface SecretStore {
  /** The secret in hexadecimal; empty if there is none. */
  secret: string;
}

/** Proves that this browser belongs to a private chat. */
export class Closed {
  readonly #certificate: Uint8Array<ArrayBuffer>;
  readonly #store: SecretStore;
  #code: string | null = null;
  #nonce = new Uint8Array(0);

  /** Whether the secret was refused on this visit. */
  #isRefused = false;

  private constructor(certificate: Uint8Array<ArrayBuffer>, store: SecretStore) {
    this.#certificate = certificate;
    this.#store = store;
  }

  /** Asks the listener whether the chat is private; null if it is open. */
  static async ask(store: SecretStore): Promise<Closed | null> {
    const { certificate } = await (await fetch("/closed")).json();
    const der = typeof certificate === "string" ? parsePem(certificate, "CERTIFICATE") : null;
    return der === null ? null : new Closed(der, store);
  }

  /** Whether there is a key: a secret, or a code that was just typed. */
  get hasKey(): boolean {
    return this.#code !== null || this.#store.secret !== "" && !this.#isRefused;
  }

  /** Takes a typed code. Returns false if it is not a code. */
  useCode(text: string): boolean {
    this.#code = parseCode(text);
    return this.#code !== null;
  }

  /**
   * Handles a refusal: the next key is a typed code. The secret is kept for the next visit, because the listener may
   * have refused the address and not the secret.
   */
  refused(): void {
    this.#code = null;
    this.#isRefused = true;
  }

  /** Returns the keys of a hello that prove that this browser knows the key. */
  async hello(): Promise<[Value, Value][]> {
    this.#nonce = crypto.getRandomValues(new Uint8Array(NONCE_SIZE));
    const key = this.#key();
    const proof = await makeProof(key, { by: "peer", certificate: this.#certificate, nonce: this.#nonce });
    return [["nonce", this.#nonce], ["member", await memberId(key)], ["proof", proof], ["enrol", true]];
  }

  /**
   * Checks that a welcome comes from a listener that knows the key. If the welcome holds a secret, that replaces the
   * code.
   */
  async check(welcome: ReadonlyMap<Value, Value>): Promise<boolean> {
    const [proof, secret] = [welcome.get("proof"), welcome.get("secret")];
    if (!(proof instanceof Uint8Array)) return false;
    const options = { by: "listener", certificate: this.#certificate, nonce: this.#nonce } as const;
    if (!await checkProof(this.#key(), proof, options)) return false;
    if (secret instanceof Uint8Array) {
      this.#store.secret = new Uint8Array(secret).toHex();
      this.#code = null;
      this.#isRefused = false;
    }
    return true;
  }

  #key(): Uint8Array<ArrayBuffer> {
    return this.#code === null ? Uint8Array.fromHex(this.#store.secret) : keyOfCode(this.#code);
  }
}
