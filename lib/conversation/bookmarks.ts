/** Where a connector is in each room's history, so that a new connection can go on there. */

interface Place {
  /** The newest id up to which everything was seen, or undefined where nothing was. */
  seen: number | undefined;
  /**
   * The same where nothing was seen because nothing was replayed: the head when the room was entered. What was said
   * between the accept and the entering is below it and still comes, so it tells where to go on, but not what is new.
   */
  floor: number | undefined;
  /** Ids above those that are this end's own posts: they do not come by, they are only acked. */
  readonly own: Set<number>;
  /** The newest id when the room was entered last. */
  head: number | undefined;
}

/**
 * Keeps the last id seen of each room that was entered, and tells what is new.
 *
 * An ack may come before the messages below its id, so the id of an ack alone moves nothing: it counts once
 * everything below it was seen.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Bookmarks } from "./bookmarks.ts";
 *
 * const bookmarks = new Bookmarks();
 * bookmarks.enter("lobby", 7);
 * bookmarks.replayed("lobby");
 * bookmarks.stored("lobby", 9);
 * assertEquals(bookmarks.resume(), new Map([["lobby", 7]]));
 * assertEquals(bookmarks.isNew("lobby", 8), true);
 * assertEquals(bookmarks.resume(), new Map([["lobby", 9]]));
 * assertEquals(bookmarks.isNew("lobby", 8), false);
 * ```
 */
export class Bookmarks {
  #epoch: string | undefined;
  readonly #places = new Map<string, Place>();

  /** The name of the history that the ids belong to. */
  get epoch(): string | undefined {
    return this.#epoch;
  }

  /** The rooms that were entered, in that order. */
  get rooms(): string[] {
    return [...this.#places.keys()];
  }

  /** Tells whether the room was entered. */
  has(room: string): boolean {
    return this.#places.has(room);
  }

  /** Takes the name of the history. Under another name all ids mean something else, so the places are forgotten. */
  open(epoch: string): void {
    if (this.#epoch !== undefined && this.#epoch !== epoch) {
      for (const room of this.#places.keys()) this.#forget(room);
    }
    this.#epoch = epoch;
  }

  /** Takes that the room was entered and what its newest id is. A place above that is not of this history. */
  enter(room: string, head: number | undefined): void {
    const place = this.#places.get(room);
    if (place === undefined || head !== undefined && place.seen !== undefined && place.seen > head) {
      this.#forget(room);
    }
    this.#places.get(room)!.head = head;
  }

  /** Takes that the replay is over that a newcomer gets. */
  replayed(room: string): void {
    const place = this.#places.get(room);
    if (place !== undefined && place.seen === undefined) place.floor ??= place.head;
  }

  /** Takes that the room was left. */
  leave(room: string): void {
    this.#places.delete(room);
  }

  /** Takes that everything up to that id was seen, or is gone. */
  settle(room: string, id: number): void {
    const place = this.#places.get(room);
    if (place === undefined || id <= (place.seen ?? place.floor ?? -1)) return;
    place.seen = id;
    for (const own of place.own) if (own <= id) place.own.delete(own);
    while (place.own.delete(place.seen + 1)) place.seen++;
  }

  /** Takes that a post of this end was stored under that id. */
  stored(room: string, id: number): void {
    const place = this.#places.get(room);
    if (place === undefined || id <= (place.seen ?? place.floor ?? -1)) return;
    place.own.add(id);
    if (place.seen !== undefined) { while (place.own.delete(place.seen + 1)) place.seen++; }
    else if (place.floor !== undefined) { while (place.own.delete(place.floor + 1)) place.floor++; }
  }

  /** Tells whether a message has not been seen yet, and takes it as seen. */
  isNew(room: string, id: number): boolean {
    const place = this.#places.get(room);
    if (place === undefined) return true;
    const known = place.seen !== undefined && id <= place.seen || place.own.has(id);
    this.settle(room, id);
    return !known;
  }

  /** Gives what a hello asks to go on from: the last id seen of each room where there is one. */
  resume(): Map<string, number> {
    const resume = new Map<string, number>();
    for (const [room, { seen, floor }] of this.#places) {
      const last = seen ?? floor;
      if (last !== undefined) resume.set(room, last);
    }
    return resume;
  }

  #forget(room: string): void {
    this.#places.set(room, { seen: undefined, floor: undefined, own: new Set(), head: undefined });
  }
}
