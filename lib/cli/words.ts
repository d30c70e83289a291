/**
 * Splits the words of a command line into options. The parser of the standard library splits them, and this file checks
 * them more strictly.
 */

// @ts-types="./parse_args.d.ts"
import { parseArgs } from "@std/cli/parse-args";
import { OPTIONS, OPTIONS_BY_NAME } from "./options.ts";
import { STANDARD_INPUT } from "./sources.ts";
import { show } from "./values.ts";
import { UsageError } from "../base/errors.ts";
import { nearest } from "../base/nearest.ts";

/** Short options that other programs have, with the option here that has the same meaning. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ["-?", "help"],
  ["-v", "version"],
  ["-n", "nick"],
  ["-p", "port"],
  ["-q", "quiet"],
]);

/**
 * Reads the options of a command line: the values of each option that is present, `[""]` for a switch.
 *
 * @throws {UsageError} For an unknown option, a missing or empty value, a value for a switch, an option given twice, or a
 * word that belongs to no option.
 */
export function readOptions(words: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const args = withInput(words);
  checkWords(args);
  const names = OPTIONS.map(({ name }) => name);
  const { _: rest, ...parsed } = parseArgs([...args], { string: [...names, "_"], collect: names });
  const options = new Map<string, readonly string[]>();
  for (const { name, argument, repeatable } of OPTIONS) {
    const values = parsed[name] ?? [];
    if (values.length === 0) continue;
    const value = values.find((value) => value !== "");
    if (argument === undefined && value !== undefined) throw takesNone(name, value);
    // Without an equals sign, the parser takes the next word as the value.
    if (argument?.startsWith("[=") && value !== undefined && !args.includes(`--${name}=${value}`)) {
      throw takesNone(name, value);
    }
    if (values.length > 1 && repeatable === undefined) {
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

/**
 * Joins the dash that stands for standard input to its option with an equals sign, because elsewhere a dash begins an
 * option.
 */
function withInput(words: readonly string[]): string[] {
  const joined: string[] = [];
  for (const word of words) {
    const before = joined.at(-1);
    if (word === STANDARD_INPUT && before !== undefined && READS_INPUT.has(before)) {
      joined.push(`${joined.pop()}=-`);
    } else joined.push(word);
  }
  return joined;
}

/** Guesses the purpose of a word that belongs to no option. */
function whatToDo(word: string, options: ReadonlyMap<string, unknown>): string {
  if (OPTIONS_BY_NAME.has(word)) return `did you mean --${word}?`;
  if (options.has("send")) return `the shell split it off: write --send "'a text'"`;
  if (options.has("connect") || options.has("serve")) return "it belongs to no option; see chat --help";
  return "to join a chat, write --connect HOST";
}

/** Checks each word that begins with a dash. The parser never takes one as a value. */
function checkWords(args: readonly string[]): void {
  const end = args.indexOf("--");
  const words = end === -1 ? args : args.slice(0, end);
  for (const [i, word] of words.entries()) {
    if (!word.startsWith("-")) continue;
    const [, name = "", value] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    const option = OPTIONS_BY_NAME.get(name);
    if (option === undefined) throw unknown(word);
    if (option.argument === undefined) {
      if (value !== undefined) throw takesNone(name, value);
      continue;
    }
    if (value === undefined && option.argument.startsWith("[=")) continue;
    if (value === undefined) checkNext({ name, argument: option.argument }, words[i + 1]);
    else if (value === "") throw new UsageError(`--${name} is empty: write --${name} ${option.argument}`);
  }
}

/** Checks the word that follows an option with an argument. */
function checkNext({ name, argument }: { name: string; argument: string }, next: string | undefined): void {
  if (next === "") throw new UsageError(`--${name} is empty: write --${name} ${argument}`);
  if (next === undefined || OPTIONS_BY_NAME.has(next.replace(/^--|=.*$/gs, "")) && next.startsWith("--")) {
    throw new UsageError(`--${name} needs a value: write --${name} ${argument}`);
  }
  if (next.startsWith("-")) {
    throw new UsageError(
      `--${name} needs a value: write one that begins with a dash as --${name}=${show(next)}`,
    );
  }
}

/** The options whose value may be standard input. */
const READS_INPUT = new Set(["--send", "--send-bytes"]);

/** The options of earlier versions that `--memory` replaces. */
const REPLACED = new Set(["room-ring", "all-rings", "private-queue", "all-queues", "inbound"]);

function unknown(word: string): UsageError {
  const [name = ""] = word.split("=", 1);
  const bare = name.replace(/^-+/, "");
  if (REPLACED.has(bare)) {
    return new UsageError(
      `${show(name)} is now part of --memory: it limits everything that is held for peers`,
    );
  }
  const opposite = bare.startsWith("no-") ? bare.slice(3) : `no-${bare}`;
  const near = ELSEWHERE.get(name) ??
    (OPTIONS_BY_NAME.has(opposite) ? opposite : nearest(bare, OPTIONS_BY_NAME.keys()));
  const advice = near === undefined ? "see chat --help" : `did you mean --${near}?`;
  return new UsageError(`there is no option ${show(name)}: ${advice}`);
}

function takesNone(name: string, value: string): UsageError {
  const host = name === "serve" ? "; --host says where to listen" : "";
  return new UsageError(`--${name} takes no value: leave ${show(value) || "the = sign"} out${host}`);
}
