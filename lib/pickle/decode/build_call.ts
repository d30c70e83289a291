/** What stands around a call of a known name, and what most of those who build something of it ask. */
import type { AllowedName } from "../values/allowed.ts";
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
