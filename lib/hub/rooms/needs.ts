/** Needs of a room's readers: what must not be dropped yet. */

/** A place in a room: a position in its ring, and the newest id before it. */
export interface RoomPlace {
  readonly position: number;
  readonly id: number;
}

/** A reader of a room's ring. */
export interface RingReader {
  readonly position: number;
  /** The newest id that it got or does not need. */
  readonly lastId: number;
}

/** Messages that a reader is still to get from the log. */
export interface OwedRange {
  /** The id of the next, or infinity where it is promised none yet. */
  readonly needed: number;
}

/** Knows who reads a room, or is about to. */
export class Needs {
  readonly #readers: { values(): Iterable<RingReader> };
  readonly #held = new Map<unknown, RoomPlace>();
  readonly #owed = new Set<OwedRange>();

  /** @param readers The readers of the ring, as they are whenever it is asked. */
  constructor(readers: { values(): Iterable<RingReader> }) {
    this.#readers = readers;
  }

  /** Whether somebody is about to read. */
  get hasHeld(): boolean {
    return this.#held.size > 0;
  }

  /** Whether somebody is still to get messages from the log. */
  get hasOwed(): boolean {
    return this.#owed.size > 0;
  }

  /** Keeps what comes after a place for somebody who will join, until {@linkcode Needs.release}. */
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

  /** The position of the reader that is furthest behind in the ring, infinity where nobody reads. */
  get position(): number {
    let least = Infinity;
    for (const { position } of this.#readers.values()) if (position < least) least = position;
    for (const { position } of this.#held.values()) if (position < least) least = position;
    return least;
  }

  /** The first id that somebody still needs, infinity where nobody reads. */
  get id(): number {
    let last = Infinity;
    for (const { lastId } of this.#readers.values()) if (lastId < last) last = lastId;
    for (const { id } of this.#held.values()) if (id < last) last = id;
    let least = last + 1;
    for (const { needed } of this.#owed) if (needed < least) least = needed;
    return least;
  }
}
