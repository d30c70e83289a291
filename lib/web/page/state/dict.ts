/** Messages as dicts. In a received message, a key that is missing or has another type counts as empty. */

import type { Value } from "../../../pickle/values/values.ts";

/** Returns the text of a key; empty if there is none. */
export function textOf(dict: ReadonlyMap<Value, Value>, key: string): string {
  const value = dict.get(key);
  return typeof value === "string" ? value : "";
}

/** Returns the number of a key; 0 if there is none. */
export function numberOf(dict: ReadonlyMap<Value, Value>, key: string): number {
  const value = dict.get(key);
  if (typeof value === "number") return value;
  return value !== null && typeof value === "object" && "value" in value ? Number(value.value) : 0;
}

/** Returns the ref of a message; empty if it has no ref that is a text. */
export function refOf(dict: ReadonlyMap<Value, Value>): string {
  const ref = dict.get("ref");
  return typeof ref === "string" ? ref : "";
}

/** Returns whether a text names somebody, as a word of its own. */
export function mentions(body: Value, nick: string): boolean {
  if (typeof body !== "string" || nick === "") return false;
  const [text, name] = [body.toLowerCase(), nick.toLowerCase()];
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const around = (text[at - 1] ?? " ") + (text[at + name.length] ?? " ");
    if (!/[\p{L}\p{N}_-]/u.test(around)) return true;
  }
  return false;
}

/** Returns a message as a dict, without the keys that are null. */
export function messageOf(fields: Readonly<Record<string, Value>>): Map<Value, Value> {
  return new Map(Object.entries(fields).filter(([, value]) => value !== null));
}

/** Makes a post to a room, or to one person if the place's name begins with `@`. */
export function postOf(body: Value, { place, ref }: { place: string; ref: string }): Map<Value, Value> {
  const where = place.startsWith("@") ? { to: place.slice(1) } : { room: place };
  return messageOf({ type: "message", ...where, body, ref });
}

/** Makes a ref for a post or a command, which no other has. `crypto.randomUUID` exists only on secure pages. */
export function newRef(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
