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

/** Callables that make an object of the class that is their first argument. */
const MAKES_ITS_ARGUMENT = new Set(["copyreg._reconstructor", "copyreg.__newobj__", "copyreg.__newobj_ex__"]);

/** How far the name of what makes a maker of makers is looked for. */
const MAX_HOPS = 100;

/** Names of builtins that repr shows bare, since each is the only one of its kind. */
const SINGLETONS = new Set(["Ellipsis", "NotImplemented"]);

/** Names of builtins that are functions; all others are classes. */
const FUNCTIONS = new Set(
  ("__build_class__ __import__ abs aiter all anext any ascii bin breakpoint callable chr compile delattr dir divmod eval " +
    "exec format getattr globals hasattr hash hex id input isinstance issubclass iter len locals max min next oct ord pow " +
    "print repr round setattr sorted sum vars").split(" "),
);

/**
 * Shows a value that holds no other values as Python's repr does.
 *
 * @param value The value.
 * @param room How many characters of the result are wanted: from there on it may be cut.
 * @returns The text; undefined for a value that holds others.
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

/** Shows what a pickle names as a class: of most only the name is known, and most that is named is one. */
function reprGlobal(global: Global, room: number): string {
  const bare = isBuiltin(global.module);
  if (bare && SINGLETONS.has(global.name)) return global.name;
  if (bare && FUNCTIONS.has(global.name)) return `<built-in function ${global.name}>`;
  return `<class ${reprStr(bare ? global.name : `${global.module}.${global.name}`, room)}>`;
}

/** The name of the class of an object that a call would have made, or of what would be called. */
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

/** Python 2 called the module of the builtins by another name, which protocols 0 to 2 still write. */
function isBuiltin(module: string): boolean {
  return module === "builtins" || module === "__builtin__";
}
