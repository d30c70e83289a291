/**
 * Allow-list of the names that a pickle may use. Only these are built when a pickle is decoded and accepted when it is
 * verified, each with the argument shapes that CPython's pickler writes. Decoded, any other name stays inert; verified, it is
 * refused.
 *
 * @module
 */

/** The identity of an allowed name: one word for all of its spellings. */
export type Allowed =
  | "encode"
  | "bytes"
  | "bytearray"
  | "set"
  | "frozenset"
  | "complex"
  | "range"
  | "slice"
  | "factory"
  | "object"
  | "reconstructor"
  | "OrderedDict"
  | "defaultdict"
  | "Counter"
  | "deque"
  | "date"
  | "time"
  | "datetime"
  | "timedelta"
  | "timezone"
  | "Decimal"
  | "Fraction"
  | "UUID"
  | "path"
  | "localPath"
  | "dtype"
  | "ndarray"
  | "reconstructArray"
  | "arrayFromBuffer"
  | "scalar";

/**
 * The kind of one argument of a call, by its Python name. `empty` is the empty tuple, `anything` any value but a container,
 * `factory` a name that can be called without arguments; words in capitals are an allowed name or an object made by it.
 */
export type Argument =
  | "None"
  | "bool"
  | "int"
  | "float"
  | "str"
  | "bytes"
  | "bytearray"
  | "list"
  | "tuple"
  | "dict"
  | "empty"
  | "anything"
  | "factory"
  | "OBJECT"
  | "UUID"
  | "TIMEDELTA"
  | "TIMEZONE"
  | "NDARRAY"
  | "DTYPE";

/** An entry of the list. */
export interface AllowedName {
  readonly allowed: Allowed;
  /** The module and the name as Python 3 spells them. */
  readonly module: string;
  readonly name: string;
  /** `module.name` in the spelling that was looked up. */
  readonly path: string;
  /** The argument tuples that CPython's pickler calls it with; empty for a name that is never called. */
  readonly shapes: readonly (readonly Argument[])[];
  /** True where the last argument of a shape may be repeated any number of times, or be absent. */
  readonly repeats: boolean;
  /** True for a class that NEWOBJ instantiates with an empty tuple. */
  readonly newobj: boolean;
  /** True where it can be called without arguments, so that it can be the factory of a defaultdict. */
  readonly factory: boolean;
  /** False where some CPython of 3.8 or later cannot load it: {@linkcode decode} builds it, {@linkcode verify} refuses it. */
  readonly everywhere: boolean;
}

type Names = Map<string, Map<string, AllowedName>>;

// By module, then by name, so that a look-up needs no concatenated key.
const NAMES: Names = new Map();
const LEGACY_NAMES: Names = new Map();

function put(names: Names, path: string, allowed: AllowedName): void {
  const dot = path.lastIndexOf(".");
  const module = path.slice(0, dot);
  let ofModule = names.get(module);
  if (ofModule === undefined) names.set(module, ofModule = new Map());
  ofModule.set(path.slice(dot + 1), { ...allowed, path });
}

interface Details {
  shapes?: readonly (readonly Argument[])[];
  repeats?: boolean;
  newobj?: boolean;
  factory?: boolean;
  everywhere?: boolean;
}

function allow(allowed: Allowed, path: string, details: Details = {}): void {
  const dot = path.lastIndexOf(".");
  const module = path.slice(0, dot), name = path.slice(dot + 1);
  const { shapes = [], repeats = false, newobj = false, factory = false, everywhere = true } = details;
  put(NAMES, path, { allowed, module, name, path, shapes, repeats, newobj, factory, everywhere });
}

// Protocols 0 to 2 use the names of Python 2, which an unpickler maps only below protocol 3 (_compat_pickle).
function allowLegacy(path: string, python3: string): void {
  const dot = python3.lastIndexOf(".");
  const allowed = NAMES.get(python3.slice(0, dot))?.get(python3.slice(dot + 1));
  if (allowed) put(LEGACY_NAMES, path, allowed);
}

allow("encode", "_codecs.encode", { shapes: [["str", "str"]] });
allow("bytes", "builtins.bytes", { shapes: [[]], factory: true });
allow("bytearray", "builtins.bytearray", { shapes: [[], ["bytes"], ["str", "str"]], factory: true });
allow("set", "builtins.set", { shapes: [["list"]], factory: true });
allow("frozenset", "builtins.frozenset", { shapes: [["list"]], factory: true });
allow("complex", "builtins.complex", { shapes: [["float", "float"]], factory: true });
allow("range", "builtins.range", { shapes: [["int", "int", "int"]] });
allow("slice", "builtins.slice", { shapes: [["anything", "anything", "anything"]] });
for (const name of ["int", "float", "bool", "str", "list", "tuple", "dict"]) {
  allow("factory", `builtins.${name}`, { factory: true });
}
allow("object", "builtins.object");
allow("reconstructor", "copyreg._reconstructor", { shapes: [["UUID", "OBJECT", "None"]] });

