import { call, type Reduction } from "./reduction.ts";
import { reduceKnown } from "./reduce_known.ts";
import { reduceNumpy } from "./reduce_numpy.ts";
import { ByteArray, FrozenSet, Inert, type PyObject, Tuple, type Value } from "../values/values.ts";

export { call, type Reduction } from "./reduction.ts";

/** The call that makes a set in protocols without EMPTY_SET and FROZENSET. */
export function reduceSet(members: ReadonlySet<Value>, name: "set" | "frozenset"): Reduction {
  return { ...call("builtins", name, Array.from(members)), content: true };
}

/** The call that makes bytes in protocols without SHORT_BINBYTES if they are none; others go through latin1. */
export function reduceNoBytes(): Reduction {
  return call("builtins", "bytes");
}

/**
 * Tells how an object is made again.
 *
 * @param object The object.
 * @param protocol The protocol.
 * @returns The calls, or null for an object that no pickle can say.
 */
export function reduce(object: PyObject, protocol: number): Reduction | null {
  if (object instanceof Inert) return reduceInert(object, protocol);
  if (object instanceof FrozenSet) return reduceSet(object.members, "frozenset");
  if (object instanceof ByteArray) {
    return object.bytes.length === 0
      ? call("builtins", "bytearray")
      : call("builtins", "bytearray", object.bytes);
  }
  return reduceKnown(object, protocol) ?? reduceNumpy(object, protocol);
}

/** An inert object's calls; where the protocol has no NEWOBJ or NEWOBJ_EX, through the functions that do the same. */
function reduceInert(object: Inert, protocol: number): Reduction {
  const { making, callable, args, kwargs, items, pairs, state } = object;
  if (making === "newobj_ex" && protocol < 4) {
    return { ...call("copyreg", "__newobj_ex__", callable, args, kwargs), items, pairs, state };
  }
  if (making === "newobj" && protocol < 2 && args instanceof Tuple) {
    return { ...call("copyreg", "__newobj__", callable, ...args.items), items, pairs, state };
  }
  return object;
}
