/** The options of the command line, in one table: who takes them, what they take, and what `--help` says of them. */

import { DEFAULT_PORT, DEFAULT_REPLAY, LIMIT_NAMES, type LimitName, LIMITS } from "./limits.ts";

/** Which end an option is for. */
export type End = "serve" | "connect" | "both";

/** An option. */
export interface Option {
  readonly end: End;
  /** What stands behind it in the help; none where it is a switch. */
  readonly takes?: string;
  readonly repeatable?: true;
  readonly about: string;
  /** The limit that it sets. */
  readonly limit?: LimitName;
}

/** The options by name, without dashes, in the order of the help. */
export const OPTIONS: Readonly<Record<string, Option>> = {
  serve: { end: "serve", about: "start a chat on this machine" },
  connect: {
    end: "connect",
    takes: "HOST[:PORT]",
    about: "join the chat on HOST; an IPv6 address stands in brackets",
  },
  port: { end: "both", takes: "N", about: `which port (${DEFAULT_PORT}); --serve takes 0 for any free one` },

  host: { end: "serve", takes: "ADDR", about: "where to listen (every address)" },
  greeting: { end: "serve", takes: "OBJECT", about: "what a peer gets first, in place of welcome" },
  history: { end: "serve", takes: "FILE", about: "keep the messages in this file (memory only)" },
  retain: { end: "serve", takes: "AGE|COUNT", about: "how long, or how many, as 30d or 10000 (all)" },
  durability: {
    end: "serve",
    takes: "os|disk",
    about: "written by the system, or to disk at each commit (os)",
  },
  replay: { end: "serve", takes: "N", about: `how many messages a newcomer gets (${DEFAULT_REPLAY})` },
  quiet: { end: "serve", about: "no operator's terminal" },
  "log-json": { end: "serve", about: "the log as one JSON object a line" },
  "no-limits": { end: "serve", about: "no limits on rates and numbers of connections" },

  nick: { end: "connect", takes: "NAME", about: "who I am (guest-N)" },
  room: { end: "connect", takes: "NAME", about: "where I enter (lobby)" },
  send: {
    end: "connect",
    takes: "OBJECT",
    repeatable: true,
    about: "post this and leave; may be given again",
  },
  receive: { end: "connect", takes: "N", about: "leave after N messages" },
  last: { end: "connect", takes: "N", about: "print the last N messages and leave" },
  stats: { end: "connect", about: "print the listener's figures and leave" },
  follow: { end: "connect", about: "with a pipe for input: stay after its end" },
  json: { end: "connect", about: "one JSON object a line, out and in" },
  trace: { end: "connect", about: "tell every read on standard error" },
  "no-reconnect": { end: "connect", about: "do not come back after a lost connection" },
  color: { end: "connect", takes: "WHEN", about: "auto, always or never (auto)" },
  bell: { end: "connect", takes: "WHEN", about: "off, mention or all (mention)" },
  "plain-screen": { end: "connect", about: "no cursor movement, for screen readers" },

  help: { end: "both", about: "this text" },
  version: { end: "both", about: "the version" },

  ...Object.fromEntries(LIMIT_NAMES.map((name) => [
    name.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`),
    { end: "serve", takes: LIMITS[name].kind.toUpperCase(), about: LIMITS[name].about, limit: name } as const,
  ])),
};
