/** Encoding of values as pickles. */
import type { Encodable } from "./encodable.ts";
import { PickleError } from "../values/errors.ts";
import { type PickleLimits, withDefaults } from "../values/limits.ts";
import { Pickler } from "./pickler.ts";
import { NO_REFERENCES, type References } from "./references.ts";

export type { Encodable, References };

/** Options of {@linkcode encode}. */
export interface EncodeOptions extends References {
  /** The protocol, 0 to 5; 4 by default, which every Python since 3.4 reads. */
  readonly protocol?: 0 | 1 | 2 | 3 | 4 | 5;
  /** The limits `depth`, `memory` (the bytes of the pickle), and `digits` in protocols 0 and 1, whose ints are text. */
  readonly limits?: Partial<PickleLimits>;
}

const DEFAULT_PROTOCOL = 4;
const HIGHEST_PROTOCOL = 5;

let idle: Pickler | undefined;

/**
 * Encodes a value as a pickle that Python's `pickle.loads` reads.
 *
 * A container that occurs in several places is written once, and may contain itself. Besides the values that `decode` returns,
 * an object literal is a dict, an ArrayBuffer is bytes, and a typed array is a list of ints or floats; Uint8Array and
 * Uint8ClampedArray are bytes.
 *
 * @param value The value.
 * @param options The protocol and limits.
 * @returns The pickle, in a buffer of its own.
 * @throws {PickleError} "unsupported" for a value that has no form in Python (undefined, functions, symbols, objects of unknown
 * classes) and "unhashable" for a key or member that Python cannot hash, both with the path in the value; "limit" where a limit
 * is exceeded; "bad-argument" for an unknown protocol.
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
  // A getter or a proxy in the value may call encode itself.
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
