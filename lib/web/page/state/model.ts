/** The state of a chat as a page shows it: places, their messages, posts under way. Lines go in, changes come out. */

import { reasonOf } from "../../../base/errors.ts";
import { nameKey } from "../../../base/text.ts";
import type { Value } from "../../../pickle/values/values.ts";
import { answerText, leftText, mutingText, textsOf } from "./answers.ts";
import { Asked, type AskedCommand } from "./asked.ts";
import { Posts } from "./posts.ts";
import { Replays, SEARCH_REF } from "./replays.ts";
import { limitTalks, personAlike, renameTalk, talkAlike } from "./talks.ts";
import type { ModelWatch } from "./watch.ts";
import { mentions, numberOf, refOf, textOf } from "./dict.ts";
import {
  type Entry,
  forgetIds,
  insertEntry,
  newPlace,
  type Pending,
  type Place,
  trimEntries,
} from "./place.ts";

/** A line as it came, with its length. */
export interface Received {
  readonly dict: ReadonlyMap<Value, Value>;
  readonly size: number;
}

/** The state of the page. Each line from the listener changes it. */
export class Model {
  readonly #watch: ModelWatch;
  readonly places = new Map<string, Place>();
  readonly #posts = new Posts();
  /** The keys of the nicks whose messages are hidden. */
  readonly ignored = new Set<string>();
  nick = "";
  session = "";
  epoch = "";
  /** The place that is shown; empty if this person is in none. */
  current = "";
  /** Whether the person looks at it. */
  isVisible = true;
  /** The nick of the newest private message's sender. */
  replyTo = "";
  #lastKey = 0;
  /** The newest ids that were seen before a reload, by room. */
  #seenBefore: ReadonlyMap<string, number> = new Map();
  readonly #asked = new Asked();
  readonly #replays = new Replays();
  /** The messages that a search has found so far. */
  #found: Entry[] = [];

  constructor(watch: ModelWatch) {
    this.#watch = watch;
  }

  /** Takes over what was there before a reload: the newest ids that were seen, by room. */
  restore(seen: ReadonlyMap<string, number>): void {
    this.#seenBefore = seen;
  }

  /** The posts that are not acked, and those that were refused. */
  get pending(): readonly Pending[] {
    return this.#posts.list;
  }

