/** The state of a chat as a page shows it: places, their messages, posts under way. Lines go in, changes come out. */

import type { Value } from "../../pickle/values/values.ts";
import { type Entry, newPlace, type Pending, type Place } from "./place.ts";
import { mentions, numberOf, refOf, roomsText, textOf } from "./dict.ts";

/** Callbacks for changes of a model. */
export interface ModelWatch {
  /** Entries were added to, or taken from, a place. */
  entries(place: Place): void;
  /** A place, its people or its counts changed; or the list of places. */
  places(): void;
  /** A post is under way, acked or refused. */
  pending(): void;
  /** A new message of somebody else came, live. */
  arrived(place: Place, entry: Entry): void;
  /** A notice that belongs to no place. */
  notice(text: string): void;
  /** A search is answered: the messages that were found, oldest first. */
  found(place: Place, entries: readonly Entry[]): void;
  /** A search was refused with this code and reason. */
  notSearched(code: string, text: string): void;
}

/** The most entries of a place, and the most characters of them on the wire. */
export const MAX_ENTRIES = 2000;
const MAX_SIZE = 64 * 1024 * 1024;

/** The most posts that wait for an ack. */
const MAX_PENDING = 256;

/** A line as it came, with its length. */
export interface Received {
  readonly dict: ReadonlyMap<Value, Value>;
  readonly size: number;
}

/** A replay that is arriving: of missed messages, of older ones, or of those that a search has found. */
interface Replay {
  left: number;
  readonly kind: "missed" | "older" | "found";
}

/** The ref of a request for older messages. */
export const OLDER_REF = "older";
/** The ref of a search. */
export const SEARCH_REF = "search";

/** The state of the page. Each line from the listener changes it. */
export class Model {
  readonly #watch: ModelWatch;
  readonly places = new Map<string, Place>();
  readonly pending: Pending[] = [];
  nick = "";
  session = "";
  epoch = "";
  /** The place that is shown. */
  current = "";
  /** Whether the person looks at it. */
  isVisible = true;
  #lastKey = 0;
  /** The messages of a replay that are still to come, by room. */
  readonly #replays = new Map<string, Replay>();
  /** The messages that a search has found so far. */
  #found: Entry[] = [];

  constructor(watch: ModelWatch) {
    this.#watch = watch;
  }

  /** Returns a place, which is created if there is none. */
  place(key: string): Place {
    const known = this.places.get(key);
    if (known !== undefined) return known;
    const place = newPlace(key);
    this.places.set(key, place);
    this.current ||= key;
    this.#watch.places();
    return place;
  }

  /** Shows a place. Its messages count as seen. */
  show(key: string): void {
    const before = this.places.get(this.current);
    if (before !== undefined) before.readUpTo = before.lastId;
    this.current = this.place(key).key;
    this.markSeen();
    this.#watch.places();
    this.#watch.entries(this.place(key));
  }

  /** Marks the messages of the current place as seen. */
  markSeen(): void {
    const place = this.places.get(this.current);
    if (place === undefined || !this.isVisible) return;
    place.unread = place.mentions = 0;
    this.#watch.places();
  }

  /** Records a post that is being sent. Returns false if too many are already waiting. */
  addPending(post: Pending): boolean {
    if (this.pending.filter(({ refused }) => refused === undefined).length >= MAX_PENDING) return false;
    this.pending.push(post);
    this.#watch.pending();
    return true;
  }

  /** Takes a refused post out of the list. */
  dropPending(ref: string): void {
    const at = this.pending.findIndex((post) => post.ref === ref);
    if (at >= 0) this.pending.splice(at, 1);
    this.#watch.pending();
  }

  /** Returns the newest ids by room, from which a hello resumes. */
  resume(): Map<string, number> {
    const rooms = [...this.places.values()].filter(({ isPrivate }) => !isPrivate);
    return new Map(rooms.map(({ key, lastId }) => [key, lastId]));
  }

