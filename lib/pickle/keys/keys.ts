/**
 * Dicts and sets with Python's equality of keys. Most keys are strings, null and numbers on which JavaScript's Map and Set
 * agree with Python; such collections stay a plain Map or Set. A Map becomes a {@linkcode Dict}, and a Set a
 * {@linkcode PySet}, when a key needs Python's equality, when it has so many numbers that they might be chosen to collide in
 * V8's unseeded hash, or when it has a thousand entries. Both are still a Map and a Set, over a {@linkcode KeyTable}.
 */
import { KeyTable } from "./table.ts";
import { Float, type Value } from "../values/values.ts";

/** The number of entries up to which chosen collisions cost no noticeable time. */
const MAX_UNSEEDED = 64;

/**
 * The number of entries up to which a Map is faster than a {@linkcode KeyTable}. V8 also enters each string key of a Map into
 * a table of all strings, which for many new strings takes three times as long.
 */
const MAX_PLAIN = 1_000;

const TABLE = Symbol("table");

/**
 * A dict with Python's equality of keys: 1, 1.0 and True are one key, of which the first stays; tuples, bytes and frozensets
 * are equal by content; each nan is a key of its own.
 *
 * A function that copies a Map's internal entries, such as structuredClone, finds none: pass `new Map(dict)` to it.
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
    this[TABLE].set(wrapNaN(key), value);
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

/** A set with Python's equality of members, as the keys of a {@linkcode Dict}. */
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
    this[TABLE].set(wrapNaN(member), null);
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

/** Wraps a nan in an object, so that it can be found again by identity, as in Python. */
function wrapNaN(key: Value): Value {
  return Number.isNaN(key) ? new Float(NaN) : key;
}

/** Returns whether a collection is too small for chosen collisions to matter. */
export function isPlainSize(size: number): boolean {
  return size <= MAX_UNSEEDED;
}

/**
 * Returns whether a Map or Set of a given size can treat a key as Python does, safely.
 *
 * @param size The number of entries: many numbers may have been chosen to collide.
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

/** Returns whether V8 may hash a string as the integer that it spells, without a seed, so that collisions can be chosen. */
function looksLikeInteger(text: string): boolean {
  if (text.length > 17 || text.length === 0) return false;
  const first = text.charCodeAt(0);
  const last = text.charCodeAt(text.length - 1);
  return first >= 0x30 && first <= 0x39 && last >= 0x30 && last <= 0x39;
}

/**
 * Sets an entry of a dict with Python's equality. Where the key requires it, the Map becomes a {@linkcode Dict} in place, since
 * other objects may already refer to it.
 *
 * @throws {PickleError} "unhashable" for a key that Python cannot hash.
 */
export function setEntry(map: Map<Value, Value>, key: Value, value: Value): void {
  if (map instanceof Dict || isPlainKey(key, map.size)) map.set(key, value);
  else toDict(map).set(key, value);
}

/** Returns the table of a {@linkcode Dict}. */
export function tableOf(dict: Dict): KeyTable {
  return dict[TABLE];
}

function toDict(map: Map<Value, Value>): Dict {
  // Most are still empty, and clearing an empty Map costs an allocation.
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
 * Makes a dict of entries: a plain Map where JavaScript's equality suffices, else a {@linkcode Dict}.
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
