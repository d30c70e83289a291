/** The values that encode takes. */
import type { PyObject } from "../values/values.ts";

/** What `encode` takes: every value that decode makes, and of JavaScript's own what has one obvious meaning in Python. */
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
