import { Global, type Making, Tuple, type Value } from "../values/values.ts";

/** How an object that has no opcode of its own is made again: by what CPython's pickler writes for it. Names are Python 3's. */
export interface Reduction {
  readonly making: Making;
  readonly callable: Value;
  readonly args: Value;
  readonly kwargs?: Value;
  /** What APPENDS adds. */
  readonly items?: readonly Value[];
  /** What SETITEMS sets. */
  readonly pairs?: ReadonlyMap<Value, Value> | readonly (readonly [Value, Value])[];
  /** What BUILD hands over. */
  readonly state?: Value | undefined;
  /** Whether arguments and state are only a form of the object's own content: then they nest no deeper than the object. */
  readonly content?: boolean;
}

/** A call of a named class or function. */
export function call(module: string, name: string, ...args: Value[]): Reduction {
  return { making: "reduce", callable: new Global(module, name), args: new Tuple(args) };
}
