/** Paths of pathlib: joining parts to the text that is shown, and splitting text into the parts that are pickled. */
import type { PathClass, PurePath } from "./known.ts";

/** A split path: its drive, its root, and the names below. */
interface Parsed {
  readonly drive: string;
  readonly root: string;
  readonly names: readonly string[];
}

const UNC = /^\\\\([^\\]+)\\([^\\]+)/;

/**
 * Returns the text of a path as `str` does: without `.` and doubled separators; an absolute part discards the parts before.
 *
 * @example
 * ```ts
 * import { pathText } from "./pure_path.ts";
 * import { PurePath } from "./known.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(pathText(new PurePath("PurePosixPath", ["/", "usr", "lib"])), "/usr/lib");
 * assertEquals(pathText(new PurePath("PureWindowsPath", ["C:", "a/b"])), "C:a\\b");
 * ```
 */
export function pathText({ kind, parts }: PurePath): string {
  const { drive, root, names } = parsePath(parts, isWindows(kind));
  return drive + root + names.join(isWindows(kind) ? "\\" : "/") || ".";
}

/** Splits the text of a path into the parts that pathlib pickles: drive and root as one, then each name. */
export function pathParts(text: string, kind: PathClass): string[] {
  const { drive, root, names } = parsePath([text], isWindows(kind));
  return drive + root === "" ? [...names] : [drive + root, ...names];
}

/** Returns whether a class of paths is for Windows. */
export function isWindows(kind: PathClass): boolean {
  return kind === "PureWindowsPath" || kind === "WindowsPath";
}

function parsePath(parts: readonly string[], windows: boolean): Parsed {
  const separator = windows ? "\\" : "/";
  const names: string[][] = [];
  for (let at = parts.length - 1; at >= 0; at--) {
    const { drive, root, rest } = windows ? splitWindows(parts[at]!) : splitPosix(parts[at]!);
    names.push(rest.split(separator).filter((name) => name !== "" && name !== "."));
    if (drive === "" && root === "") continue;
    // A root without a drive is on the drive of the parts before it.
    const before = drive === "" && windows ? parts.slice(0, at) : [];
    const earlier = before.map((part) => splitWindows(part).drive).findLast((found) => found !== "");
    return { drive: earlier ?? drive, root, names: names.reverse().flat() };
  }
  return { drive: "", root: "", names: names.reverse().flat() };
}

function splitPosix(part: string): { drive: string; root: string; rest: string } {
  if (!part.startsWith("/")) return { drive: "", root: "", rest: part };
  // POSIX gives exactly two slashes at the beginning a meaning of their own.
  return { drive: "", root: /^\/\/(?!\/)/.test(part) ? "//" : "/", rest: part };
}

function splitWindows(part: string): { drive: string; root: string; rest: string } {
  const text = part.replaceAll("/", "\\");
  const unc = UNC.exec(text)?.[0];
  if (unc !== undefined) return { drive: unc, root: "\\", rest: text.slice(unc.length) };
  const drive = /^[A-Za-z]:/.exec(text)?.[0] ?? "";
  const rest = text.slice(drive.length);
  return { drive, root: rest.startsWith("\\") ? "\\" : "", rest };
}
