/**
 * Whether the keys of dicts and sets were chosen so that CPython takes long to tell them apart. It hashes text and bytes
 * with a secret, but numbers, and tuples and frozensets of them, as everybody can foresee. Nor need their hashes be equal:
 * small ints can be chosen so that each is looked for in half of a large table.
 *
 * The keys of larger dicts and sets are put into tables like CPython's, and the steps that this takes count as work.
 *
 * @module
 */
import { KeyHasher } from "./key_hasher.ts";
import { KeyLog } from "./key_log.ts";
import { Kind, type ObjectTable, SIZE, SOURCE, Trait } from "../object_table.ts";
import { HashTrait, PythonHash } from "./python_hash.ts";
import { PythonTable } from "./python_table.ts";
import type { SlotReader } from "../slot_reader.ts";
import { failure, tooMuchWork } from "../failure.ts";

/** With so many keys any collision is cheap. */
const FEW_KEYS = 16;
/** How many keys of a larger container may have a doubtful hash. */
const MOST_DOUBTFUL = 64;
/** What takes care only where both are keys. */
const SLOW_PAIR = Trait.LONG | Trait.DECIMAL;
/** The most that finding an entry of the memo may cost; among entries that chance numbered it costs a third of that. */
const LONGEST_SEARCH = 600;
/** What a table costs, for each step of the work that is counted with it. */
const COST_PER_WORK = 16;

/** Checks the keys of one pickle after another. */
export class CollisionCheck {
  readonly #table: ObjectTable;
  readonly #log: KeyLog;
  readonly #hasher: KeyHasher;
  readonly #tries = new PythonTable();
  #ids: number[] = [];
  // How far finish has come: the container, its keys, the next of them.
  #nextId = 0;
  #keys: Int32Array | undefined;
  #nextKey = 0;
  // How many keys of the container at hand have a doubtful hash.
  #doubtful = 0;
  #traits = 0;
  /** A container with so many keys or fewer needs no check. */
  few = FEW_KEYS;
  /** Whether what lists are given is written down: from where a set may be made of one. */
  logsLists = false;

  constructor(table: ObjectTable, slots: SlotReader) {
    this.#table = table;
    this.#log = new KeyLog(table, slots);
    this.#hasher = new KeyHasher(table, slots);
  }

  /** Forgets the pickle before. */
  reset(): void {
    this.#log.reset();
    this.#hasher.reset();
    if (this.#ids.length > 0) this.#ids = [];
    this.#nextId = this.#nextKey = 0;
    this.#keys = undefined;
    this.#traits = 0;
    this.logsLists = false;
  }

  /** Sets whether every key is checked, however few there are. */
  set checksAll(all: boolean) {
    this.few = all ? 0 : FEW_KEYS;
  }

  /** Whether there was a key for which every key of the pickle must be checked, and they were not. */
  get needsAll(): boolean {
    return this.few > 0 &&
      ((this.#traits & Trait.NUMPY) !== 0 || (this.#traits & SLOW_PAIR) === SLOW_PAIR);
  }

  /** Notes what keys hold. */
  note(traits: number): void {
    this.#traits |= traits;
  }

  /**
   * Notes keys that a dict or set was given which has more than a few now.
   *
   * @param before how many it had
   * @param keys where on the stack they stand: every `step`-th from `from` on
   */
  add(id: number, before: number, keys: { from: number; to: number; step: 1 | 2 }): void {
    // What came while there were few is left out: so few change nothing.
    if (before <= this.few) this.#ids.push(id);
    this.#log.add(id, keys);
  }

  /** Notes the items that a list was given. */
  addItems(id: number, from: number, to: number): void {
    this.#log.add(id, { from, to, step: 1 });
  }

  /** Notes that a set is made of a list: it begins with what the list has been given. */
  addCopy(set: number, list: number, source: number): void {
    this.itemsOf(list, source);
    this.#log.copy(set, list);
    if (this.#table.get(set, SIZE) > this.few) this.#ids.push(set);
  }

  /** Gives the items of a list that a frozenset is made of. No pickler fills one before it names what is made of it. */
  itemsOf(list: number, source: number): Int32Array {
    const items = this.#log.keysOf(list);
    if (items.length === this.#table.get(list, SIZE)) return items;
    throw failure("bad-stack", "a set is made of a list that was there before", source);
  }

  /** Checks the members of a frozenset. */
  checkMembers(members: Int32Array, source: number): void {
    this.#begin("set");
    this.#try(members, source);
  }

  /**
   * Checks what was noted, once the pickle has ended; it goes on where it stopped when it is called again.
   *
   * @param most about how many keys are checked in this call
   * @returns whether all are checked
   */
  finish(most: number): boolean {
    const table = this.#table;
    let left = most;
    for (; this.#nextId < this.#ids.length; this.#nextId++) {
      const id = this.#ids[this.#nextId]!;
      if (this.#keys === undefined) {
        if (this.#log.isSecret(id)) continue;
        this.#keys = this.#log.keysOf(id);
        this.#begin(table.kind(id) === Kind.SET ? "set" : "dict");
      }
      const from = this.#nextKey, to = Math.min(this.#keys.length, from + left);
      this.#try(this.#keys.subarray(from, to), table.get(id, SOURCE));
      this.#nextKey = to;
      left -= to - from;
      if (to < this.#keys.length) return false;
      this.#keys = undefined;
      this.#nextKey = 0;
      if (left <= 0) {
        this.#nextId++;
        return false;
      }
    }
    return true;
  }

  /**
   * Checks the numbers of the memo, which is a dict in the unpickler that is written in Python.
   *
   * @param dense how many entries followed one another before the first of the others
   * @param scattered the numbers of the others, in the order in which they came
   */
  checkMemo(dense: number, scattered: readonly number[], source: number): void {
    const tries = this.#tries, hash = new PythonHash();
    const maxCost = (this.#table.maxWork - this.#table.work) * COST_PER_WORK;
    tries.begin("dict", maxCost);
    const add = (index: number): number => {
      const before = tries.cost;
      hash.setInt(index);
      tries.add(hash, 0);
      if (tries.cost > maxCost) throw tooMuchWork(source);
      return tries.cost - before;
    };
    for (let index = 0; index < dense; index++) add(index);
    for (const index of scattered) add(index);
    // Each may be looked for as often as there are bytes.
    for (const index of scattered) if (add(index) > LONGEST_SEARCH) throw tooMuchWork(source);
  }

  #begin(kind: "dict" | "set"): void {
    const table = this.#table;
    this.#tries.begin(kind, (table.maxWork - table.work) * COST_PER_WORK);
    this.#doubtful = 0;
  }

  #try(keys: Int32Array, source: number): void {
    const table = this.#table, hasher = this.#hasher, tries = this.#tries;
    const before = tries.cost;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!;
      const hash = hasher.hashOf(key);
      if ((hash.traits & HashTrait.DOUBTFUL) !== 0 && ++this.#doubtful > MOST_DOUBTFUL) {
        throw tooMuchWork(source);
      }
      tries.add(hash, key < 0 ? table.hashCost(key) : 1);
      if (tries.cost > tries.maxCost) throw tooMuchWork(source);
      if (tries.clash === "numpy") {
        throw failure("unhashable", "a key cannot be compared with another", source);
      }
      if (tries.clash === "slow") throw tooMuchWork(source);
    }
    table.work += (tries.cost - before) / COST_PER_WORK;
  }
}
