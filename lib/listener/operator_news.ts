/** The events of the log that the operator's screen shows. */

import type { LogEvent } from "../log/log.ts";

/** The refusals of requests that show more than a mistake: the peer sends what no program should. */
const SUSPECT: ReadonlySet<string> = new Set(["bad-header", "too-large", "bad-pickle", "unsafe-pickle"]);

/**
 * Returns whether the operator is told an event. Their own actions, connections that have not sent anything yet, the
 * coming and going of scripts, and everyday refusals, which say whom a peer writes to, stand in the log alone.
 *
 * @param own The address of the operator's own connection.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { isNews } from "./operator_news.ts";
 *
 * const bot = { address: "127.0.0.1:5000", nick: "bot" };
 * assertEquals(isNews({ event: "came", ...bot }, "terminal"), true);
 * assertEquals(isNews({ event: "came", ...bot, quiet: true }, "terminal"), false);
 * assertEquals(isNews({ event: "refused", ...bot, code: "no-such-nick", text: "nobody is called ann" }, "terminal"), false);
 * ```
 */
export function isNews(event: LogEvent, own: string): boolean {
  if ("address" in event && event.address === own) return false;
  switch (event.event) {
    case "accepted":
      return false;
    case "came":
    case "renamed":
      return !event.quiet;
    case "went":
      return !(event.quiet && event.why === "left");
    case "refused":
      return event.nick === undefined || SUSPECT.has(event.code);
    default:
      return true;
  }
}
