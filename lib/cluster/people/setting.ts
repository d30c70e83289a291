/** One setting that listeners share, as JSON. */

import type { Ban } from "../../history/history.ts";

/** A topic, a ban or a mute. `by` is the nick of the person who set it. A mute without `by` follows from a renaming. */
export type Setting =
  | { readonly kind: "topic"; readonly room: string; readonly text: string; readonly by: string }
  | { readonly kind: "ban"; readonly ban: Ban; readonly by: string }
  | {
    readonly kind: "mute";
    readonly room: string;
    readonly nick: string;
    readonly session: string | undefined;
    readonly by: string | undefined;
  };

/**
 * Reads a setting.
 * @returns Null if this program does not know such a setting.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readSetting } from "./setting.ts";
 *
 * const topic = { kind: "topic", room: "ops", text: "tea at five", by: "ann" } as const;
 * assertEquals(readSetting(new TextEncoder().encode(JSON.stringify(topic))), topic);
 * assertEquals(readSetting(new TextEncoder().encode('{"kind":"topic","room":7}')), null);
 * ```
 */
export function readSetting(bytes: Uint8Array): Setting | null {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null) return null;
  const { kind, room, text, by, nick, session, ban } = value as Partial<Record<string, unknown>>;
  if (kind === "topic" && isText(room) && isText(text) && isText(by)) return { kind, room, text, by };
  if (kind === "ban" && isText(by) && isBan(ban)) {
    return { kind, ban: { kind: ban.kind, value: ban.value, text: ban.text }, by };
  }
  if (kind === "mute" && isText(room) && isText(nick) && isTextOrNone(session) && isTextOrNone(by)) {
    return { kind, room, nick, session, by };
  }
  return null;
}

function isBan(value: unknown): value is Ban {
  if (typeof value !== "object" || value === null) return false;
  const { kind, value: who, text } = value as Partial<Record<keyof Ban, unknown>>;
  return (kind === "nick" || kind === "address") && isText(who) && isText(text);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isTextOrNone(value: unknown): value is string | undefined {
  return value === undefined || isText(value);
}
