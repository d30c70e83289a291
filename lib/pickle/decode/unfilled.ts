/**
 * Objects that are made in two steps: a call makes an empty object, and BUILD fills it. Other objects may refer to it before it is
 * filled, so it is filled in place. Where the state is not as CPython writes it, or is missing, the object becomes an
 * {@linkcode Inert}, also in place.
 */
import { eightBits, shortText } from "../values/eight_bits.ts";
import { Counter, DefaultDict, Deque, OrderedDict, UUID } from "../values/known.ts";
import { DType, NDArray } from "../values/known_numpy.ts";
import { countOf, MAX_DIMENSIONS } from "../numpy/layout.ts";
import { Global, Inert, type Making, type PyObject, Tuple, type Value } from "../values/values.ts";

/** The call that made an object, for the case that it becomes inert. */
export interface Origin {
  readonly making: Making;
  readonly callable: Value;
  readonly args: Value;
}

/** The objects of a pickle that wait for their BUILD. */
export type UnfilledObjects = Map<PyObject, Origin>;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** Makes an empty UUID, which BUILD fills. */
export function emptyUUID(): UUID {
  return new UUID(0);
}

/** Makes an empty array, which BUILD fills. */
export function emptyArray(): NDArray {
  return new NDArray([], NO_DTYPE, false, NO_BYTES);
}

const NO_BYTES = new Uint8Array();
const NO_DTYPE = new DType("V0", new Tuple([]));
const MAX_UUID = 1n << 128n;

/**
 * Fills an object with the state of its BUILD.
 *
 * @param unfilled The objects that still wait; a dtype among them cannot be the dtype of an array.
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

/** Returns whether a value is the shape of an array: a tuple of sizes. */
export function isShape(shape: Value | undefined): shape is Tuple<number> {
  return shape instanceof Tuple && shape.items.length <= MAX_DIMENSIONS &&
    shape.items.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);
}

/** Returns whether the number of items in data fits a shape. */
export function holdsAll(shape: readonly number[], dtype: DType, data: Uint8Array | Value[]): boolean {
  const items = countOf(shape);
  return data.length === (Array.isArray(data) ? items : items * dtype.itemSize);
}

/**
 * Converts an object to the inert object of the call that made it. It stays the same object: to replace it would take a walk over
 * the whole value, for pickles that hardly any pickler writes.
 */
export function makeInert(object: PyObject, { making, callable, args }: Origin): Inert {
  const held = heldBy(object);
  Object.setPrototypeOf(object, Inert.prototype);
  // In reverse order: V8 converts an object to a dictionary if any other than the last property is deleted.
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

/** Returns the call that made a known container; undefined for a container without a state. */
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
