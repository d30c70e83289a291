/** JavaScript's own objects and their meaning in Python. */
import { Float } from "./values.ts";

/** Returns the bytes of an object that means bytes, other than a Uint8Array; null for any other object. */
export function foreignBytes(value: object): Uint8Array | null {
  if (value instanceof Uint8ClampedArray) return new Uint8Array(value.buffer, value.byteOffset, value.length);
  return value instanceof ArrayBuffer ? new Uint8Array(value) : null;
}

/** Returns the items of a typed array, which means a list of ints or floats; null for any other object. */
export function foreignItems(value: object): readonly unknown[] | null {
  if (!ArrayBuffer.isView(value) || value instanceof DataView) return null;
  const numbers = value as unknown as ArrayLike<number | bigint>;
  const floats = value instanceof Float32Array || value instanceof Float64Array ||
    value instanceof Float16Array;
  return Array.from(numbers, (item) => floats ? new Float(Number(item)) : item);
}

/** Returns the own enumerable entries of an object literal, which means a dict; null for any other object. */
export function foreignEntries(value: object): ReadonlyMap<string, unknown> | null {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype ? new Map(Object.entries(value)) : null;
}

/** Describes an object by its class, without calling anything on the object. */
export function describe(value: object): string {
  const constructor: unknown = Object.getOwnPropertyDescriptor(
    Object.getPrototypeOf(value) ?? {},
    "constructor",
  )?.value;
  return typeof constructor === "function" ? `an object of class ${constructor.name}` : "an object";
}
