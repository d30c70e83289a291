/** What JavaScript has of its own, and what it means in Python. */
import { Float } from "./values.ts";

/** The bytes of an object that is no Uint8Array and means bytes; null for any other. */
export function foreignBytes(value: object): Uint8Array | null {
  if (value instanceof Uint8ClampedArray) return new Uint8Array(value.buffer, value.byteOffset, value.length);
  return value instanceof ArrayBuffer ? new Uint8Array(value) : null;
}

/** The items of an object that means a list: a typed array, of floats where it holds floats; null for any other. */
export function foreignItems(value: object): readonly unknown[] | null {
  if (!ArrayBuffer.isView(value) || value instanceof DataView) return null;
  const numbers = value as unknown as ArrayLike<number | bigint>;
  const floats = value instanceof Float32Array || value instanceof Float64Array ||
    value instanceof Float16Array;
  return Array.from(numbers, (item) => floats ? new Float(Number(item)) : item);
}

/** The entries of an object that means a dict: a literal, its own enumerable keys; null for any other. */
export function foreignEntries(value: object): ReadonlyMap<string, unknown> | null {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype ? new Map(Object.entries(value)) : null;
}

/** Names the class of an object without asking the object itself. */
export function describe(value: object): string {
  const constructor: unknown = Object.getOwnPropertyDescriptor(
    Object.getPrototypeOf(value) ?? {},
    "constructor",
  )?.value;
  return typeof constructor === "function" ? `an object of class ${constructor.name}` : "an object";
}
