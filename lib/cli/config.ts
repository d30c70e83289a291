/** The configuration file: options of both ends in TOML, and short names of hosts. */

import { UsageError } from "../base/errors.ts";
import { nearest } from "../base/nearest.ts";
import { type End, OPTIONS, OPTIONS_BY_NAME } from "./options.ts";
import { show } from "./values.ts";

/** The values of an option, and where they come from: `config.toml:3`, `CHAT_NICK`; undefined for the command line. */
export interface Setting {
  readonly values: readonly string[];
  readonly source?: string | undefined;
  /** Whether it was set for this command: typed, or set for the host to connect to. */
  readonly explicit?: boolean;
}

/** Settings by the name of their option. */
export type Settings = ReadonlyMap<string, Setting>;

/** A configuration file that was read. */
export interface Config {
  readonly path: string;
  readonly connect: Settings;
  readonly serve: Settings;
  /** The settings of each `[host.NAME]`; `host` among them is a name or an address. */
  readonly hosts: ReadonlyMap<string, Settings>;
}

/** The environment and the system that the path of the file depends on. */
export interface ConfigPlace {
  readonly env: (name: string) => string | undefined;
  readonly isWindows: boolean;
}

/**
 * Returns the path of the file if none is named: `$XDG_CONFIG_HOME/chat/config.toml`, in `~/.config` without the
 * variable, in `%APPDATA%` on Windows; undefined if the environment names no folder.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { configPath } from "./config.ts";
 *
 * const env = (name: string) => name === "HOME" ? "/home/ann" : undefined;
 * assertEquals(configPath({ env, isWindows: false }), "/home/ann/.config/chat/config.toml");
 * ```
 */
export function configPath({ env, isWindows }: ConfigPlace): string | undefined {
  if (isWindows) {
    const folder = env("APPDATA");
    return folder ? `${folder}\\chat\\config.toml` : undefined;
  }
  const xdg = env("XDG_CONFIG_HOME");
  // The XDG Base Directory Specification says that a relative path is to be ignored.
  if (xdg?.startsWith("/")) return `${xdg}/chat/config.toml`;
  const home = env("HOME");
  return home ? `${home}/.config/chat/config.toml` : undefined;
}

/**
 * Reads a configuration file.
 *
 * @param path The file's path, for errors.
 * @throws {UsageError} With the line number, if the file is not TOML or has a wrong key or kind of value.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseConfig } from "./config.ts";
 *
 * const { hosts } = await parseConfig('[host.work]\nhost = "chat.example.org"\nport = 4000', "config.toml");
 * assertEquals(hosts.get("work")?.get("port"), { values: ["4000"], source: "config.toml:3" });
 * ```
 */
export async function parseConfig(text: string, path: string): Promise<Config> {
  const root = await parseToml(text, path);
  const lines = new Lines(text, path);
  if (lines.repeated !== undefined) throw lines.repeated;
  const sections = { connect: new Map<string, Setting>(), serve: new Map<string, Setting>() };
  const hosts = new Map<string, Settings>();
  for (const [name, table] of Object.entries(root)) {
    if (name === "connect" || name === "serve") {
      sections[name] = readSection(table, { section: [name], end: name, lines });
    } else if (name === "host") {
      for (const [host, own] of entriesOf(table, ["host"], lines)) {
        hosts.set(host, readSection(own, { section: ["host", host], end: "connect", lines }));
      }
    } else {
      throw lines.error([name], `there is no section ${show(name)}: write [connect], [serve] or [host.NAME]`);
    }
  }
  return { path, ...sections, hosts };
}

/** The arguments of options that may be numbers in the file; all others are texts in quotes. */
const NUMBERS: ReadonlySet<string> = new Set(["N", "SIZE", "TIME", "AGE|N|SIZE", "[ADDR:]PORT", "OBJECT"]);

async function parseToml(text: string, path: string): Promise<Record<string, unknown>> {
  // The parser is loaded only if there is a file.
  const { parse } = await import("./toml.ts");
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const [, line = "1", why = error.message] =
      /^Parse error on line (\d+), column \d+: (.*)$/s.exec(error.message) ??
        [];
    throw new UsageError(`${path}:${line}: this is not TOML: ${show(why)}`);
  }
}

/** The place of a table in the file. */
interface Section {
  readonly section: readonly string[];
  readonly end: Exclude<End, "both" | "none">;
  readonly lines: Lines;
}

