import { COLLECTION_CONSTRUCTORS } from "./construct_collections.ts";
import type { Constructor } from "./constructor.ts";
import { DATETIME_CONSTRUCTORS } from "./construct_datetime.ts";
import { NUMPY_CONSTRUCTORS } from "./construct_numpy.ts";
import { NUMBER_CONSTRUCTORS } from "./construct_numbers.ts";
import { TEXT_CONSTRUCTORS } from "./construct_texts.ts";
import type { Value } from "../values/values.ts";

/** A call as it stands in a literal, such as `deque([1, 2], maxlen=3)`. */
export interface Call {
  readonly name: string;
  readonly args: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

const CONSTRUCTORS: ReadonlyMap<string, Constructor> = new Map([
  ...COLLECTION_CONSTRUCTORS,
  ...DATETIME_CONSTRUCTORS,
  ...NUMBER_CONSTRUCTORS,
  ...NUMPY_CONSTRUCTORS,
  ...TEXT_CONSTRUCTORS,
]);

/** Tells whether a name is one that {@linkcode construct} calls. */
export function isConstructor(name: string): boolean {
  return CONSTRUCTORS.has(name);
}

/**
 * Makes the value that a call in a literal stands for, as repr shows it.
 *
 * @returns The value; undefined where the name is none of those, or the arguments are not such as repr shows.
 * @throws {PickleError} With code "unhashable" for a key or member that Python cannot hash.
 */
export function construct({ name, args, named }: Call): Value | undefined {
  const constructor = CONSTRUCTORS.get(name);
  if (constructor === undefined || args.length > constructor.names.length) return undefined;
  const given: (Value | undefined)[] = [...args];
  for (const [key, value] of named) {
    const at = constructor.names.indexOf(key);
    if (at < 0 || given[at] !== undefined) return undefined;
    given[at] = value;
  }
  return constructor.make(given);
}
