import type { Value } from "../values/values.ts";

/** What a name in a literal makes when it is called. */
export interface Constructor {
  /** The names of its arguments in order; those that repr gives by name can be given so. */
  readonly names: readonly string[];
  /** Makes the value; undefined where the arguments are not such as repr shows. One that was left out is undefined. */
  make(args: readonly (Value | undefined)[]): Value | undefined;
}
