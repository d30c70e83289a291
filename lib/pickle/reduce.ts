import { FrozenSet, Global, Inert, type Making, type PyObject, Tuple, type Value } from "./values.ts";
import { ByteArray } from "./values.ts";

/** How an object that has no opcode of its own is made again: by what CPython's pickler writes for it. */
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
}

const NONE = new Tuple([]);

/** The global of Python's builtins, under the name that it has in pickles of that protocol. */
function builtin(name: string, protocol: number): Global {
  return new Global(protocol < 3 ? "__builtin__" : "builtins", name);
}

/** The call that makes a set in protocols without EMPTY_SET. */
export function reduceSet(
  members: ReadonlySet<Value>,
  name: "set" | "frozenset",
  protocol: number,
): Reduction {
  return { making: "reduce", callable: builtin(name, protocol), args: new Tuple([Array.from(members)]) };
}

/** The call that makes bytes in protocols without SHORT_BINBYTES, if they are none; others go through latin1. */
export function reduceNoBytes(protocol: number): Reduction {
  return { making: "reduce", callable: builtin("bytes", protocol), args: NONE };
}

/**
 * Tells how an object is made again.
 *
 * @param object The object.
 * @param protocol The protocol: names and shapes differ.
 * @returns The calls, or null for an object that no pickle can say.
 */
export function reduce(object: PyObject, protocol: number): Reduction | null {
  if (object instanceof ByteArray) {
    const args = object.bytes.length === 0 ? NONE : new Tuple([object.bytes]);
    return { making: "reduce", callable: builtin("bytearray", protocol), args };
  }
  if (object instanceof FrozenSet) return reduceSet(object.members, "frozenset", protocol);
  if (object instanceof Inert) return forProtocol(object, protocol);
  return null;
}

/** An inert object's calls, where NEWOBJ and NEWOBJ_EX are missing through the functions that do the same. */
function forProtocol(object: Inert, protocol: number): Reduction {
  const { making, callable, args, kwargs, items, pairs, state } = object;
  const copyreg = protocol < 3 ? "copy_reg" : "copyreg";
  if (making === "newobj_ex" && protocol < 4) {
    const name = new Global(copyreg, "__newobj_ex__");
    return {
      making: "reduce",
      callable: name,
      args: new Tuple([callable, args, kwargs]),
      items,
      pairs,
      state,
    };
  }
  if (making === "newobj" && protocol < 2 && args instanceof Tuple) {
    const name = new Global(copyreg, "__newobj__");
    return {
      making: "reduce",
      callable: name,
      args: new Tuple([callable, ...args.items]),
      items,
      pairs,
      state,
    };
  }
  return object;
}
