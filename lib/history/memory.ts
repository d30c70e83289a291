/** The history of a listener that was given no file: what the rooms' rings hold, and nothing twice. */

import type { Ban, History, Place, Post, Ref, Replay, RoomRecord } from "./history.ts";
import type { Ring } from "./ring.ts";

/** Finds a room's ring. */
export type RingOf = (room: string) => Ring | undefined;

/** Keeps nothing but where the refs are, and the bans: the messages are the rings'. */
export class MemoryHistory implements History {
  readonly epoch: string;
  readonly #ringOf: RingOf;
  readonly #bans = new Map<string, Ban>();
  readonly #places = new Map<string, Place>();

  constructor(epoch: string, ringOf: RingOf) {
    this.epoch = epoch;
    this.#ringOf = ringOf;
  }

  /** Nothing outlives the listener, so there is nothing that it begins with. */
  rooms(): RoomRecord[] {
    return [];
  }

  append(batch: readonly Post[]): void {
    for (const { session, ref, room, id, at } of batch) {
      if (ref !== undefined) this.#places.set(placeKey(session, ref), { room, id, at });
    }
  }

  oldest(room: string): number {
    return this.#ringOf(room)?.oldestId ?? 1;
  }

  replay(room: string, first: number, last: number): Replay {
    return this.#ringOf(room)?.replay(first, last) ?? NO_REPLAY;
  }

  find(session: string, ref: Ref): Place | undefined {
    return this.#places.get(placeKey(session, ref));
  }

  /** The rooms hold their topics themselves. */
  setTopic(): void {}

  bans(): Ban[] {
    return [...this.#bans.values()];
  }

  ban(ban: Ban): void {
    this.#bans.set(`${ban.kind} ${ban.value}`, ban);
  }

  unban({ kind, value }: Pick<Ban, "kind" | "value">): void {
    this.#bans.delete(`${kind} ${value}`);
  }

  /** Forgets the refs of messages that no ring holds any more. */
  expire(): void {
    const oldest = new Map<string, number>();
    for (const [key, { room, id }] of this.#places) {
      let first = oldest.get(room);
      if (first === undefined) oldest.set(room, first = this.oldest(room));
      // They stand in the order of their posting, room by room; the first that is kept does not end the others.
      if (id < first || this.#ringOf(room) === undefined) this.#places.delete(key);
    }
  }

  close(): void {}
}

const NO_REPLAY: Replay = { count: 0, first: 0, next: () => null, close: () => {} };

/** A str and an int of the same digits are two refs. */
function placeKey(session: string, ref: Ref): string {
  return `${typeof ref === "string" ? "s" : "i"}${ref} ${session}`;
}
