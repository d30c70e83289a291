/** Strict parsing of the values of options. An error explains the correct form in one line. */

import { UsageError } from "../base/errors.ts";
import type { Retain } from "../history/retain.ts";
import { PickleError } from "../pickle/values/errors.ts";
import { parse } from "../pickle/parse/parse.ts";
import type { Value } from "../pickle/values/values.ts";
import { clean, normalizeName } from "../base/text.ts";
import { MAX_NAME_LENGTH } from "../base/limits.ts";
import { formatSize, formatTime, parseSize, parseTime } from "./units.ts";

/** The name and the value of an option. */
export interface Given {
  readonly name: string;
  readonly value: string;
}

/** The range of numbers that an option takes. */
export interface Range {
  readonly least: number;
  readonly most: number;
}

/** The largest count that an option takes. */
export const MOST_COUNT = 1_000_000_000;

/** The most characters of a value that an error shows. */
const SHOWN_LENGTH = 40;

/** Prepares a word of the command line for the text of an error: one short line without control characters. */
export function show(text: string): string {
  const cleaned = clean(text.slice(0, 4 * SHOWN_LENGTH));
  const points = [...cleaned];
  return points.length > SHOWN_LENGTH ? points.slice(0, SHOWN_LENGTH).join("") + "…" : cleaned;
}

/** Reads a whole number in decimal digits, without sign, point, exponent or 0x. */
export function readCount({ name, value }: Given, { least, most }: Range): number {
  const count = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
  if (count >= least && count <= most) return count;
  throw refused({ name, value }, `write a whole number from ${least} to ${most}`);
}

/** Reads a size in bytes, such as `64K`. */
export function readSize({ name, value }: Given, { least, most }: Range): number {
  const size = parseSize(value);
  if (size >= least && size <= most) return size;
  const range = `from ${formatSize(least)} to ${formatSize(most)}`;
  throw refused({ name, value }, `write a size as 4096, 64K or 16M, ${range}`);
}

/** Reads a time in milliseconds, such as `30s`. */
export function readTime({ name, value }: Given, { least, most }: Range): number {
  const time = parseTime(value);
  if (time >= least && time <= most) return time;
  const range = `from ${formatTime(least)} to ${formatTime(most)}`;
  throw refused({ name, value }, `write a time as 250ms, 30s, 5m, 12h or 7d, ${range}`);
}

/** Reads the retention of a history: an age, a count or a size, or several of them separated by commas; or `all`. */
export function readRetain({ name, value }: Given): Retain {
  const retain: { age?: number; count?: number; size?: number } = {};
  if (value === "all") return retain;
  for (const part of value.split(",")) {
    const [key, number] = readBound(part);
    if (!(number > 0 && number <= Number.MAX_SAFE_INTEGER) || retain[key] !== undefined) {
      throw refused(
        { name, value },
        "write an age as 30d or 12h, a number of messages as 10000, a size as 10G or 500MB, or several: 30d,10G",
      );
    }
    retain[key] = number;
  }
  return retain;
}

/** Reads one bound. `M` stands for minutes, so a size needs a `B` or the unit `G`. */
function readBound(text: string): [keyof Retain, number] {
  if (/^\d{1,15}$/.test(text)) return ["count", Number(text)];
  if (/^\d+(?:[km]i?b|g(?:i?b)?)$/i.test(text)) return ["size", parseSize(text)];
  return ["age", parseTime(text) / 1000];
}

/** Writes a retention as {@linkcode readRetain} reads it. */
export function formatRetain({ age, count, size }: Retain): string {
  const bounds = [
    ...(age === undefined ? [] : [formatTime(age * 1000)]),
    ...(count === undefined ? [] : [String(count)]),
    ...(size === undefined ? [] : [formatSize(size).replace(/([KM])$/, "$1iB")]),
  ];
  return bounds.length === 0 ? "all" : bounds.join();
}

/** Reads one of a few words. */
export function readChoice<T extends string>({ name, value }: Given, choices: readonly T[]): T {
  const choice = choices.find((word) => word === value);
  if (choice !== undefined) return choice;
  throw refused({ name, value }, `write ${choices.slice(0, -1).join(", ")} or ${choices.at(-1)}`);
}

/** Reads a nick or the name of a room. */
export function readName({ name, value }: Given): string {
  const normal = normalizeName(value);
  if (normal !== null) return normal;
  throw refused(
    { name, value },
    `a name is 1 to ${MAX_NAME_LENGTH} visible characters, without spaces`,
  );
}

/** Reads a Python literal. */
export function readObject({ name, value }: Given): Value {
  try {
    return parse(value);
  } catch (error) {
    if (!(error instanceof PickleError)) throw error;
    const reason = clean(error.message.replace(/^[^:]*: /, ""));
    throw refused(
      { name, value },
      `${reason}; write a Python literal such as {1: 'hi'}, and text in quotes: --${name} "'hi'"`,
    );
  }
}

/** Makes the error for a value that is refused. */
export function refused({ name, value }: Given, why: string): UsageError {
  return new UsageError(`cannot take --${name} ${show(value)}: ${why}`);
}
