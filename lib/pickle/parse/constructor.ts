/** Calls in literals, such as `deque([1, 2], maxlen=3)`. */
import type { Value } from "../values/values.ts";

/** The constructor for one name. */
export interface Constructor {
  /** The names of its parameters in order; "" for one that can only be positional. */
  readonly names: readonly string[];
  /** Makes the value; undefined where the arguments are not as repr shows them. An absent argument is undefined. */
  make(args: readonly (Value | undefined)[]): Value | undefined;
}

/** The positional and the named arguments of a call. */
export interface Arguments {
  readonly args: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

/**
 * Makes the value of a call.
 *
 * @returns The value; undefined where the arguments are not as repr shows them.
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