allow("OrderedDict", "collections.OrderedDict", { shapes: [[]], factory: true });
allow("defaultdict", "collections.defaultdict", { shapes: [[], ["factory"]], factory: true });
allow("Counter", "collections.Counter", { shapes: [["dict"]], factory: true });
allow("deque", "collections.deque", { shapes: [[], ["empty", "int"]], factory: true });

allow("date", "datetime.date", { shapes: [["bytes"]] });
allow("time", "datetime.time", { shapes: [["bytes"], ["bytes", "TIMEZONE"]] });
allow("datetime", "datetime.datetime", { shapes: [["bytes"], ["bytes", "TIMEZONE"]] });
allow("timedelta", "datetime.timedelta", { shapes: [["int", "int", "int"]] });
allow("timezone", "datetime.timezone", { shapes: [["TIMEDELTA"], ["TIMEDELTA", "str"]] });
allow("Decimal", "decimal.Decimal", { shapes: [["str"]] });
allow("Fraction", "fractions.Fraction", { shapes: [["int", "int"], ["str"]] });
allow("UUID", "uuid.UUID", { newobj: true });

// Only CPython 3.13 has the module pathlib._local. A concrete path loads only on its own operating system.
const PATHS = { shapes: [["str"]], repeats: true } as const;
for (const name of ["PurePath", "PurePosixPath", "PureWindowsPath"]) {
  allow("path", `pathlib.${name}`, PATHS);
  allow("path", `pathlib._local.${name}`, { ...PATHS, everywhere: false });
}
for (const name of ["Path", "PosixPath", "WindowsPath"]) {
  allow("localPath", `pathlib.${name}`, { ...PATHS, everywhere: false });
  allow("localPath", `pathlib._local.${name}`, { ...PATHS, everywhere: false });
}

allow("dtype", "numpy.dtype", { shapes: [["str", "bool", "bool"], ["str", "int", "int"]] });
allow("ndarray", "numpy.ndarray");
for (const core of ["numpy.core", "numpy._core"]) {
  allow("reconstructArray", `${core}.multiarray._reconstruct`, { shapes: [["NDARRAY", "tuple", "bytes"]] });
  allow("scalar", `${core}.multiarray.scalar`, { shapes: [["DTYPE", "bytes"]] });
  allow("arrayFromBuffer", `${core}.numeric._frombuffer`, {
    shapes: [["bytearray", "DTYPE", "tuple", "str"], ["bytes", "DTYPE", "tuple", "str"]],
  });
}

for (const name of ["bytes", "bytearray", "set", "frozenset", "complex", "slice", "object"]) {
  allowLegacy(`__builtin__.${name}`, `builtins.${name}`);
}
for (const name of ["int", "float", "bool", "str", "list", "tuple", "dict"]) {
  allowLegacy(`__builtin__.${name}`, `builtins.${name}`);
}
allowLegacy("__builtin__.xrange", "builtins.range");
allowLegacy("__builtin__.range", "builtins.range");
allowLegacy("__builtin__.long", "builtins.int");
allowLegacy("__builtin__.unicode", "builtins.str");
allowLegacy("copy_reg._reconstructor", "copyreg._reconstructor");

/**
 * Looks up a name in the list, in every spelling that CPython's unpickler accepts.
 *
 * @param module the module as the pickle names it
 * @param name the name in that module; a dotted name is never allowed
 * @param protocol the argument of the last PROTO, 0 without one; below 3 the names of Python 2 are valid too
 * @returns undefined for a name that is not allowed
 *
 * @example
 * ```ts
 * import { allowedName } from "./allowed.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(allowedName("builtins", "set", 4)?.allowed, "set");
 * assertEquals(allowedName("__builtin__", "xrange", 2)?.name, "range");
 * assertEquals(allowedName("__builtin__", "xrange", 4), undefined);
 * assertEquals(allowedName("os", "system", 4), undefined);
 * ```
 */
export function allowedName(module: string, name: string, protocol: number): AllowedName | undefined {
  return NAMES.get(module)?.get(name) ?? (protocol < 3 ? LEGACY_NAMES.get(module)?.get(name) : undefined);
}
