/**
 * Keys whose hashes are not computed here: large ints, Decimals, Fractions, UUIDs, paths and so on. They are charged as if
 * all of them in a container had the same hash, so that each is compared with all others, and with every number.
 *
 * @module
 */
import { failure, tooManyKeys } from "../failure.ts";
import { COMPARE_COST, Kind, KIND_NAMES } from "../kinds.ts";
import type { ObjectTable } from "../object_table.ts";
import { LEAVES, SIZE, Trait } from "../columns.ts";
import { rowOf } from "../slot.ts";
import { HashTrait, type PythonHash } from "./python_hash.ts";

/** Nanoseconds to compare two plain keys, and for each leaf of a tuple. */
const PLAIN_COST = 60;
const LEAF_COST = 150;
/** Nanoseconds to compare numbers of different kinds, for the square of their bytes: it takes a multiplication. */
const PRODUCT_COST = 0.1;

/** Kinds whose keys may have other keys in them. */
const NESTED = 1 << Kind.TUPLE | 1 << Kind.FROZENSET;

/** Charges the keys of one container after another. */
export class UnforeseenKeys {
  readonly #table: ObjectTable;
  #count = 0;
  // The number of other keys whose hashes can be chosen, and of all other keys.
  #chosen = 0;
  #others = 0;
  // The kinds as bits; the highest cost of a comparison, its kind, and the most bytes of a long number.
  #kinds = 0;
  #cost = 0;
  #kind = 0;
  #bytes = 0;
  // The number of keys with a long number.
  #large = 0;
  #hasNumpyText = false;
  #hasNumpyNumber = false;

  constructor(table: ObjectTable) {
    this.#table = table;
  }

  /** Begins another container. */
  begin(): void {
    this.#count =
      this.#chosen =
      this.#others =
      this.#kinds =
      this.#cost =
      this.#kind =
      this.#large =
      this.#bytes =
        0;
    this.#hasNumpyText = this.#hasNumpyNumber = false;
  }

  /** Adds a key whose hash is computed. */
  addOther({ traits }: PythonHash): void {
    this.#others++;
    if ((traits & HashTrait.SECRET) === 0) this.#chosen++;
    if ((traits & HashTrait.NUMPY) !== 0) this.#hasNumpyNumber = true;
  }

  /** Adds a key, and charges its comparisons. */
  add(slot: number, source: number): void {
    const table = this.#table;
    const kind = table.kindOf(slot);
    const traits = table.traitsOf(slot);
    if ((traits & Trait.NUMPY_TEXT) !== 0) this.#hasNumpyText = true;
    else if ((traits & Trait.NUMPY) !== 0) this.#hasNumpyNumber = true;
    this.#kinds |= 1 << kind;
    const cost = this.#costOf(slot, kind);
    if (cost >= this.#cost) {
      this.#cost = cost;
      this.#kind = kind;
    }
    const bytes = table.largeBytesOf(slot);
    this.#bytes = Math.max(this.#bytes, bytes);
    if (bytes > 0) this.#large++;
    table.work += this.#cost * this.#count++;
    if (table.work > table.maxWork) throw tooManyKeys(source, nameOf(this.#kind));
  }

  /** Charges what depends on all keys of the container. */
  finish(source: number): void {
    if (this.#count === 0) return;
    const table = this.#table;
    const all = this.#count + this.#others;
    if (this.#hasNumpyText && all > 1 && (this.#others > 0 || this.#kinds !== 1 << Kind.NUMPY_OTHER)) {
      throw failure("unhashable", "text of numpy is a key beside keys of another kind", source);
    }
    if (this.#hasNumpyNumber && all > 1) {
      throw failure(
        "unhashable",
        "a number of numpy is a key beside keys that it cannot be compared with",
        source,
      );
    }
    table.work += this.#cost * this.#count * this.#chosen;
    const isMixed = this.#chosen > 0 || (this.#kinds & this.#kinds - 1) !== 0 || (this.#kinds & NESTED) !== 0;
    if (isMixed) {
      table.work += PRODUCT_COST * this.#bytes * this.#bytes * this.#large * (this.#count + this.#chosen);
    }
    if (table.work > table.maxWork) throw tooManyKeys(source, nameOf(this.#kind));
  }

  #costOf(slot: number, kind: number): number {
    if (kind === 0) return PLAIN_COST;
    const table = this.#table, leaves = table.get(rowOf(slot), LEAVES);
    if (kind === Kind.TUPLE) return PLAIN_COST + LEAF_COST * leaves;
    // Each member of one is searched for in the other.
    if (kind === Kind.FROZENSET) {
      return PLAIN_COST + LEAF_COST * leaves * Math.max(1, table.get(rowOf(slot), SIZE));
    }
    return COMPARE_COST[kind]! + table.largeBytesOf(slot) / 2;
  }
}

function nameOf(kind: number): string {
  return kind === 0 ? "int or NaN" : KIND_NAMES[kind]!;
}
