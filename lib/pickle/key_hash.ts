/** A hash of keys that agrees with Python's equality and that nobody can choose collisions for: its seeds are random. */
import { leafText, numberOf } from "./key_kinds.ts";
import { keyWork } from "./key_work.ts";
import { PickleError } from "./errors.ts";
import { Counter, DefaultDict, Deque, OrderedDict, Slice } from "./known.ts";
import { NDArray } from "./known_numpy.ts";
import { ByteArray, FrozenSet, PyObject, Tuple, type Value } from "./values.ts";

/** How deep tuples and frozensets may nest in a key; hashing and comparing them recurses. */
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

/** Gives the hash of a number that {@linkcode numberOf} gave. */
export function hashNumber(value: number | bigint): number {
  if (typeof value === "bigint") return hashText(value.toString(16), SEED);
  if ((value | 0) === value) return finish(step(SEED, value | 0));
  float[0] = value;
  return finish(step(step(SEED, words[0] as number), words[1] as number));
}

/** Gives the hash of a string; of long ones V8 keeps a seeded hash of its own, so this is for short ones. */
export function hashText(text: string, salt = SALT_LEAF): number {
  keyWork.done += text.length;
  let hash = salt;
  for (let i = 0; i < text.length; i++) hash = step(hash, text.charCodeAt(i));
  return finish(hash);
}

/** The hashes of what holds others or is long, so that nested shared tuples are walked once. */
const known = new WeakMap<object, number>();
const objects = new WeakMap<object, number>();
let objectCount = 0;

function hashBytes(bytes: Uint8Array): number {
  const found = bytes.length > 64 ? known.get(bytes) : undefined;
  if (found !== undefined) return found;
  keyWork.done += bytes.length;
  let hash = SALT_BYTES;
  for (let i = 0; i < bytes.length; i++) hash = step(hash, bytes[i] as number);
  hash = finish(hash);
  if (bytes.length > 64) known.set(bytes, hash);
  return hash;
}

function hashTuple(tuple: Tuple, depth: number): number {
  const found = known.get(tuple);
  if (found !== undefined) return found;
  keyWork.done += tuple.items.length;
  let hash = step(SALT_TUPLE, tuple.items.length);
  for (const item of tuple.items) hash = step(hash, hashKey(item, depth + 1));
  hash = finish(hash);
  known.set(tuple, hash);
  return hash;
}

function hashFrozenSet(set: FrozenSet, depth: number): number {
  const found = known.get(set);
  if (found !== undefined) return found;
  keyWork.done += set.members.size;
  let sum = step(SALT_SET, set.members.size);
  // A sum, since equal sets may hold their members in any order.
  for (const member of set.members) sum = (sum + finish(hashKey(member, depth + 1))) | 0;
  const hash = finish(sum);
  known.set(set, hash);
  return hash;
}

function hashIdentity(object: object): number {
  let hash = objects.get(object);
  if (hash === undefined) objects.set(object, hash = finish(step(SALT_LEAF, ++objectCount)));
  return hash;
}

/**
 * Gives the hash of a key.
 *
 * @param depth How deep the value stands in a key, for the limit on nesting.
 * @throws {PickleError} "unhashable" for what Python cannot hash, "limit" where tuples nest too deep.
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
  if (value instanceof Tuple) return hashTuple(value, depth);
  if (value instanceof FrozenSet) return hashFrozenSet(value, depth);
  const unhashable = unhashableKind(value);
  if (unhashable !== undefined) {
    throw new PickleError("unhashable", `Cannot use the value as a key: a ${unhashable} has no hash`);
  }
  // What is left is an object, or nan. That equals nothing, itself included, so each may hash as it likes; were it always
  // the same, tuples that hold one would collide.
  if (!(value instanceof PyObject)) return finish(step(SALT_LEAF, ++objectCount));
  const text = leafText(value);
  return text === undefined ? hashIdentity(value) : hashText(text);
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
