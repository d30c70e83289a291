/** The pages of `chat --help`, laid out for a terminal of 24 lines of 80 columns. */

import { type End, type HelpTopic, type Option, OPTIONS } from "./options.ts";

/** The columns of a line; the last one stays empty. */
const WIDTH = 79;

const USAGE_SERVE = "usage: chat --serve [OPTION]...";
const USAGE_CONNECT = "usage: chat --connect HOST[:PORT] [OPTION]...";
const USAGE_BOTH = `${USAGE_SERVE}\n       ${USAGE_CONNECT.slice("usage: ".length)}`;

export const VALUES =
  "OBJECT is a Python literal such as {1: 'hi', 2: 'there'}, or JSON. A value that begins with " +
  "a dash follows an equals sign: --send=-5.";
export const UNITS = "SIZE is a number of bytes, or 64K, 16M, 1G. TIME is 250ms, 30s, 5m, 12h or 7d.";
export const STATUS =
  "Exit status: 0 done; 1 failed while running; 2 wrong command line; 3 no connection, or " +
  "lost; 4 refused by the other end; 129, 130 or 143 ended by a signal.";
export const LIFTED = "--no-limits lifts the limits with a star; those on memory stay.";

/** Returns the three lines that `chat` without arguments prints. */
export function formatShortHelp(): string {
  return [
    "usage: chat --serve                  start a chat on this machine",
    "       chat --connect HOST[:PORT]    join a chat",
    "       chat --help                   show the options",
  ].join("\n");
}

/**
 * Returns a page of the help.
 *
 * @returns Lines of at most 79 columns. Those of `common` fit a screen of 24.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatHelp } from "./help.ts";
 *
 * assertEquals(formatHelp("serve").split("\n")[0], "usage: chat --serve [OPTION]...");
 * ```
 */
export function formatHelp(topic: HelpTopic): string {
  const blocks = PAGES[topic]();
  const column = Math.max(...blocks.flatMap(({ options = [] }) => options).map((o) => headOf(o).length)) + 2;
  return blocks.map((block) => formatBlock(block, column)).join("\n\n");
}

/** A part of a page: options under a title, or text. */
interface Block {
  readonly title?: string;
  readonly options?: readonly Option[];
  readonly text?: string;
}

/** The parts of each page. They are built on request, so that other commands start sooner. */
const PAGES: Readonly<Record<HelpTopic, () => readonly Block[]>> = {
  common: () => [
    { text: USAGE_BOTH },
    { title: "To start a chat", options: select(["serve"], ["common"]) },
    { title: "To join one", options: select(["connect"], ["common"]) },
    { title: "Both", options: select(["both", "none"], ["common"]) },
  ],
  serve: () => [
    { text: USAGE_SERVE },
    { title: "Options (defaults in parentheses)", options: select(["serve", "both"], ["common", "more"]) },
    { text: wrap(`${VALUES} Limits: --help limits.`) },
  ],
  connect: () => [
    { text: USAGE_CONNECT },
    { options: select(["connect", "both"], ["common", "more"]) },
    { text: wrap(VALUES) },
  ],
  limits: () => [
    { title: "Limits of --serve", options: select(["serve"], ["limits"]) },
    { text: wrap(`${UNITS} ${LIFTED}`) },
  ],
  all: () => [
    { text: USAGE_BOTH },
    { title: "To start a chat", options: select(["serve"], ["common", "more"]) },
    { title: "To join one", options: select(["connect"], ["common", "more"]) },
    { title: "Both", options: select(["both", "none"], ["common", "more"]) },
    { title: "Limits of --serve", options: select(["serve"], ["limits"]) },
    { text: wrap(`${UNITS} ${LIFTED}`) },
    { text: wrap(VALUES) },
    { text: wrap(STATUS) },
  ],
};

/** Returns the options of some groups, those of the first group and the first end at the beginning. */
function select(ends: readonly End[], groups: readonly Option["group"][]): Option[] {
  return groups.flatMap((group) =>
    ends.flatMap((end) => OPTIONS.filter((option) => option.end === end && option.group === group))
  );
}

function formatBlock({ title, options = [], text }: Block, column: number): string {
  const lines = options.map((option) => headOf(option).padEnd(column) + tailOf(option));
  return [title === undefined ? [] : `${title}:`, lines, text ?? []].flat().join("\n");
}

function headOf({ name, short, argument }: Option): string {
  return `  ${short === undefined ? "" : `-${short}, `}--${name}${
    argument === undefined ? "" : ` ${argument}`
  }`;
}

function tailOf({ about, default: value, lifted }: Option): string {
  return `${about}${value === undefined ? "" : ` (${value})`}${lifted ? " *" : ""}`;
}

/** Breaks a text into lines. */
function wrap(text: string): string {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`.trimStart();
    if (longer.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines.join("\n");
}
