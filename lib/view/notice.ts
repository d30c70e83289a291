/** Notices: events other than messages, as lines for standard error. */

import { afterName, reasonOf } from "../base/errors.ts";
import { clean } from "../base/text.ts";
import type { ChatEvent, LinkState } from "./view.ts";

/**
 * Returns the line for an event, or null if there is none. Programs get no notices of joins and leaves, and one of a
 * bye only if it ends the session.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { notice } from "./notice.ts";
 *
 * assertEquals(notice({ kind: "problem", text: "Cannot post" }), "chat: cannot post");
 * assertEquals(notice({ kind: "replayed", room: "lobby" }), null);
 * ```
 */
export function notice(event: ChatEvent): string | null {
  const text = noticeText(event);
  return text === null ? null : `chat: ${afterName(clean(text))}`;
}

function noticeText(event: ChatEvent): string | null {
  switch (event.kind) {
    case "problem":
      return event.text;
    case "refused":
      return `not posted: ${reasonOf(event.text)} (${event.code})`;
    case "link":
      return linkText(event.state);
    case "told":
      if (event.message.type === "error") return `${reasonOf(event.message.text)} (${event.message.code})`;
      if (event.message.type === "gap") {
        const { room, first, last } = event.message;
        return `missed in ${room}: messages ${first} to ${last} are no longer kept`;
      }
      return null;
    default:
      return null;
  }
}

function linkText(state: LinkState): string | null {
  if (state.is === "connecting") return `connecting to ${state.address} …`;
  if (state.is === "greeting") return `waiting for ${state.address} to answer …`;
  if (state.is === "lost") {
    if (state.next !== undefined) return `${state.reason}; trying ${state.next}`;
    return `${state.reason}; retrying in ${Math.ceil(state.retryMs / 1000)} s`;
  }
  return null;
}
