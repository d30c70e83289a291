/** Conversion of names between Python 3 and Python 2, which protocols 0 to 2 use (the pickle module's `fix_imports`). */
import { MODULES_TO_2, MODULES_TO_3, NAMES_TO_2, NAMES_TO_3 } from "./compat_table.ts";
import { Global } from "./values.ts";

function table(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(/[,\n]/).filter((row) => row.trim() !== "").map((row) => {
      const [before = "", after = ""] = row.trim().split(" ");
      return [before, after];
    }),
  );
}

/** The new names by old module, then by old name, so that a look-up needs no concatenated key. */
type Names = ReadonlyMap<string, ReadonlyMap<string, Global>>;

function namesOf(text: string): Names {
  const names = new Map<string, Map<string, Global>>();
  for (const [before, after] of table(text)) {
    const [module, name] = parted(before);
    const others = names.get(module);
    if (others === undefined) names.set(module, new Map([[name, new Global(...parted(after))]]));
    else others.set(name, new Global(...parted(after)));
  }
  return names;
}

function parted(path: string): [string, string] {
  const dot = path.lastIndexOf(".");
  return [path.slice(0, dot), path.slice(dot + 1)];
}

/** The names of one direction. */
interface Conversion {
  readonly modules: ReadonlyMap<string, string>;
  readonly names: Names;
}

/** The tables are read at the first name, because most programs never see one of Python 2. */
let to3: Conversion | undefined;
let to2: Conversion | undefined;

function renamed(global: Global, { names, modules }: Conversion): Global {
  const known = names.get(global.module)?.get(global.name);
  if (known !== undefined) return known;
  const module = modules.get(global.module);
  return module === undefined ? global : new Global(module, global.name);
}

/**
 * Converts a name from a pickle of protocol 0 to 2 to its name in Python 3.
 *
 * @example
 * ```ts
 * import { toPython3 } from "./compat.ts";
 * import { Global } from "./values.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(toPython3(new Global("__builtin__", "xrange")), new Global("builtins", "range"));
 * assertEquals(toPython3(new Global("copy_reg", "_reconstructor")), new Global("copyreg", "_reconstructor"));
 * assertEquals(toPython3(new Global("os", "system")), new Global("os", "system"));
 * ```
 */
export function toPython3(global: Global): Global {
  return renamed(global, to3 ??= { modules: table(MODULES_TO_3), names: namesOf(NAMES_TO_3) });
}

/**
 * Converts a name of Python 3 to the name that protocols 0 to 2 use.
 *
 * @example
 * ```ts
 * import { toPython2 } from "./compat.ts";
 * import { Global } from "./values.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(toPython2(new Global("builtins", "range")), new Global("__builtin__", "xrange"));
 * assertEquals(toPython2(new Global("builtins", "set")), new Global("__builtin__", "set"));
 * ```
 */
export function toPython2(global: Global): Global {
  return renamed(global, to2 ??= { modules: table(MODULES_TO_2), names: namesOf(NAMES_TO_2) });
}
