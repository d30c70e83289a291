/** The options of one command line, and the rules on which options go together. */

import type { Settings } from "./config.ts";
import { type MainOption, OPTIONS_BY_NAME } from "./options.ts";
import type { Given } from "./values.ts";
import { UsageError } from "../base/errors.ts";

/** Options that exclude each other, because each ends the connector in its own way. */
const NOT_TOGETHER: readonly (readonly [MainOption, MainOption])[] = [
  ["serve", "connect"],
  ["stats", "receive"],
  ["stats", "last"],
  ["stats", "follow"],
  ["last", "receive"],
  ["last", "follow"],
  ["private", "greeting"],
  ["last", "replay"],
  ...(["send", "say", "send-bytes"] as const).flatMap((post) =>
    (["stats", "last", "follow"] as const).map((other) => [other, post] as const)
  ),
];

/** Options that need another one. */
const ONLY_WITH: readonly (readonly [MainOption, MainOption])[] = [
  ["retain", "history"],
  ["durability", "history"],
  ["web-cert", "web"],
  ["web-cert", "web-key"],
  ["web-key", "web-cert"],
  ["web-trust-proxy", "web"],
  ["metrics-from", "web"],
];

/** Returns whether an option is excluded by one of the others. */
export function excludes(name: string, others: Iterable<string>): boolean {
  const set = new Set(others);
  return NOT_TOGETHER.some(([a, b]) => a === name && set.has(b) || b === name && set.has(a));
}

/** The options of a command line and of the layers below it; each is read by a function of its own. */
export class GivenOptions {
  readonly #options: Settings;

  constructor(options: Settings) {
    this.#options = options;
  }

  /** Whether an option was set for this command, rather than for every command of its kind. */
  isExplicit(name: MainOption): boolean {
    return this.#options.get(name)?.explicit === true;
  }

  /** Whether an option is present. */
  has(name: MainOption): boolean {
    return this.#options.has(name);
  }

  /** Reads all values of an option. An error about a value from another layer names the place of that value. */
  all<T>(name: string, read: (given: Given) => T): T[] {
    const { values = [], source } = this.#options.get(name) ?? {};
    try {
      return values.map((value) => read({ name, value }));
    } catch (error) {
      if (source === undefined || !(error instanceof UsageError)) throw error;
      throw new UsageError(`${source}: ${error.message.replace(`--${name} `, `${name} `)}`);
    }
  }

  /** Reads the value of an option; undefined if it is not present. */
  one<T>(name: MainOption, read: (given: Given) => T): T | undefined {
    return this.all(name, read)[0];
  }

  /** Reads the value of an option as an object with one property, or without properties if the option is not present. */
  property<K extends MainOption, T>(name: K, read: (given: Given) => T): { [key in K]?: T } {
    const value = this.one(name, read);
    return value === undefined ? {} : { [name]: value } as { [key in K]?: T };
  }

  /** Refuses all options but one. */
  checkAlone(name: MainOption): void {
    for (const other of this.#options.keys()) {
      if (other !== name) throw new UsageError(`--${name} must be the only option: leave --${other} out`);
    }
  }

  /** Refuses options that exclude each other. */
  checkTogether(): void {
    for (const [a, b] of NOT_TOGETHER) {
      if (this.has(a) && this.has(b)) {
        throw new UsageError(`--${a} and --${b} do not go together: leave one out`);
      }
    }
  }

  /** Refuses options of the other end, and options whose companion is missing. */
  checkEnd(end: "serve" | "connect"): void {
    for (const name of this.#options.keys()) {
      const other = OPTIONS_BY_NAME.get(name)?.end;
      if (other !== end && other !== "both") {
        throw new UsageError(`--${name} belongs to --${other}: leave it out of --${end}`);
      }
    }
    for (const [name, needed] of ONLY_WITH) {
      if (this.has(name) && !this.has(needed)) {
        const source = this.#options.get(name)?.source;
        throw new UsageError(
          `${source === undefined ? "" : `${source}: `}--${name} needs --${needed}: write --${needed} ${
            OPTIONS_BY_NAME.get(needed)?.argument
          } too`,
        );
      }
    }
  }
}
