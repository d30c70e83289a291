/** What a pickle only refers to, as the caller of encode hands it in. */
import type { Encodable } from "./encodable.ts";
import * as op from "../values/opcodes.ts";
import type { ByteArray, Global } from "../values/values.ts";
import type { Writer } from "./writer.ts";

/**
 * Says what {@linkcode encode} is not to write itself but only to refer to; decode's `Resolvers` find it again.
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
   * Gives the persistent id of an object that is not to be written itself; undefined for one that is. Numbers, strings and
   * the like are not asked for. In protocol 0 an id is a line of ASCII characters, or a number.
   */
  readonly persistentId?: ((object: object) => Encodable | undefined) | undefined;
  /**
   * Gives the code, 1 to 2^31 − 1, that a class or function is registered for as an extension; undefined for one that is
   * not. Protocols 0 and 1 have no such codes.
   */
  readonly extension?: ((global: Global) => number | undefined) | undefined;
  /**
   * Takes bytes or a bytearray out of band, which leaves only their place in the pickle: true where it did. What it took has
   * to be handed to decode, or to Python's `loads`, in the same order. Only protocol 5 has buffers.
   */
  readonly takeBuffer?: ((buffer: Uint8Array | ByteArray) => boolean) | undefined;
}

/** Nothing is only referred to. */
export const NO_REFERENCES: References = {};

/** Gives a persistent id as the line that protocol 0 has for it; undefined where it is none. */
export function idLine(id: unknown): string | undefined {
  const text = typeof id === "number" || typeof id === "bigint" ? String(id) : id;
  return typeof text === "string" && /^[\0-\t\v-\x7f]*$/.test(text) ? text : undefined;
}

const MAX_EXTENSION = 2 ** 31 - 1;

/** Tells whether a number may be an extension code. */
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
