/** The options of the command line, each with what its value is and what it is about. `--help` prints this table. */

import {
  DEFAULT_PORT,
  DEFAULT_REPLAY,
  LIMIT_NAMES,
  type LimitKind,
  type LimitName,
  LIMITS,
} from "../base/limits.ts";

/** Which end an option belongs to: the listener, the connector, both, or none, as `--help`. */
export type End = "serve" | "connect" | "both" | "none";

/** One option. */
export interface Option {
  readonly end: End;
  /** What stands for its value in the help; a switch has none. */
  readonly value?: string;
  readonly repeatable?: true;
  readonly about: string;
}

const MAIN_OPTIONS = {
  serve: { end: "serve", about: "start a chat on this machine" },
  host: { end: "serve", value: "ADDR", about: "the address to listen on (every address of this machine)" },
  port: { end: "both", value: "N", about: `the port (${DEFAULT_PORT}); with --serve, 0 is any free one` },
  history: { end: "serve", value: "FILE", about: "keep the messages in this SQLite file (in memory only)" },
  retain: {
    end: "serve",
    value: "AGE|N",
    about: "how long messages are kept, or how many of each room: 30d, 10000, or both: 30d,10000 (all)",
  },
  durability: {
    end: "serve",
    value: "os|disk",
    about: "when an acked message is safe: written to the system, or synced to the disk (os)",
  },
  replay: { end: "serve", value: "N", about: `how many messages a newcomer gets (${DEFAULT_REPLAY})` },
  greeting: { end: "serve", value: "OBJECT", about: "what a peer gets first, in place of welcome" },
  quiet: { end: "serve", about: "no operator at this terminal, as for a daemon" },
  "log-json": { end: "serve", about: "the log as one JSON object a line" },

  connect: {
    end: "connect",
    value: "HOST[:PORT]",
    about: "join the chat there; IPv6 in brackets: [::1]:1243",
  },
  nick: { end: "connect", value: "NAME", about: "who I am (guest-N)" },
  room: { end: "connect", value: "NAME", about: "the room that I enter (lobby)" },
  send: {
    end: "connect",
    value: "OBJECT",
    repeatable: true,
    about: "post this, and leave when all are acked; may be repeated",
  },
  receive: { end: "connect", value: "N", about: "leave after N messages" },
  last: { end: "connect", value: "N", about: "print the last N messages, and leave" },
  stats: { end: "connect", about: "print the listener's figures, and leave" },
  follow: { end: "connect", about: "with a pipe for input: stay after its end" },
  json: { end: "connect", about: "one JSON object a line, in and out" },
  trace: { end: "connect", about: "tell on standard error what arrives, byte by byte" },
  "no-reconnect": { end: "connect", about: "leave when the connection is lost" },
  color: { end: "connect", value: "auto|always|never", about: "colors on the screen (auto)" },
  bell: { end: "connect", value: "off|mention|all", about: "when the terminal's bell rings (mention)" },
  "plain-screen": { end: "connect", about: "no cursor movement, as for a screen reader" },

  help: { end: "none", about: "print this" },
  version: { end: "none", about: "print the version" },

  "no-limits": { end: "serve", about: "lift the limits marked with * (not those on memory)" },
} as const satisfies Record<string, Option>;

/** The name of an option that is no limit. */
export type MainOption = keyof typeof MAIN_OPTIONS;

const VALUES: Readonly<Record<LimitKind, string>> = { size: "SIZE", count: "N", time: "TIME" };

/** Gives the option of a limit: `maxFrame` is `max-frame`. */
export function optionOfLimit(name: LimitName): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** All options by name, without the dashes in front. */
export const OPTIONS: ReadonlyMap<string, Option> = new Map<string, Option>([
  ...Object.entries<Option>(MAIN_OPTIONS),
  ...LIMIT_NAMES.map((name): [string, Option] => [
    optionOfLimit(name),
    { end: "serve", value: VALUES[LIMITS[name].kind], about: LIMITS[name].about },
  ]),
]);
