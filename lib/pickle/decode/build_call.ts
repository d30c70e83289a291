/** The call of an allowed name, as the functions that build an object of it get it. */
import type { AllowedName } from "../values/allowed.ts";
import type { UnfilledObjects } from "./unfilled.ts";
import { Global, type Value } from "../values/values.ts";

/** A call and its context. */
export interface Call {
  readonly name: AllowedName;
  readonly args: readonly Value[];
  readonly unfilled: UnfilledObjects;
}

/** A function that builds the object of a call; undefined where the arguments have no known shape. */
export type Builder = (args: readonly Value[], call: Call) => Value | undefined;

/** Returns whether a value is a given name. */
export function isGlobal(value: Value | undefined, module: string, name: string): boolean {
  return value instanceof Global && value.module === module && value.name === name;
}
