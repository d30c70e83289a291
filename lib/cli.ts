/** The command line: words in, what to do out. */

// @ts-types="./types/parse_args.d.ts"
import { parseArgs } from "@std/cli/parse-args";
import { OPTIONS } from "./cli_options.ts";
import { parseAddress, parseChoice, parseCount, parseLimit, parseTime } from "./cli_values.ts";
import { UsageError } from "./errors.ts";
import {
  DEFAULT_LIMITS,
  DEFAULT_PORT,
  DEFAULT_REPLAY,
  LIFTED_LIMITS,
  type LimitName,
  LIMITS,
  type Limits,
} from "./limits.ts";
import { PickleError } from "./pickle/errors.ts";
import { parse } from "./pickle/parse.ts";
import type { Value } from "./pickle/values.ts";
import { normalizeName } from "./text.ts";

/** How long, or how many, messages are kept. */
export type Retain = { readonly ageMs: number } | { readonly count: number };

/** `chat --serve`. */
export interface ServeCommand {
  readonly kind: "serve";
  readonly host: string | undefined;
  readonly port: number;
  readonly greeting: Value | undefined;
  readonly history: string | undefined;
  readonly retain: Retain | undefined;
  readonly durability: "os" | "disk";
  readonly replay: number;
  readonly quiet: boolean;
  readonly logJson: boolean;
  readonly limits: Limits;
}

/** `chat --connect HOST`. */
export interface ConnectCommand {
  readonly kind: "connect";
  readonly host: string;
  readonly port: number;
  readonly nick: string | undefined;
  readonly room: string | undefined;
  readonly send: readonly Value[];
  readonly receive: number | undefined;
  readonly last: number | undefined;
  readonly stats: boolean;
  readonly follow: boolean;
  readonly json: boolean;
  readonly trace: boolean;
  readonly reconnect: boolean;
  readonly color: "auto" | "always" | "never";
  readonly bell: "off" | "mention" | "all";
  readonly plainScreen: boolean;
}

/** What the words ask for; `usage` where there were none. */
export type Command =
  | ServeCommand
  | ConnectCommand
  | { readonly kind: "help" }
  | { readonly kind: "version" }
  | { readonly kind: "usage" };

/** Options that ask for two different ways of leaving. */
const ONE_OF = ["send", "receive", "last", "stats", "follow"] as const;
const TOGETHER: ReadonlySet<string> = new Set(["send receive", "receive follow"]);

/**
 * Reads the command line.
 *
 * @throws {UsageError} For whatever it cannot be, in one line that says what to do.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseCommandLine } from "./cli.ts";
 *
 * const command = parseCommandLine(["--connect", "example.org:5000", "--json"]);
 * assertEquals(command.kind === "connect" && [command.host, command.port, command.json], ["example.org", 5000, true]);
 * ```
 */
export function parseCommandLine(args: readonly string[]): Command {
  if (args.length === 0) return { kind: "usage" };
  const given = readOptions(args);
  if (given.has("help")) return { kind: "help" };
  if (given.has("version")) return { kind: "version" };
  if (given.has("serve") && given.has("connect")) {
    throw new UsageError("--serve and --connect are two ends: start chat twice, once with each");
  }
  if (!given.has("serve") && !given.has("connect")) {
    throw new UsageError("say which end this is: --serve, or --connect HOST");
  }
  const end = given.has("serve") ? "serve" : "connect";
  for (const name of given.keys()) {
    if (OPTIONS[name]!.end !== "both" && OPTIONS[name]!.end !== end) {
      throw new UsageError(`--${name} is for --${OPTIONS[name]!.end}: leave it out with --${end}`);
    }
  }
  return end === "serve" ? serveCommand(given) : connectCommand(given);
}

type Given = ReadonlyMap<string, readonly string[]>;

/** The options as they were given, each with its values; a switch has one empty value. */
function readOptions(args: readonly string[]): Given {
  const names = Object.keys(OPTIONS);
  const switches = names.filter((name) => OPTIONS[name]!.takes === undefined);
  checkSwitches(args, switches);
  const parsed = parseArgs(args, {
    string: names.filter((name) => OPTIONS[name]!.takes !== undefined),
    boolean: switches,
    collect: names,
    unknown: (arg) => {
      throw unknownWord(arg);
    },
  });
  if (parsed._.length > 0) throw unknownWord(String(parsed._[0]));
  const given = new Map<string, string[]>();
  for (const name of names) {
    const values = parsed[name];
    if (!Array.isArray(values) || values.length === 0) continue;
    const { repeatable, takes } = OPTIONS[name]!;
    if (values.length > 1 && !repeatable) throw new UsageError(`--${name} is given twice: give it once`);
    if (takes !== undefined && values.includes("")) {
      throw new UsageError(
        `--${name} has no value: write --${name}=${takes}, also where the value begins with a dash`,
      );
    }
    given.set(name, takes === undefined ? [""] : values as string[]);
  }
  return given;
}

