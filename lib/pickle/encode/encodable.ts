/** Type of the values that encode accepts. */
import type { PyObject } from "../values/values.ts";

/** A value that `encode` accepts: any value that decode returns, and JavaScript's values with an obvious meaning in Python. */
export type Encodable =
  | null
  | boolean
  | number
  | bigint
  | string
  | ArrayBuffer
  | ArrayBufferView
  | PyObject
  | readonly Encodable[]
  | ReadonlyMap<Encodable, Encodable>
  | ReadonlySet<Encodable>
  | { readonly [key: string]: Encodable };
