/**
 * Objects of Python's standard library as plain data. Decode builds them only from calls of the shapes that CPython's pickler
 * writes; any other call stays an {@linkcode Inert}. numpy's objects are in known_numpy.ts.
 */
import { PyObject, type Value } from "./values.ts";

/** A complex number. */
export class Complex extends PyObject {
  constructor(readonly real: number, readonly imag: number) {
    super();
  }
}

/** An int of Python: a number where it is a safe integer, else a bigint. */
export type Int = number | bigint;

/** A range. */
export class Range extends PyObject {
  constructor(readonly start: Int, readonly stop: Int, readonly step: Int) {
    super();
  }
}

/** A slice. Each field may be any value; usually it is an int or null. */
export class Slice extends PyObject {
  constructor(readonly start: Value, readonly stop: Value, readonly step: Value) {
    super();
  }
}

/** A collections.OrderedDict. */
export class OrderedDict extends PyObject {
  constructor(readonly entries: Map<Value, Value> = new Map()) {
    super();
  }
}

/** A collections.defaultdict. The factory is a {@linkcode Global}, an {@linkcode Inert} callable or null. */
export class DefaultDict extends PyObject {
  constructor(readonly factory: Value, readonly entries: Map<Value, Value> = new Map()) {
    super();
  }
}

/** A collections.Counter. */
export class Counter extends PyObject {
  constructor(readonly entries: Map<Value, Value> = new Map()) {
    super();
  }
}

/** A collections.deque. */
export class Deque extends PyObject {
  constructor(readonly items: Value[] = [], readonly maxlen: number | null = null) {
    super();
  }
}

/** A datetime.date: year 1 to 9999, month 1 to 12, day 1 to 31. */
export class CalendarDate extends PyObject {
  constructor(readonly year: number, readonly month: number, readonly day: number) {
    super();
  }
}

/** The fields of a time of day. `tzinfo` is a {@linkcode TimeZone}, null, or any other tzinfo object that was pickled. */
export interface TimeFields {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
  /** 1 for the second of two equal wall-clock times, else 0. */
  readonly fold: 0 | 1;
  readonly tzinfo: Value;
}

/** The base of objects with a time of day. */
abstract class Clock extends PyObject implements TimeFields {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly microsecond: number;
  readonly fold: 0 | 1;
  readonly tzinfo: Value;
  constructor(fields: TimeFields) {
    super();
    this.hour = fields.hour;
    this.minute = fields.minute;
    this.second = fields.second;
    this.microsecond = fields.microsecond;
    this.fold = fields.fold;
    this.tzinfo = fields.tzinfo;
  }
}

/** A datetime.time. */
export class TimeOfDay extends Clock {}

/** A datetime.datetime. */
export class DateTime extends Clock {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  constructor(
    date: { readonly year: number; readonly month: number; readonly day: number },
    time: TimeFields,
  ) {
    super(time);
    this.year = date.year;
    this.month = date.month;
    this.day = date.day;
  }
}

/** A datetime.timedelta, normalised as Python does: 0 <= seconds < 86400, 0 <= microseconds < 1000000. */
export class TimeDelta extends PyObject {
  constructor(readonly days: number, readonly seconds: number, readonly microseconds: number) {
    super();
  }
}

/** A datetime.timezone. A zero offset without a name is timezone.utc. */
export class TimeZone extends PyObject {
  constructor(readonly offset: TimeDelta, readonly zone: string | null = null) {
    super();
  }
}

/** A decimal.Decimal, as the text that `str` gives. */
export class Decimal extends PyObject {
  constructor(readonly text: string) {
    super();
  }
}

/** A fractions.Fraction in lowest terms. */
export class Fraction extends PyObject {
  constructor(readonly numerator: Int, readonly denominator: Int) {
    super();
  }
}

/** A uuid.UUID, as its 128-bit int (a number where it is a safe integer). */
export class UUID extends PyObject {
  /** The value of `is_safe`: 0 safe, -1 unsafe, null unknown. */
  readonly safe: 0 | -1 | null;
  constructor(readonly int: Int, safe: 0 | -1 | null = null) {
    super();
    this.safe = safe;
  }
}

/** The classes of pathlib. */
export type PathClass =
  | "PurePath"
  | "PurePosixPath"
  | "PureWindowsPath"
  | "Path"
  | "PosixPath"
  | "WindowsPath";

/** A path of pathlib, as the arguments of its constructor. */
export class PurePath extends PyObject {
  constructor(readonly kind: PathClass, readonly parts: readonly string[]) {
    super();
  }
}
