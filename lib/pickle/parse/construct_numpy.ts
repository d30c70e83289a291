/** Constructors of the objects of numpy in literals: `array([1, 2], dtype=int8)`, `np.float32(0.1)`, `dtype('<f8')`. */
import type { Constructor } from "./constructor.ts";
import { countOf, layoutOf, MAX_DIMENSIONS } from "../numpy/layout.ts";
import { PickleError } from "../values/errors.ts";
import { Complex } from "../values/known.ts";
import { NDArray, NumpyScalar } from "../values/known_numpy.ts";
import { isInt, realOf } from "../values/number.ts";
import { Global, Tuple, type Value } from "../values/values.ts";
import { cannotBeTyped, dtypeOf } from "./numpy_dtype.ts";
import { pointsOf, writeItem } from "./numpy_item.ts";

type Given = readonly (Value | undefined)[];

/** The most bytes of one array or scalar; each item of an array of text takes the bytes of the longest. */
const MAX_BYTES = 2 ** 26;

/** Lists that are items of an array of objects: `list([1, 2])`. */
const listedObjects = new WeakSet<Value[]>();

const ARRAY: Constructor = { names: ["object", "dtype", "shape"], make: makeArray };
const DTYPE: Constructor = {
  names: ["dtype", "align"],
  make: ([spec]) => spec === undefined ? undefined : dtypeOf(spec),
};

const NUMBERS = [
  ...["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"],
  ...["float16", "float32", "float64", "complex64", "complex128"],
];

/** The constructors of numpy by the names that repr gives them. */
export const NUMPY_CONSTRUCTORS: readonly [string, Constructor][] = [
  ["array", ARRAY],
  ["np.array", ARRAY],
  ["list", { names: [""], make: ([items = []]) => Array.isArray(items) ? listed(items) : undefined }],
  ["dtype", DTYPE],
  ["np.dtype", DTYPE],
  ...NUMBERS.map((name): [string, Constructor] => [
    `np.${name}`,
    { names: [""], make: ([value]) => value === undefined ? undefined : scalarOf(name, value) },
  ]),
  ["np.str_", { names: [""], make: ([text = ""]) => scalarOf(`<U${pointsOf(text)?.length ?? 0}`, text) }],
  ["np.bytes_", {
    names: [""],
    make: ([bytes]) => bytes instanceof Uint8Array ? scalarOf(`S${bytes.length}`, bytes) : undefined,
  }],
  ...["void", "datetime64", "timedelta64", "longdouble", "clongdouble"].map((name): [string, Constructor] => [
    `np.${name}`,
    { names: ["", "dtype"], make: refuse },
  ]),
];

/** Returns the scalar `np.True_` or `np.False_`. */
export function numpyBool(value: boolean): Value {
  return scalarOf("bool", value)!;
}

function listed(items: Value[]): Value[] {
  listedObjects.add(items);
  return items;
}

function refuse(): never {
  throw cannotBeTyped();
}

function makeArray([nested, given, shape]: Given): Value | undefined {
  if (nested === undefined) return undefined;
  const stated = given === undefined || given === null ? undefined : dtypeOf(given);
  const flat = flatten(nested);
  if (flat === undefined) return undefined;
  const dtype = stated ?? dtypeOf(impliedDtype(flat.items));
  const layout = layoutOf(dtype);
  if (layout === undefined) return undefined;
  const sizes = flat.items.length === 0 && shape !== undefined ? shapeOf(shape) : flat.shape;
  if (sizes === undefined || countOf(sizes) !== flat.items.length) return undefined;
  if (layout.kind === "O") return new NDArray(sizes, dtype, false, [...flat.items]);
  const bytes = memoryFor(flat.items.length * layout.size);
  const view = new DataView(bytes.buffer);
  const written = flat.items.every((value, at) => writeItem(view, at * layout.size, { layout, value }));
  return written ? new NDArray(sizes, dtype, false, bytes) : undefined;
}

function memoryFor(size: number): Uint8Array<ArrayBuffer> {
  if (size <= MAX_BYTES) return new Uint8Array(size);
  const message = `Cannot make it: an array takes more than ${MAX_BYTES} bytes`;
  throw new PickleError("limit", message, { limit: "memory" });
}

/** Splits nested lists into a shape and the items in order; undefined where their lengths differ. */
function flatten(nested: Value): { shape: number[]; items: readonly Value[] } | undefined {
  const shape: number[] = [];
  let items: readonly Value[] = [nested];
  while (items.some(isNested)) {
    const length = (items[0] as Value[]).length;
    if (!items.every(isNested) || shape.push(length) > MAX_DIMENSIONS) return undefined;
    if (items.some((item) => item.some(isLeftOut))) {
      throw new PickleError(
        "syntax",
        "Cannot make it: an array is shown in part: the items in place of ... are missing",
      );
    }
    if (items.some((item) => item.length !== length)) return undefined;
    items = items.flat();
  }
  return { shape, items };
}

function isNested(value: Value): value is Value[] {
  return Array.isArray(value) && !listedObjects.has(value);
}

function isLeftOut(value: Value): boolean {
  return value instanceof Global && value.module === "builtins" && value.name === "Ellipsis";
}

/** Returns the dtype that numpy infers from items. */
function impliedDtype(items: readonly Value[]): string {
  if (items.length === 0) return "float64";
  const all = (test: (value: Value) => boolean): boolean => items.every(test);
  if (all((value) => typeof value === "boolean")) return "bool";
  if (all(isInt)) return "int64";
  if (all((value) => realOf(value) !== undefined)) return "float64";
  if (all((value) => realOf(value) !== undefined || value instanceof Complex)) return "complex128";
  if (all((value) => value instanceof Uint8Array)) {
    return `S${longest(items, (item) => (item as Uint8Array).length)}`;
  }
  if (all((value) => pointsOf(value) !== undefined)) {
    return `<U${longest(items, (item) => pointsOf(item)!.length)}`;
  }
  return "object";
}

function longest(items: readonly Value[], lengthOf: (item: Value) => number): number {
  return items.reduce<number>((most, item) => Math.max(most, lengthOf(item)), 1);
}

function shapeOf(shape: Value): number[] | undefined {
  const sizes = shape instanceof Tuple ? shape.items : [shape];
  return sizes.every((size) => Number.isSafeInteger(size) && (size as number) >= 0)
    ? sizes as number[]
    : undefined;
}

function scalarOf(spec: Value, value: Value): Value | undefined {
  const dtype = dtypeOf(spec);
  const layout = layoutOf(dtype);
  if (layout === undefined) return undefined;
  const bytes = memoryFor(layout.size);
  const written = writeItem(new DataView(bytes.buffer), 0, { layout, value });
  return written ? new NumpyScalar(dtype, bytes) : undefined;
}
