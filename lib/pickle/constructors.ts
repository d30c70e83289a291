import { ByteArray, FrozenSet, type Value } from "./values.ts";
import { floatValue } from "./number_literal.ts";

/** A call as it stands in a literal, such as `deque([1, 2], maxlen=3)`. */
export interface Call {
  readonly name: string;
  readonly args: readonly Value[];
  readonly named: ReadonlyMap<string, Value>;
}

/** Makes the value that a call stands for; undefined where the arguments are not such as repr shows. */
type Constructor = (args: readonly Value[], named: Named) => Value | undefined;

/** The arguments that a call gives by name. */
type Named = ReadonlyMap<string, Value>;

const BUILTINS: readonly [string, Constructor][] = [
  ["set", ([items = [], ...more]) => more.length === 0 && Array.isArray(items) ? new Set(items) : undefined],
  ["frozenset", ([items = [], ...more]) => {
    if (more.length > 0) return undefined;
    if (Array.isArray(items)) return new FrozenSet(new Set(items));
    return items instanceof Set ? new FrozenSet(items) : undefined;
  }],
  ["bytearray", ([bytes = new Uint8Array(), ...more]) => {
    return more.length === 0 && bytes instanceof Uint8Array ? new ByteArray(bytes) : undefined;
  }],
  ["float", ([text, ...more]) => {
    if (more.length > 0 || typeof text !== "string") return undefined;
    const named = new Map([["nan", NaN], ["inf", Infinity], ["-inf", -Infinity]]).get(text);
    return named === undefined ? undefined : floatValue(named);
  }],
];

const CONSTRUCTORS: ReadonlyMap<string, Constructor> = new Map(BUILTINS);

/** Tells whether a name is one that {@linkcode construct} calls. */
export function isConstructor(name: string): boolean {
  return CONSTRUCTORS.has(name);
}

/**
 * Makes the value that a call in a literal stands for, as repr shows it.
 *
 * @returns The value; undefined where the name is none of those, or the arguments are not such as repr shows.
 */
export function construct({ name, args, named }: Call): Value | undefined {
  if (named.size > 0) return undefined;
  return CONSTRUCTORS.get(name)?.(args, named);
}
