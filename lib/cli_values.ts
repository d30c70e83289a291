/** The values of options: numbers, sizes, times and addresses as people write them. */

import { UsageError } from "./errors.ts";
import { DEFAULT_PORT, type LimitKind } from "./limits.ts";

const SIZE_UNITS: Readonly<Record<string, number>> = { "": 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };
const TIME_UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const MAX_SIZE = 2 ** 31 - 1;

/** Reads a whole number from `least` to `most`. */
export function parseCount(option: string, text: string, least = 1, most = Number.MAX_SAFE_INTEGER): number {
  const count = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
  if (count >= least && count <= most) return count;
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} on` : `from ${least} to ${most}`;
  throw new UsageError(`--${option} takes a whole number ${range}, not "${text}"`);
}

/** Reads the value of a limit: bytes (`16M`, `64KiB`), things, or milliseconds (`30s`). */
export function parseLimit(option: string, text: string, kind: LimitKind): number {
  switch (kind) {
    case "count":
      return parseCount(option, text);
    case "size":
      return parseSize(option, text);
    case "time":
      return parseTime(option, text);
  }
}

function parseSize(option: string, text: string): number {
  const [, digits, unit] = /^(\d{1,12})([kmg]?)(?:i?b)?$/i.exec(text) ?? [];
  const size = digits === undefined ? NaN : Number(digits) * SIZE_UNITS[unit!.toLowerCase()]!;
  if (size >= 1 && size <= MAX_SIZE) return size;
  throw new UsageError(`--${option} takes a size up to 2 GiB, as 65536, 64K or 16M, not "${text}"`);
}

/** Reads a time in milliseconds: `250ms`, `30s`, `5m`, `12h`, `7d`; seconds where no unit is given. */
export function parseTime(option: string, text: string): number {
  const [, digits, unit] = /^(\d{1,9})(ms|s|m|h|d)?$/.exec(text) ?? [];
  const time = digits === undefined ? NaN : Number(digits) * TIME_UNITS[unit ?? "s"]!;
  if (time >= 1) return time;
  throw new UsageError(`--${option} takes a time, as 250ms, 30s, 5m, 12h or 7d, not "${text}"`);
}

/** Reads one of a few words. */
export function parseChoice<T extends string>(option: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((choice) => choice === text);
  if (choice !== undefined) return choice;
  throw new UsageError(`--${option} takes ${choices.join(" or ")}, not "${text}"`);
}

/**
 * Reads HOST[:PORT].
 *
 * @param port What --port says, where it was given.
 */
export function parseAddress(text: string, port: number | undefined): { host: string; port: number } {
  const [, bracketed, name, digits] = /^(?:\[([0-9a-f:.%a-z]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/i.exec(text) ??
    [];
  const host = bracketed ?? name;
  if (host === undefined) {
    const hint = /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(text)
      ? `an IPv6 address stands in brackets: --connect "[${text}]"`
      : "write HOST or HOST:PORT, as localhost or localhost:1243";
    throw new UsageError(`--connect cannot read "${text}": ${hint}`);
  }
  const own = digits === undefined ? undefined : parseCount("connect HOST:PORT", digits, 1, 65_535);
  if (own !== undefined && port !== undefined && own !== port) {
    throw new UsageError(`--connect ${text} and --port ${port} name two ports: give one`);
  }
  return { host, port: own ?? port ?? DEFAULT_PORT };
}
