/**
 * Check of the keys of dicts and sets for collisions in CPython's hash tables.
 *
 * CPython hashes text and bytes with a secret, but an attacker can choose the hashes of numbers and of tuples of numbers.
 * Even different hashes can collide: small ints can be chosen so that each search visits half of a large table. Keys of the
 * common kinds are therefore put into tables like CPython's, and the cost is charged. Keys of all other kinds are charged as
 * if all of them in a container had the same hash.
 *
 * @module
 */
import * as op from "../../values/opcodes.ts";
import { failure, tooMuchWork } from "../failure.ts";
import { Kind } from "../kinds.ts";
import type { ObjectTable } from "../object_table.ts";
import { SIZE, SOURCE, Trait } from "../columns.ts";
import * as slotFunctions from "../slot.ts";
import type { SlotReader } from "../slot_reader.ts";
import { KeyHasher } from "./key_hasher.ts";
import { KeyLog } from "./key_log.ts";
import { HashTrait, PythonHash } from "./python_hash.ts";
import { PythonTable } from "./python_table.ts";
import { UnforeseenKeys } from "./unforeseen_keys.ts";

// Bound here, since V8 takes a module's own constants for literals but reads and checks an import at each use.
const { hasRow } = slotFunctions;

const SHORT_TEXT = op.SHORT_BINUNICODE;
/** Up to this number of keys, all of them text and small ints, the cost is negligible. */
const FEW_KEYS = 16;
/** The highest cost of a search for a memo entry, three times as high as with random numbers. */
const LONGEST_SEARCH = 600;
/** Nanoseconds of one step, the unit of the cost of a table. */
const NANOSECONDS_PER_COST = 3;

/** Up to this cost, in nanoseconds, the estimate of `repr` covers the comparisons of a container's keys. */
const LEAST_COST = 1000;

/** How far an attacker can choose the hash of a key. */
const SECRET = 0;
/** The hash is the key itself, so no two such keys have the same. */
const SMALL = 1;
const CHOSEN = 2;
const UNFORESEEN = 3;

/** By the opcode of a plain key. */
const CHOICE = new Uint8Array(256);
for (const opcode of [op.BININT1, op.BININT2, op.BININT, op.NEWTRUE, op.NEWFALSE]) CHOICE[opcode] = SMALL;
for (const opcode of [op.BINFLOAT, op.FLOAT, op.INT, op.LONG, op.LONG1, op.LONG4]) CHOICE[opcode] = CHOSEN;

/** Checks the keys of one pickle after another. */
export class CollisionCheck {
  readonly #table: ObjectTable;
  readonly #slots: SlotReader;
  readonly #log: KeyLog;
  readonly #hasher: KeyHasher;
  readonly #tries = new PythonTable();
  readonly #unforeseen: UnforeseenKeys;
  #ids: number[] = [];
  /** Nanoseconds to compare the keys of a container, by its row. A new map for each pickle that needs one. */
  costs = new Map<number, number>();
  // The progress of finish: the index of the container, its keys, the next of them, and the table's work before it.
  #nextId = 0;
  #keys: Int32Array | undefined;
  #nextKey = 0;
  #workBefore = 0;
  /** Whether items of lists are logged: set as soon as a call can make a set of a list. */
  logsLists = false;

  constructor(table: ObjectTable, slots: SlotReader) {
    this.#table = table;
    this.#slots = slots;
    this.#log = new KeyLog(table, slots);
    this.#hasher = new KeyHasher(table, slots);
    this.#unforeseen = new UnforeseenKeys(table);
  }

  /** Forgets the pickle before. */
  reset(): void {
    if (this.#ids.length === 0 && !this.logsLists) return;
    this.#log.reset();
    this.#hasher.reset();
    this.#ids = [];
    if (this.costs.size > 0) this.costs = new Map();
    this.#nextId = this.#nextKey = 0;
    this.#keys = undefined;
    this.logsLists = false;
  }

  /** Whether the keys of any container were logged. */
  get hasKeys(): boolean {
    return this.#ids.length > 0;
  }

  /** Logs the keys of the pairs that a dict was given, if they need a check. The pairs are on the stack from `from` on. */
  addPairs(id: number, before: number, from: number, to: number): void {
    const size = before + (to - from >> 1);
    if (size > FEW_KEYS || this.#ids.length > 0 || this.#mayBeChosen(from, to)) {
      this.add(id, before, from, to, 2);
    }
  }

  // Nearly all keys of small dicts are short texts, which this finds by one comparison.
  #mayBeChosen(from: number, to: number): boolean {
    const stack = this.#table.stack, pickle = this.#slots.pickle;
    for (let i = from; i < to; i += 2) {
      const key = stack[i]!;
      if (hasRow(key)) return true;
      const opcode = pickle[key]!;
      if (opcode !== SHORT_TEXT && CHOICE[opcode]! > SMALL) return true;
    }
    return false;
  }

