/**
 * What a pickle means in JavaScript. Python tells apart what JavaScript does not (1 and 1.0, tuple and list, bytes and
 * bytearray), so each of its kinds has exactly one form here, and a value that was decoded encodes again as what it was:
 *
 * | Python | here |
 * |---|---|
 * | None, bool, str | null, boolean, string (a lone surrogate stays one) |
 * | int | number where `Number.isSafeInteger` holds (−0 is none), bigint beyond |
 * | float | any other number; {@linkcode Float} where the number would read as an int: 2.0, 0.0 |
 * | bytes, bytearray | Uint8Array, {@linkcode ByteArray} |
 * | list, tuple | Array, {@linkcode Tuple} |
 * | dict, set, frozenset | Map, Set, {@linkcode FrozenSet}; the subclasses of keys.ts where a key needs Python's equality |
 * | anything that is named or called | {@linkcode Global}, {@linkcode Inert} and the classes of known.ts |
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

/** What all classes of Python objects here extend, so that one `instanceof` tells them from JavaScript's own. */
export abstract class PyObject {
  // Without a member of its own TypeScript would take any object for one.
  declare protected readonly python: true;
}

/** A Python float whose value a plain number would show as an int, as 2.0 is. */
export class Float extends PyObject {
  constructor(readonly value: number) {
    super();
  }
}

/** A str in which two code points of the surrogate range stand side by side and would fuse into one in a string. */
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

  /** Gives the hash that a container keeps, or 0. */
  static keptHash(holder: Hashed): number {
    return holder.#hash;
  }

  /** Keeps a hash with its container. */
  static keepHash(holder: Hashed, hash: number): void {
    holder.#hash = hash;
  }
}

/** A tuple. Its items are filled in while it is decoded and left alone after. */
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

/** A class or function that a pickle names. It is only ever the name. */
export class Global extends PyObject {
  constructor(readonly module: string, readonly name: string) {
    super();
  }
}

/** How an {@linkcode Inert} object is made: `callable(*args)`, `cls.__new__(cls, *args)`, or that with `**kwargs`. */
export type Making = "reduce" | "newobj" | "newobj_ex";

/** An object that a call would have made: what would be called, with what, and what it would then be given. Nothing is called. */
export class Inert extends PyObject {
  /** What BUILD hands to `__setstate__` or puts into `__dict__`; undefined where nothing does. */
  state: Value | undefined = undefined;
  /** What APPEND and APPENDS add, in order. */
  readonly items: Value[] = [];
  /** What SETITEM and SETITEMS set, in order. */
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
