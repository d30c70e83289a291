/** Read positions: the id up to which this end has read each room, from which a new connection resumes. */

import type { Ref } from "../base/ref.ts";

interface Position {
  /** The newest id up to which everything was seen; undefined if nothing was. */
  seen: number | undefined;
  /**
   * The head when the room was entered, if nothing was replayed. A resume begins here. Still, a lower id may be new,
   * because the listener also sends the messages between accepting the connection and the entry.
   */
  floor: number | undefined;
  /** Higher ids of this end's own posts, which are acked and not sent back. */
  readonly own: Set<number>;
  /** The newest id when the room was entered last. */
  head: number | undefined;
}

interface Replay {
  left: number;
  readonly asked: boolean;
  readonly ref: Ref | undefined;
}

/** An announced replay. */
export interface Announced {
  readonly count: number;
  /** Whether it answers a request. */
  readonly asked: boolean;
  /** The ref of that request. */
  readonly ref?: Ref | undefined;
}

/** The result of reading a message. */
export interface Reading {
  /** Whether the message was not seen before, or was requested. */
  readonly isNew: boolean;
  /** The replay that it belongs to; undefined for a live message. */
  readonly replay?: {
    /** Whether the replay answers a `history` or `search` request. If not, it follows an entry. */
    readonly asked: boolean;
    /** Whether this is the last message of the replay. */
    readonly last: boolean;
  };
}

/**
 * Keeps the last id seen in each room that was entered, and the pending replays.
 *
 * An ack may come before the messages below its id, so the id of an ack counts only once everything below it was seen.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ReadPositions } from "./read_positions.ts";
 *
 * const positions = new ReadPositions();
 * positions.enter("lobby", 7);
 * positions.beginReplay("lobby", { count: 1, asked: false });
 * assertEquals(positions.read("lobby", 7), { isNew: true, replay: { asked: false, last: true } });
 * positions.stored("lobby", 9);
 * assertEquals(positions.resume(), new Map([["lobby", 7]]));
 * assertEquals(positions.read("lobby", 8), { isNew: true });
 * assertEquals(positions.resume(), new Map([["lobby", 9]]));
 * assertEquals(positions.read("lobby", 8), { isNew: false });
 * ```
 */
export class ReadPositions {
  #epoch: string | undefined;
  readonly #positions = new Map<string, Position>();
  readonly #replays = new Map<string, Replay[]>();

  /** The name of the history that the ids belong to. */
  get epoch(): string | undefined {
    return this.#epoch;
  }

  /** The rooms that were entered, in that order. */
  get rooms(): string[] {
    return [...this.#positions.keys()];
  }

  /** Returns whether the room was entered. */
  has(room: string): boolean {
    return this.#positions.has(room);
  }

  /** Sets the name of the history. Ids of another history mean nothing here, so the positions are forgotten. */
  open(epoch: string): void {
    if (this.#epoch !== undefined && this.#epoch !== epoch) {
      for (const room of this.#positions.keys()) this.#forget(room);
    }
    this.#epoch = epoch;
  }

  /** Enters a room with its newest id. A position above that belongs to another history. */
  enter(room: string, head: number | undefined): void {
    const position = this.#positions.get(room);
    if (position === undefined || head !== undefined && position.seen !== undefined && position.seen > head) {
      this.#forget(room);
    }
    this.#positions.get(room)!.head = head;
  }

  /** Leaves a room, and drops the rest of its replays. */
  leave(room: string): void {
    this.#positions.delete(room);
    this.#replays.delete(room);
  }

  /** Begins a replay: the next `count` messages of the room are old ones. */
  beginReplay(room: string, { count, asked, ref }: Announced): void {
    if (count <= 0) return this.#endReplay(room, asked);
    const replays = this.#replays.get(room) ?? [];
    replays.push({ left: count, asked, ref });
    this.#replays.set(room, replays);
  }

  /**
   * Ends the replay that answers the request with this ref: the rest of it does not come.
   *
   * @returns Its room; undefined if no such replay is under way.
   */
  failReplay(ref: Ref): string | undefined {
    for (const [room, replays] of this.#replays) {
      const left = replays.filter((replay) => replay.ref !== ref);
      if (left.length === replays.length) continue;
      if (left.length > 0) this.#replays.set(room, left);
      else this.#replays.delete(room);
      return room;
    }
    return undefined;
  }

  /** Drops the pending replays, because the connection is lost. */
  dropReplays(): void {
    this.#replays.clear();
  }

  /** Returns whether the next message of the room belongs to a replay. */
  isReplaying(room: string): boolean {
    return this.#replays.has(room);
  }

  /** Reads a message of a room, and marks it as seen unless it was requested. */
  read(room: string, id: number): Reading {
    const replay = this.#countDown(room);
    const reading = { isNew: replay?.asked === true || this.#see(room, id), ...replay && { replay } };
    if (replay?.last) this.#endReplay(room, replay.asked);
    return reading;
  }

  /**
   * Handles a gap: the messages up to an id do not come. Within a replay the gap stands for the rest of it, unless the
   * replay answers a request: such a replay is ended by the error with its ref.
   *
   * @returns Whether this ends a replay.
   */
  gap(room: string, last: number): boolean {
    this.#skip(room, last);
    const replays = this.#replays.get(room);
    if (replays === undefined || replays[0]?.ref !== undefined) return false;
    replays.shift();
    if (replays.length === 0) this.#replays.delete(room);
    return true;
  }

  /** Skips all messages up to an id. */
  #skip(room: string, id: number): void {
    const position = this.#positions.get(room);
    if (position === undefined || id <= lastOf(position)) return;
    position.seen = id;
    for (const own of position.own) if (own <= id) position.own.delete(own);
    while (position.own.delete(position.seen + 1)) position.seen++;
  }

  /** Marks an id as belonging to a post of this end. */
  stored(room: string, id: number): void {
    const position = this.#positions.get(room);
    if (position === undefined || id <= lastOf(position)) return;
    position.own.add(id);
    if (position.seen !== undefined) { while (position.own.delete(position.seen + 1)) position.seen++; }
    else if (position.floor !== undefined) {
      while (position.own.delete(position.floor + 1)) {
        position.floor++;
      }
    }
  }

  /** Returns the ids from which a hello asks to resume: the last id seen in each room that has one. */
  resume(): Map<string, number> {
    const resume = new Map<string, number>();
    for (const [room, { seen, floor }] of this.#positions) {
      const last = seen ?? floor;
      if (last !== undefined) resume.set(room, last);
    }
    return resume;
  }

  /** Returns whether an id is new, and marks it as seen. */
  #see(room: string, id: number): boolean {
    const position = this.#positions.get(room);
    if (position === undefined) return true;
    const isKnown = position.seen !== undefined && id <= position.seen || position.own.has(id);
    this.#skip(room, id);
    return !isKnown;
  }

  #countDown(room: string): Reading["replay"] {
    const replays = this.#replays.get(room);
    const replay = replays?.[0];
    if (replays === undefined || replay === undefined) return undefined;
    const last = --replay.left === 0;
    if (last) replays.shift();
    if (replays.length === 0) this.#replays.delete(room);
    return { asked: replay.asked, last };
  }

  #endReplay(room: string, asked: boolean): void {
    const position = this.#positions.get(room);
    if (!asked && position !== undefined && position.seen === undefined) position.floor ??= position.head;
  }

  #forget(room: string): void {
    this.#positions.set(room, { seen: undefined, floor: undefined, own: new Set(), head: undefined });
  }
}

function lastOf({ seen, floor }: Position): number {
  return seen ?? floor ?? -1;
}
