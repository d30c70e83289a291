/** Events of the listener's log, and the line that each becomes: text for people, JSON for programs. */

import { afterName } from "../base/errors.ts";
import { clean, cleanJson } from "../base/text.ts";

/** The peer of an event: its address with the port, and its nick. */
interface Whom {
  readonly address: string;
  readonly nick: string;
}

/** A peer that comes and goes without being announced, as scripts do. The field is left out for others. */
interface Quiet {
  readonly quiet?: true;
}

/** One event. docs/operations.md has the table; the names of fields never change. */
export type LogEvent =
  | { readonly event: "listening"; readonly address: string }
  /** Others reach the listener at an address, by a command, or its page by the address to open in a browser. */
  | { readonly event: "reachable"; readonly address: string; readonly command: string }
  /** Messages are kept in a file, within bounds as `--retain` has them. */
  | { readonly event: "keeping"; readonly file: string; readonly retain: string }
  /** The chat is kept on a broker, where other listeners share it; `name` is this listener's. */
  | {
    readonly event: "sharing";
    readonly chat: string;
    readonly servers: readonly string[];
    readonly name: string;
  }
  /** The page for browsers is served; `address` is what to open. */
  | { readonly event: "page"; readonly address: string }
  | { readonly event: "accepted"; readonly address: string }
  | { readonly event: "came" } & Whom & Quiet
  /** `why` is left, cut, failed, or the code of the bye that was said. */
  | { readonly event: "went"; readonly why: string } & Whom & Quiet
  | { readonly event: "renamed"; readonly to: string } & Whom & Quiet
  | { readonly event: "topic"; readonly room: string; readonly text: string } & Whom
  /** A connection was refused, or, where there is a nick, a request of that peer. */
  | {
    readonly event: "refused";
    readonly address: string;
    readonly nick?: string;
    readonly code: string;
    readonly text: string;
  }
  /** A peer sends too fast and is read more slowly. */
  | { readonly event: "slowed" } & Whom
  /** A peer reads too slowly: messages that it has not got yet dropped out of memory. */
  | { readonly event: "behind"; readonly room: string } & Whom
  | { readonly event: "promoted" } & Whom
  /** Wrong operator tokens came from an address: the first alone, later ones together. */
  | { readonly event: "guessed"; readonly address: string; readonly count: number }
  /** Somebody became a member of a private chat. */
  | { readonly event: "enrolled" } & Whom
  | { readonly event: "kicked"; readonly room: string; readonly who: string; readonly text: string } & Whom
  | { readonly event: "muted" | "unmuted"; readonly room: string; readonly who: string } & Whom
  /** `who` is a nick or an address. */
  | { readonly event: "banned"; readonly who: string; readonly text: string } & Whom
  | { readonly event: "unbanned"; readonly who: string } & Whom
  /** Storing or accepting begins to fail, and works again. */
  | { readonly event: "failing"; readonly what: Troubled; readonly text: string }
  | { readonly event: "working"; readonly what: Troubled }
  | { readonly event: "failed"; readonly text: string }
  /** So many events were dropped, as the log was not read fast enough. */
  | { readonly event: "skipped"; readonly count: number }
  /** The operator's terminal is closed. */
  | { readonly event: "unattended" }
  | { readonly event: "ending" };

/** A part of the listener that may fail for a while. */
export type Troubled = "history" | "accept" | "broker";

/** Takes an event of the log. */
export type Log = (event: LogEvent) => void;

/**
 * Formats an event as one line that is safe for a terminal.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { logLine } from "./log.ts";
 *
 * const event = { event: "came", address: "127.0.0.1:5000", nick: "ann" } as const;
 * assertEquals(logLine(event, { json: true, time: new Date(0) }),
 *   '{"time":"1970-01-01T00:00:00.000Z","event":"came","address":"127.0.0.1:5000","nick":"ann"}');
 * assertEquals(logLine(event, { json: false, time: new Date(0) }), "chat: ann came from 127.0.0.1:5000");
 * ```
 */
export function logLine(event: LogEvent, { json, time }: { json: boolean; time: Date }): string {
  if (json) return cleanJson(JSON.stringify({ time: time.toISOString(), ...event }));
  return `chat: ${logText(event)}`;
}

/** Formats an event for people: one line, safe for a terminal, without the program's name. */
export function logText(event: LogEvent): string {
  return clean(afterName(formatEvent(event)));
}

function formatEvent(event: LogEvent): string {
  const who = "nick" in event ? `${event.nick} (${event.address})` : "";
  switch (event.event) {
    case "listening":
      return `listening on ${event.address}`;
    case "reachable":
      return `others join with: ${event.command}`;
    case "keeping":
      return `keeping messages in ${event.file}: ${
        event.retain === "all" ? "all of them" : `${event.retain}, the oldest go first (see --retain)`
      }`;
    case "sharing":
      return `sharing the chat ${event.chat} on ${event.servers.join(", ")} as ${event.name}`;
    case "page":
      return `serving the page on ${event.address}`;
    case "accepted":
      return `a connection from ${event.address}`;
    case "came":
      return `${event.nick} came from ${event.address}`;
    case "went":
      return `${who} ${DEPARTURES.get(event.why) ?? `was disconnected: ${event.why}`}`;
    case "renamed":
      return `${who} is now ${event.to}`;
    case "topic":
      return `${who} set the topic of ${event.room}: ${event.text}`;
    case "refused":
      return `refused ${who || event.address}: ${event.text} (${event.code})`;
    case "slowed":
      return `${who} sends too fast and is read more slowly`;
    case "behind":
      return `${who} reads too slowly and has fallen behind in ${event.room}`;
    case "enrolled":
      return `${who} is a member now`;
    case "promoted":
      return `${who} is an operator now`;
    case "guessed":
      return `${event.count} wrong operator tokens from ${event.address}`;
    case "kicked":
      return `${who} kicked ${event.who} from ${event.room}${because(event.text)}`;
    case "muted":
    case "unmuted":
      return `${who} ${event.event} ${event.who} in ${event.room}`;
    case "banned":
      return `${who} banned ${event.who}${because(event.text)}`;
    case "unbanned":
      return `${who} unbanned ${event.who}`;
    case "failing":
    case "failed":
      return event.text;
    case "working":
      return WORKING[event.what];
    case "skipped":
      return `${event.count} lines of the log were dropped: they came faster than they were read`;
    case "unattended":
      return "the operator's terminal is closed; the listener goes on without an operator";
    case "ending":
      return "ending: saying goodbye to everybody";
  }
}

function because(text: string): string {
  return text === "" ? "" : `: ${text}`;
}

const DEPARTURES: ReadonlyMap<string, string> = new Map([
  ["left", "quit"],
  ["cut", "lost the connection inside a frame"],
  ["failed", "lost the connection"],
  ["kicked", "was kicked"],
  ["banned", "was banned"],
  ["slow", "was disconnected: it read nothing for too long"],
  ["idle", "was disconnected: it did not answer a ping"],
  ["replaced", "was disconnected: its session goes on in another connection"],
  ["shutdown", "was disconnected: the listener ends"],
]);

const WORKING: Readonly<Record<Troubled, string>> = {
  history: "messages are stored again",
  accept: "connections are accepted again",
  broker: "the broker is connected again",
};
