/**
 * Envelopes: the few keys around a body. They are found without decoding the body, and the payload is written again
 * with the listener's keys added. The cost of a post does not depend on the structure of its body.
 */

import { HEADER_SIZE } from "../frame/mod.ts";
import type { Ref } from "../base/ref.ts";
import { isRef, MAX_REF_LENGTH, Refusal } from "./message.ts";
import { decode } from "../pickle/decode/decode.ts";
import { PickleError } from "../pickle/values/errors.ts";
import { type Scalar, scalarAt } from "../pickle/verify/scalar_at.ts";
import { envelopeLength, type Stamp, writeEnvelope } from "../pickle/stamp.ts";
import type { Value } from "../pickle/values/values.ts";
import { refOfRefused } from "./refused_ref.ts";
import type { Verified } from "../pickle/verify/verified.ts";
import { Verification, verify, type VerifyOptions } from "../pickle/verify/verify.ts";

/** The keys that only the listener sets. A post that has one of them is refused. */
const STAMPED_KEYS = ["id", "from", "at"] as const;

/** The error codes of pickles that are well formed but not safe to load. */
const UNSAFE: ReadonlySet<string> = new Set(["unsafe", "limit"]);

/** Stands for a type that is too long to be a known one, so that its dict does not count as a plain object. */
const LONG_TYPE = "message of that type";

/** The room or the person that a post is for. */
export interface Destination {
  readonly room: string | undefined;
  readonly to: string | undefined;
}

/** The rules that payloads must meet. */
export interface IncomingOptions extends VerifyOptions {
  /** The most bytes of a text around the body. */
  readonly maxText: number;
}

/**
 * Verifies a payload.
 *
 * @throws {Refusal} `bad-pickle` with the offset, or `unsafe-pickle` with the name that the pickle refers to.
 */
export function readIncoming(payload: Uint8Array, options: IncomingOptions): Incoming {
  return new Incoming(payload, orRefusal(payload, () => verify(payload, options)), options.maxText);
}

/** The verification of a long payload in slices. The bytes must not change until it is done. */
export class IncomingVerification {
  readonly #payload: Uint8Array;
  readonly #options: IncomingOptions;
  readonly #verification: Verification;

  constructor(payload: Uint8Array, options: IncomingOptions) {
    this.#payload = payload;
    this.#options = options;
    this.#verification = new Verification(payload, options);
  }

  /**
   * Continues until the payload is verified or `mayGoOn` returns false. It is called every few milliseconds.
   *
   * @returns Undefined if the payload is not verified yet.
   * @throws {Refusal} As {@linkcode readIncoming} does.
   */
  step(mayGoOn: () => boolean): Incoming | undefined {
    const verified = orRefusal(this.#payload, () => this.#verification.step(mayGoOn));
    return verified && new Incoming(this.#payload, verified, this.#options.maxText);
  }
}

function orRefusal<T>(payload: Uint8Array, verify: () => T): T {
  try {
    return verify();
  } catch (error) {
    if (!(error instanceof PickleError)) throw error;
    const code = UNSAFE.has(error.code) ? "unsafe-pickle" : "bad-pickle";
    throw new Refusal(code, error.message, refOfRefused(payload));
  }
}

/** A verified payload. It is valid as long as the payload's bytes are. */
export class Incoming {
  readonly #bytes: Uint8Array;
  readonly #verified: Verified;
  readonly #maxText: number;
  /** The message's type; undefined for a plain object. */
  readonly type: string | undefined;

  /** @param maxText The most bytes that a text around the body may have. */
  constructor(payload: Uint8Array, verified: Verified, maxText: number) {
    this.#bytes = payload;
    this.#verified = verified;
    this.#maxText = maxText;
    const entry = this.#verified.find("type");
    this.type = entry?.kind === "str" ? this.#text("type") ?? LONG_TYPE : undefined;
  }

  /** The ref to repeat in the answer; undefined if the message has none, or one that is not valid. */
  get ref(): Ref | undefined {
    const ref = this.type === undefined ? undefined : this.#scalar("ref");
    return isRef(ref) ? ref : undefined;
  }

  /**
   * Reads the destination of a post.
   *
   * @throws {Refusal} `bad-message`, naming the key that is missing, has the wrong type, or may only be set by the listener.
   */
  readDestination(): Destination {
    if (this.type === undefined) return { room: undefined, to: undefined };
    for (const key of STAMPED_KEYS) {
      if (this.#verified.find(key)) throw refusal(`the key ${key} is the listener's to set`);
    }
    if (!this.#verified.find("body")) throw refusal("the key body is missing");
    if (this.#verified.find("ref") && this.ref === undefined) {
      throw refusal(`the key ref must hold an int or a str of at most ${MAX_REF_LENGTH} characters`);
    }
    return { room: this.#optionalText("room"), to: this.#optionalText("to") };
  }

  /**
   * Decodes a message that is not a post.
   *
   * @throws {Refusal} `bad-message` if it is longer than the keys around a body may be.
   */
  decode(): Map<Value, Value> {
    if (this.#verified.end > this.#maxText) {
      throw new Refusal(
        "bad-message",
        `Cannot take the ${this.type}: it is longer than ${this.#maxText} bytes`,
      );
    }
    return decode(this.#bytes) as Map<Value, Value>;
  }

  /** The size of the payload that {@linkcode Incoming.write} writes. */
  sizeWith(stamp: Stamp): number {
    return envelopeLength(this.#envelope(stamp));
  }

  /** Writes this post with the stamp added, behind the header of a frame at `offset`. */
  write(target: Uint8Array, offset: number, stamp: Stamp): void {
    writeEnvelope(target, offset + HEADER_SIZE, this.#envelope(stamp));
  }

  #envelope(stamp: Stamp) {
    return { bytes: this.#bytes, verified: this.#verified, stamp, plain: this.type === undefined };
  }

  #scalar(key: string): Scalar | undefined {
    const entry = this.#verified.find(key);
    return entry && scalarAt(this.#bytes, entry.source, this.#maxText);
  }

  #text(key: string): string | undefined {
    const text = this.#scalar(key);
    return typeof text === "string" ? text : undefined;
  }

  #optionalText(key: string): string | undefined {
    if (!this.#verified.find(key)) return undefined;
    const text = this.#text(key);
    if (text === undefined) throw refusal(`the key ${key} must hold a str`);
    return text;
  }
}

function refusal(why: string): Refusal {
  return new Refusal("bad-message", `Cannot take the message: ${why}`);
}