  /**
   * Logs the keys that a dict or set was given, if they need a check.
   *
   * @param before the number of keys that it had
   * @param from the position of the first on the stack
   * @param step 2 where a value stands behind each
   */
  add(id: number, before: number, from: number, to: number, step: 1 | 2): void {
    const isLogged = this.#log.has(id);
    const size = before + (to - from) / step;
    // Earlier keys, while all were text and small ints, are not logged: so few of them change nothing.
    if (!isLogged && size <= FEW_KEYS && !this.#hasChosen(from, to, step)) return;
    if (!isLogged) {
      if (before > 0 && this.#hasNumpy(from, to, step)) {
        const source = this.#table.get(id, SOURCE);
        throw failure(
          "unhashable",
          "a scalar of numpy is a key behind others that were not looked at",
          source,
        );
      }
      this.#ids.push(id);
    }
    this.#log.add(id, from, to, step);
  }

  #hasChosen(from: number, to: number, step: 1 | 2): boolean {
    const stack = this.#table.stack, pickle = this.#slots.pickle;
    for (let i = from; i < to; i += step) {
      const slot = stack[i]!;
      if ((hasRow(slot) ? this.#choiceOf(slot) : CHOICE[pickle[slot]!]!) > SMALL) return true;
    }
    return false;
  }

  #hasNumpy(from: number, to: number, step: 1 | 2): boolean {
    const stack = this.#table.stack;
    for (let i = from; i < to; i += step) {
      if ((this.#table.traitsOf(stack[i]!) & (Trait.NUMPY | Trait.NUMPY_TEXT)) !== 0) return true;
    }
    return false;
  }

  #choiceOf(slot: number): number {
    if ((this.#table.traitsOf(slot) & (Trait.UNFORESEEN | Trait.NUMPY_TEXT)) !== 0) return UNFORESEEN;
    if (!hasRow(slot)) return CHOICE[this.#slots.pickle[slot]!]!;
    const kind = this.#table.kindOf(slot);
    return kind === Kind.TUPLE || kind === Kind.NUMPY_NUMBER ? CHOSEN : SECRET;
  }

  /** Logs the items that a list was given. */
  addItems(id: number, from: number, to: number): void {
    this.#log.add(id, from, to, 1);
  }

  /** Logs that a set or frozenset is made of a list, with the items of the list as its first members. */
  addCopy(set: number, list: number, source: number): void {
    const keys = this.#log.keysOf(list);
    // A pickler writes the name of the class before it fills the list.
    if (keys.length !== this.#table.get(list, SIZE)) {
      throw failure("bad-stack", "a set is made of a list that was there before", source);
    }
    this.#log.copy(set, list);
    if (keys.length > 0) this.#ids.push(set);
  }

  /** Logs that a Counter is made of a dict, whose keys are compared once more. */
  addCounter(counter: number, dict: number): void {
    if (!this.#log.has(dict)) return;
    this.#log.copy(counter, dict);
    this.#ids.push(counter);
  }

  /**
   * Checks the logged keys, once the pickle has ended. The next call continues where this one has stopped.
   *
   * @param most about the number of keys that are checked in this call
   * @returns whether all are checked
   */
  finish(most: number): boolean {
    const table = this.#table;
    let left = most;
    for (; this.#nextId < this.#ids.length; this.#nextId++) {
      if (left <= 0) return false;
      const id = this.#ids[this.#nextId]!;
      left--;
      if (this.#keys === undefined) {
        if (this.#log.isSecret(id)) continue;
        this.#keys = this.#log.keysOf(id);
        const kind = table.kind(id);
        this.#workBefore = table.work;
        this.#begin(kind === Kind.SET || kind === Kind.FROZENSET ? "set" : "dict");
      }
      const from = this.#nextKey, to = Math.min(this.#keys.length, from + left);
      this.#try(this.#keys, from, to, table.get(id, SOURCE));
      this.#nextKey = to;
      left -= to - from;
      if (to < this.#keys.length) return false;
      this.#unforeseen.finish(table.get(id, SOURCE));
      const cost = table.work - this.#workBefore;
      if (cost > LEAST_COST) this.costs.set(id, cost);
      this.#keys = undefined;
      this.#nextKey = 0;
    }
    return true;
  }

  /**
   * Checks the numbers of the memo entries for collisions: the unpickler in Python has a dict of them.
   *
   * @param dense the number of entries before the first left-out number
   * @param scattered the numbers of the later entries, in the order in which they were made
   */
  checkMemo(dense: number, scattered: readonly number[], source: number): void {
    const tries = this.#tries, hash = new PythonHash();
    const maxCost = (this.#table.maxWork - this.#table.work) / NANOSECONDS_PER_COST;
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
    // Each byte of the pickle may be a search for any of them.
    for (const index of scattered) if (add(index) > LONGEST_SEARCH) throw tooMuchWork(source);
  }

  #begin(kind: "dict" | "set"): void {
    const table = this.#table;
    this.#tries.begin(kind, (table.maxWork - table.work) / NANOSECONDS_PER_COST);
    this.#unforeseen.begin();
  }

  #try(keys: Int32Array, from: number, to: number, source: number): void {
    const table = this.#table, tries = this.#tries, unforeseen = this.#unforeseen;
    const before = tries.cost;
    for (let i = from; i < to; i++) {
      const key = keys[i]!;
      if (hasRow(key) && this.#choiceOf(key) === UNFORESEEN) {
        unforeseen.add(key, source);
        continue;
      }
      const hash = this.#hasher.hashOf(key);
      if ((hash.traits & HashTrait.DOUBTFUL) !== 0) {
        unforeseen.add(key, source);
        continue;
      }
      unforeseen.addOther(hash);
      tries.add(hash, table.hashCost(key));
      if (tries.cost > tries.maxCost) throw tooMuchWork(source);
      if (tries.clash) throw failure("unhashable", "a key cannot be compared with another", source);
    }
    table.charge(NANOSECONDS_PER_COST * (tries.cost - before), source);
  }
}
