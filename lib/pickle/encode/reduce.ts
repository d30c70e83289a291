/** Reduction of objects to calls, for objects that have no opcode of their own. */
import {
  CalendarDate,
  Complex,
  Counter,
  DateTime,
  Decimal,
  DefaultDict,
  Deque,
  Fraction,
  OrderedDict,
  PurePath,
  Range,
  Slice,
  TimeDelta,
  type TimeFields,
  TimeOfDay,
  TimeZone,
  UUID,
} from "../values/known.ts";
import { DType, NDArray, NumpyScalar } from "../values/known_numpy.ts";
import {
  ByteArray,
  Float,
  FrozenSet,
  Global,
  Inert,
  type Making,
  type PyObject,
  Tuple,
  type Value,
} from "../values/values.ts";

/** The call that makes an object again, as CPython's pickler writes it, with the names of Python 3. */
export interface Reduction {
  readonly making: Making;
  readonly callable: Value;
  readonly args: Value;
  readonly kwargs?: Value;
  /** The items that APPENDS adds. */
  readonly items?: readonly Value[];
  /** The entries that SETITEMS sets. */
  readonly pairs?: ReadonlyMap<Value, Value> | readonly (readonly [Value, Value])[];
  /** The argument of BUILD. */
  readonly state?: Value | undefined;
  /** Whether the arguments are a form of the object's own content, so that they nest no deeper than the object. */
  readonly content?: boolean;
}

/** Makes a call of a named class or function. */
export function call(module: string, name: string, ...args: Value[]): Reduction {
  return { making: "reduce", callable: new Global(module, name), args: new Tuple(args) };
}

/** Returns the call that makes a set, for protocols without EMPTY_SET and FROZENSET. */
export function reduceSet(members: ReadonlySet<Value>, name: "set" | "frozenset"): Reduction {
  return { ...call("builtins", name, Array.from(members)), content: true };
}

/** Returns the call that makes empty bytes, for protocols without SHORT_BINBYTES. */
export function reduceNoBytes(): Reduction {
  return call("builtins", "bytes");
}

/**
 * Returns the call that makes an object again.
 *
 * @param object The object.
 * @param protocol The protocol, 0 to 5.
 * @returns The call; null for an object of an unknown class.
 */
export function reduce(object: PyObject, protocol: number): Reduction | null {
  return REDUCERS.get(Object.getPrototypeOf(object))?.(object, protocol) ?? null;
}

type Reducer = (object: PyObject, protocol: number) => Reduction;

/** The reducers by the prototype of the class. */
const REDUCERS = new Map<object, Reducer>();

function reducer<T extends PyObject>(
  type: { readonly prototype: T },
  make: (object: T, protocol: number) => Reduction,
): void {
  REDUCERS.set(type.prototype, make as unknown as Reducer);
}

// Where the protocol has no NEWOBJ or NEWOBJ_EX, functions of copyreg do the same.
reducer(Inert, (object, protocol) => {
  const { making, callable, args, kwargs, items, pairs, state } = object;
  if (making === "newobj_ex" && protocol < 4) {
    return { ...call("copyreg", "__newobj_ex__", callable, args, kwargs), items, pairs, state };
  }
  if (making === "newobj" && protocol < 2 && args instanceof Tuple) {
    return { ...call("copyreg", "__newobj__", callable, ...args.items), items, pairs, state };
  }
  return object;
});

reducer(FrozenSet, ({ members }) => reduceSet(members, "frozenset"));
reducer(ByteArray, ({ bytes }) => call("builtins", "bytearray", ...(bytes.length === 0 ? [] : [bytes])));
reducer(Complex, ({ real, imag }) => call("builtins", "complex", new Float(real), new Float(imag)));
reducer(Range, ({ start, stop, step }) => call("builtins", "range", start, stop, step));
reducer(Slice, ({ start, stop, step }) => call("builtins", "slice", start, stop, step));

