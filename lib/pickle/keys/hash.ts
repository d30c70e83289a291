/** Hash of keys, consistent with Python's equality. Its seeds are random, so that nobody can choose keys that collide. */
import { leafText, numberOf } from "./kinds.ts";
import { keyWork } from "../values/work.ts";
import { PickleError } from "../values/errors.ts";
import { foreignBytes, foreignEntries, foreignItems } from "../values/foreign.ts";
import { Counter, DefaultDict, Deque, OrderedDict, Slice } from "../values/known.ts";
import { NDArray } from "../values/known_numpy.ts";
import { ByteArray, FrozenSet, Hashed, PyObject, Tuple, type Value } from "../values/values.ts";

/** The nesting depth of tuples and frozensets in a key; hashing and comparing them recurses. */
export const MAX_KEY_DEPTH = 1_000;

const [SEED, ODD_A, ODD_B, SALT_BYTES, SALT_TUPLE, SALT_SET, SALT_LEAF] = seeds();

function seeds(): [number, number, number, number, number, number, number] {
  const random = crypto.getRandomValues(new Int32Array(7));
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0] = random;
  return [a, b | 1, c | 1, d, e, f, g];
}

function step(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, ODD_A);
  return mixed ^ (mixed >>> 15);
}

function finish(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), ODD_B);
  return mixed ^ (mixed >>> 13);
}

const float = new Float64Array(1);
const words = new Int32Array(float.buffer);

/** Returns the hash of a number from {@linkcode numberOf}. */
export function hashNumber(value: number | bigint): number {
  if (typeof value === "bigint") {
    const digits = value.toString(16);
    keyWork.done += digits.length;
    return loopText(digits, SEED);
  }
  if ((value | 0) === value) return finish(step(SEED, value | 0));
  float[0] = value;
  return finish(step(step(SEED, words[0] as number), words[1] as number));
}

/** Texts longer than this are hashed once: one may be a key in thousands of dicts but occur in the pickle once. */
const LONG_TEXT = 64;
/** The most characters of long texts that are kept. */
const MOST_KEPT = 4 * 1024 * 1024;
/** The hashes of long texts, looked up by V8's own hash, which it keeps with each string. */
const longTexts = new Map<string, number>();
let keptLength = 0;

/** Releases the texts whose hashes are kept; to be called after each decoding. */
export function forgetTexts(): void {
  if (keptLength === 0) return;
  longTexts.clear();
  keptLength = 0;
}

/** Returns the hash of a string. */
export function hashText(text: string): number {
  if (text.length > LONG_TEXT) return hashLongText(text);
  keyWork.done += text.length >> 1;
  return loopText(text, SALT_LEAF);
}

function hashLongText(text: string): number {
  let hash = longTexts.get(text);
  if (hash !== undefined) return hash;
  keyWork.done += text.length;
  hash = loopText(text, SALT_LEAF);
  keptLength += text.length;
  if (keptLength > MOST_KEPT) {
    longTexts.clear();
    keptLength = text.length;
  }
  longTexts.set(text, hash);
  return hash;
}

function loopText(text: string, salt: number): number {
  let hash = salt;
  for (let i = 0; i < text.length; i++) hash = step(hash, text.charCodeAt(i));
  return finish(hash);
}

/** The hashes of long bytes. */
const longBytes = new WeakMap<object, number>();
const objects = new WeakMap<object, number>();
let objectCount = 0;

function hashBytes(bytes: Uint8Array): number {
  const found = bytes.length > 64 ? longBytes.get(bytes) : undefined;
  if (found !== undefined) return found;
  keyWork.done += bytes.length;
  let hash = SALT_BYTES;
  for (let i = 0; i < bytes.length; i++) hash = step(hash, bytes[i] as number);
  hash = finish(hash);
  if (bytes.length > 64) longBytes.set(bytes, hash);
  return hash;
}