function readSection(table: unknown, { section, end, lines }: Section): Map<string, Setting> {
  const settings = new Map<string, Setting>();
  for (const [name, value] of entriesOf(table, section, lines)) {
    const key = [...section, name];
    const isHost = section[0] === "host" && name === "host";
    if (!isHost) checkName(name, { key, end, lines });
    const repeatable = OPTIONS_BY_NAME.get(name)?.repeatable === true;
    const argument = OPTIONS_BY_NAME.get(name)?.argument;
    // An option such as --json[=plain] may be written without a value, like a switch.
    const isOptional = argument?.startsWith("[=") === true && typeof value === "boolean";
    const isSwitch = !isHost && (argument === undefined || isOptional);
    const values = Array.isArray(value) && repeatable ? value : [value];
    const words = values.map((value) =>
      wordOf(value, {
        isSwitch,
        mayBeNumber: !isHost && argument !== undefined && NUMBERS.has(argument),
        fail: (why) => lines.error(key, `${name}: ${why}`),
      })
    );
    // A switch that is false counts as not set.
    const given = isSwitch ? words.filter((word) => word === "true").map(() => "") : words;
    if (given.length > 0) settings.set(name, { values: given, source: lines.place(key) });
  }
  return settings;
}

function checkName(
  name: string,
  { key, end, lines }: { key: readonly string[]; end: End; lines: Lines },
): void {
  const option = OPTIONS_BY_NAME.get(name);
  const known = OPTIONS.filter((option) =>
    !option.typedOnly && (option.end === end || option.end === "both")
  );
  if (option !== undefined && known.includes(option)) return;
  if (option?.typedOnly) throw lines.error(key, `${name} is for the command line only`);
  if (option !== undefined) throw lines.error(key, `${name} belongs to [${option.end}]`);
  const near = nearest(name, known.map((option) => option.name));
  throw lines.error(
    key,
    `there is no option ${show(name)}${near === undefined ? "" : `: did you mean ${near}?`}`,
  );
}

/** Returns a value as it would be typed on the command line. */
function wordOf(
  value: unknown,
  { isSwitch, mayBeNumber, fail }: {
    isSwitch: boolean;
    mayBeNumber: boolean;
    fail: (why: string) => UsageError;
  },
): string {
  if (isSwitch) {
    if (typeof value === "boolean") return String(value);
    throw fail("write true or false");
  }
  if (typeof value === "string" && value !== "") return value;
  if (mayBeNumber && typeof value === "number" && Number.isSafeInteger(value)) return String(value);
  throw fail(`write a text in quotes${mayBeNumber ? ", or a whole number" : ""}`);
}

function entriesOf(table: unknown, section: readonly string[], lines: Lines): [string, unknown][] {
  const isTable = typeof table === "object" && table !== null && !Array.isArray(table) &&
    !(table instanceof Date);
  if (!isTable) {
    throw lines.error(section, `${section.join(".")} must be a table: write [${section.join(".")}]`);
  }
  return Object.entries(table);
}

/** The lines of a file, used to find the line of a key. */
class Lines {
  readonly #path: string;
  readonly #lines = new Map<string, number>();
  /** The error for the first key that stands twice, which TOML forbids and the parser takes. */
  readonly repeated: UsageError | undefined;

  constructor(text: string, path: string) {
    this.#path = path;
    let section: string[] = [];
    const keys = new Set<string>();
    // A line inside a text of several lines may look like a key.
    const hasLongText = /"""|'''/.test(text);
    for (const [n, line] of text.split("\n").entries()) {
      const [, header] = /^\s*\[+\s*([^\]]+?)\s*\]/.exec(line) ?? [];
      if (header !== undefined) section = partsOf(header);
      const [, key] =
        /^\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=/.exec(line) ?? [];
      const parts = header !== undefined ? section : key === undefined ? [] : [...section, ...partsOf(key)];
      if (key !== undefined && !hasLongText) {
        const name = parts.join("\n");
        if (keys.has(name)) {
          this.repeated ??= new UsageError(
            `${path}:${n + 1}: ${show(parts.at(-1)!)} stands twice: leave one out`,
          );
        }
        keys.add(name);
      }
      // Each prefix is recorded too, for a table that is written in one line or with dotted keys.
      for (let length = 1; length <= parts.length; length++) {
        const name = parts.slice(0, length).join("\n");
        if (!this.#lines.has(name)) this.#lines.set(name, n + 1);
      }
    }
  }

  /** Returns the place of a key, or of the nearest table around it: `config.toml:3`. */
  place(key: readonly string[]): string {
    for (let length = key.length; length > 0; length--) {
      const line = this.#lines.get(key.slice(0, length).join("\n"));
      if (line !== undefined) return `${this.#path}:${line}`;
    }
    return this.#path;
  }

  error(key: readonly string[], why: string): UsageError {
    return new UsageError(`${this.place(key)}: ${why}`);
  }
}

/** Splits a dotted key into its parts, without their quotes. */
function partsOf(key: string): string[] {
  return Array.from(
    key.matchAll(/"([^"]*)"|'([^']*)'|([\w-]+)/g),
    ([, double, single, bare]) => double ?? single ?? bare ?? "",
  );
}
