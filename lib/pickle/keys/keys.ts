/**
 * Dicts and sets by Python's equality of keys. JavaScript's Map and Set agree with it for strings, for numbers that are
 * told apart alike, and for null; that is what most are, and they stay plain. As soon as a key needs more, there are enough
 * numbers that somebody might have chosen them to collide in V8's unseeded hash, or there are a thousand entries, the Map
 * becomes a {@linkcode Dict} and the Set a {@linkcode PySet}: still a Map or Set to whoever reads it, over a
 * {@linkcode KeyTable}.
 */
import { KeyTable } from "./table.ts";
import { Float, type Value } from "../values/values.ts";

/** Numbers in one Map up to which chosen collisions cost nothing worth naming. */
const MAX_UNSEEDED = 64;

/**
 * Entries up to which a Map is fast. V8 keeps each string that is a Map's key in a table of all strings as well, and for
 * many new ones that takes three times as long as a table of our own.
 */
const MAX_PLAIN = 1_000;

const TABLE = Symbol("table");

/**
 * A dict whose keys are equal as Python's are: 1, 1.0 and True are one key, and the first of them stays; tuples, bytes and
 * frozensets are equal by what they hold; each nan is a key of its own.
 *
 * What copies a Map without asking it for its entries, as structuredClone does, finds none: hand it `new Map(dict)`.
 *
 * @example
 * ```ts
 * import { Dict } from "./keys.ts";
 * import { Tuple } from "../values/values.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const dict = new Dict([[true, "yes"], [1, "one"], [new Tuple([1, 2]), "pair"]]);
 * assertEquals([...dict.keys()], [true, new Tuple([1, 2])]);
 * assertEquals(dict.get(1), "one");
 * assertEquals(dict.get(new Tuple([1, 2])), "pair");
 * ```
 */
export class Dict extends Map<Value, Value> {
  declare [TABLE]: KeyTable;

  constructor(entries: Iterable<readonly [Value, Value]> = []) {
    super();
    this[TABLE] = new KeyTable();
    for (const [key, value] of entries) this.set(key, value);
  }

  override get size(): number {
    return this[TABLE].size;
  }

  override get(key: Value): Value | undefined {
    const slot = this[TABLE].find(key);
    return slot < 0 ? undefined : this[TABLE].valueAt(slot);
  }

  override has(key: Value): boolean {
    return this[TABLE].find(key) >= 0;
  }

  /** @throws {PickleError} "unhashable" for a key that Python cannot hash. */
  override set(key: Value, value: Value): this {
    this[TABLE].set(named(key), value);
    return this;
  }

  override delete(key: Value): boolean {
    return this[TABLE].delete(key);
  }

  override clear(): void {
    this[TABLE].clear();
  }

  override forEach(
    callback: (value: Value, key: Value, map: Map<Value, Value>) => void,
    self?: unknown,
  ): void {
    for (const [key, value] of this) callback.call(self, value, key, this);
  }

  override *keys(): Generator<Value, undefined> {
    for (const slot of this[TABLE].slots()) yield this[TABLE].keyAt(slot);
    return undefined;
  }

  override *values(): Generator<Value, undefined> {
    for (const slot of this[TABLE].slots()) yield this[TABLE].valueAt(slot);
    return undefined;
  }

  override *entries(): Generator<[Value, Value], undefined> {
    for (const slot of this[TABLE].slots()) yield [this[TABLE].keyAt(slot), this[TABLE].valueAt(slot)];
    return undefined;
  }

  override [Symbol.iterator](): Generator<[Value, Value], undefined> {
    return this.entries();
  }
}

/** A set whose members are equal as Python's are, as the keys of a {@linkcode Dict}. */
export class PySet extends Set<Value> {
  declare [TABLE]: KeyTable;

  constructor(members: Iterable<Value> = []) {
    super();
    this[TABLE] = new KeyTable();
    for (const member of members) this.add(member);
  }

  override get size(): number {
    return this[TABLE].size;
  }

  override has(member: Value): boolean {
    return this[TABLE].find(member) >= 0;
  }

  /** @throws {PickleError} "unhashable" for a member that Python cannot hash. */
  override add(member: Value): this {
    this[TABLE].set(named(member), null);
    return this;
  }

  override delete(member: Value): boolean {
    return this[TABLE].delete(member);
  }

  override clear(): void {
    this[TABLE].clear();
  }

