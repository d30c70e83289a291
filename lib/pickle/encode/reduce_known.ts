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
import { call, type Reduction } from "./reduction.ts";
import { Float, Global, type PyObject, Tuple, type Value } from "../values/values.ts";

/** How an object of the standard library is made again; null for any other. */
export function reduceKnown(object: PyObject, protocol: number): Reduction | null {
  return REDUCERS.get(Object.getPrototypeOf(object))?.(object, protocol) ?? null;
}

type Reducer = (object: PyObject, protocol: number) => Reduction;

const REDUCERS = new Map<object, Reducer>();

function reducer<T extends PyObject>(
  type: { readonly prototype: T },
  make: (object: T, protocol: number) => Reduction,
): void {
  REDUCERS.set(type.prototype, make as unknown as Reducer);
}

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
// Up to CPython 3.9 a Fraction is pickled as its text; the two ints are read by all versions.
reducer(Fraction, ({ numerator, denominator }) => call("fractions", "Fraction", numerator, denominator));
reducer(PurePath, ({ kind, parts }) => call("pathlib", kind, ...parts));
reducer(UUID, ({ int, safe }, protocol) => {
  const state = new Map<Value, Value>([["int", int]]);
  if (safe !== null) state.set("is_safe", safe);
  const type = new Global("uuid", "UUID");
  if (protocol >= 2) return { making: "newobj", callable: type, args: new Tuple([]), state };
  return { ...call("copyreg", "_reconstructor", type, new Global("builtins", "object"), null), state };
});

/** The state of a date: the year in two bytes, month, day. */
function dateBytes({ year, month, day }: CalendarDate | DateTime): number[] {
  return [year >> 8, year, month, day];
}

/** The state of a time: hour, minute, second, and the microsecond in three bytes. */
function timeBytes({ hour, minute, second, microsecond }: TimeFields): number[] {
  return [hour, minute, second, microsecond >> 16, microsecond >> 8, microsecond];
}

/** A call with a state in bytes; a fold is the highest bit of one of them, which every Python since 3.6 reads. */
function withZone(name: string, bytes: number[], fold: 0 | 1, at: number, tzinfo: Value): Reduction {
  const state = new Uint8Array(bytes);
  if (fold === 1) state[at] = (state[at] as number) | 0x80;
  return call("datetime", name, state, ...(tzinfo === null ? [] : [tzinfo]));
}
