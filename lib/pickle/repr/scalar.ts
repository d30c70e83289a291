/** Text of scalars, as repr shows them. */
import { reprKnown } from "./known.ts";
import { reprBytes } from "./bytes.ts";
import { reprFloat, reprInt } from "./number.ts";
import { escapeText, reprPoints, reprStr } from "./text.ts";
import {
  ByteArray,
  CodePoints,
  Float,
  Global,
  Inert,
  PyObject,
  Tuple,
  type Value,
} from "../values/values.ts";

/** Functions whose first argument is the class of the object that they make. */
const MAKES_ITS_ARGUMENT = new Set(["copyreg._reconstructor", "copyreg.__newobj__", "copyreg.__newobj_ex__"]);

/** The most nested calls in which the name of a class is searched. */
const MAX_HOPS = 100;

/** Builtins that repr shows by their name, since they are singletons. */
const SINGLETONS = new Set(["Ellipsis", "NotImplemented"]);

/** Builtins that are functions; all others are classes. */
const FUNCTIONS = new Set(
  ("__build_class__ __import__ abs aiter all anext any ascii bin breakpoint callable chr compile delattr dir divmod eval " +
    "exec format getattr globals hasattr hash hex id input isinstance issubclass iter len locals max min next oct ord pow " +
    "print repr round setattr sorted sum vars").split(" "),
);

/**
 * Shows a scalar as Python's repr does.
 *
 * @param value The value.
 * @param room The number of characters that are needed; the rest of the result may be cut off.
 * @returns The text; undefined for a container.
 */
export function reprScalar(value: Value, room: number): string | undefined {
  switch (typeof value) {
    case "string":
      return reprStr(value, room);
    case "number":
      return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : reprFloat(value);
    case "boolean":
      return value ? "True" : "False";
    case "bigint":
      return reprInt(value);
  }
  if (value === null) return "None";
  if (value instanceof Float) return reprFloat(value.value);
  if (value instanceof Uint8Array) return reprBytes(value, room);
  if (value instanceof ByteArray) return `bytearray(${reprBytes(value.bytes, room, "always")})`;
  if (value instanceof CodePoints) return reprPoints(value.points, room);
  if (value instanceof Global) return reprGlobal(value, room);
  if (value instanceof Inert) return `<${escapeText(inertName(value).slice(0, room), "")} …>`;
  return value instanceof PyObject ? reprKnown(value) : undefined;
}

/** Shows a global as a class, unless it is a known function: a pickle has only the name, and most names are classes. */
function reprGlobal(global: Global, room: number): string {
  const bare = isBuiltin(global.module);
  if (bare && SINGLETONS.has(global.name)) return global.name;
  if (bare && FUNCTIONS.has(global.name)) return `<built-in function ${global.name}>`;
  return `<class ${reprStr(bare ? global.name : `${global.module}.${global.name}`, room)}>`;
}

/** Returns the name of the class of an inert object, or of its callable. */
export function inertName(inert: Inert): string {
  let callable: Value = inert;
  for (let hops = 0; callable instanceof Inert && hops < MAX_HOPS; hops++) {
    const args: Value = callable.args;
    callable = callable.callable;
    if (!(callable instanceof Global) || !MAKES_ITS_ARGUMENT.has(pathOf(callable))) continue;
    const first: Value | undefined = args instanceof Tuple ? args.items[0] : undefined;
    if (first instanceof Global) callable = first;
  }
  return callable instanceof Global ? pathOf(callable) : "object";
}

function pathOf({ module, name }: Global): string {
  return `${module === "copy_reg" ? "copyreg" : isBuiltin(module) ? "builtins" : module}.${name}`;
}

/** Returns whether a module is that of the builtins; protocols 0 to 2 use its name in Python 2. */
function isBuiltin(module: string): boolean {
  return module === "builtins" || module === "__builtin__";
}
