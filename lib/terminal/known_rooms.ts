/** The rooms that a screen knows, with their members. */

/** The state of a room. */
export interface RoomState {
  unread: number;
  /** Whether an unread message names this person. */
  isMentioned: boolean;
  /** The lines of the newest unread messages, for the switch to this room. */
  readonly news: string[];
  topic: string;
  /** The id of the oldest message that was shown. */
  oldest: number | undefined;
  /** The nicks of members and speakers, the most recent speaker last. */
  readonly nicks: Set<string>;
}

/** The most unread lines that are shown again where this end switches to a room. */
const NEWS = 10;
/** The most nicks that are kept for each room. */
const NICKS = 2000;

/** The most rooms that are kept without being entered. */
const OTHERS = 2000;

/** The rooms that this end is in, with the room that its lines go to, and other known rooms for completion. */
export class KnownRooms {
  readonly #rooms = new Map<string, RoomState>();
  readonly #others = new Set<string>();
  #here = "";
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
          unread: 0,
          isMentioned: false,
          news: [],
          topic: "",
          oldest: undefined,
          nicks: new Set(),
        },
      );
    }
    return state;
  }

  /** Switches to a room, and marks its messages as read. */
  go(room: string): void {
    this.#here = room;
    this.#entering = null;
    this.#read(room);
  }

  /** Counts an unread message of a room, and keeps its line. */
  count(room: string, { line, mention }: { readonly line: string; readonly mention: boolean }): void {
    const state = this.of(room);
    state.unread++;
    state.isMentioned ||= mention;
    state.news.push(line);
    if (state.news.length > NEWS) state.news.shift();
  }

  /** Returns the next room with news, those that name this person first; undefined if there is none. */
  get nextWithNews(): string | undefined {
    const after = this.names.indexOf(this.#here) + 1;
    const round = [...this.names.slice(after), ...this.names.slice(0, after)];
    return round.find((room) => this.of(room).isMentioned) ?? round.find((room) => this.of(room).unread > 0);
  }

  #read(room: string): void {
    const state = this.of(room);
    state.unread = 0;
    state.isMentioned = false;
    state.news.length = 0;
  }

  /** Records that this end asked to enter a room: the next lines go there. */
  enter(room: string): void {
    this.#entering = room;
  }

  /** Records that entering the room was refused. */
  stay(): void {
    this.#entering = null;
  }

  /** Leaves a room, and switches to the one that was entered last. */
  leave(room: string): void {
    this.#rooms.delete(room);
    if (room === this.#here) this.#here = this.names.at(-1) ?? "";
    if (this.#here !== "") this.#read(this.#here);
  }

  /** Records that a message of a room was shown. */
  shown(room: string, id: number): void {
    const state = this.of(room);
    state.oldest = Math.min(state.oldest ?? id, id);
  }

  /** Records that a room exists, whether this end is in it or not. */
  heardOf(room: string): void {
    if (this.#others.size < OTHERS) this.#others.add(room);
  }

  /** Records that somebody is in a room; a speaker becomes the most recent one. */
  saw(room: string, nick: string, speaks = true): void {
    const { nicks } = this.of(room);
    if (!speaks && nicks.has(nick)) return;
    nicks.delete(nick);
    nicks.add(nick);
    if (nicks.size > NICKS) nicks.delete(nicks.values().next().value!);
  }

  /** All nicks: the most recent speaker of the room on the screen first, then those of the other rooms. */
  get nicks(): string[] {
    const elsewhere = this.names.filter((room) => room !== this.#here);
    const rooms = this.#here === "" ? elsewhere : [this.#here, ...elsewhere];
    return [...new Set(rooms.flatMap((room) => [...this.of(room).nicks].reverse()))];
  }

  /** The rooms with unread messages, how many, and whether one names this person. */
  get unread(): { readonly room: string; readonly count: number; readonly mention: boolean }[] {
    return [...this.#rooms].flatMap(([room, { unread, isMentioned }]) =>
      unread > 0 ? [{ room, count: unread, mention: isMentioned }] : []
    );
  }
}