  /** Returns a place, which is created if there is none. Nicks that differ only in case are one person's. */
  place(key: string): Place {
    const known = this.places.get(key) ?? talkAlike(this.places, key);
    if (known !== undefined) return known;
    const place = newPlace(key, this.#seenBefore.get(key));
    if (key === "") return place;
    this.places.set(key, place);
    if (place.isPrivate) limitTalks(this.places, this.current);
    this.current ||= key;
    this.#watch.places();
    return place;
  }

  /** Returns the key of the conversation with a person, whose nick may be typed in any case. */
  talkWith(nick: string): string {
    return this.place(`@${personAlike(this.places, nick) ?? nick}`).key;
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

  /** Takes a place out of the list, with its refused posts. If it is shown, another one is shown. */
  close(key: string): void {
    this.places.delete(key);
    for (const { ref, place, refused } of [...this.pending]) {
      if (place === key && refused !== undefined) this.dropPending(ref);
    }
    if (this.current === key) {
      const keys = [...this.places.keys()];
      this.#watch.go(keys.find((each) => !each.startsWith("@")) ?? keys[0] ?? "");
    }
    this.#watch.places();
  }

  /** Marks the messages of the current place as seen. */
  markSeen(): void {
    const place = this.places.get(this.current);
    if (place === undefined || !this.isVisible) return;
    place.unread = place.mentions = 0;
    // Before anything has come, it is not known what was posted before the first visit.
    if (place.lastId > 0) place.seenUpTo = Math.max(place.seenUpTo, place.lastId);
    this.#watch.places();
  }

  /** Records a command, and returns it with the ref by which its answer is known. */
  ask(message: ReadonlyMap<Value, Value>): Map<Value, Value> {
    return this.#asked.add(message, this.place(this.current));
  }

  /** Records a post that is being sent. Returns false if too many are already waiting. */
  addPending(post: Pending): boolean {
    if (!this.#posts.add(post)) return false;
    this.#watch.pending();
    return true;
  }

  /** Takes a post out of the list, and returns it. */
  dropPending(ref: string): Pending | undefined {
    const post = this.#posts.take(ref);
    this.#watch.pending();
    return post;
  }

  /** Returns the newest ids by room, from which a hello resumes. */
  resume(): Map<string, number> {
    const rooms = [...this.places.values()].filter(({ isPrivate }) => !isPrivate);
    return new Map(rooms.map(({ key, lastId }) => [key, lastId]));
  }

  /** Takes a line. */
  take({ dict, size }: Received): void {
    const text = (key: string) => textOf(dict, key);
    const asked = this.#asked.take(refOf(dict));
    if (asked !== undefined && dict.get("type") !== "error") this.#answer(dict, asked);
    switch (dict.get("type")) {
      case "welcome":
        return this.#welcome(text("nick"), text("session"), text("epoch"));
      case "joined":
        return this.#joined(dict);
      case "left":
        return this.#left(dict);
      case "renamed":
        return this.#renamed(dict, asked === undefined ? text("room") : null);
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
        return this.#acked(dict);
      case "mute":
      case "unmute":
        if (asked === undefined) this.#note(text("room"), mutingText(dict, this.nick));
        return;
      case "error":
        return this.#error(dict);
    }
    if (!dict.has("type")) this.#message(new Map([["from", ""], ["body", dict.get("body") ?? null]]), size);
  }

  /** Tells the outcome of a command in the place in which it was typed. */
  #answer(dict: ReadonlyMap<Value, Value>, { message, place }: AskedCommand): void {
    this.#watch.done();
    const type = dict.get("type");
    if (type === "stats") return this.say(place, dict.get("stats") ?? null);
    if (type === "joined") return this.#watch.go(this.place(textOf(dict, "room")).key);
    if (type === "renamed") {
      const [wanted, to] = [textOf(message, "nick"), textOf(dict, "to")];
      this.#watch.named(to);
      if (nameKey(wanted) !== nameKey(to)) this.say(place, `${wanted} is taken: you are ${to}`);
      return;
    }
    const text = answerText(dict, this.nick);
    if (text !== null) this.say(place, text);
  }

  #welcome(nick: string, session: string, epoch: string): void {
    const before = this.nick;
    if (this.epoch !== "" && this.epoch !== epoch) {
      for (const place of this.places.values()) if (!place.isPrivate) forgetIds(place);
    }
    // What was asked before the connection was lost is not answered any more.
    this.#asked.clear();
    this.#replays.clear();
    for (const place of this.places.values()) place.isLoading = false;
    [this.nick, this.session, this.epoch] = [nick, session, epoch];
    if (before !== "" && nameKey(before) !== nameKey(nick)) {
      this.say(this.place(this.current), `${before} is taken: you are ${nick}`);
    }
    this.#watch.places();
  }

  #joined(dict: ReadonlyMap<Value, Value>): void {
    const [room, nick] = [textOf(dict, "room"), textOf(dict, "nick")];
    const place = this.place(room);
    if (Array.isArray(dict.get("nicks"))) {
      place.people = textsOf(dict, "nicks");
      place.count = numberOf(dict, "count");
      place.topic = textOf(dict, "topic");
      // What was posted before the first visit is not news.
      if (place.seenUpTo < 0) place.seenUpTo = numberOf(dict, "head");
    } else {
      if (!place.people.includes(nick)) place.people.push(nick);
      place.count++;
      if (!this.#isIgnored(nick)) this.#note(room, `${nick} joined`, numberOf(dict, "at"));
    }
    this.#watch.places();
  }

  #left(dict: ReadonlyMap<Value, Value>): void {
    const nick = textOf(dict, "nick");
    const place = this.place(textOf(dict, "room"));
    if (nick === this.nick) return this.close(place.key);
    place.people = place.people.filter((name) => name !== nick);
    place.count--;
    if (!this.#isIgnored(nick)) this.#note(place.key, leftText(dict));
    this.#watch.places();
  }

  /** Handles a renaming. `room` is null if it answers this person's own command; each room is told of it as well. */
  #renamed(dict: ReadonlyMap<Value, Value>, room: string | null): void {
    const [nick, to] = [textOf(dict, "nick"), textOf(dict, "to")];
    const isOwn = room === null || nick === this.nick || to === this.nick;
    if (isOwn) this.nick = to;
    else this.#follow(nick, to, numberOf(dict, "at"));
    const place = room === null ? undefined : this.places.get(room);
    if (place !== undefined) {
      place.people = place.people.map((name) => name === nick ? to : name);
      this.#note(place.key, isOwn ? `you are now ${to}` : `${nick} is now ${to}`);
    }
    this.#watch.places();
  }

