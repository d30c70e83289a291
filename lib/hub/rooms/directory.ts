/**
 * Directory of the rooms by name. A room without members and messages is removed. At the limit on rooms, an empty room
 * is put to sleep when a peer enters a new one, so that a peer that opens a thousand rooms cannot keep others from
 * opening theirs.
 */

import type { History, RoomRecord } from "../../history/history.ts";
import type { Limits } from "../../base/limits.ts";
import { LOBBY, Refusal } from "../../protocol/message.ts";
import type { Ring, RingSum } from "./ring.ts";
import type { Account, Holding } from "../../connection/account.ts";
import type { Elsewhere } from "../elsewhere/elsewhere.ts";
import { type PostOutcomes, Room } from "./room.ts";
import { nameKey, normalizeName } from "../../base/text.ts";

/** The total size of the rings that is not charged to the account, in bytes. */
const FREE_RINGS = 1024 * 1024;

/** The number of rooms that may sleep for each room that may be awake. A record of each is kept. */
const ASLEEP_FOR_EACH = 100;

/** Keeps the rooms, and charges the memory of their rings to the account. */
export class RoomDirectory {
  readonly #limits: Limits;
  readonly #history: History;
  readonly #elsewhere: Pick<Elsewhere, "room">;
  #outcomes!: PostOutcomes;
  readonly #rooms = new Map<string, Room>();
  /** The records of the sleeping rooms, by key, so that their ids continue when they wake. */
  readonly #asleep = new Map<string, RoomRecord>();
  readonly #rings: RingSum = { size: 0 };
  /** The memory that is charged for the rings beyond `FREE_RINGS`. */
  readonly #holding: Holding;

  constructor(
    history: History,
    { limits, account, elsewhere }: {
      limits: Limits;
      account: Account;
      elsewhere: Pick<Elsewhere, "room">;
    },
  ) {
    this.#elsewhere = elsewhere;
    this.#limits = limits;
    this.#history = history;
    this.#holding = account.open("rooms", { isCache: true, giveWay: () => this.#dropOldest() });
  }

  /**
   * Opens the lobby and as many rooms of the history as the limit allows; the others sleep.
   *
   * @param outcomes Takes the outcomes of all posts.
   */
  load(outcomes: PostOutcomes): void {
    this.#outcomes = outcomes;
    const records = this.#history.rooms();
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
    return this.#rooms.get(this.#keyOf(name));
  }

  /** Whether there is a room, here or at another listener; one that sleeps is not listed. */
  has(name: string): boolean {
    return this.find(name) !== undefined || this.#elsewhere.room(name).size > 0;
  }

  /** Waits for messages of a room that a peer has seen elsewhere, see {@linkcode History.reach}. */
  reach(name: string, id: number): Promise<void> | undefined {
    return this.#history.reach?.(this.nameOf(name), id);
  }

  /** Finds a room that is open here. Opens a room if somebody is in it at another listener. */
  findAnywhere(name: string): Room | undefined {
    const room = this.find(name);
    return room === undefined && this.#elsewhere.room(name).size > 0 ? this.open(name) : room;
  }

  /**
   * Returns the name of a room, asleep or awake, as it was spelled when it was first opened; the given name if there is
   * no such room.
   */
  nameOf(asked: string): string {
    return this.find(asked)?.name ?? this.#asleep.get(this.#keyOf(asked))?.room ??
      this.#elsewhere.room(withoutHash(asked)).name ?? withoutHash(asked);
  }

  [Symbol.iterator](): IterableIterator<Room> {
    return this.#rooms.values();
  }

  /**
   * Returns the room of the given name, and opens it if there is none.
   *
   * @throws {Refusal} `bad-message` if the name is not valid, `not-allowed` if there are too many rooms.
   */
  open(asked: string): Room {
    const name = cleanRoomName(asked);
    const room = this.find(name);
    if (room) return room;
    const { rooms } = this.#limits;
    const key = this.#keyOf(name);
    const asleep = this.#asleep.get(key);
    const isFull = asleep === undefined && this.#asleep.size >= ASLEEP_FOR_EACH * rooms;
    if (isFull || (this.#rooms.size >= rooms && !this.#sleepOne())) {
      throw new Refusal("not-allowed", `Cannot open the room: the limit of ${rooms} rooms is reached`);
    }
    this.#asleep.delete(key);
    return this.#open(asleep ?? recordOf(this.nameOf(name)));
  }

  /**
   * Returns the key of the room that a name refers to. `#ops` refers to ops, unless there is a room with the name
   * `#ops` in the history.
   */
  #keyOf(name: string): string {
    const key = nameKey(name);
    return this.#rooms.has(key) || this.#asleep.has(key) ? key : withoutHash(key);
  }

  #open({ room: name, topic }: RoomRecord): Room {
    const room = new Room(name, {
      history: this.#history,
      outcomes: this.#outcomes,
      maxRing: this.#limits.roomRing,
      rings: this.#rings,
      elsewhere: this.#elsewhere,
    });
    room.topic = room.elsewhere.topic ?? topic;
    this.#rooms.set(nameKey(name), room);
    return room;
  }

  /**
   * Puts the smallest of the empty rooms to sleep. When it wakes, the messages in a history file are still there; those
   * that were only in memory are lost, and members that come back get a gap.
   *
   * @returns Whether there was such a room.
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
    room.close();
  }

  /** Removes a room that has no members and no messages. */
  dropIfEmpty(room: Room): void {
    if (!room.isUnused || room.ring.headId > 0 || room.topic !== "" || room.name === LOBBY) return;
    if (this.find(room.name) === room) this.#forget(room);
  }

  /** The bytes of all rings. */
  get ringsSize(): number {
    return this.#rings.size;
  }

  /** Releases the messages that nobody needs any longer from the logs. */
  releaseOld(): void {
    for (const room of this) room.releaseOld();
  }

  /** Charges the memory of the rings, and drops the oldest segments if there is not enough. */
  trim(): void {
    while (!this.#holding.charge(Math.max(0, this.#uncharged))) this.#dropOldest();
    this.#holding.release(Math.max(0, -this.#uncharged));
  }

  get #uncharged(): number {
    return Math.max(0, this.ringsSize - FREE_RINGS) - this.#holding.size;
  }

  /** Drops the oldest segment of the largest ring. */
  #dropOldest(): void {
    let largest: Ring | undefined;
    for (const { ring } of this) if (ring.size > (largest?.size ?? 0)) largest = ring;
    largest?.dropOldest();
    this.#holding.release(Math.max(0, -this.#uncharged));
  }
}

function recordOf(room: string): RoomRecord {
  return { room, head: 0, topic: "" };
}

function withoutHash(name: string): string {
  return name.length > 1 && name.startsWith("#") ? name.slice(1) : name;
}

/**
 * Normalizes the name of a room.
 *
 * @throws {Refusal} `bad-message` if it is not valid.
 */
export function cleanRoomName(asked: string): string {
  const name = normalizeName(asked);
  if (name !== null) return name;
  throw new Refusal(
    "bad-message",
    "Cannot enter the room: a room's name is 1 to 32 visible characters without spaces",
  );
}
