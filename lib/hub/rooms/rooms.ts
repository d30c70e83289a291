/**
 * The rooms by name. One without members and messages disappears. Where there are as many as there may be, one that nobody
 * is in falls asleep for one that somebody wants to enter: whoever opens a thousand rooms keeps nobody out of others.
 */

import type { History, RoomRecord } from "../../history/history.ts";
import { Ring, type RingSum } from "../../history/memory/ring.ts";
import type { Limits } from "../../base/limits.ts";
import { LOBBY, Refusal } from "../../protocol/message.ts";
import { Room, type RoomWatch } from "./room.ts";
import { nameKey, normalizeName } from "../../base/text.ts";

/** How many rooms may sleep for each that may be awake. Of each a line is kept. */
const ASLEEP_FOR_EACH = 100;

/** Keeps the rooms, and their rings within one sum of memory. */
export class Rooms {
  readonly #limits: Limits;
  readonly #watch: RoomWatch;
  readonly #rooms = new Map<string, Room>();
  /** What is known of those that sleep, by their keys: its ids go on where they were. */
  readonly #asleep = new Map<string, RoomRecord>();
  readonly #rings: RingSum = { size: 0 };

  constructor(limits: Limits, watch: RoomWatch) {
    this.#limits = limits;
    this.#watch = watch;
  }

  /** Opens the lobby, and of the rooms that the history knows as many as there may be; the others sleep. */
  load(history: History): void {
    const records = history.rooms();
    this.#open(records.find(({ room }) => room === LOBBY) ?? recordOf(LOBBY));
    for (const record of records) {
      if (record.room === LOBBY) continue;
      if (this.#rooms.size < this.#limits.rooms) this.#open(record);
      else this.#asleep.set(nameKey(record.room), record);
    }
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

  /** How a room is written, also one that sleeps; as it is asked for where there is none. */
  nameOf(asked: string): string {
    return this.find(asked)?.name ?? this.#asleep.get(nameKey(asked))?.room ?? asked;
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
    const { rooms } = this.#limits;
    const asleep = this.#asleep.get(nameKey(name));
    const isFull = asleep === undefined && this.#asleep.size >= ASLEEP_FOR_EACH * rooms;
    if (isFull || (this.#rooms.size >= rooms && !this.#sleepOne())) {
      throw new Refusal("not-allowed", `Cannot open the room: there are ${rooms} already`);
    }
    this.#asleep.delete(nameKey(name));
    return this.#open(asleep ?? recordOf(name));
  }

  #open({ room: name, head, topic }: RoomRecord): Room {
    const ring = new Ring({ maxSize: this.#limits.roomRing, headId: head, sum: this.#rings });
    const room = new Room(name, ring, this.#watch);
    room.topic = topic;
    this.#rooms.set(nameKey(name), room);
    return room;
  }

  /**
   * Lets the room in which least was said fall asleep, of those that nobody is in. What a file has of it is there when it
   * wakes; what stood in memory alone is not, and who comes back is told of the gap.
   *
   * @returns Whether there was one.
   */
  #sleepOne(): boolean {
    let quietest: Room | undefined;
    for (const room of this) {
      if (!room.canSleep || room.name === LOBBY) continue;
      if (quietest === undefined || room.ring.length < quietest.ring.length) quietest = room;
    }
    if (quietest === undefined) return false;
    const { name, topic, ring } = quietest;
    this.#asleep.set(nameKey(name), { room: name, head: ring.headId, topic });
    this.#forget(quietest);
    return true;
  }

  #forget(room: Room): void {
    this.#rooms.delete(nameKey(room.name));
    room.ring.clear();
  }

  /** Forgets a room that nobody is in and nothing was said in. */
  dropIfEmpty(room: Room): void {
    if (room.members.size > 0 || room.ring.nextId > 1 || room.topic !== "" || room.name === LOBBY) return;
    if (this.find(room.name) === room) this.#forget(room);
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

function recordOf(room: string): RoomRecord {
  return { room, head: 0, topic: "" };
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
