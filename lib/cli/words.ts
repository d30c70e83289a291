/** From the words of a command line to its options. The parser takes what it can; what it lets pass is refused here. */

// @ts-types="./parse_args.d.ts"
import { parseArgs } from "@std/cli/parse-args";
import { OPTIONS } from "./options.ts";
import { show } from "./values.ts";
import { UsageError } from "../base/errors.ts";
import { nearest } from "../base/nearest.ts";

/** Other programs' short options, and ours of the same meaning. */
const SHORT: Readonly<Record<string, string>> = {
  "-h": "help",
  "-?": "help",
  "-v": "version",
  "-V": "version",
};

/**
 * Reads the options of a command line: the values of each that is there, `[""]` of a switch.
 *
 * @throws {UsageError} For an unknown option, a missing or empty value, a value for a switch, an option given twice, a
 * word that belongs to none.
 */
export function readOptions(args: readonly string[]): ReadonlyMap<string, readonly string[]> {
  checkWords(args);
  const names = [...OPTIONS.keys()];
  const { _: rest, ...parsed } = parseArgs([...args], { string: [...names, "_"], collect: names });
  const options = new Map<string, readonly string[]>();
  for (const [name, option] of OPTIONS) {
    const values = parsed[name] ?? [];
    if (values.length === 0) continue;
    const value = values.find((value) => value !== "");
    if (option.value === undefined && value !== undefined) throw takesNone(name, value);
    if (values.length > 1 && option.repeatable === undefined) {
      throw new UsageError(`--${name} is given ${values.length} times: write it once`);
    }
    options.set(name, values);
  }
  const word = rest[0];
  if (word !== undefined) {
    throw new UsageError(`cannot take the word ${show(word) || "''"}: ${whatToDo(word, options)}`);
  }
  return options;
}

/** Says what a word that belongs to no option was likely meant for. */
function whatToDo(word: string, options: ReadonlyMap<string, unknown>): string {
  if (OPTIONS.has(word)) return `did you mean --${word}?`;
  if (options.has("send")) return `the shell split it off: write --send "'a text'"`;
  if (options.has("connect") || options.has("serve")) return "it belongs to no option; see chat --help";
  return "to join a chat, write --connect HOST";
}

/** Checks each word that begins with a dash. The parser never takes one for a value, so each is meant as an option. */
function checkWords(args: readonly string[]): void {
  const end = args.indexOf("--");
  const words = end === -1 ? args : args.slice(0, end);
  for (const [i, word] of words.entries()) {
    if (!word.startsWith("-")) continue;
    const [, name = "", value] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    const option = OPTIONS.get(name);
    if (option === undefined) throw unknown(word);
    if (option.value === undefined) {
      if (value !== undefined) throw takesNone(name, value);
      continue;
    }
    if (value === undefined) checkNext({ name, value: option.value }, words[i + 1]);
    else if (value === "") throw new UsageError(`--${name} is empty: write --${name} ${option.value}`);
  }
}

/** Checks the word behind an option that needs a value. */
function checkNext({ name, value }: { name: string; value: string }, next: string | undefined): void {
  if (next === "") throw new UsageError(`--${name} is empty: write --${name} ${value}`);
  if (next === undefined || OPTIONS.has(next.replace(/^--|=.*$/gs, "")) && next.startsWith("--")) {
    throw new UsageError(`--${name} needs a value: write --${name} ${value}`);
  }
  if (next.startsWith("-")) {
    throw new UsageError(
      `--${name} needs a value: write one that begins with a dash as --${name}=${show(next)}`,
    );
  }
}

function unknown(word: string): UsageError {
  const [name = ""] = word.split("=", 1);
  const bare = name.replace(/^-+/, "");
  const opposite = bare.startsWith("no-") ? bare.slice(3) : `no-${bare}`;
  const near = SHORT[name] ?? (OPTIONS.has(opposite) ? opposite : nearest(bare, OPTIONS.keys()));
  const advice = near === undefined ? "see chat --help" : `did you mean --${near}?`;
  return new UsageError(`there is no option ${show(name)}: ${advice}`);
}

function takesNone(name: string, value: string): UsageError {
  const host = name === "serve" ? "; --host says where to listen" : "";
  return new UsageError(`--${name} takes no value: leave ${show(value) || "the = sign"} out${host}`);
}
