/** Reading of the dicts that a listener sends: a key that is missing or of another type is as an empty one. */

import type { Value } from "../../pickle/values/values.ts";

/** Gives the text under a key; empty where there is none. */
export function textOf(dict: ReadonlyMap<Value, Value>, key: string): string {
  const value = dict.get(key);
  return typeof value === "string" ? value : "";
}

/** Gives the number under a key; 0 where there is none. */
export function numberOf(dict: ReadonlyMap<Value, Value>, key: string): number {
  const value = dict.get(key);
  if (typeof value === "number") return value;
  return value !== null && typeof value === "object" && "value" in value ? Number(value.value) : 0;
}

/** Gives the ref of a message; empty where it has none that is a text. */
export function refOf(dict: ReadonlyMap<Value, Value>): string {
  const ref = dict.get("ref");
  return typeof ref === "string" ? ref : "";
}

/** Tells whether a text names somebody, as a word of its own. */
export function mentions(body: Value, nick: string): boolean {
  if (typeof body !== "string" || nick === "") return false;
  const [text, name] = [body.toLowerCase(), nick.toLowerCase()];
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const around = (text[at - 1] ?? " ") + (text[at + name.length] ?? " ");
    if (!/[\p{L}\p{N}_-]/u.test(around)) return true;
  }
  return false;
}

/** Gives the answer to a request for the rooms, in one line. */
export function roomsText(rooms: Value): string {
  if (!Array.isArray(rooms)) return "";
  const lines = rooms.map((room) =>
    room instanceof Map
      ? `${textOf(room, "room")} (${numberOf(room, "members")}) ${textOf(room, "topic")}`
      : ""
  );
  return `rooms: ${lines.map((line) => line.trim()).join(", ")}`;
}
