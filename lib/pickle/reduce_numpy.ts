import { DType, NDArray, NumpyScalar } from "./known_numpy.ts";
import { call, type Reduction } from "./reduce.ts";
import { Global, type PyObject, Tuple, type Value } from "./values.ts";

// numpy 2 has moved this to numpy._core, which numpy 1 lacks, and keeps the old name for the sake of old pickles.
const MULTIARRAY = "numpy.core.multiarray";

/** The version of an array's state. */
const STATE_VERSION = 1;

/** The dtype that `_reconstruct` makes an array of before its state arrives. */
const PLACEHOLDER = new Uint8Array([0x62]);

/** How an object of numpy is made again; null for any other. */
export function reduceNumpy(object: PyObject): Reduction | null {
  if (object instanceof NDArray) return reduceArray(object);
  if (object instanceof DType) {
    const { code, flags, state } = object;
    return { ...call("numpy", "dtype", code, ...flags), state };
  }
  if (object instanceof NumpyScalar) return call(MULTIARRAY, "scalar", object.dtype, object.data as Value);
  return null;
}

/**
 * An array is made by `_reconstruct` in every protocol. What numpy itself writes in protocol 5, `_frombuffer`, stands in
 * modules of different names in numpy 1 and 2, and neither knows the other's without a warning.
 */
function reduceArray({ shape, dtype, fortran, data }: NDArray): Reduction {
  return {
    ...call(MULTIARRAY, "_reconstruct", new Global("numpy", "ndarray"), new Tuple([0]), PLACEHOLDER),
    state: new Tuple([STATE_VERSION, new Tuple([...shape]), dtype, fortran, data]),
  };
}
