/** State that survives a reload: session, rooms and pending posts of this tab; name and theme of all tabs. */

import { fromJson, toJson } from "../../../json/mod.ts";
import { Tuple, type Value } from "../../../pickle/values/values.ts";
import type { Model } from "./model.ts";
import type { Entry, Pending } from "./place.ts";

/** Reads and writes what is kept. In a browser that stores nothing, it works without stored state. */
export class Stored {
  /** The nick of this tab; in a new tab, the one that was chosen last in any. */
  get nick(): string {
    return read(() => sessionStorage.getItem("nick")) || read(() => localStorage.getItem("nick"));
  }

  set nick(nick: string) {
    write(() => {
      set("nick", nick);
      localStorage.setItem("nick", nick);
    });
  }

  /** The secret that proves that this browser belongs to a private chat, in hexadecimal. */
  get secret(): string {
    return read(() => localStorage.getItem("secret"));
  }

  set secret(secret: string) {
    write(() => localStorage.setItem("secret", secret));
  }

  get theme(): string {
    return read(() => localStorage.getItem("theme"));
  }

  set theme(theme: string) {
    write(() => localStorage.setItem("theme", theme));
  }

  get room(): string {
    return read(() => sessionStorage.getItem("room"));
  }

  set room(room: string) {
    write(() => sessionStorage.setItem("room", room));
  }

  /** The place that was shown last: a room or a conversation. */
  get shown(): string {
    return read(() => sessionStorage.getItem("shown"));
  }

  set shown(key: string) {
    write(() => sessionStorage.setItem("shown", key));
  }

  get session(): string {
    return read(() => sessionStorage.getItem("session"));
  }

  get epoch(): string {
    return read(() => sessionStorage.getItem("epoch"));
  }

  /** The rooms, each with the newest id that was seen there. */
  get rooms(): Map<string, number> {
    const rooms = parsed(read(() => sessionStorage.getItem("rooms")));
    if (!(rooms instanceof Map)) return new Map();
    return new Map(
      [...rooms].filter((room): room is [string, number] =>
        typeof room[0] === "string" && typeof room[1] === "number"
      ),
    );
  }

  /** The posts that were not acked. */
  get pending(): Pending[] {
    const posts = parsed(read(() => sessionStorage.getItem("pending")));
    if (!Array.isArray(posts)) return [];
    return posts.flatMap((post) => {
      const [ref, place, body] = post instanceof Tuple ? post.items : [];
      return typeof ref === "string" && typeof place === "string" ? [{ ref, place, body: body ?? null }] : [];
    });
  }

  /** Stores the state of a model. */
  remember(model: Model): void {
    // Until the listener has answered, what was stored is truer.
    if (model.session === "") return;
    const rooms = [...model.places.values()].filter(({ isPrivate }) => !isPrivate);
    const pending = model.pending.filter(({ refused }) => refused === undefined);
    write(() => {
      if (!GUEST.test(model.nick)) set("nick", model.nick);
      set("session", model.session);
      set("epoch", model.epoch);
      set("rooms", toJson(new Map<Value, Value>(rooms.map(({ key, seenUpTo }) => [key, seenUpTo]))));
      set("pending", toJson(pending.map(({ ref, place, body }): Value => new Tuple([ref, place, body]))));
    });
  }
}

/** The name of somebody who has not chosen one. */
const GUEST = /^guest-\d+$/;

/** The most private messages that are kept, and the most characters of them. */
const MOST_KEPT = 500;
const MOST_CHARACTERS = 512 * 1024;

/** The state of the conversations that were written last. */
let keptTalks = "";

/** Keeps the private conversations, which the listener does not, within their limits: the newest messages. */
export function keepTalks(model: Model): void {
  const talks = [...model.places.values()].filter(({ isPrivate }) => isPrivate);
  // Rooms change all the time, and encoding takes long.
  const state = talks.map(({ key, unread, draft, entries }) =>
    [key, unread, entries.length, entries.at(-1)?.key, draft].join(" ")
  ).join("\n");
  if (state === keptTalks) return;
  const newest = talks.flatMap(({ key, entries }) => entries.filter(isSmall).map((entry) => ({ key, entry })))
    .sort((a, b) => a.entry.at - b.entry.at).slice(-MOST_KEPT).reverse();
  const lines: string[] = [];
  let size = 0;
  for (const { key, entry: { from, at, body, isOwn, isNote } } of newest) {
    const line = toJson(new Tuple([key, from, at, body, isOwn === true, isNote === true]));
    if (size + line.length > MOST_CHARACTERS) continue;
    size += line.length;
    lines.push(line);
  }
  write(() => {
    set("talks", toJson(talks.map(({ key, unread, draft }): Value => new Tuple([key, unread, draft]))));
    set("private", lines.reverse().join("\n"));
    keptTalks = state;
  });
}

/** A message that would leave no room for others is not even encoded. */
function isSmall({ size }: Entry): boolean {
  return size <= MOST_CHARACTERS;
}

/** Gives a model the conversations that were kept. */
export function restoreTalks(model: Model): void {
  const talks = parsed(read(() => sessionStorage.getItem("talks")));
  for (const talk of Array.isArray(talks) ? talks : []) {
    const [key, unread, draft] = talk instanceof Tuple ? talk.items : [];
    if (typeof key !== "string" || !key.startsWith("@")) continue;
    const place = model.place(key);
    place.unread = place.mentions = typeof unread === "number" ? unread : 0;
    place.draft = typeof draft === "string" ? draft : "";
  }
  for (const line of read(() => sessionStorage.getItem("private")).split("\n")) {
    const message = parsed(line);
    const [key, from, at, body = null, isOwn, isNote] = message instanceof Tuple ? message.items : [];
    if (typeof key !== "string" || typeof from !== "string" || !key.startsWith("@")) continue;
    const seconds = typeof at === "number" ? at : Number((at as { value?: unknown })?.value ?? 0);
    model.addOld(key, { from, at: seconds, body, isOwn: isOwn === true, isNote: isNote === true });
  }
}

const kept = new Map<string, string>();

/** Writes a value if it is another than the one that was written. */
function set(key: string, value: string): void {
  if (kept.get(key) === value) return;
  sessionStorage.setItem(key, value);
  kept.set(key, value);
}

function read(get: () => string | null): string {
  try {
    return get() ?? "";
  } catch {
    return "";
  }
}

function write(set: () => void): void {
  try {
    set();
  } catch {
    // The storage is full or forbidden. The page then starts afresh after a reload.
  }
}

function parsed(text: string): Value {
  try {
    return text === "" ? null : fromJson(text);
  } catch {
    return null;
  }
}
