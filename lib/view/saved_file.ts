/** The bytes that a message is saved as. */

import { npyOf } from "../objects/npy.ts";
import { encode } from "../pickle/encode/encode.ts";
import { NDArray } from "../pickle/values/known_numpy.ts";
import { ByteArray, type Value } from "../pickle/values/values.ts";

/**
 * Returns the bytes of a file: bytes as they are, a text as UTF-8, an array as .npy if that format can hold it,
 * anything else as a pickle.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { savedFile } from "./saved_file.ts";
 *
 * assertEquals(savedFile("hi"), new Uint8Array([0x68, 0x69]));
 * assertEquals(savedFile(new Uint8Array([1, 2])), new Uint8Array([1, 2]));
 * ```
 */
export function savedFile(value: Value): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (value instanceof ByteArray) return value.bytes;
  if (typeof value === "string") return new TextEncoder().encode(value);
  return value instanceof NDArray ? npyOf(value) ?? encode(value) : encode(value);
}
