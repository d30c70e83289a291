/** What stands around a call of a known name, and what most of those who build something of it ask. */
import type { AllowedName } from "../values/allowed.ts";
import { keyWork } from "../keys/work.ts";
import type { UnfilledObjects } from "./unfilled.ts";
import { Global, type Value } from "../values/values.ts";

/** What stands around a call. */
export interface Call {
  readonly name: AllowedName;
  readonly args: readonly Value[];
  readonly unfilled: UnfilledObjects;
}

/** What a call makes; undefined where the arguments are not of a shape that we know. */
export type Builder = (args: readonly Value[], call: Call) => Value | undefined;

/** Tells whether a value is a certain name. */
export function isGlobal(value: Value | undefined, module: string, name: string): boolean {
  return value instanceof Global && value.module === module && value.name === name;
}

/** Matches a pattern that takes linear time against a text that may be as long as the pickle, and come again and again. */
export function matches(text: string, pattern: RegExp): boolean {
  keyWork.done += text.length;
  return pattern.test(text);
}

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
