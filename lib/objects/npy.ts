/** Arrays as .npy files. */

import { type Layout, layoutOf } from "../pickle/numpy/layout.ts";
import type { DType, NDArray } from "../pickle/values/known_numpy.ts";

const ALIGNMENT = 64;
const NPY_HEAD = 10;

/** The longest header that version 1.0 can hold. */
const MAX_HEADER = 0xffff;
/** The names of fields that stand in the header as they are. */
const PLAIN_NAME = /^[\x20-\x7E]{1,200}$/;

/**
 * Writes an array as a .npy file, version 1.0; null for dtypes that have no plain description there: objects, and structures
 * of anything but numbers, texts and bytes.
 *
 * Source: NEP 1, "A Simple File Format for NumPy Arrays".
 */
export function npyOf(array: NDArray): Uint8Array<ArrayBuffer> | null {
  const { dtype, data, shape, fortran } = array;
  const description = descriptionOf(dtype);
  if (!(data instanceof Uint8Array) || description === null) return null;
  const sides = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': ${description}, 'fortran_order': ${
    fortran ? "True" : "False"
  }, 'shape': (${sides}), }`;
  const length = Math.ceil((NPY_HEAD + text.length + 1) / ALIGNMENT) * ALIGNMENT - NPY_HEAD;
  if (length > MAX_HEADER) return null;
  const file = new Uint8Array(NPY_HEAD + length + data.length);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 0xff, length >> 8]);
  new TextEncoder().encodeInto(text.padEnd(length - 1) + "\n", file.subarray(NPY_HEAD));
  file.set(data, NPY_HEAD + length);
  return file;
}

/** Returns a dtype as the header describes it; null where it cannot. */
function descriptionOf(dtype: DType): string | null {
  const order = dtype.byteOrder === "=" ? "<" : dtype.byteOrder;
  if (/^[biufcSU]\d+$/.test(dtype.code)) return `'${order}${dtype.code}'`;
  const layout = dtype.code.startsWith("V") ? layoutOf(dtype) : undefined;
  if (!layout?.fields) return null;
  const parts: string[] = [];
  let end = 0;
  const pad = (to: number) => {
    if (to > end) parts.push(`('', '|V${to - end}')`);
  };
  for (const { name, offset, layout: field } of layout.fields) {
    const code = codeOf(field);
    if (code === null || offset < end || !PLAIN_NAME.test(name) || /['\\]/.test(name)) return null;
    pad(offset);
    parts.push(`('${name}', '${code}')`);
    end = offset + field.size;
  }
  pad(layout.size);
  return `[${parts.join(", ")}]`;
}

/** Returns the code of a field that is a number, a text or bytes, with its byte order; null for any other. */
function codeOf({ kind, size, sub, fields, littleEndian }: Layout): string | null {
  if (sub !== null || fields !== null || !/^[biufcSU]$/.test(kind)) return null;
  const order = kind === "S" || kind === "b" || size === 1 ? "|" : littleEndian ? "<" : ">";
  return `${order}${kind}${kind === "U" ? size / 4 : size}`;
}
