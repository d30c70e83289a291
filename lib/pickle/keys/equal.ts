/** Equality of keys as Python defines it. */
import { PickleError } from "../values/errors.ts";
import { hashKey, MAX_KEY_DEPTH } from "./hash.ts";
import { leafText, numberOf } from "./kinds.ts";
import { COMPARED, EQUAL_MEMBER_WORK, keyWork } from "../values/work.ts";
import { FrozenSet, PyObject, Tuple, type Value } from "../values/values.ts";

/** Pairs already found equal, so that shared nested tuples are compared once. */
type Compared = Map<object, Set<object>>;

/**
 * Returns whether two hashable values are the same key in Python. 1, 1.0 and True are; tuples, bytes and frozensets are compared
 * by content; a nan equals only itself, as the same object; other objects are compared by identity.
 *
 * @throws {PickleError} "limit" where tuples nest too deep.
 * @example
 * ```ts
 * import { equalKeys } from "./equal.ts";
 * import { Float, Tuple } from "../values/values.ts";
 * import { assert } from "@std/assert";
 *
 * assert(equalKeys(new Tuple([1, "a"]), new Tuple([new Float(1), "a"])));
 * assert(!equalKeys("1", 1));
 * ```
 */
export function equalKeys(a: Value, b: Value): boolean {
  return equal(a, b, { seen: undefined, depth: 0 });
}

interface Comparison {
  seen: Compared | undefined;
  depth: number;
}

function equal(a: Value, b: Value, comparison: Comparison): boolean {
  keyWork.done += typeof a === "string" ? 1 + (a.length >> COMPARED) : 1;
  if (a === b) return true;
  if (typeof a === "string" || typeof b === "string" || a === null || b === null) return false;
  const number = numberOf(a);
  if (number !== undefined) return number === numberOf(b);
  if (a instanceof Uint8Array) return b instanceof Uint8Array && equalBytes(a, b);
  if (a instanceof Tuple) return b instanceof Tuple && nested(a, b, comparison);
  if (a instanceof FrozenSet) return b instanceof FrozenSet && nested(a, b, comparison);
  if (!(a instanceof PyObject) || !(b instanceof PyObject)) return false;
  const text = leafText(a);
  return text !== undefined && text === leafText(b);
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  keyWork.done += a.length;
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return false;
  }
  return true;
}

function nested(a: Tuple | FrozenSet, b: Tuple | FrozenSet, comparison: Comparison): boolean {
  const seen = comparison.seen ??= new Map();
  if (seen.get(a)?.has(b)) return true;
  if (++comparison.depth > MAX_KEY_DEPTH) {
    throw new PickleError("limit", `Cannot compare the keys: they nest deeper than ${MAX_KEY_DEPTH}`, {
      limit: "depth",
    });
  }
  const same = a instanceof Tuple
    ? b instanceof Tuple && equalTuples(a, b, comparison)
    : b instanceof FrozenSet && equalSets(a, b, comparison);
  comparison.depth--;
  if (same) {
    const others = seen.get(a);
    if (others === undefined) seen.set(a, new Set([b]));
    else others.add(b);
  }
  return same;
}

function equalTuples(a: Tuple, b: Tuple, comparison: Comparison): boolean {
  if (a.items.length !== b.items.length) return false;
  for (let i = 0; i < a.items.length; i++) {
    if (!equal(a.items[i] as Value, b.items[i] as Value, comparison)) return false;
  }
  return true;
}

function equalSets(a: FrozenSet, b: FrozenSet, comparison: Comparison): boolean {
  if (a.members.size !== b.members.size) return false;
  keyWork.done += EQUAL_MEMBER_WORK * a.members.size;
  const byHash = new Map<number, Value[]>();
  for (const member of b.members) {
    const hash = hashKey(member);
    const others = byHash.get(hash);
    if (others === undefined) byHash.set(hash, [member]);
    else others.push(member);
  }
  for (const member of a.members) {
    if (!byHash.get(hashKey(member))?.some((other) => equal(member, other, comparison))) return false;
  }
  return true;
}
