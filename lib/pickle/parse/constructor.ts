/** A call in a literal, and the value that it makes: `deque([1, 2], maxlen=3)`. */
import type { Value } from "../values/values.ts";

/** The value of a call of one name. */
export interface Constructor {
  /** The names of its arguments in order; those that repr gives by name can be given so. */
  readonly names: readonly string[];
  /** Makes the value; undefined where the arguments are not such as repr shows. One that was left out is undefined. */
  make(args: readonly (Value | undefined)[]): Value | undefined;
}

/** The arguments of a call: by position, then by name. */
export interface Arguments {
  readonly args: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

/**
 * Makes the value of a call.
 *
 * @returns The value; undefined where the arguments are not such as repr shows.
 * @throws {PickleError} With code "unhashable" for a key or member that Python cannot hash.
 */
export function construct(constructor: Constructor, { args, named }: Arguments): Value | undefined {
  if (args.length > constructor.names.length) return undefined;
  const given: (Value | undefined)[] = [...args];
  for (const [key, value] of named) {
    const at = constructor.names.indexOf(key);
    if (at < 0 || given[at] !== undefined) return undefined;
    given[at] = value;
  }
  return constructor.make(given);
}
