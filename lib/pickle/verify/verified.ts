/**
 * An accepted pickle.
 *
 * @module
 */
import { SHORT_BINUNICODE } from "../values/opcodes.ts";
import { argumentEnd, argumentStart, scalarAt } from "./scalar_at.ts";
import { VALUE_KINDS, type ValueKind } from "./slot_reader.ts";

/** A key of a top-level dict and where its last value lies. */
export interface Entry {
  readonly key: string;
  /** The kind of the value; `object` is anything that was named or called and is none of the others. */
  readonly kind: ValueKind;
  /** The offset of the opcode that made the value, also where the dict has it from the memo. */
  readonly source: number;
}

/** The most entries that {@linkcode Verified.entries} lists. */
export const MAX_ENTRIES = 64;
/** The longest key, in UTF-16 code units, that {@linkcode Verified.entries} lists. */
export const MAX_KEY_UNITS = 64;

const NO_NAMES: readonly string[] = Object.freeze([]);

/**
 * An accepted pickle: where it ends, what it needs and what its top-level dict holds. The entries are read out of the bytes
 * when they are asked for, so ask before the buffer is used again.
 */
export class Verified {
  readonly #bytes: Uint8Array;
  // Of each pair of the top-level dict the offset of the key, of the value, and the value's kind, in the order set.
  readonly #pairs: ArrayLike<number> | null;
  #entries: Entry[] | null = null;
  #more = 0;

  constructor(
    bytes: Uint8Array,
    /** The offset behind STOP. */
    readonly end: number,
    /** The lowest protocol that has all opcodes of the pickle, 0 to 5. */
    readonly protocol: number,
    /** The names that the pickle takes, as `module.name`, each once. */
    readonly names: readonly string[] = NO_NAMES,
    /** The offsets of the PROTO opcodes that say 5. */
    readonly proto5: readonly number[] = [],
    /** The kind of the pickle's value: a plain dict, or anything else; a dict with a scalar of numpy as a key is "other". */
    readonly top: "dict" | "other" = "other",
    pairs: ArrayLike<number> | null = null,
  ) {
    this.#bytes = bytes;
    this.#pairs = pairs;
  }

  /**
   * The entries of a top-level dict whose keys are str of at most {@linkcode MAX_KEY_UNITS} code units, in the dict's order;
   * at most {@linkcode MAX_ENTRIES}, {@linkcode more} tells of how many others. Null where {@linkcode top} is no dict.
   */
  get entries(): Entry[] | null {
    if (this.#pairs === null) return null;
    return this.#entries ??= this.#list(this.#pairs);
  }

  /** How many pairs {@linkcode entries} left out. */
  get more(): number {
    this.entries;
    return this.#more;
  }

  /**
   * Finds what a key of the top-level dict holds last, without listing the others; also behind the first 64.
   *
   * @param key a str in ASCII
   * @returns undefined if there is no such key, or no dict
   */
  find(key: string): Entry | undefined {
    const pairs = this.#pairs;
    if (pairs === null) return undefined;
    for (let at = pairs.length - 3; at >= 0; at -= 3) {
      if (!this.#isKey(pairs[at]!, key)) continue;
      return { key, kind: VALUE_KINDS[pairs[at + 2]!]!, source: pairs[at + 1]! };
    }
    return undefined;
  }

  #isKey(source: number, key: string): boolean {
    const bytes = this.#bytes;
    const length = key.length;
    if (bytes[source] !== SHORT_BINUNICODE) {
      if (argumentEnd(bytes, source) - argumentStart(bytes, source) > 12 * length + 2) return false;
      return scalarAt(bytes, source, 12 * length + 2) === key;
    }
    if (bytes[source + 1] !== length) return false;
    for (let i = 0; i < length; i++) if (bytes[source + 2 + i] !== key.charCodeAt(i)) return false;
    return true;
  }

  #list(pairs: ArrayLike<number>): Entry[] {
    const byKey = new Map<string, Entry>();
    for (let at = 0; at < pairs.length; at += 3) {
      const key = scalarAt(this.#bytes, pairs[at]!, 12 * MAX_KEY_UNITS);
      if (typeof key !== "string" || key.length > MAX_KEY_UNITS) {
        this.#more++;
      } else if (byKey.size < MAX_ENTRIES || byKey.has(key)) {
        byKey.set(key, { key, kind: VALUE_KINDS[pairs[at + 2]!]!, source: pairs[at + 1]! });
      } else {
        this.#more++;
      }
    }
    return [...byKey.values()];
  }
}
