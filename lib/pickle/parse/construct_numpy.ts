/** What makes numpy's objects in a literal: `array([1, 2], dtype=int8)`, `np.float32(0.1)`, `dtype('<f8')`. */
import type { Constructor } from "./constructor.ts";
import { dtypeOf } from "../numpy/dtype_of.ts";
import { PickleError } from "../values/errors.ts";
import { Complex } from "../values/known.ts";
import { type DType, NDArray, NumpyScalar } from "../values/known_numpy.ts";
import { longDouble } from "../numpy/long_double.ts";
import { countOf, layoutOf, MAX_DIMENSIONS } from "../numpy/layout.ts";
import { unitOfText } from "../numpy/time.ts";
import { pointsOf, writeItem } from "../numpy/write.ts";
import { Float, Global, Tuple, type Value } from "../values/values.ts";

type Given = readonly (Value | undefined)[];

/** The most bytes of one array or scalar: an array of text takes for each item what its longest takes, or what a dtype says. */
const MAX_BYTES = 2 ** 26;

/** Lists that stand in an array of objects as objects: `list([1, 2])`. */
const listedObjects = new WeakSet<Value[]>();

const ARRAY: Constructor = { names: ["object", "dtype", "shape"], make: makeArray };

const NUMBERS = [
  ...["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"],
  ...["float16", "float32", "float64", "complex64", "complex128"],
];

/** The constructors of numpy by the names that repr gives them. */
export const NUMPY_CONSTRUCTORS: readonly [string, Constructor][] = [
  ["array", ARRAY],
  ["np.array", ARRAY],
  ["list", { names: [""], make: ([items = []]) => Array.isArray(items) ? listed(items) : undefined }],
  ["dtype", { names: ["dtype", "align"], make: makeDtype }],
  ["np.dtype", { names: ["dtype", "align"], make: makeDtype }],
  ...NUMBERS.map((name): [string, Constructor] => [
    `np.${name}`,
    { names: [""], make: ([value]) => value === undefined ? undefined : scalarOf(name, value) },
  ]),
  ["np.str_", { names: [""], make: ([text = ""]) => scalarOf(`<U${pointsOf(text)?.length ?? 0}`, text) }],
  ["np.bytes_", {
    names: [""],
    make: ([bytes]) => bytes instanceof Uint8Array ? scalarOf(`S${bytes.length}`, bytes) : undefined,
  }],
  ["np.void", { names: ["", "dtype"], make: makeVoid }],
  ["np.datetime64", { names: ["", ""], make: makeTime }],
  ["np.timedelta64", { names: ["", ""], make: ([count, unit]) => makeDuration(count, unit) }],
  ["np.longdouble", { names: [""], make: ([text]) => makeLong("longdouble", [text]) }],
  ["np.clongdouble", { names: [""], make: ([text]) => makeLong("clongdouble", complexParts(text)) }],
];

/** Gives the scalar `np.True_` or `np.False_`. */
export function numpyBool(value: boolean): Value {
  return scalarOf("bool", value)!;
}

function listed(items: Value[]): Value[] {
  listedObjects.add(items);
  return items;
}

function makeDtype([spec, align = false]: Given): Value | undefined {
  return spec === undefined ? undefined : dtypeOf(spec, align === true);
}

function makeArray([nested, given, shape]: Given): Value | undefined {
  if (nested === undefined) return undefined;
  const flat = flatten(nested);
  if (flat === undefined) return undefined;
  const dtype = dtypeOf(given ?? impliedDtype(flat.items));
  const layout = dtype && layoutOf(dtype);
  if (dtype === undefined || layout === undefined) return undefined;
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

/** Takes nested lists apart into a shape and the items in order; undefined where they are not of one length. */
function flatten(nested: Value): { shape: number[]; items: readonly Value[] } | undefined {
  const shape: number[] = [];
  let items: readonly Value[] = [nested];
  while (items.some(isNested)) {
    const length = (items[0] as Value[]).length;
    if (!items.every(isNested) || shape.push(length) > MAX_DIMENSIONS) return undefined;
    if (items.some((item) => item.some(isLeftOut))) {
      throw new PickleError(
        "syntax",
        "Cannot make it: an array is shown in part: the items that ... stands for are lost",
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

/** The dtype that numpy would take for items where none is given. */
function impliedDtype(items: readonly Value[]): string {
  if (items.length === 0) return "float64";
  const all = (test: (value: Value) => boolean): boolean => items.every(test);
  if (all((value) => typeof value === "boolean")) return "bool";
  if (all(isInt)) return "int64";
  if (all((value) => isInt(value) || isFloat(value))) return "float64";
  if (all((value) => isInt(value) || isFloat(value) || value instanceof Complex)) return "complex128";
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

function isInt(value: Value): boolean {
  return typeof value === "bigint" || Number.isSafeInteger(value) && !Object.is(value, -0);
}

function isFloat(value: Value): boolean {
  return typeof value === "number" || value instanceof Float;
}

function shapeOf(shape: Value): number[] | undefined {
  const sizes = shape instanceof Tuple ? shape.items : [shape];
  return sizes.every((size) => Number.isSafeInteger(size) && (size as number) >= 0)
    ? sizes as number[]
    : undefined;
}

function scalarOf(spec: Value, value: Value): Value | undefined {
  const dtype = dtypeOf(spec);
  const layout = dtype && layoutOf(dtype);
  if (dtype === undefined || layout === undefined) return undefined;
  const bytes = memoryFor(layout.size);
  const written = writeItem(new DataView(bytes.buffer), 0, { layout, value });
  return written ? new NumpyScalar(dtype, bytes) : undefined;
}

function makeVoid([value, spec]: Given): Value | undefined {
  if (value instanceof Uint8Array && spec === undefined) return scalarOf(`V${value.length}`, value);
  return value === undefined || spec === undefined ? undefined : scalarOf(spec, value);
}

function makeTime([text, code]: Given): Value | undefined {
  if (typeof text !== "string" || code !== undefined && typeof code !== "string") return undefined;
  const unit = unitOfText(text);
  const spec = code === "generic" ? "" : code ?? (unit?.name === "generic" ? "" : unit?.name);
  return spec === undefined ? undefined : scalarOf(spec === "" ? "M8" : `M8[${spec}]`, text);
}

function makeDuration(count: Value | undefined, code: Value | undefined): Value | undefined {
  if (count === undefined || code !== undefined && typeof code !== "string") return undefined;
  return scalarOf(code === undefined || code === "generic" ? "m8" : `m8[${code}]`, count);
}

/** The parts of a complex number in a text; the second begins at a sign that is not an exponent's. */
function complexParts(text: Value | undefined): Given {
  if (typeof text !== "string") return [undefined];
  const [, real = "0", imag] = /^(?:(.*[^e+-])(?=[+-]))?([+-]?[^+-]+(?:e[+-]\d+)?)j$/.exec(text) ?? [];
  return [real, imag];
}

function makeLong(spec: string, parts: Given): Value | undefined {
  const dtype: DType = dtypeOf(spec)!;
  const bytes = new Uint8Array(dtype.itemSize);
  for (const [at, part] of parts.entries()) {
    const written = typeof part === "string" ? longDouble(part) : undefined;
    if (written === undefined) return undefined;
    bytes.set(written, at * 16);
  }
  return new NumpyScalar(dtype, bytes);
}
