/** The rooms that a screen knows, with their members, and what is unread. */

import { PrivateTalks } from "./private_talks.ts";
import { Unread } from "./unread.ts";

/** The state of a room. */
export interface RoomState {
  readonly unread: Unread;
  topic: string;
  /** The id of the oldest message that was shown. */
  oldest: number | undefined;
  /** The same since the screen was cleared. */
  oldestOnScreen: number | undefined;
  /** The nicks of members and speakers, the most recent speaker last. */
  readonly nicks: Set<string>;
  /** The nick that was added last. */
  last: string | undefined;
}

/** The most nicks that are kept for each room. */
const NICKS = 2000;

/** The most rooms that are kept without being entered. */
const OTHERS = 2000;

/** A room, or the person who sent private messages. */
export type Place = { readonly room: string } | { readonly person: string };

/** The rooms that this end is in, with the room that its lines go to, and other known rooms for completion. */
export class KnownRooms {
  readonly #rooms = new Map<string, RoomState>();
  readonly #others = new Set<string>();
  /** The private messages. */
  readonly talks = new PrivateTalks();
  #here = "";
  #isWatched = true;
  #entering: string | null = null;

  /** The room on the screen; "" if there is none. */
  get here(): string {
    return this.#here;
  }

  /** The room that lines go to: the one being entered, or else the one on the screen. */
  get target(): string {
    return this.#entering ?? this.#here;
  }

  /** The rooms that this end is in, in the order in which it entered them. */
  get names(): string[] {
    return [...this.#rooms.keys()];
  }

  /** All known rooms, those that this end is in first. */
  get known(): string[] {
    return [...new Set([...this.names, ...this.#others])];
  }

  /** Returns the room that a typed name refers to. `#ops` refers to ops, unless there is a room with the name `#ops`. */
  meant(name: string): string {
    const bare = name.replace(/^#(?=.)/, "");
    return !this.#rooms.has(name) && this.#rooms.has(bare) ? bare : name;
  }

  has(room: string): boolean {
    return this.#rooms.has(room);
  }

  /** Returns the state of a room, which is created if there is none. */
  of(room: string): RoomState {
    let state = this.#rooms.get(room);
    if (state === undefined) {
      this.#rooms.set(
        room,
        state = {
          unread: new Unread(),
          topic: "",
          oldest: undefined,
          oldestOnScreen: undefined,
          nicks: new Set(),
          last: undefined,
        },
      );
    }
    return state;
  }

  /** Switches to a room. Its unread messages are returned, and are read. */
  go(room: string): ReturnType<Unread["read"]> {
    this.#here = room;
    this.#entering = null;
    return this.of(room).unread.read();
  }

  /** Sets whether the person looks at the screen. While they do not, the messages of the room on it are unread too. */
  set isWatched(isWatched: boolean) {
    this.#isWatched = isWatched;
    if (isWatched && this.#rooms.has(this.#here)) this.of(this.#here).unread.read();
  }

  /** Counts a message of a room, unless the person reads it as it comes. */
  count(room: string, { line, mention }: { readonly line: string; readonly mention: boolean }): void {
    if (room !== this.#here || !this.#isWatched) this.of(room).unread.add(line, mention);
  }

  /** Returns the next place with news: a person, a room where this person is named, another room; undefined for none. */
  get nextWithNews(): Place | undefined {
    const [talk] = this.talks.unread;
    if (talk !== undefined) return { person: talk.person };
    const after = this.names.indexOf(this.#here) + 1;
    const round = [...this.names.slice(after), ...this.names.slice(0, after)];
    const room = round.find((room) => this.of(room).unread.isMention) ??
      round.find((room) => this.of(room).unread.count > 0);
    return room === undefined ? undefined : { room };
  }

  /** Records that this end asked to enter a room: the next lines go there. */
  enter(room: string): void {
    this.#entering = room;
  }

  /** Records that entering the room was refused. */
  stay(): void {
    this.#entering = null;
  }

  /** Leaves a room. Returns the room that was entered last, to switch to, if this one was on the screen. */
  leave(room: string): string | undefined {
    this.#rooms.delete(room);
    if (room !== this.#here) return undefined;
    this.#here = "";
    return this.names.at(-1);
  }

  /** Records that a message of a room was shown. */
  shown(room: string, id: number): void {
    const state = this.of(room);
    state.oldest = Math.min(state.oldest ?? id, id);
    state.oldestOnScreen = Math.min(state.oldestOnScreen ?? id, id);
  }

  /** Records that the screen was cleared, so that older messages begin with the newest ones. */
  cleared(): void {
    for (const state of this.#rooms.values()) state.oldestOnScreen = undefined;
  }

  /** Records that a room exists, whether this end is in it or not. */
  heardOf(room: string): void {
    if (this.#others.size < OTHERS) this.#others.add(room);
  }

  /** Records that somebody left a room. */
  lost(room: string, { nick, at }: { readonly nick: string; readonly at: number }): void {
    this.of(room).nicks.delete(nick);
    if (!this.names.some((name) => this.of(name).nicks.has(nick))) this.talks.left(nick, at);
  }

  /** Records that somebody is in a room; a speaker becomes the most recent one. */
  saw(room: string, nick: string, speaks = true): void {
    const state = this.of(room);
    const { nicks } = state;
    if (nicks.has(nick) && (!speaks || nick === state.last)) return;
    nicks.delete(nick);
    nicks.add(nick);
    state.last = nick;
    if (nicks.size > NICKS) nicks.delete(nicks.values().next().value!);
  }

  /** All nicks: the most recent speaker of the room on the screen first, then those of the other rooms. */
  get nicks(): string[] {
    const elsewhere = this.names.filter((room) => room !== this.#here);
    const rooms = this.#here === "" ? elsewhere : [this.#here, ...elsewhere];
    return [...new Set(rooms.flatMap((room) => [...this.of(room).nicks].reverse()))];
  }

  /** The rooms and people with unread messages, how many, and whether one names this person or is private. */
  get unread(): { readonly place: Place; readonly count: number; readonly mention: boolean }[] {
    const rooms = [...this.#rooms].map(([room, { unread }]) => [{ room }, unread] as const);
    const people = this.talks.unread.map(({ person, unread }) => [{ person }, unread] as const);
    return [...rooms, ...people].flatMap(([place, { count, isMention }]) =>
      count > 0 ? [{ place, count, mention: isMention }] : []
    );
  }
}