function hashTuple({ items }: Tuple, depth: number): number {
  keyWork.done += items.length;
  let hash = step(SALT_TUPLE, items.length);
  for (const item of items) hash = step(hash, hashKey(item, depth + 1));
  return finish(hash);
}

function hashFrozenSet({ members }: FrozenSet, depth: number): number {
  keyWork.done += members.size;
  let sum = step(SALT_SET, members.size);
  // A sum does not depend on the order of the members.
  for (const member of members) sum = (sum + finish(hashKey(member, depth + 1))) | 0;
  return finish(sum);
}

/** Returns the hash of a tuple or frozenset, which is computed once, since nested ones may be shared. */
function hashHolder(holder: Tuple | FrozenSet, depth: number): number {
  let hash = Hashed.keptHash(holder);
  if (hash !== 0) return hash;
  hash = holder instanceof Tuple ? hashTuple(holder, depth) : hashFrozenSet(holder, depth);
  Hashed.keepHash(holder, hash);
  return hash;
}

function hashIdentity(object: object): number {
  let hash = objects.get(object);
  if (hash === undefined) objects.set(object, hash = finish(step(SALT_LEAF, ++objectCount)));
  return hash;
}

/**
 * Returns the hash of a key.
 *
 * @param depth The depth of the value in its key, for the limit on nesting.
 * @throws {PickleError} "unhashable" for a value that Python cannot hash, "limit" where tuples nest too deep.
 */
export function hashKey(value: Value, depth = 0): number {
  if (typeof value === "string") return hashText(value);
  if (value === null) return SEED;
  const number = numberOf(value);
  if (number !== undefined) return hashNumber(number);
  if (value instanceof Uint8Array) return hashBytes(value);
  if (depth > MAX_KEY_DEPTH) {
    throw new PickleError("limit", `Cannot hash the key: it nests deeper than ${MAX_KEY_DEPTH}`, {
      limit: "depth",
    });
  }
  if (value instanceof Tuple || value instanceof FrozenSet) return hashHolder(value, depth);
  const unhashable = unhashableKind(value);
  if (unhashable !== undefined) throw withoutHash(unhashable);
  // The rest are objects and nan. A nan does not even equal itself, so each gets a hash of its own; with one hash for all,
  // tuples that hold a nan would collide.
  if (!(value instanceof PyObject)) return finish(step(SALT_LEAF, ++objectCount));
  const text = leafText(value);
  return text === undefined ? hashIdentity(value) : hashText(text);
}

function withoutHash(kind: string): PickleError {
  return new PickleError("unhashable", `Cannot use the value as a key: a ${kind} has no hash`);
}

/**
 * Throws for a value that Python cannot hash. Dict and PySet check their keys; JavaScript's own Map and Set accept anything.
 *
 * @param key The key; one of JavaScript's own objects counts as the Python type that it means.
 * @throws {PickleError} "unhashable"
 */
export function ensureHashable(key: unknown): void {
  if (typeof key !== "object" || key === null || key instanceof Uint8Array) return;
  if (key instanceof PyObject) {
    hashKey(key);
    return;
  }
  const kind = unhashableKind(key as Value) ?? foreignKind(key);
  if (kind !== undefined) throw withoutHash(kind);
}

function foreignKind(key: object): string | undefined {
  if (foreignItems(key) !== null && foreignBytes(key) === null) return "list";
  return foreignEntries(key) === null ? undefined : "dict";
}

function unhashableKind(value: Value): string | undefined {
  if (Array.isArray(value)) return "list";
  if (value instanceof Map) return "dict";
  if (value instanceof Set) return "set";
  if (value instanceof ByteArray) return "bytearray";
  if (value instanceof OrderedDict) return "OrderedDict";
  if (value instanceof DefaultDict) return "defaultdict";
  if (value instanceof Counter) return "Counter";
  if (value instanceof Deque) return "deque";
  if (value instanceof Slice) return "slice";
  if (value instanceof NDArray) return "ndarray";
  return undefined;
}
