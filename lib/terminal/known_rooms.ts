/** What the screen remembers of a room. */
export interface RoomState {
  unread: number;
  topic: string;
  /** The oldest message that was shown. */
  oldest: number | undefined;
  /** Who is there or has spoken, the most recent speaker last. */
  readonly nicks: Set<string>;
}

/** The most nicks of a room that are remembered for Tab. */
const NICKS = 2000;

/** The most rooms that are remembered for Tab. */
const OTHERS = 2000;

/** The rooms that this end is in, and the one that its lines go to. */
export class KnownRooms {
  readonly #rooms = new Map<string, RoomState>();
  readonly #others = new Set<string>();
  #here = "";
  #entering: string | null = null;

  /** The room that is looked at; "" where there is none. */
  get here(): string {
    return this.#here;
  }

  /** The room that lines go to: the one that is being entered, or else this one. */
  get target(): string {
    return this.#entering ?? this.#here;
  }

  /** The rooms that this end is in, in the order in which it entered them. */
  get names(): string[] {
    return [...this.#rooms.keys()];
  }

  /** All rooms that were heard of, those first. */
  get known(): string[] {
    return [...new Set([...this.names, ...this.#others])];
  }

  has(room: string): boolean {
    return this.#rooms.has(room);
  }

  /** What is remembered of a room, which begins to be so. */
  of(room: string): RoomState {
    let state = this.#rooms.get(room);
    if (state === undefined) {
      this.#rooms.set(room, state = { unread: 0, topic: "", oldest: undefined, nicks: new Set() });
    }
    return state;
  }

  /** Goes to a room: what comes there is read. */
  go(room: string): void {
    this.#here = room;
    this.#entering = null;
    this.of(room).unread = 0;
  }

  /** Takes that this end asked to enter a room: what is typed from now on is for that. */
  enter(room: string): void {
    this.#entering = room;
  }

  /** Takes that this end may not enter where it wanted to. */
  stay(): void {
    this.#entering = null;
  }

  /** Leaves a room, and goes to the one that was entered last. */
  leave(room: string): void {
    this.#rooms.delete(room);
    if (room === this.#here) this.#here = this.names.at(-1) ?? "";
    if (this.#here !== "") this.of(this.#here).unread = 0;
  }

  /** Takes in that a message of a room was shown. */
  shown(room: string, id: number): void {
    const state = this.of(room);
    state.oldest = Math.min(state.oldest ?? id, id);
  }

  /** Takes in that there is a room, which this end may not be in. */
  heardOf(room: string): void {
    if (this.#others.size < OTHERS) this.#others.add(room);
  }

  /** Takes in that somebody is there; one who speaks comes first. */
  saw(room: string, nick: string, speaks = true): void {
    const { nicks } = this.of(room);
    if (!speaks && nicks.has(nick)) return;
    nicks.delete(nick);
    nicks.add(nick);
    if (nicks.size > NICKS) nicks.delete(nicks.values().next().value!);
  }

  /** Who is there or has spoken: the most recent speaker here first, then those of the other rooms. */
  get nicks(): string[] {
    const elsewhere = this.names.filter((room) => room !== this.#here);
    const rooms = this.#here === "" ? elsewhere : [this.#here, ...elsewhere];
    return [...new Set(rooms.flatMap((room) => [...this.of(room).nicks].reverse()))];
  }

  /** The rooms with something unread, and how much. */
  get unread(): [string, number][] {
    return [...this.#rooms].flatMap(([room, { unread }]) =>
      unread > 0 ? [[room, unread] as [string, number]] : []
    );
  }
}
