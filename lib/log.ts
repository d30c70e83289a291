/** What the listener tells of itself: one event a line, for people or, as JSON, for programs. */

import { clean, cleanJson } from "./text.ts";

/** Something that happened, with what is to be known of it. */
export type LogEvent =
  | { readonly event: "listening"; readonly address: string }
  | { readonly event: "came"; readonly address: string; readonly nick: string }
  | { readonly event: "went"; readonly address: string; readonly nick: string; readonly why: string }
  | { readonly event: "renamed"; readonly address: string; readonly nick: string; readonly to: string }
  | { readonly event: "refused"; readonly address: string; readonly code: string; readonly text: string }
  | { readonly event: "failed"; readonly text: string }
  | { readonly event: "recovered"; readonly text: string }
  | { readonly event: "ending" };

/** Takes an event. */
export type Log = (event: LogEvent) => void;

/**
 * An event as one line, safe for a terminal.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { logLine } from "./log.ts";
 *
 * const event = { event: "came", address: "127.0.0.1:5000", nick: "ann" } as const;
 * assertEquals(logLine(event, { json: true, time: new Date(0) }),
 *   '{"time":"1970-01-01T00:00:00.000Z","event":"came","address":"127.0.0.1:5000","nick":"ann"}');
 * ```
 */
export function logLine(event: LogEvent, { json, time }: { json: boolean; time: Date }): string {
  if (json) return cleanJson(JSON.stringify({ time: time.toISOString(), ...event }));
  return `chat: ${clean(formatEvent(event))}`;
}

function formatEvent(event: LogEvent): string {
  switch (event.event) {
    case "listening":
      return `listening on ${event.address}`;
    case "came":
      return `${event.nick} came from ${event.address}`;
    case "went":
      return `${event.nick} (${event.address}) went: ${event.why}`;
    case "renamed":
      return `${event.nick} (${event.address}) is now ${event.to}`;
    case "refused":
      return `refused ${event.code} from ${event.address}: ${event.text}`;
    case "failed":
    case "recovered":
      return event.text;
    case "ending":
      return "ending: saying goodbye to everybody";
  }
}
