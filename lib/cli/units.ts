/** Sizes and times with their units, as the command line reads and writes them. */

const SIZE_UNITS: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["b", 1],
  ["k", 1024],
  ["kib", 1024],
  ["kb", 1000],
  ["m", 1024 ** 2],
  ["mib", 1024 ** 2],
  ["mb", 1000 ** 2],
  ["g", 1024 ** 3],
  ["gib", 1024 ** 3],
  ["gb", 1000 ** 3],
]);

const TIME_UNITS: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
]);

/**
 * Reads a size: `4096`, `64K`, `16MiB`. K is 1024 and KB is 1000, as in GNU's tools.
 *
 * @returns The size in bytes; NaN if the text is not a size.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatSize, parseSize } from "./units.ts";
 *
 * assertEquals(["4096", "64K", "64kb", "1.5M"].map(parseSize), [4096, 65_536, 64_000, NaN]);
 * assertEquals(formatSize(65_536), "64K");
 * ```
 */
export function parseSize(text: string): number {
  return parse(/^(\d{1,15})([a-z]*)$/i, text, SIZE_UNITS);
}

/**
 * Reads a time: `250ms`, `30s`, `5m`, `12h`, `7d`. The unit is required.
 *
 * @returns The time in milliseconds; NaN if the text is not a time.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatTime, parseTime } from "./units.ts";
 *
 * assertEquals(["250ms", "5m", "30"].map(parseTime), [250, 300_000, NaN]);
 * assertEquals(formatTime(90_000), "90s");
 * ```
 */
export function parseTime(text: string): number {
  return parse(/^(\d{1,15})([a-z]+)$/i, text, TIME_UNITS);
}

/** Writes a size in bytes as {@linkcode parseSize} reads it. */
export function formatSize(bytes: number): string {
  for (const [unit, size] of [["G", 1024 ** 3], ["M", 1024 ** 2], ["K", 1024]] as const) {
    if (bytes > 0 && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return String(bytes);
}

/** Writes a time in milliseconds as {@linkcode parseTime} reads it. */
export function formatTime(ms: number): string {
  for (const [unit, size] of [...TIME_UNITS].reverse()) {
    if (ms > 0 && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}

function parse(pattern: RegExp, text: string, units: ReadonlyMap<string, number>): number {
  const [, digits = "", unit = ""] = pattern.exec(text) ?? [];
  return digits === "" ? NaN : Number(digits) * (units.get(unit.toLowerCase()) ?? NaN);
}