  /** Has the conversation with a person, and the posts to them, follow their renaming. */
  #follow(nick: string, to: string, at: number): void {
    const [before, after] = [`@${nick}`, `@${to}`];
    // Every room that both are in announces it. When a late one comes, the old nick may be somebody else's.
    const talk = this.places.get(before);
    if (talk === undefined || talk.since > at) return;
    renameTalk(this.places, before, after);
    talk.since = at;
    if (this.current === before || this.current === after) this.current = after;
    if (this.replyTo === nick) this.replyTo = to;
    this.#posts.rename(before, after);
    this.#note(after, `${nick} is now ${to}`);
    this.#watch.pending();
    if (this.current === after) this.#watch.go(after);
  }

  #who(dict: ReadonlyMap<Value, Value>): void {
    const place = this.places.get(textOf(dict, "room"));
    if (place === undefined) return;
    place.people = textsOf(dict, "nicks");
    place.count = numberOf(dict, "count");
    this.#watch.places();
  }

  #replay(dict: ReadonlyMap<Value, Value>): void {
    const place = this.place(textOf(dict, "room"));
    const left = numberOf(dict, "count");
    const kind = this.#replays.begin(place.key, left, refOf(dict));
    if (kind === "found") {
      this.#found = [];
      if (left === 0) this.#watch.found(place, []);
    }
    if (kind === "older") {
      place.isLoading = false;
      if (left === 0) place.isAtStart = true;
    }
    this.#watch.entries(place);
  }

  #message(dict: ReadonlyMap<Value, Value>, size: number): void {
    const [from, to] = [textOf(dict, "from"), textOf(dict, "to")];
    const isOwn = from === this.nick;
    const isHidden = !isOwn && this.#isIgnored(from);
    if (to !== "" && isHidden) return;
    const place = this.place(to === "" ? textOf(dict, "room") || this.current : `@${isOwn ? to : from}`);
    if (to !== "" && !isOwn) {
      this.replyTo = from;
      place.since = Math.max(place.since, numberOf(dict, "at"));
    }
    const id = dict.has("id") ? numberOf(dict, "id") : undefined;
    const body = dict.get("body") ?? null;
    const mentionsMe = !isOwn && (place.isPrivate || mentions(body, this.nick));
    const entry = this.#entry(place, { id, from, at: numberOf(dict, "at"), body, isOwn, mentionsMe, size });
    const replay = id === undefined ? null : this.#replays.next(place.key);
    if (replay?.kind === "found") {
      this.#found.push(entry);
      if (replay.isLast) this.#watch.found(place, this.#found.splice(0));
      return;
    }
    const isOlder = replay?.kind === "older";
    if (id !== undefined && id > place.lastId) place.lastId = id;
    if (!isHidden && (!place.isDetached || isOlder)) {
      if (!insertEntry(place, entry)) return;
      trimEntries(place, isOlder);
      this.#watch.entries(place);
    }
    this.#count(place, entry, { isReplayed: replay !== null, isHidden });
  }

  #entry(place: Place, entry: Omit<Entry, "key" | "order">): Entry {
    return { ...entry, key: ++this.#lastKey, order: entry.id ?? place.lastId + 0.5 };
  }

  #count(
    place: Place,
    entry: Entry,
    { isReplayed, isHidden }: { isReplayed: boolean; isHidden: boolean },
  ): void {
    // Of old messages those are news that came while this page was not connected.
    const isOld = isReplayed && (place.seenUpTo < 0 || entry.id! <= place.seenUpTo);
    const isSeen = place.key === this.current && this.isVisible;
    if (isSeen) place.seenUpTo = Math.max(place.seenUpTo, place.lastId);
    if (isOld || entry.isOwn || isHidden) return;
    if (!isSeen) {
      place.unread++;
      if (entry.mentionsMe) place.mentions++;
      this.#watch.places();
    }
    if (!isReplayed) this.#watch.arrived(place, entry);
  }

  #isIgnored(nick: string): boolean {
    return this.ignored.size > 0 && this.ignored.has(nameKey(nick));
  }

  /** Takes a stored post out of the list. A private one is shown then, because the listener does not send it back. */
  #acked(dict: ReadonlyMap<Value, Value>): void {
    const post = this.dropPending(refOf(dict));
    if (post === undefined || !post.place.startsWith("@")) return;
    const isToSelf = nameKey(post.place.slice(1)) === nameKey(this.nick);
    if (!isToSelf) {
      this.addOld(post.place, { from: this.nick, at: numberOf(dict, "at"), body: post.body, isOwn: true });
    }
  }

  /** Adds a private message that does not count as new: an own one, or one from before a reload. */
  addOld(key: string, message: Pick<Entry, "from" | "at" | "body" | "isOwn" | "isNote">): void {
    const place = this.place(key);
    insertEntry(
      place,
      this.#entry(place, { ...message, mentionsMe: !message.isOwn && !message.isNote, size: 100 }),
    );
    trimEntries(place, false);
    this.#watch.entries(place);
  }

  #error(dict: ReadonlyMap<Value, Value>): void {
    const ref = refOf(dict);
    const text = textOf(dict, "text");
    if (ref === SEARCH_REF) {
      this.#replays.searchFailed();
      return this.#watch.notSearched(textOf(dict, "code"), text);
    }
    if (!this.#posts.refuse(ref, reasonOf(text))) return this.#watch.notice(reasonOf(text));
    this.#watch.pending();
  }

  /** Adds a note to a place, or an object for this page alone. */
  say(place: Place, body: Value): void {
    if (place.key === "" && typeof body === "string") return this.#watch.notice(body);
    this.#add(place, body, typeof body === "string");
  }

  #note(key: string, text: string, at?: number): void {
    this.#add(this.place(key), text, true, at);
  }

  /** Adds a line after the newest entry. */
  #add(place: Place, body: Value, isNote: boolean, at = Date.now() / 1000): void {
    if (place.isDetached) return;
    const size = typeof body === "string" ? body.length : 100;
    place.entries.push(this.#entry(place, { from: "", at, body, isNote, size }));
    trimEntries(place, false);
    this.#watch.entries(place);
  }

  /** Drops the messages of a place, so that the newest ones are loaded again. */
  reattach(place: Place): void {
    place.entries = [];
    place.isDetached = false;
    place.isAtStart = place.isPrivate;
    this.#watch.entries(place);
  }

  /** Empties the view of a place. Its messages come back only if they are asked for. */
  clear(place: Place): void {
    this.reattach(place);
    place.isAtStart = true;
  }
}
