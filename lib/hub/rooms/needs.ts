/** Needs of a room's readers: the messages and frames that must not be dropped yet. */

/** A place in a room: a position in its ring, and the newest id before it. */
export interface RoomPlace {
  readonly position: number;
  readonly id: number;
}

/** A reader of a room's ring. */
export interface RingReader {
  readonly position: number;
  /** The id up to which it has received all messages, or does not need them. */
  readonly lastId: number;
}

/** Messages of the log that are still to be sent to a reader. */
export interface OwedRange {
  /** The id of the next one, or infinity if none is promised yet. */
  readonly needed: number;
}

/** Tracks the readers of a room, and the peers that are about to join. */
export class Needs {
  readonly #readers: { values(): Iterable<RingReader> };
  readonly #held = new Map<unknown, RoomPlace>();
  readonly #owed = new Set<OwedRange>();

  /** @param readers The current readers of the ring; a live collection. */
  constructor(readers: { values(): Iterable<RingReader> }) {
    this.#readers = readers;
  }

  /** Whether somebody is about to join. */
  get hasHeld(): boolean {
    return this.#held.size > 0;
  }

  /** Whether messages of the log are still to be sent to somebody. */
  get hasOwed(): boolean {
    return this.#owed.size > 0;
  }

  /** Keeps everything after a place for a peer that is about to join, until {@linkcode Needs.release}. */
  hold(key: unknown, place: RoomPlace): void {
    this.#held.set(key, place);
  }

  release(key: unknown): void {
    this.#held.delete(key);
  }

  /** Keeps messages for a reader, until {@linkcode Needs.paid}. */
  owe(range: OwedRange): void {
    this.#owed.add(range);
  }

  paid(range: OwedRange): void {
    this.#owed.delete(range);
  }

  /** The position of the reader that is furthest behind in the ring; infinity if there is no reader. */
  get position(): number {
    let least = Infinity;
    for (const { position } of this.#readers.values()) if (position < least) least = position;
    for (const { position } of this.#held.values()) if (position < least) least = position;
    return least;
  }

  /** The first id that is still needed; infinity if there is no reader. */
  get id(): number {
    let last = Infinity;
    for (const { lastId } of this.#readers.values()) if (lastId < last) last = lastId;
    for (const { id } of this.#held.values()) if (id < last) last = id;
    let least = last + 1;
    for (const { needed } of this.#owed) if (needed < least) least = needed;
    return least;
  }
}
