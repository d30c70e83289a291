/** What `chat --help` and `chat` alone print, laid out for 80 columns. */

import { type End, type Option, optionOfLimit, OPTIONS } from "./options.ts";
import { formatSize, formatTime } from "./values.ts";
import { LIMIT_NAMES, type LimitName, LIMITS } from "../base/limits.ts";

const WIDTH = 80;

/** The column in which the text about an option begins. */
const ABOUT = 29;

/** Gives the short help. */
export function formatShortHelp(): string {
  return [
    "usage: chat --serve                  start a chat on this machine",
    "       chat --connect HOST[:PORT]    join a chat",
    "       chat --help                   all options",
  ].join("\n");
}

/** Gives the whole help. */
export function formatHelp(): string {
  const limits = new Set(LIMIT_NAMES.map(optionOfLimit));
  const ofEnd = (end: End) =>
    [...OPTIONS].filter(([name, option]) => option.end === end && !limits.has(name) && name !== "no-limits");
  return [
    "usage: chat --serve [OPTION]...",
    "       chat --connect HOST[:PORT] [OPTION]...",
    "",
    "Defaults stand in parentheses.",
    section("Both ends", [...ofEnd("both"), ...ofEnd("none")]),
    section("To start a chat", ofEnd("serve")),
    section("To join one", ofEnd("connect")),
    "",
    "Limits of --serve:",
    ...[...OPTIONS].filter(([name]) => name === "no-limits").map(([name, option]) => line(name, option)),
    ...LIMIT_NAMES.map(limitLine),
    "",
    ...wrap(
      "SIZE is a number of bytes, or 64K, 16M, 1G. TIME is 250ms, 30s, 5m, 12h or 7d. OBJECT is a Python " +
        "literal such as {1: 'hi', 2: 'there'}, or JSON. A value that begins with a dash follows an equals " +
        "sign: --send=-5.",
      0,
    ),
    "",
    ...wrap(
      "Exit status: 0 done; 1 failed while running; 2 the command line was wrong; 3 no connection, or lost; " +
        "4 refused by the other end; 129, 130 or 143 ended by a signal.",
      0,
    ),
  ].join("\n");
}

function section(title: string, options: [string, Option][]): string {
  return ["", `${title}:`, ...options.map(([name, option]) => line(name, option))].join("\n");
}

function line(name: string, option: Option): string {
  const head = `  --${name}${option.value === undefined ? "" : ` ${option.value}`}`;
  return besides(head, option.about);
}

function limitLine(name: LimitName): string {
  const { kind, value, about, ...rest } = LIMITS[name];
  const shown = kind === "size" ? formatSize(value) : kind === "time" ? formatTime(value) : String(value);
  const option = optionOfLimit(name);
  const head = `  --${option} ${OPTIONS.get(option)?.value ?? ""}`;
  return besides(head, `${about} (${shown})${"lifted" in rest ? " *" : ""}`);
}

/** Puts the text beside the head, or below it where the head is too long. */
function besides(head: string, about: string): string {
  const lines = wrap(about, ABOUT);
  if (head.length + 2 > ABOUT) return [head, ...lines].join("\n");
  return [head.padEnd(ABOUT) + (lines[0] ?? "").trimStart(), ...lines.slice(1)].join("\n");
}

/** Breaks a text into lines that begin in a column and end before the last. */
function wrap(text: string, column: number): string[] {
  const lines: string[] = [];
  let current = "";
  for (const word of text.split(" ")) {
    if (current !== "" && column + current.length + 1 + word.length > WIDTH - 1) {
      lines.push(" ".repeat(column) + current);
      current = word;
    } else {
      current = current === "" ? word : `${current} ${word}`;
    }
  }
  return [...lines, " ".repeat(column) + current];
}
