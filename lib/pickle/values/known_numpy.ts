/** Objects of numpy as plain data: dtype, shape and bytes, with a typed array over them where JavaScript has one. */
import { Float, PyObject, type Tuple, type Value } from "./values.ts";

/**
 * A numpy.dtype as numpy pickles it: `dtype(code, False, True)` and then its state, the tuple
 * `(version, byte order, subarray, names, fields, itemsize, alignment, flags[, metadata])`.
 */
export class DType extends PyObject {
  constructor(
    /** Kind and size without byte order: "f8", "i4", "b1", "U5", "O8", "V16", "M8". */
    readonly code: string,
    /** The complete state, which holds the fields of structured dtypes and units of time. */
    readonly state: Tuple,
    /** The arguments after the code: align and copy. */
    readonly flags: readonly [boolean, boolean] = [false, true],
  ) {
    super();
  }

  /** "<" little, ">" big, "|" not applicable, "=" the machine's. */
  get byteOrder(): "<" | ">" | "|" | "=" {
    const order = this.state.items[1];
    return order === "<" || order === ">" || order === "=" ? order : "|";
  }

  /** The size of one item in bytes. */
  get itemSize(): number {
    const stated = this.state.items[5];
    if (typeof stated === "number" && stated >= 0) return stated;
    const size = Number(this.code.slice(1));
    return this.code.startsWith("U") ? size * 4 : size;
  }
}

/** The typed arrays that have a corresponding dtype. */
export type TypedArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float16Array
  | Float32Array
  | Float64Array;

/** The two pickled forms of an array: `_reconstruct` with a state, or `_frombuffer` (protocol 5). */
export type ArrayForm = "reconstruct" | "frombuffer";

/** A numpy.ndarray. */
export class NDArray extends PyObject {
  constructor(
    readonly shape: readonly number[],
    readonly dtype: DType,
    /** Whether the bytes are in Fortran order, the first index changing fastest. Objects are always in C order. */
    readonly fortran: boolean,
    /** The bytes of all items in order; for an array of objects, the items. */
    readonly data: Uint8Array | Value[],
    readonly form: ArrayForm = "reconstruct",
  ) {
    super();
  }

  /**
   * Returns the items as a typed array, or null where JavaScript has none for the dtype. It is a view of `data` where
   * alignment and byte order allow, else a copy.
   */
  typed(): TypedArray | null {
    return this.data instanceof Uint8Array ? typedArray(this.dtype, this.data) : null;
  }
}

/** A scalar of numpy, such as float32(1.5). For dtype object `data` is the value itself. */
export class NumpyScalar extends PyObject {
  constructor(readonly dtype: DType, readonly data: Uint8Array | Value) {
    super();
  }

  /** Returns the scalar as a boolean, number, bigint or {@linkcode Float}; null for any other dtype. */
  plain(): boolean | number | bigint | Float | null {
    if (!(this.data instanceof Uint8Array)) return null;
    const item = typedArray(this.dtype, this.data)?.[0];
    if (item === undefined) return null;
    if (this.dtype.code === "b1") return item !== 0;
    if (this.dtype.code.startsWith("f") && Number.isSafeInteger(item) && !Object.is(item, -0)) {
      return new Float(Number(item));
    }
    return typeof item === "bigint" && Number.isSafeInteger(Number(item)) ? Number(item) : item;
  }
}

type TypedArrayClass = {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, offset: number, length: number): TypedArray;
};

const TYPED_ARRAYS: ReadonlyMap<string, TypedArrayClass> = new Map<string, TypedArrayClass>([
  ["b1", Uint8Array],
  ["i1", Int8Array],
  ["u1", Uint8Array],
  ["i2", Int16Array],
  ["u2", Uint16Array],
  ["i4", Int32Array],
  ["u4", Uint32Array],
  ["i8", BigInt64Array],
  ["u8", BigUint64Array],
  ["f2", Float16Array],
  ["f4", Float32Array],
  ["f8", Float64Array],
]);

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function typedArray(dtype: DType, data: Uint8Array): TypedArray | null {
  const TypedArray = TYPED_ARRAYS.get(dtype.code);
  if (TypedArray === undefined) return null;
  const size = TypedArray.BYTES_PER_ELEMENT;
  if (data.length % size !== 0) return null;
  const swapped = size > 1 && dtype.byteOrder === (LITTLE_ENDIAN ? ">" : "<");
  const aligned = data.byteOffset % size === 0;
  const bytes = swapped || !aligned ? data.slice() : data;
  if (swapped) {
    for (let start = 0; start < bytes.length; start += size) bytes.subarray(start, start + size).reverse();
  }
  return new TypedArray(bytes.buffer, bytes.byteOffset, bytes.length / size);
}