reducer(OrderedDict, ({ entries }) => ({ ...call("collections", "OrderedDict"), pairs: entries }));
reducer(DefaultDict, ({ factory, entries }) => ({
  ...call("collections", "defaultdict", ...(factory === null ? [] : [factory])),
  pairs: entries,
}));
reducer(Counter, ({ entries }) => ({ ...call("collections", "Counter", entries), content: true }));
reducer(Deque, ({ items, maxlen }) => ({
  ...call("collections", "deque", ...(maxlen === null ? [] : [new Tuple([]), maxlen])),
  items,
}));

reducer(CalendarDate, (date) => call("datetime", "date", new Uint8Array(dateBytes(date))));
reducer(TimeOfDay, (time) => withZone("time", timeBytes(time), time.fold, 0, time.tzinfo));
reducer(DateTime, (moment) => {
  return withZone("datetime", [...dateBytes(moment), ...timeBytes(moment)], moment.fold, 2, moment.tzinfo);
});
reducer(TimeDelta, ({ days, seconds, microseconds }) => {
  return call("datetime", "timedelta", days, seconds, microseconds);
});
reducer(TimeZone, ({ offset, zone }) => {
  return call("datetime", "timezone", offset, ...(zone === null ? [] : [zone]));
});

reducer(Decimal, ({ text }) => call("decimal", "Decimal", text));
// Up to CPython 3.9 a Fraction is pickled as its text; every version reads the two ints.
reducer(Fraction, ({ numerator, denominator }) => call("fractions", "Fraction", numerator, denominator));
reducer(PurePath, ({ kind, parts }) => call("pathlib", kind, ...parts));
reducer(UUID, ({ int, safe }, protocol) => {
  const state = new Map<Value, Value>([["int", int]]);
  if (safe !== null) state.set("is_safe", safe);
  const type = new Global("uuid", "UUID");
  if (protocol >= 2) return { making: "newobj", callable: type, args: new Tuple([]), state };
  return { ...call("copyreg", "_reconstructor", type, new Global("builtins", "object"), null), state };
});

// numpy 2 moved this to numpy._core, which numpy 1 does not have; for old pickles it keeps the old name.
const MULTIARRAY = "numpy.core.multiarray";
// For this one the old name raises a warning. numpy 1 can read arrays in protocols up to 4.
const NUMERIC = "numpy._core.numeric";

/** The version of an array's state. */
const STATE_VERSION = 1;

/** The dtype of the array that `_reconstruct` makes before its state is set. */
const PLACEHOLDER = new Uint8Array([0x62]);

reducer(DType, ({ code, flags, state }) => ({ ...call("numpy", "dtype", code, ...flags), state }));
reducer(NumpyScalar, ({ dtype, data }) => call(MULTIARRAY, "scalar", dtype, data));
reducer(NDArray, reduceArray);

/** Returns the state of a date: the year in two bytes, month, day. */
function dateBytes({ year, month, day }: CalendarDate | DateTime): number[] {
  return [year >> 8, year, month, day];
}

/** Returns the state of a time: hour, minute, second, and the microsecond in three bytes. */
function timeBytes({ hour, minute, second, microsecond }: TimeFields): number[] {
  return [hour, minute, second, microsecond >> 16, microsecond >> 8, microsecond];
}

/** Makes a call with a state in bytes. The fold is the highest bit of one of them, which every Python since 3.6 reads. */
function withZone(name: string, bytes: number[], fold: 0 | 1, at: number, tzinfo: Value): Reduction {
  const state = new Uint8Array(bytes);
  if (fold === 1) state[at] = (state[at] as number) | 0x80;
  return call("datetime", name, state, ...(tzinfo === null ? [] : [tzinfo]));
}

function reduceArray({ shape, dtype, fortran, data, form }: NDArray, protocol: number): Reduction {
  const sizes = new Tuple([...shape]);
  if (form === "frombuffer" && protocol >= 5 && data instanceof Uint8Array) {
    // An array over a bytearray is writable.
    return call(NUMERIC, "_frombuffer", new ByteArray(data), dtype, sizes, fortran ? "F" : "C");
  }
  return {
    ...call(MULTIARRAY, "_reconstruct", new Global("numpy", "ndarray"), new Tuple([0]), PLACEHOLDER),
    state: new Tuple([STATE_VERSION, sizes, dtype, fortran, data]),
  };
}
