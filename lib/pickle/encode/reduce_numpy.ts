import { DType, NDArray, NumpyScalar } from "../values/known_numpy.ts";
import { call, type Reduction } from "./reduction.ts";
import { ByteArray, Global, type PyObject, Tuple, type Value } from "../values/values.ts";

// numpy 2 has moved this to numpy._core, which numpy 1 lacks, and keeps the old name for the sake of old pickles.
const MULTIARRAY = "numpy.core.multiarray";
// For this one it does not without a warning; numpy 1 reads arrays in protocols up to 4.
const NUMERIC = "numpy._core.numeric";

/** The version of an array's state. */
const STATE_VERSION = 1;

/** The dtype that `_reconstruct` makes an array of before its state arrives. */
const PLACEHOLDER = new Uint8Array([0x62]);

/** How an object of numpy is made again; null for any other. */
export function reduceNumpy(object: PyObject, protocol: number): Reduction | null {
  if (object instanceof NDArray) return reduceArray(object, protocol);
  if (object instanceof DType) {
    const { code, flags, state } = object;
    return { ...call("numpy", "dtype", code, ...flags), state };
  }
  if (object instanceof NumpyScalar) return call(MULTIARRAY, "scalar", object.dtype, object.data as Value);
  return null;
}

function reduceArray({ shape, dtype, fortran, data, form }: NDArray, protocol: number): Reduction {
  const sizes = new Tuple([...shape]);
  if (form === "frombuffer" && protocol >= 5 && data instanceof Uint8Array) {
    // Over a bytearray the array can be written to.
    return call(NUMERIC, "_frombuffer", new ByteArray(data), dtype, sizes, fortran ? "F" : "C");
  }
  return {
    ...call(MULTIARRAY, "_reconstruct", new Global("numpy", "ndarray"), new Tuple([0]), PLACEHOLDER),
    state: new Tuple([STATE_VERSION, sizes, dtype, fortran, data]),
  };
}
