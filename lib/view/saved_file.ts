/** The content of the file as which a message is saved. */

import { npyOf } from "../objects/npy.ts";
import { encode } from "../pickle/encode/encode.ts";
import { NDArray } from "../pickle/values/known_numpy.ts";
import { ByteArray, type Value } from "../pickle/values/values.ts";

/** The content of a file, and its form. */
export interface FileOfMessage {
  readonly bytes: Uint8Array;
  readonly form: "bytes" | "text" | ".npy" | "pickle";
}

/** Names of files by their endings, for which programs expect something else than a pickle or .npy. */
const OTHER_FORM = /\.(?:csv|tsv|json|jsonl|txt|md|html?|xml|ya?ml|toml|png|jpe?g|gif|xlsx?|parquet)$/i;
const PICKLE = /\.(?:pickle|pkl)$/i;
const NPY = /\.npy$/i;

/**
 * Returns another name for a file, if the name says that it holds something else; null if the name fits.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { otherName } from "./saved_file.ts";
 *
 * assertEquals(otherName("data/big.json", "pickle"), "data/big.pickle");
 * assertEquals(otherName("data/big.json", "text"), null);
 * ```
 */
export function otherName(file: string, form: FileOfMessage["form"]): string | null {
  if (form !== "pickle" && form !== ".npy") return null;
  const isOther = OTHER_FORM.test(file) || (form === "pickle" ? NPY : PICKLE).test(file);
  return isOther ? file.replace(/\.\w+$/, form === "pickle" ? ".pickle" : ".npy") : null;
}

/**
 * Returns the content of a file: bytes as they are, a text as UTF-8, an array as .npy if that format can hold it,
 * anything else as a pickle, which is written anew from the value.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { savedFile } from "./saved_file.ts";
 *
 * assertEquals(savedFile("hi"), { bytes: new Uint8Array([0x68, 0x69]), form: "text" });
 * assertEquals(savedFile(new Uint8Array([1, 2])), { bytes: new Uint8Array([1, 2]), form: "bytes" });
 * ```
 */
export function savedFile(value: Value): FileOfMessage {
  if (value instanceof Uint8Array) return { bytes: value, form: "bytes" };
  if (value instanceof ByteArray) return { bytes: value.bytes, form: "bytes" };
  if (typeof value === "string") return { bytes: new TextEncoder().encode(value), form: "text" };
  const npy = value instanceof NDArray ? npyOf(value) : null;
  return npy === null ? { bytes: encode(value), form: "pickle" } : { bytes: npy, form: ".npy" };
}
