/** Nesting depth of a value. */
import { Counter, DateTime, DefaultDict, Deque, OrderedDict, Slice, TimeOfDay } from "../values/known.ts";
import { NDArray, NumpyScalar } from "../values/known_numpy.ts";
import { ByteArray, FrozenSet, Inert, PyObject, Tuple, type Value } from "../values/values.ts";

const LEAF: readonly Value[] = [];

/** Returns the values that a value holds directly. */
export function childrenOf(value: Value): Iterable<Value> {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return LEAF;
  if (Array.isArray(value) || value instanceof Set) return value;
  if (value instanceof Map) return bothOf(value);
  if (value instanceof Tuple) return value.items;
  if (value instanceof FrozenSet) return value.members;
  if (value instanceof Inert) {
    const { callable, args, kwargs, state = null, items, pairs } = value;
    return [callable, args, kwargs, state, ...items, ...pairs.flat()];
  }
  if (value instanceof OrderedDict || value instanceof DefaultDict || value instanceof Counter) {
    return bothOf(value.entries);
  }
  if (value instanceof Deque) return value.items;
  if (value instanceof NDArray) return Array.isArray(value.data) ? value.data : LEAF;
  if (value instanceof NumpyScalar) return [value.data];
  if (value instanceof Slice) return [value.start, value.stop, value.step];
  if (value instanceof DateTime || value instanceof TimeOfDay) return [value.tzinfo];
  return LEAF;
}

function* bothOf(map: Map<Value, Value>): Generator<Value, undefined> {
  for (const [key, value] of map) {
    yield key;
    yield value;
  }
  return undefined;
}

function holdsOthers(value: Value): value is Exclude<Value, string | number | bigint | boolean | null> {
  return typeof value === "object" && value !== null && !(value instanceof Uint8Array) &&
    !(value instanceof ByteArray) &&
    (!(value instanceof PyObject) || childrenOf(value) !== LEAF);
}

/** An object on the path from the top, its children that are left, and the depth seen below it. */
interface Step {
  readonly value: object;
  readonly rest: Iterator<Value>;
  below: number;
}

/**
 * Returns whether containers nest deeper than a limit; [] has depth 1. A cycle adds no depth. It takes linear time, also where
 * containers are shared.
 *
 * @example
 * ```ts
 * import { nestsDeeper } from "./depth.ts";
 * import { assert } from "@std/assert";
 *
 * assert(nestsDeeper([[1], [[2]]], 2));
 * assert(!nestsDeeper([[1], [[2]]], 3));
 * ```
 */
export function nestsDeeper(value: Value, limit: number): boolean {
  const depths = new Map<object, number>();
  const path: Step[] = [];
  let next: Value | undefined = value;
  while (true) {
    if (next !== undefined && holdsOthers(next)) {
      const depth = depths.get(next);
      if (path.length + (depth ?? 1) > limit) return true;
      if (depth === undefined) {
        // 0 marks an object on the path, so that a cycle adds no depth.
        depths.set(next, 0);
        path.push({ value: next, rest: childrenOf(next)[Symbol.iterator](), below: 0 });
      } else below(path, depth);
    }
    const step = path.at(-1);
    if (step === undefined) return false;
    const result = step.rest.next();
    next = result.done ? undefined : result.value;
    if (result.done) {
      path.pop();
      depths.set(step.value, step.below + 1);
      below(path, step.below + 1);
    }
  }
}

function below(path: readonly Step[], depth: number): void {
  const step = path.at(-1);
  if (step !== undefined && depth > step.below) step.below = depth;
}
