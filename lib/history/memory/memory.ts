/** The history of a listener that was given no file: what the rooms' rings hold, and nothing twice. */

import type { Ref } from "../../base/ref.ts";
import type { Ban, History, Place, Post, Replay, RoomRecord } from "../history.ts";
import { RecentRefs } from "./recent_refs.ts";
import type { Ring } from "./ring.ts";

/** Finds a room's ring. */
export type RingOf = (room: string) => Ring | undefined;

/** How many refs are known again: far more than what may be on its way to a peer that was cut off. */
const KNOWN_REFS = 65_536;

/** Keeps nothing but where the newest refs are, and the bans: the messages are the rings'. */
export class MemoryHistory implements History {
  readonly epoch: string;
  readonly #ringOf: RingOf;
  readonly #bans = new Map<string, Ban>();
  readonly #refs = new RecentRefs<Place>(KNOWN_REFS);

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
      if (ref !== undefined) this.#refs.add(session, ref, { room, id, at });
    }
  }

  oldest(room: string): number {
    return this.#ringOf(room)?.oldestId ?? 1;
  }

  replay(room: string, first: number, last: number): Replay {
    return this.#ringOf(room)?.replay(first, last) ?? NO_REPLAY;
  }

  find(session: string, ref: Ref): Place | undefined {
    return this.#refs.find(session, ref);
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

  /** The rings drop by themselves what is too old. */
  expire(): void {}

  close(): void {}
}

const NO_REPLAY: Replay = { count: 0, first: 0, position: 0, next: () => null, close: () => {} };
