/** numpy's objects as fields in JSON: a dtype, the shape, and the bytes. */
import { DType, NDArray, NumpyScalar } from "../pickle/values/known_numpy.ts";
import { Tuple, type Value } from "../pickle/values/values.ts";
import { type Fields, type Form, form } from "./form.ts";

/** The forms of the objects of numpy. */
export const NUMPY_FORMS: readonly Form[] = [
  form(["numpy.dtype", DType], ({ code, state, flags }) => ({ code, state, flags: [...flags] }), makeDType),
  form(["numpy.ndarray", NDArray], ({ dtype, shape, fortran, data, form }) => {
    return { dtype, shape: [...shape], fortran, data, form };
  }, makeArray),
  form(["numpy.generic", NumpyScalar], ({ dtype, data }) => ({ dtype, data }), makeScalar),
];

function makeDType(fields: Fields): Value | undefined {
  const [code, state, flags] = [fields.get("code"), fields.get("state"), fields.get("flags")];
  if (typeof code !== "string" || !(state instanceof Tuple) || !Array.isArray(flags)) return undefined;
  const [align, copy] = flags;
  return new DType(code, state, [align === true, copy === true]);
}

function makeArray(fields: Fields): Value | undefined {
  const [dtype, shape, fortran] = [fields.get("dtype"), fields.get("shape"), fields.get("fortran")];
  const [data, form] = [fields.get("data"), fields.get("form")];
  if (!(dtype instanceof DType) || !isShape(shape) || typeof fortran !== "boolean") return undefined;
  if (!(data instanceof Uint8Array) && !Array.isArray(data)) return undefined;
  if (form !== "reconstruct" && form !== "frombuffer") return undefined;
  const items = shape.reduce((product, size) => product * size, 1);
  if (data.length !== (Array.isArray(data) ? items : items * dtype.itemSize)) return undefined;
  return new NDArray(shape, dtype, fortran, data, form);
}

function isShape(shape: Value | undefined): shape is number[] {
  return Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);
}

function makeScalar(fields: Fields): Value | undefined {
  const [dtype, data] = [fields.get("dtype"), fields.get("data")];
  return dtype instanceof DType && data !== undefined ? new NumpyScalar(dtype, data) : undefined;
}
