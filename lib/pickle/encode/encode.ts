import type { Encodable } from "./encodable.ts";
import { PickleError } from "../values/errors.ts";
import { type PickleLimits, withDefaults } from "../values/limits.ts";
import { Pickler } from "./pickler.ts";
import { NO_REFERENCES, type References } from "./references.ts";

export type { Encodable, References };

/** How to encode. */
export interface EncodeOptions extends References {
  /** The protocol, 0 to 5. 4 is what every Python since 3.4 reads and what is written if nothing is said. */
  readonly protocol?: 0 | 1 | 2 | 3 | 4 | 5;
  /** `depth`, `memory` (the bytes of the pickle), and in protocols 0 and 1, where ints stand in digits, `digits`. */
  readonly limits?: Partial<PickleLimits>;
}

const DEFAULT_PROTOCOL = 4;
const HIGHEST_PROTOCOL = 5;

let idle: Pickler | undefined;

/**
 * Encodes a value as a pickle that Python's `pickle.loads` reads.
 *
 * A container that stands in several places is written once and referred to, and may hold itself. Besides what `decode`
 * makes, an object literal is a dict, an ArrayBuffer bytes, and a typed array of numbers a list (of floats where it holds
 * floats); Uint8Array and Uint8ClampedArray are bytes.
 *
 * @param value The value.
 * @param options The protocol and limits.
 * @returns The pickle, in a buffer of its own.
 * @throws {PickleError} "unsupported" for what Python has no form of (undefined, functions, symbols, objects of classes that
 * this codec does not know) and "unhashable" for a key or member that Python cannot hash, with the place in the value;
 * "limit" where one is reached; "bad-argument" for a protocol that there is not.
 *
 * @example
 * ```ts
 * import { encode } from "./encode.ts";
 * import { assertEquals } from "@std/assert";
 *
 * // PROTO 4, EMPTY_LIST, MEMOIZE, STOP
 * assertEquals(encode([]), new Uint8Array([0x80, 4, 0x5d, 0x94, 0x2e]));
 * assertEquals(encode({ a: 1 }, { protocol: 1 }), new TextEncoder().encode("}q\0X\x01\0\0\0aK\x01s."));
 * ```
 */
export function encode(value: Encodable, options: EncodeOptions = {}): Uint8Array<ArrayBuffer> {
  const protocol = options.protocol ?? DEFAULT_PROTOCOL;
  if (!Number.isInteger(protocol) || protocol < 0 || protocol > HIGHEST_PROTOCOL) {
    throw new PickleError("bad-argument", `Cannot encode the value: there is no protocol ${protocol}`);
  }
  // A getter or a proxy in the value may itself encode something.
  const pickler = idle ?? new Pickler();
  idle = undefined;
  pickler.refer(options);
  try {
    return pickler.dump(value, protocol, withDefaults(options.limits));
  } finally {
    pickler.refer(NO_REFERENCES);
    idle = pickler;
  }
}
