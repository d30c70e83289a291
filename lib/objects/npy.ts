/** Arrays as .npy files. */

import type { NDArray } from "../pickle/values/known_numpy.ts";

const ALIGNMENT = 64;
const NPY_HEAD = 10;

/**
 * Writes an array as a .npy file, version 1.0; null for dtypes that have no plain description there (objects, structures).
 *
 * Source: NEP 1, "A Simple File Format for NumPy Arrays".
 */
export function npyOf(array: NDArray): Uint8Array<ArrayBuffer> | null {
  const { dtype, data, shape, fortran } = array;
  if (!(data instanceof Uint8Array) || !/^[biufcSU]\d+$/.test(dtype.code)) return null;
  const order = dtype.byteOrder === "=" ? "<" : dtype.byteOrder;
  const sides = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${order}${dtype.code}', 'fortran_order': ${
    fortran ? "True" : "False"
  }, 'shape': (${sides}), }`;
  const length = Math.ceil((NPY_HEAD + text.length + 1) / ALIGNMENT) * ALIGNMENT - NPY_HEAD;
  const file = new Uint8Array(NPY_HEAD + length + data.length);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 0xff, length >> 8]);
  new TextEncoder().encodeInto(text.padEnd(length - 1) + "\n", file.subarray(NPY_HEAD));
  file.set(data, NPY_HEAD + length);
  return file;
}
