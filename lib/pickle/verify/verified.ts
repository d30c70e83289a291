/**
 * An accepted pickle.
 *
 * @module
 */
import { SHORT_BINUNICODE } from "../values/opcodes.ts";
import { argumentEnd, argumentStart, scalarAt } from "./scalar_at.ts";
import { VALUE_KINDS, type ValueKind } from "./slot_reader.ts";

/** A key of a top-level dict, with the place of its last value. */
export interface Entry {
  readonly key: string;
  /** The kind of the value; `object` for a name or the result of a call that is of no other kind. */
  readonly kind: ValueKind;
  /** The offset of the opcode that made the value, also for a value from the memo. */
  readonly source: number;
}

/** The most entries that {@linkcode Verified.entries} lists. */
export const MAX_ENTRIES = 64;
/** The longest key, in UTF-16 code units, that {@linkcode Verified.entries} lists. */
export const MAX_KEY_UNITS = 64;

const NO_NAMES: readonly string[] = Object.freeze([]);

/**
 * An accepted pickle: its end, what it needs, and the entries of its top-level dict. The entries are read from the bytes on
 * first use, so the bytes must not have changed by then.
 */
export class Verified {
  readonly #bytes: Uint8Array;
  // Three numbers for each pair of the top-level dict, in the order in which they were set: the offsets of the key and of
  // the value, and the value's kind.
  readonly #pairs: ArrayLike<number> | null;
  #entries: Entry[] | null = null;
  #more = 0;

  constructor(
    bytes: Uint8Array,
    /** The offset after STOP. */
    readonly end: number,
    /** The lowest protocol that has all opcodes of the pickle, 0 to 5. */
    readonly protocol: number,
    /** The names in the pickle, as `module.name`, without repetition. */
    readonly names: readonly string[] = NO_NAMES,
    /** The offsets of the opcodes PROTO 5. */
    readonly proto5: readonly number[] = [],
    /** The kind of the pickle's value. A dict with a str of numpy as a key is "other". */
    readonly top: "dict" | "other" = "other",
    pairs: ArrayLike<number> | null = null,
  ) {
    this.#bytes = bytes;
    this.#pairs = pairs;
  }

  /**
   * The entries of a top-level dict whose keys are str of at most {@linkcode MAX_KEY_UNITS} code units, in the dict's order;
   * at most {@linkcode MAX_ENTRIES}; {@linkcode more} is the number of others. Null if {@linkcode top} is no dict.
   */
  get entries(): Entry[] | null {
    if (this.#pairs === null) return null;
    return this.#entries ??= this.#list(this.#pairs);
  }

  /** The number of pairs that {@linkcode entries} leaves out. */
  get more(): number {
    this.entries;
    return this.#more;
  }

  /**
   * Finds the last value of a key of the top-level dict, without listing the others, and beyond the first 64.
   *
   * @param key a str in ASCII
   * @returns undefined if there is no such key, or the value is no dict
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