  /** Takes a line. */
  take({ dict, size }: Received): void {
    const text = (key: string) => textOf(dict, key);
    switch (dict.get("type")) {
      case "welcome":
        this.nick = text("nick");
        this.session = text("session");
        this.epoch = text("epoch");
        return this.#watch.places();
      case "joined":
        return this.#joined(dict);
      case "left":
        return this.#left(this.place(text("room")), text("nick"));
      case "renamed":
        return this.#renamed(text("nick"), text("to"), text("room"));
      case "topic":
        this.place(text("room")).topic = text("text");
        this.#note(text("room"), `${text("nick")} set the topic: ${text("text")}`, numberOf(dict, "at"));
        return this.#watch.places();
      case "who":
        return this.#who(dict);
      case "replay":
        return this.#replay(dict);
      case "gap":
        return this.#note(
          text("room"),
          `messages ${numberOf(dict, "first")} to ${numberOf(dict, "last")} are no longer kept`,
        );
      case "message":
        return this.#message(dict, size);
      case "ack":
        return this.dropPending(refOf(dict));
      case "error":
        return this.#error(dict);
      case "rooms":
        return this.#watch.notice(roomsText(dict.get("rooms") ?? []));
    }
    if (!dict.has("type")) this.#message(new Map([["from", ""], ["body", dict.get("body") ?? null]]), size);
  }

  #joined(dict: ReadonlyMap<Value, Value>): void {
    const [room, nick] = [textOf(dict, "room"), textOf(dict, "nick")];
    const nicks = dict.get("nicks");
    const place = this.place(room);
    if (Array.isArray(nicks)) {
      place.people = nicks.filter((name) => typeof name === "string");
      place.count = numberOf(dict, "count");
      place.topic = textOf(dict, "topic");
    } else {
      if (!place.people.includes(nick)) place.people.push(nick);
      place.count++;
      this.#note(room, `${nick} joined`, numberOf(dict, "at"));
    }
    this.#watch.places();
  }

  #left(place: Place, nick: string): void {
    if (nick === this.nick) {
      this.places.delete(place.key);
      if (this.current === place.key) this.show([...this.places.keys()][0] ?? "lobby");
    } else {
      place.people = place.people.filter((name) => name !== nick);
      place.count--;
      this.#note(place.key, `${nick} left`);
    }
    this.#watch.places();
  }

  #renamed(nick: string, to: string, room: string): void {
    if (nick === this.nick) this.nick = to;
    for (const place of this.places.values()) {
      place.people = place.people.map((name) => name === nick ? to : name);
    }
    this.#note(room, `${nick} is now ${to}`);
    this.#watch.places();
  }

  #who(dict: ReadonlyMap<Value, Value>): void {
    const place = this.place(textOf(dict, "room"));
    const nicks = dict.get("nicks");
    if (Array.isArray(nicks)) place.people = nicks.filter((name) => typeof name === "string");
    place.count = numberOf(dict, "count");
    this.#watch.places();
  }

  #replay(dict: ReadonlyMap<Value, Value>): void {
    const place = this.place(textOf(dict, "room"));
    const left = numberOf(dict, "count");
    const ref = refOf(dict);
    const kind = ref === OLDER_REF ? "older" : ref === SEARCH_REF ? "found" : "missed";
    if (kind === "found") {
      this.#found = [];
      if (left === 0) this.#watch.found(place, []);
    }
    if (kind === "older") {
      place.isLoading = false;
      if (left === 0) place.isAtStart = true;
    }
    if (left > 0) this.#replays.set(place.key, { left, kind });
    this.#watch.entries(place);
  }

  #message(dict: ReadonlyMap<Value, Value>, size: number): void {
    const [from, to] = [textOf(dict, "from"), textOf(dict, "to")];
    const isOwn = from === this.nick;
    const place = this.place(to === "" ? textOf(dict, "room") || this.current : `@${isOwn ? to : from}`);
    const id = dict.has("id") ? numberOf(dict, "id") : undefined;
    const body = dict.get("body") ?? null;
    const entry: Entry = {
      key: ++this.#lastKey,
      id,
      from,
      at: numberOf(dict, "at"),
      body,
      isOwn,
      mentionsMe: !isOwn && (place.isPrivate || mentions(body, this.nick)),
      size,
    };
    const replay = id === undefined ? undefined : this.#replays.get(place.key);
    if (replay !== undefined && --replay.left === 0) this.#replays.delete(place.key);
    if (replay?.kind === "found") {
      this.#found.push(entry);
      if (replay.left === 0) this.#watch.found(place, this.#found.splice(0));
      return;
    }
    const isOlder = replay?.kind === "older";
    if (id !== undefined && id > place.lastId) place.lastId = id;
    if (place.isDetached && !isOlder) return this.#count(place, entry, replay !== undefined);
    if (!this.#insert(place, entry)) return;
    this.#trim(place, isOlder);
    this.#watch.entries(place);
    this.#count(place, entry, replay !== undefined);
  }

  /** Inserts an entry at the place of its id. Returns false if it is already there. */
  #insert(place: Place, entry: Entry): boolean {
    const { entries } = place;
    let at = entries.length;
    if (entry.id !== undefined) {
      while (at > 0) {
        const before = entries[at - 1]!;
        if (before.id === entry.id) return false;
        // A note stays behind the message that it came after.
        if (before.id !== undefined && before.id < entry.id) break;
        if (
          before.id === undefined &&
          !entries.slice(0, at).some(({ id }) => id !== undefined && id > entry.id!)
        ) break;
        at--;
      }
    }
    entries.splice(at, 0, entry);
    return true;
  }

  /** Keeps a place within its limits: drops the oldest entries, or the newest ones if older ones were requested. */
  #trim(place: Place, isOlder: boolean): void {
    const { entries } = place;
    let size = entries.reduce((sum, entry) => sum + entry.size, 0);
    while (entries.length > MAX_ENTRIES || (size > MAX_SIZE && entries.length > 1)) {
      const dropped = isOlder ? entries.pop()! : entries.shift()!;
      size -= dropped.size;
      if (isOlder) place.isDetached = true;
      else place.isAtStart = place.isPrivate;
    }
  }

  #count(place: Place, entry: Entry, isReplayed: boolean): void {
    if (isReplayed || entry.isOwn) return;
    if (place.key !== this.current || !this.isVisible) {
      place.unread++;
      if (entry.mentionsMe) place.mentions++;
      this.#watch.places();
    }
    this.#watch.arrived(place, entry);
  }

  #error(dict: ReadonlyMap<Value, Value>): void {
    const ref = refOf(dict);
    const text = textOf(dict, "text");
    if (ref === SEARCH_REF) {
      for (const [key, { kind }] of this.#replays) if (kind === "found") this.#replays.delete(key);
      return this.#watch.notSearched(textOf(dict, "code"), text);
    }
    const at = this.pending.findIndex((post) => post.ref === ref);
    if (at < 0) return this.#watch.notice(text);
    this.pending[at] = { ...this.pending[at]!, refused: text };
    this.#watch.pending();
  }

  /** Adds a note after the newest entry. */
  #note(key: string, text: string, at = Date.now() / 1000): void {
    const place = this.place(key);
    if (place.isDetached) return;
    place.entries.push({ key: ++this.#lastKey, from: "", at, body: text, isNote: true, size: text.length });
    this.#trim(place, false);
    this.#watch.entries(place);
  }

  /** Drops the messages of a place, so that the newest ones are loaded again. */
  reattach(place: Place): void {
    place.entries = [];
    place.isDetached = false;
    place.isAtStart = place.isPrivate;
    this.#watch.entries(place);
  }
}
