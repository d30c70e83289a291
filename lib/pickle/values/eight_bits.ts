/** 8-bit strings of Python 2, which may be bytes or short texts. */
import type { Value } from "./values.ts";
import { keyWork } from "./work.ts";

/** Converts a text to one byte for each character; undefined where a character is above 0xff. */
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

/** Returns bytes, or the bytes of an 8-bit string that was decoded as text; undefined for any other value. */
export function eightBits(value: Value | undefined): Uint8Array | undefined {
  if (value instanceof Uint8Array) return value;
  return typeof value === "string" ? latin1Bytes(value) : undefined;
}

/** Returns a text, or the text of a short 8-bit string that was left as bytes; undefined for any other value. */
export function shortText(value: Value | undefined): string | undefined {
  if (typeof value === "string") return value;
  return value instanceof Uint8Array && value.length <= MAX_SHORT ? String.fromCharCode(...value) : undefined;
}

const MAX_SHORT = 32;
