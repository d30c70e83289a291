/** State that survives a reload: session, rooms and pending posts of this tab; name and theme of all tabs. */

import { fromJson, toJson } from "../../json/mod.ts";
import { Tuple, type Value } from "../../pickle/values/values.ts";
import type { Model } from "./model.ts";
import type { Pending } from "./place.ts";

/** Reads and writes what is kept. In a browser that stores nothing, it works without stored state. */
export class Stored {
  get nick(): string {
    return read(() => localStorage.getItem("nick"));
  }

  set nick(nick: string) {
    write(() => localStorage.setItem("nick", nick));
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

  get session(): string {
    return read(() => sessionStorage.getItem("session"));
  }

  get epoch(): string {
    return read(() => sessionStorage.getItem("epoch"));
  }

  get rooms(): string[] {
    const rooms = parsed(read(() => sessionStorage.getItem("rooms")));
    return Array.isArray(rooms) ? rooms.filter((room) => typeof room === "string") : [];
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
    const rooms = [...model.places.values()].filter(({ isPrivate }) => !isPrivate).map(({ key }) => key);
    const pending = model.pending.filter(({ refused }) => refused === undefined);
    write(() => {
      set("session", model.session);
      set("epoch", model.epoch);
      set("rooms", toJson(rooms));
      set("pending", toJson(pending.map(({ ref, place, body }): Value => new Tuple([ref, place, body]))));
    });
  }
}

const kept = new Map<string, string>();

/** Writes a value if it has changed, because this is called for each line. */
function set(key: string, value: string): void {
  if (kept.get(key) === value) return;
  kept.set(key, value);
  sessionStorage.setItem(key, value);
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
