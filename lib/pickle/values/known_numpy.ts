/** numpy's objects as plain data: a dtype, the shape, and the bytes, with a typed array over them where JavaScript has one. */
import { Float, PyObject, type Tuple, type Value } from "./values.ts";

/**
 * A numpy.dtype as numpy pickles it: `dtype(code, False, True)` and then its state, the tuple
 * `(version, byte order, subarray, names, fields, itemsize, alignment, flags[, metadata])`.
 */
export class DType extends PyObject {
  constructor(
    /** Kind and size without byte order: "f8", "i4", "b1", "U5", "O8", "V16", "M8". */
    readonly code: string,
    /** The state, kept whole so that structured dtypes and units of time survive. */
    readonly state: Tuple,
    /** The arguments behind the code: align and copy. */
    readonly flags: readonly [boolean, boolean] = [false, true],
  ) {
    super();
  }

  /** "<" little, ">" big, "|" not applicable, "=" the machine's. */
  get byteOrder(): "<" | ">" | "|" | "=" {
    const order = this.state.items[1];
    return order === "<" || order === ">" || order === "=" ? order : "|";
  }

  /** Bytes of one item. */
  get itemSize(): number {
    const stated = this.state.items[5];
    if (typeof stated === "number" && stated >= 0) return stated;
    const size = Number(this.code.slice(1));
    return this.code.startsWith("U") ? size * 4 : size;
  }
}

/** The typed arrays that hold what a dtype of numpy holds. */
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

/** Which of numpy's two ways of pickling an array was used: `_reconstruct` and a state, or `_frombuffer` (protocol 5). */
export type ArrayForm = "reconstruct" | "frombuffer";

/** A numpy.ndarray. */
export class NDArray extends PyObject {
  constructor(
    readonly shape: readonly number[],
    readonly dtype: DType,
    /** Whether the bytes stand in Fortran's order, the first index changing fastest. Objects always stand in C's. */
    readonly fortran: boolean,
    /** The items' bytes in order, or of an array of objects the items. */
    readonly data: Uint8Array | Value[],
    readonly form: ArrayForm = "reconstruct",
  ) {
    super();
  }

  /**
   * The items as a typed array where JavaScript has one for the dtype, else null. It lies over `data` where alignment and
   * byte order allow, else it is a copy.
   */
  typed(): TypedArray | null {
    return this.data instanceof Uint8Array ? typedArray(this.dtype, this.data) : null;
  }
}

/** A scalar of numpy, such as float32(1.5). Of dtype object the value itself stands in `data`. */
export class NumpyScalar extends PyObject {
  constructor(readonly dtype: DType, readonly data: Uint8Array | Value) {
    super();
  }

  /** The scalar as a boolean, number or bigint (as {@linkcode Float} where a float reads as an int), else null. */
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
