/** Bytes that Python 2 wrote as text, and short texts that it wrote as bytes. */
import type { Value } from "./values.ts";
import { keyWork } from "./work.ts";

/** Gives the bytes that the characters of a text are; undefined where one is above 0xff. */
export function latin1Bytes(text: string): Uint8Array | undefined {
  keyWork.done += text.length;
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0xff) return undefined;
    bytes[i] = unit;
  }
  return bytes;
}

/** Gives bytes, or those of an 8-bit string of Python 2 that was read as text; undefined for anything else. */
export function eightBits(value: Value | undefined): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  return typeof value === "string" ? latin1Bytes(value) : undefined;
}

/** Gives a text, or that of an 8-bit string of Python 2 that was left bytes; undefined for anything else. */
export function shortText(value: Value | undefined): string | undefined {
  if (typeof value === "string") return value;
  return value instanceof Uint8Array && value.length <= MAX_SHORT ? String.fromCharCode(...value) : undefined;
}

const MAX_SHORT = 32;
