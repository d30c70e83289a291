/**
 * Objects of numpy, built from the calls that it pickles. In pickles of Python 2 an array's kind, the codes of dtypes and the
 * items are 8-bit strings, which are text if read as latin1, else bytes; numpy accepts either.
 */
import { type Call, isGlobal } from "./build_call.ts";
import { eightBits, shortText } from "../values/eight_bits.ts";
import { DType, NDArray, NumpyScalar } from "../values/known_numpy.ts";
import { emptyArray, holdsAll, isShape } from "./unfilled.ts";
import { ByteArray, Tuple, type Value } from "../values/values.ts";

const CODE = /^[a-zA-Z?]\d{0,10}$/;

/** Builds a dtype from its code; BUILD sets the rest. */
export function buildDType([given, align, copy, ...more]: readonly Value[]): DType | undefined {
  const code = shortText(given);
  if (code === undefined || !CODE.test(code) || more.length > 0) return undefined;
  if (!isFlag(align) || !isFlag(copy)) return undefined;
  return new DType(code, new Tuple([]), [Boolean(align), Boolean(copy)]);
}

function isFlag(value: Value | undefined): boolean {
  return typeof value === "boolean" || value === 0 || value === 1;
}

/** Builds an empty array, which BUILD fills: `_reconstruct(ndarray, (0,), b"b")`. */
export function buildArray([cls, shape, kind, ...more]: readonly Value[]): NDArray | undefined {
  if (!isGlobal(cls, "numpy", "ndarray") || !(shape instanceof Tuple) || shortText(kind) !== "b") {
    return undefined;
  }
  return shape.items.length === 1 && shape.items[0] === 0 && more.length === 0 ? emptyArray() : undefined;
}

function isFilled(dtype: Value | undefined, { unfilled }: Call): dtype is DType {
  return dtype instanceof DType && !unfilled.has(dtype);
}

/** Builds an array from its bytes, as protocol 5 does. */
export function buildArrayFromBuffer(args: readonly Value[], call: Call): NDArray | undefined {
  const [buffer, dtype, shape, order, ...more] = args;
  const data = buffer instanceof ByteArray ? buffer.bytes : buffer;
  if (!(data instanceof Uint8Array) || !isFilled(dtype, call) || !isShape(shape) || more.length > 0) {
    return undefined;
  }
  if ((order !== "C" && order !== "F") || !holdsAll(shape.items, dtype, data)) return undefined;
  return new NDArray(shape.items, dtype, order === "F", data, "frombuffer");
}

/** Builds a scalar from a dtype and its bytes, or from an object. */
export function buildScalar(args: readonly Value[], call: Call): NumpyScalar | undefined {
  const [dtype, given, ...more] = args;
  if (!isFilled(dtype, call) || given === undefined || more.length > 0) return undefined;
  if (dtype.code.startsWith("O")) return new NumpyScalar(dtype, given);
  const data = eightBits(given);
  return data?.length === dtype.itemSize ? new NumpyScalar(dtype, data) : undefined;
}
