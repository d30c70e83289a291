/**
 * Kinds of the objects that have a row, with their costs in CPython: nanoseconds for one object, measured with CPython 3.8,
 * 3.11 and 3.13 on one core of 2020; each figure is the highest of the three, rounded up.
 *
 * @module
 */

/** The kinds. Containers come first. */
export const Kind = {
  TUPLE: 1,
  LIST: 2,
  DICT: 3,
  SET: 4,
  FROZENSET: 5,
  ORDERED_DICT: 6,
  DEFAULTDICT: 7,
  COUNTER: 8,
  DEQUE: 9,
  BYTEARRAY: 10,
  MEMORYVIEW: 11,
  /** An int of more than 64 bits. */
  LONG: 12,
  NAME: 13,
  /** Bytes that a call of `_codecs.encode` makes. */
  BYTES: 14,
  TIMEDELTA: 15,
  TIMEZONE: 16,
  UUID: 17,
  DTYPE: 18,
  NDARRAY: 19,
  COMPLEX: 20,
  RANGE: 21,
  DATE: 22,
  TIME: 23,
  DATETIME: 24,
  DECIMAL: 25,
  FRACTION: 26,
  PATH: 27,
  /** An int, a float or a bool of numpy. */
  NUMPY_NUMBER: 28,
  /** Text, bytes or a complex number of numpy. */
  NUMPY_OTHER: 29,
  /** Any other result of a call, which is never a key: a slice, a time of numpy. */
  UNHASHABLE: 30,
} as const;

type Costs = Partial<Record<keyof typeof Kind, number>>;

function costsOf(costs: Costs): Uint16Array {
  const byKind = new Uint16Array(32);
  for (const [kind, number] of Object.entries(Kind)) byKind[number] = costs[kind as keyof typeof Kind] ?? 0;
  return byKind;
}

/** Time to load an object, including the garbage collector's work. */
export const LOAD_COST: Uint16Array = costsOf({
  TUPLE: 70,
  LIST: 125,
  DICT: 70,
  SET: 250,
  FROZENSET: 400,
  ORDERED_DICT: 450,
  DEFAULTDICT: 350,
  COUNTER: 1500,
  DEQUE: 450,
  BYTEARRAY: 70,
  MEMORYVIEW: 150,
  LONG: 120,
  NAME: 600,
  BYTES: 320,
  TIMEDELTA: 450,
  TIMEZONE: 250,
  UUID: 1000,
  DTYPE: 1000,
  NDARRAY: 900,
  COMPLEX: 150,
  RANGE: 170,
  DATE: 110,
  TIME: 110,
  DATETIME: 130,
  DECIMAL: 400,
  FRACTION: 2000,
  PATH: 2500,
  NUMPY_NUMBER: 300,
  NUMPY_OTHER: 400,
  UNHASHABLE: 250,
});

/**
 * The time of `repr` is estimated from the bytes of the pickle: nanoseconds for each byte, for each byte of text, and for
 * each object with a row.
 */
export const SHOW_PER_BYTE = 60;
export const SHOW_PER_TEXT_BYTE = 6;
export const SHOW_PER_ROW = 110;

/** The most characters for a byte of a text or number in `repr`: `\\x00`. */
export const TEXT_PER_BYTE = 4;

/** Nanoseconds that `repr` of an object takes in addition. */
export const SHOW_COST: Uint16Array = costsOf({
  COUNTER: 600,
  DEQUE: 100,
  DTYPE: 2400,
  MEMORYVIEW: 200,
  NDARRAY: 40_000,
});

/** Nanoseconds that `repr` takes in all for an object that it shows without its arguments. */
export const SHOW_WHOLE: Uint16Array = costsOf({
  TIMEDELTA: 850,
  TIMEZONE: 800,
  UUID: 1400,
  COMPLEX: 1400,
  DATE: 450,
  TIME: 1500,
  DATETIME: 1800,
  NUMPY_NUMBER: 1200,
});

/** The characters of `repr` of an object without those of its items or arguments. */
export const EMPTY_TEXT: Uint16Array = costsOf({
  TUPLE: 8,
  LIST: 8,
  DICT: 8,
  SET: 8,
  FROZENSET: 16,
  ORDERED_DICT: 20,
  DEFAULTDICT: 50,
  COUNTER: 16,
  DEQUE: 24,
  BYTEARRAY: 16,
  MEMORYVIEW: 32,
  NAME: 60,
  BYTES: 8,
  DTYPE: 40,
  NDARRAY: 60,
  RANGE: 24,
  DECIMAL: 16,
  FRACTION: 16,
  PATH: 24,
  NUMPY_OTHER: 40,
  UNHASHABLE: 60,
});

/** The most characters of `repr` of an object of {@linkcode SHOW_WHOLE}. */
export const WHOLE_TEXT = 160;

/** Time of `==` for two short keys of the same hash. */
export const COMPARE_COST: Uint16Array = costsOf({
  LONG: 60,
  TIMEDELTA: 60,
  TIMEZONE: 350,
  UUID: 400,
  DTYPE: 1000,
  COMPLEX: 80,
  RANGE: 500,
  TIME: 900,
  DATETIME: 900,
  DECIMAL: 600,
  FRACTION: 1800,
  PATH: 350,
  NUMPY_OTHER: 1000,
});

/** The number of stack frames that `repr` takes for a container. Python's default limit is 1,000. */
export const REPR_FRAMES: Uint16Array = costsOf({
  TUPLE: 1,
  LIST: 1,
  DICT: 1,
  SET: 2,
  FROZENSET: 2,
  ORDERED_DICT: 3,
  DEFAULTDICT: 2,
  COUNTER: 4,
  DEQUE: 2,
});

/** Names of the kinds in errors. */
export const KIND_NAMES: readonly string[] = Array.from(
  { length: 32 },
  (_, number) =>
    (Object.entries(Kind).find((entry) => entry[1] === number)?.[0] ?? "")
      .toLowerCase().replaceAll("_", " "),
);
