/** References to objects outside a pickle: persistent ids, extension codes and out-of-band buffers. */
import type { Encodable } from "./encodable.ts";
import * as op from "../values/opcodes.ts";
import type { ByteArray, Global } from "../values/values.ts";
import type { Writer } from "./writer.ts";

/**
 * The objects that {@linkcode encode} only refers to; the `Resolvers` of decode look them up.
 *
 * @example
 * ```ts
 * import { decode } from "../decode/decode.ts";
 * import { encode } from "./encode.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const tables = new Map([["users", { rows: 5 }]]);
 * const bytes = encode(["a", tables.get("users")!], {
 *   persistentId: (object) => tables.entries().find(([, table]) => table === object)?.[0],
 * });
 * assertEquals(decode(bytes, { persistentId: (id) => ["table", id] }), ["a", ["table", "users"]]);
 * ```
 */
export interface References {
  /**
   * Returns the persistent id that is written instead of an object; undefined for an object that is written itself. It is
   * called for objects only, not for numbers and strings. In protocol 0 an id is a line of ASCII characters or a number.
   */
  readonly persistentId?: ((object: object) => Encodable | undefined) | undefined;
  /**
   * Returns the extension code, 1 to 2^31 − 1, that a class or function is registered for; undefined without one. Protocols 0
   * and 1 have no extension codes.
   */
  readonly extension?: ((global: Global) => number | undefined) | undefined;
  /**
   * Returns true to take bytes or a bytearray out of band, so that the pickle contains only a placeholder. The buffers must be
   * passed to decode, or to Python's `loads`, in the same order. Only protocol 5 has out-of-band buffers.
   */
  readonly takeBuffer?: ((buffer: Uint8Array | ByteArray) => boolean) | undefined;
}

/** No references. */
export const NO_REFERENCES: References = {};

/** Returns a persistent id as a line of protocol 0; undefined where it has no such form. */
export function idLine(id: unknown): string | undefined {
  const text = typeof id === "number" || typeof id === "bigint" ? String(id) : id;
  return typeof text === "string" && /^[\0-\t\v-\x7f]*$/.test(text) ? text : undefined;
}

const MAX_EXTENSION = 2 ** 31 - 1;

/** Returns whether a number is an extension code. */
export function isExtension(code: number): boolean {
  return Number.isInteger(code) && code >= 1 && code <= MAX_EXTENSION;
}

/** Writes an extension code. */
export function writeExtension(w: Writer, code: number): void {
  w.byte(code <= 0xff ? op.EXT1 : code <= 0xffff ? op.EXT2 : op.EXT4);
  if (code > 0xffff) return w.uint32(code);
  w.byte(code & 0xff);
  if (code > 0xff) w.byte(code >> 8);
}
