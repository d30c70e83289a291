/** The rooms by name. One without members and messages disappears. */

import type { History } from "./history/history.ts";
import { Ring, type RingSum } from "./history/ring.ts";
import type { Limits } from "./limits.ts";
import { LOBBY, Refusal } from "./message.ts";
import { Room, type RoomWatch } from "./room.ts";
import { nameKey, normalizeName } from "./text.ts";

/** Keeps the rooms, and their rings within one sum of memory. */
export class Rooms {
  readonly #limits: Limits;
  readonly #watch: RoomWatch;
  readonly #rooms = new Map<string, Room>();
  readonly #rings: RingSum = { size: 0 };

  constructor(limits: Limits, watch: RoomWatch) {
    this.#limits = limits;
    this.#watch = watch;
  }

  /** Opens the lobby, and the rooms that the history knows. */
  load(history: History): void {
    for (const { room, head, topic } of history.rooms()) this.#open(room, head).topic = topic;
    if (!this.find(LOBBY)) this.#open(LOBBY);
  }

  get lobby(): Room {
    return this.find(LOBBY)!;
  }

  get size(): number {
    return this.#rooms.size;
  }

  find(name: string): Room | undefined {
    return this.#rooms.get(nameKey(name));
  }

  [Symbol.iterator](): IterableIterator<Room> {
    return this.#rooms.values();
  }

  /**
   * Gives the room, opening it where there is none.
   *
   * @throws {Refusal} Where that is no name for a room, or there are too many.
   */
  open(asked: string): Room {
    const name = cleanRoomName(asked);
    const room = this.find(name);
    if (room) return room;
    if (this.#rooms.size >= this.#limits.rooms) {
      throw new Refusal("not-allowed", `Cannot open the room: there are ${this.#limits.rooms} already`);
    }
    return this.#open(name);
  }

  #open(name: string, head = 0): Room {
    const ring = new Ring({ maxSize: this.#limits.roomRing, headId: head, sum: this.#rings });
    const room = new Room(name, ring, this.#watch);
    this.#rooms.set(nameKey(name), room);
    return room;
  }

  /** Forgets a room that nobody is in and nothing was said in. */
  dropIfEmpty(room: Room): void {
    if (room.members.size > 0 || room.ring.nextId > 1 || room.topic !== "" || room.name === LOBBY) return;
    if (this.find(room.name) !== room) return;
    this.#rooms.delete(nameKey(room.name));
    room.ring.clear();
  }

  /** The bytes of all rings. */
  get ringsSize(): number {
    return this.#rings.size;
  }

  /** Drops the oldest of the largest rings until all are within their sum. There must be no drafts. */
  trim(): void {
    while (this.ringsSize > this.#limits.allRings) {
      let largest: Ring | undefined;
      for (const { ring } of this) if (ring.size > (largest?.size ?? 0)) largest = ring;
      if (largest === undefined) return;
      largest.dropOldest();
    }
  }
}

/** @throws {Refusal} Where that is no name for a room. */
export function cleanRoomName(asked: string): string {
  const name = normalizeName(asked);
  if (name !== null) return name;
  throw new Refusal(
    "bad-message",
    "Cannot enter the room: the key room must hold 1 to 32 visible characters",
  );
}
