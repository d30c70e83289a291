/**
 * Python's values in JavaScript. Python distinguishes types that JavaScript does not (1 and 1.0, tuple and list, bytes and
 * bytearray). Each has exactly one form here, so a decoded value encodes as the same type again:
 *
 * | Python | here |
 * |---|---|
 * | None, bool, str | null, boolean, string (a lone surrogate stays one) |
 * | int | number where `Number.isSafeInteger` holds (except −0), else bigint |
 * | float | any other number; {@linkcode Float} where a number would mean an int: 2.0, 0.0 |
 * | bytes, bytearray | Uint8Array, {@linkcode ByteArray} |
 * | list, tuple | Array, {@linkcode Tuple} |
 * | dict, set, frozenset | Map, Set, {@linkcode FrozenSet}; the subclasses of keys.ts where a key needs Python's equality |
 * | classes, functions, objects | {@linkcode Global}, {@linkcode Inert} and the classes of known.ts |
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Value[]
  | Map<Value, Value>
  | Set<Value>
  | PyObject;

/** Base class of the Python objects here: one `instanceof` distinguishes them from JavaScript's own objects. */
export abstract class PyObject {
  // Without a member of its own, any object would have this type.
  declare protected readonly python: true;
}

/** A float with an integral value, such as 2.0, which as a plain number would mean an int. */
export class Float extends PyObject {
  constructor(readonly value: number) {
    super();
  }
}

/** A str with two adjacent surrogates, which would fuse to one character in a JavaScript string. */
export class CodePoints extends PyObject {
  constructor(readonly points: readonly number[]) {
    super();
  }
}

/** A bytearray. */
export class ByteArray extends PyObject {
  constructor(readonly bytes: Uint8Array) {
    super();
  }
}

/**
 * A container that can be hashed. It keeps its hash, since it may be part of very many keys; to look the hash up elsewhere
 * takes longer than to compute most of them again.
 */
export abstract class Hashed extends PyObject {
  #hash = 0;

  /** Returns the hash that a container keeps, or 0. */
  static keptHash(holder: Hashed): number {
    return holder.#hash;
  }

  /** Keeps a hash with its container. */
  static keepHash(holder: Hashed, hash: number): void {
    holder.#hash = hash;
  }
}

/** A tuple. */
export class Tuple<T extends Value = Value> extends Hashed {
  constructor(readonly items: readonly T[]) {
    super();
  }
}

/** A frozenset. */
export class FrozenSet extends Hashed {
  constructor(readonly members: ReadonlySet<Value>) {
    super();
  }
}

/** The name of a class or function. Nothing is imported for it. */
export class Global extends PyObject {
  constructor(readonly module: string, readonly name: string) {
    super();
  }
}

/** The call that makes an {@linkcode Inert} object: `callable(*args)`, `cls.__new__(cls, *args)`, or that with `**kwargs`. */
export type Making = "reduce" | "newobj" | "newobj_ex";

/** The description of an object that only a call can make: the callable, its arguments, and the state and items set after. */
export class Inert extends PyObject {
  /** The argument of BUILD, for `__setstate__` or `__dict__`; undefined without a BUILD. */
  state: Value | undefined = undefined;
  /** The items that APPEND and APPENDS add, in order. */
  readonly items: Value[] = [];
  /** The entries that SETITEM and SETITEMS set, in order. */
  readonly pairs: [Value, Value][] = [];
  constructor(
    readonly making: Making,
    readonly callable: Value,
    readonly args: Value,
    readonly kwargs: Value = null,
  ) {
    super();
  }
}