/** Refuses a value for a switch, which the parser would take, or swallow. */
function checkSwitches(args: readonly string[], switches: readonly string[]): void {
  for (const [i, arg] of args.entries()) {
    if (arg === "--") break;
    const [, name, value] = /^--([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
    if (name === undefined || !switches.includes(name)) continue;
    const next = value ?? (/^(true|false)$/.test(args[i + 1] ?? "") ? args[i + 1] : undefined);
    if (next !== undefined) {
      throw new UsageError(`--${name} takes no value: write --${name} without "${next}"`);
    }
  }
}

function unknownWord(arg: string): UsageError {
  if (!arg.startsWith("-") || arg === "-") {
    return new UsageError(`"${arg}" belongs to no option: see chat --help`);
  }
  const name = arg.replace(/^-+/, "").split("=", 1)[0]!;
  const near = nearest(name, Object.keys(OPTIONS));
  return new UsageError(
    `there is no option ${arg.split("=", 1)[0]}: ${near ? `did you mean --${near}?` : "see chat --help"}`,
  );
}

/** The name that is at most two letters away, or begins as asked. */
function nearest(asked: string, names: readonly string[]): string | undefined {
  const byDistance = names.map((name) => ({ name, distance: distance(asked, name) }));
  byDistance.sort((a, b) => a.distance - b.distance);
  const best = byDistance[0]!;
  return best.distance <= 2 ? best.name : names.find((name) => asked !== "" && name.startsWith(asked));
}

/** How many letters have to be changed, put in or taken out. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}

function serveCommand(given: Given): ServeCommand {
  const one = (name: string) => given.get(name)?.[0];
  const limits: Record<LimitName, number> = { ...(given.has("no-limits") ? LIFTED_LIMITS : DEFAULT_LIMITS) };
  for (const [option, { limit }] of Object.entries(OPTIONS)) {
    const text = one(option);
    if (limit !== undefined && text !== undefined) {
      limits[limit] = parseLimit(option, text, LIMITS[limit].kind);
    }
  }
  const retain = one("retain");
  if (!given.has("history")) {
    for (const name of ["retain", "durability"]) {
      if (given.has(name)) {
        throw new UsageError(`--${name} is about the history file: name one with --history FILE`);
      }
    }
  }
  return {
    kind: "serve",
    host: one("host")?.replace(/^\[(.*)\]$/, "$1"),
    port: parsePort(one("port"), 0) ?? DEFAULT_PORT,
    greeting: parseObject("greeting", one("greeting")),
    history: one("history"),
    retain: retain === undefined
      ? undefined
      : /^\d+$/.test(retain)
      ? { count: parseCount("retain", retain) }
      : { ageMs: parseTime("retain", retain) },
    durability: parseChoice("durability", one("durability") ?? "os", ["os", "disk"]),
    replay: parseCount("replay", one("replay") ?? String(DEFAULT_REPLAY), 0),
    quiet: given.has("quiet"),
    logJson: given.has("log-json"),
    limits,
  };
}

function connectCommand(given: Given): ConnectCommand {
  const one = (name: string) => given.get(name)?.[0];
  const count = (name: string) => one(name) === undefined ? undefined : parseCount(name, one(name)!);
  for (const [i, first] of ONE_OF.entries()) {
    for (const second of ONE_OF.slice(i + 1)) {
      if (given.has(first) && given.has(second) && !TOGETHER.has(`${first} ${second}`)) {
        throw new UsageError(`--${first} and --${second} end in different ways: give one of them`);
      }
    }
  }
  return {
    kind: "connect",
    ...parseAddress(one("connect")!, parsePort(one("port"), 1)),
    nick: parseName("nick", one("nick")),
    room: parseName("room", one("room")),
    send: (given.get("send") ?? []).map((text) => parseObject("send", text)!),
    receive: count("receive"),
    last: count("last"),
    stats: given.has("stats"),
    follow: given.has("follow"),
    json: given.has("json"),
    trace: given.has("trace"),
    reconnect: !given.has("no-reconnect"),
    color: parseChoice("color", one("color") ?? "auto", ["auto", "always", "never"]),
    bell: parseChoice("bell", one("bell") ?? "mention", ["off", "mention", "all"]),
    plainScreen: given.has("plain-screen"),
  };
}

function parsePort(text: string | undefined, least: number): number | undefined {
  return text === undefined ? undefined : parseCount("port", text, least, 65_535);
}

function parseName(option: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const name = normalizeName(text);
  if (name !== null) return name;
  throw new UsageError(
    `--${option} takes 1 to 32 visible characters without spaces, not ${JSON.stringify(text)}`,
  );
}

function parseObject(option: string, text: string | undefined): Value | undefined {
  if (text === undefined) return undefined;
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof PickleError)) throw error;
    throw new UsageError(`--${option} takes a Python literal, as "{1: 'hi'}" or "'text'": ${error.message}`);
  }
}
