/** What `chat --help` and `chat` alone print, for 80 columns. */

import { type End, type Option, OPTIONS } from "./cli_options.ts";
import { DEFAULT_LIMITS, type LimitKind } from "./limits.ts";

const COLUMN = 26;
const WIDTH = 80;

/** The few lines that `chat` alone prints. */
export function formatShortHelp(): string {
  return [
    "chat --serve           start a chat on this machine",
    "chat --connect HOST    join the chat on HOST",
    "chat --help            every option",
  ].join("\n");
}

/** Every option with what it means and its default. */
export function formatHelp(): string {
  return [
    "chat: a room for people at terminals and for Python programs",
    "",
    formatShortHelp(),
    ...section("Both ends", "both"),
    ...section("chat --serve", "serve"),
    ...section("chat --connect HOST", "connect"),
    "",
    "OBJECT is a Python literal: \"{1: 'hi', 2: 'there'}\". A value that begins with a",
    "dash is written with an equals sign: --send=-5.",
    "",
    "Limits of chat --serve (sizes as 64K or 16M, times as 250ms, 30s or 5m):",
    ...lines((option) => option.limit !== undefined),
  ].join("\n");
}

function section(title: string, end: End): string[] {
  return ["", `${title}:`, ...lines((option) => option.end === end && option.limit === undefined)];
}

function lines(isListed: (option: Option) => boolean): string[] {
  return Object.entries(OPTIONS).filter(([, option]) => isListed(option)).flatMap(([name, option]) => {
    const left = `  --${name}${option.takes ? ` ${option.takes}` : ""}`;
    const value = option.limit ? ` (${formatLimit(option)})` : "";
    return layOut(left, option.about + value);
  });
}

/** The option on the left, what it means on the right, wrapped. */
function layOut(left: string, about: string): string[] {
  const rows: string[] = [];
  let row = left.length < COLUMN - 1 ? left.padEnd(COLUMN) : (rows.push(left), " ".repeat(COLUMN));
  for (const word of about.split(" ")) {
    if (row.length + word.length > WIDTH - 1) {
      rows.push(row.trimEnd());
      row = " ".repeat(COLUMN);
    }
    row += `${word} `;
  }
  return [...rows, row.trimEnd()];
}

function formatLimit({ limit, takes }: Option): string {
  const value = DEFAULT_LIMITS[limit!];
  switch (takes!.toLowerCase() as LimitKind) {
    case "count":
      return String(value);
    case "size":
      return value % 2 ** 20 === 0
        ? `${value / 2 ** 20}M`
        : value % 1024 === 0
        ? `${value / 1024}K`
        : String(value);
    case "time":
      return value % 1000 === 0 ? `${value / 1000}s` : `${value}ms`;
  }
}