  override forEach(callback: (member: Value, again: Value, set: Set<Value>) => void, self?: unknown): void {
    for (const member of this) callback.call(self, member, member, this);
  }

  override *keys(): Generator<Value, undefined> {
    for (const slot of this[TABLE].slots()) yield this[TABLE].keyAt(slot);
    return undefined;
  }

  override values(): Generator<Value, undefined> {
    return this.keys();
  }

  override *entries(): Generator<[Value, Value], undefined> {
    for (const member of this.keys()) yield [member, member];
    return undefined;
  }

  override [Symbol.iterator](): Generator<Value, undefined> {
    return this.keys();
  }
}

/** A nan among the keys becomes an object, so that it can be found again: as in Python it equals nothing but itself. */
function named(key: Value): Value {
  return Number.isNaN(key) ? new Float(NaN) : key;
}

/** Tells whether so few entries need no guard against numbers that were chosen to collide. */
export function isPlainSize(size: number): boolean {
  return size <= MAX_UNSEEDED;
}

/**
 * Tells whether JavaScript's own Map and Set treat a key as Python does, in a collection of a given size.
 *
 * @param size How many entries there are already: many numbers may have been chosen to collide.
 */
export function isPlainKey(key: Value, size: number): boolean {
  switch (typeof key) {
    case "string":
      return size < MAX_UNSEEDED || (size < MAX_PLAIN && !looksLikeInteger(key));
    case "number":
      // A float beyond the safe integers may equal a bigint, −0 is 0, and nan is not itself.
      return size < MAX_UNSEEDED && !Object.is(key, -0) &&
        (Number.isSafeInteger(key) || (!Number.isInteger(key) && !Number.isNaN(key)));
    case "bigint":
      return size < MAX_UNSEEDED && !Number.isSafeInteger(Number(key));
  }
  return key === null;
}

/** Tells whether V8 hashes a string by the integer that it spells, without a seed: collisions can be chosen for those. */
function looksLikeInteger(text: string): boolean {
  if (text.length > 17 || text.length === 0) return false;
  const first = text.charCodeAt(0);
  const last = text.charCodeAt(text.length - 1);
  return first >= 0x30 && first <= 0x39 && last >= 0x30 && last <= 0x39;
}

/**
 * Sets an entry of a dict by Python's equality; where the key asks for it the Map becomes a {@linkcode Dict}, the same
 * object as before, since others may already refer to it.
 *
 * @throws {PickleError} "unhashable" for a key that Python cannot hash.
 */
export function setEntry(map: Map<Value, Value>, key: Value, value: Value): void {
  if (map instanceof Dict || isPlainKey(key, map.size)) map.set(key, value);
  else toDict(map).set(key, value);
}

/** The table of a {@linkcode Dict}. */
export function tableOf(dict: Dict): KeyTable {
  return dict[TABLE];
}

function toDict(map: Map<Value, Value>): Dict {
  // Most are still empty, and to clear a Map makes it anew.
  const entries = map.size === 0 ? [] : [...map];
  if (map.size > 0) map.clear();
  const dict = Object.setPrototypeOf(map, Dict.prototype) as Dict;
  dict[TABLE] = new KeyTable();
  for (const [key, value] of entries) dict.set(key, value);
  return dict;
}

/** Adds a member to a set, as {@linkcode setEntry} does for a dict. */
export function addMember(set: Set<Value>, member: Value): void {
  if (set instanceof PySet || isPlainKey(member, set.size)) set.add(member);
  else toPySet(set).add(member);
}

function toPySet(set: Set<Value>): PySet {
  const members = set.size === 0 ? [] : [...set];
  if (set.size > 0) set.clear();
  const pySet = Object.setPrototypeOf(set, PySet.prototype) as PySet;
  pySet[TABLE] = new KeyTable();
  for (const member of members) pySet.add(member);
  return pySet;
}

/**
 * Makes a dict of entries: a plain Map where JavaScript's equality serves, else a {@linkcode Dict}.
 *
 * @throws {PickleError} "unhashable" for a key that Python cannot hash.
 */
export function dictOf(entries: Iterable<readonly [Value, Value]>): Map<Value, Value> {
  const map = new Map<Value, Value>();
  for (const [key, value] of entries) setEntry(map, key, value);
  return map;
}

/** Makes a set of members, as {@linkcode dictOf} makes a dict. */
export function setOf(members: Iterable<Value>): Set<Value> {
  const set = new Set<Value>();
  for (const member of members) addMember(set, member);
  return set;
}
