/**
 * Objects that CPython's pickler makes in two steps: a call makes an empty one, and BUILD fills it. Between the two others
 * may refer to it, so it is filled in place; where BUILD brings something else, or nothing comes, it turns into the
 * {@linkcode Inert} that it would have been, in place as well.
 */
import { eightBits, shortText } from "../values/eight_bits.ts";
import { Counter, DefaultDict, Deque, OrderedDict, UUID } from "../values/known.ts";
import { DType, NDArray } from "../values/known_numpy.ts";
import { countOf, MAX_DIMENSIONS } from "../numpy/layout.ts";
import { Global, Inert, type Making, type PyObject, Tuple, type Value } from "../values/values.ts";

/** How an object was made, for the case that it has to become inert. */
export interface Origin {
  readonly making: Making;
  readonly callable: Value;
  readonly args: Value;
}

/** The objects of one pickle that wait for their BUILD. */
export type UnfilledObjects = Map<PyObject, Origin>;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** An empty object of the known kind. */
export function emptyUUID(): UUID {
  return new UUID(0);
}

/** An empty array; its fields come with BUILD. */
export function emptyArray(): NDArray {
  return new NDArray([], NO_DTYPE, false, NO_BYTES);
}

const NO_BYTES = new Uint8Array();
const NO_DTYPE = new DType("V0", new Tuple([]));
const MAX_UUID = 1n << 128n;

/**
 * Fills an object with the state of its BUILD.
 *
 * @param unfilled The objects that still wait: a dtype among them cannot be an array's.
 * @returns false where the state is not as CPython writes it
 */
export function fill(object: PyObject, state: Value, unfilled: UnfilledObjects): boolean {
  if (object instanceof UUID) return fillUUID(object, state);
  if (object instanceof DType) return fillDType(object, state);
  return object instanceof NDArray && fillArray(object, state, unfilled);
}

function fillUUID(uuid: Writable<UUID>, state: Value): boolean {
  if (!(state instanceof Map)) return false;
  const int = state.get("int");
  const safe = state.get("is_safe");
  if (typeof int !== "bigint" && !Number.isSafeInteger(int)) return false;
  if (safe !== undefined && safe !== 0 && safe !== -1) return false;
  if (state.size !== (safe === undefined ? 1 : 2)) return false;
  const number = BigInt(int as number | bigint);
  if (number < 0n || number >= MAX_UUID) return false;
  uuid.int = int as number | bigint;
  uuid.safe = safe ?? null;
  return true;
}

function fillDType(dtype: Writable<DType>, state: Value): boolean {
  if (!(state instanceof Tuple) || (state.items.length !== 8 && state.items.length !== 9)) return false;
  const [version, given, , , , size, alignment, flags] = state.items;
  if (version !== (state.items.length === 9 ? 4 : 3)) return false;
  const order = shortText(given);
  if (order !== "<" && order !== ">" && order !== "|" && order !== "=") return false;
  if (!Number.isSafeInteger(size) || !Number.isSafeInteger(alignment) || !Number.isSafeInteger(flags)) {
    return false;
  }
  dtype.state = order === given ? state : new Tuple([version, order, ...state.items.slice(2)]);
  return true;
}

function fillArray(array: Writable<NDArray>, state: Value, unfilled: UnfilledObjects): boolean {
  if (!(state instanceof Tuple) || state.items.length !== 5 || state.items[0] !== 1) return false;
  const [, shape, dtype, fortran, given] = state.items;
  if (!isShape(shape) || !(dtype instanceof DType) || unfilled.has(dtype)) return false;
  if (typeof fortran !== "boolean") return false;
  const data = Array.isArray(given) ? given : eightBits(given);
  if (data === undefined) return false;
  if (!holdsAll(shape.items as number[], dtype, data)) return false;
  array.shape = shape.items as number[];
  array.dtype = dtype;
  array.fortran = fortran;
  array.data = data;
  return true;
}

/** Tells whether a value is an array's shape: a tuple of sizes. */
export function isShape(shape: Value | undefined): shape is Tuple<number> {
  return shape instanceof Tuple && shape.items.length <= MAX_DIMENSIONS &&
    shape.items.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);
}

/** Tells whether data has as many items as a shape asks for. */
export function holdsAll(shape: readonly number[], dtype: DType, data: Uint8Array | Value[]): boolean {
  const items = countOf(shape);
  return data.length === (Array.isArray(data) ? items : items * dtype.itemSize);
}

/** Turns an object into the inert one that a call makes; it stays the same object. */
export function makeInert(object: PyObject, { making, callable, args }: Origin): Inert {
  const held = heldBy(object);
  Object.setPrototypeOf(object, Inert.prototype);
  // From the last one on: V8 makes a dictionary of an object that loses any other.
  for (const field of Object.keys(object).reverse()) Reflect.deleteProperty(object, field);
  return Object.assign(object, { state: undefined, making, callable, args, kwargs: null, ...held }) as Inert;
}

function heldBy(object: PyObject): { items: Value[]; pairs: [Value, Value][] } {
  if (object instanceof OrderedDict || object instanceof DefaultDict) {
    return { items: [], pairs: [...object.entries] };
  }
  return { items: object instanceof Deque ? object.items : [], pairs: [] };
}

const NOTHING = new Tuple([]);

/** Tells how a known container was made, if it was one that may be given a state. */
export function originOf(object: Value): Origin | undefined {
  if (object instanceof OrderedDict) return made("OrderedDict", NOTHING);
  if (object instanceof DefaultDict) return made("defaultdict", new Tuple([object.factory]));
  if (object instanceof Counter) return made("Counter", new Tuple([object.entries]));
  if (!(object instanceof Deque)) return undefined;
  return made("deque", object.maxlen === null ? NOTHING : new Tuple([NOTHING, object.maxlen]));
}

function made(name: string, args: Tuple): Origin {
  return { making: "reduce", callable: new Global("collections", name), args };
}
