/** Posts and rooms for tests of histories. */

import type { Ref } from "../../lib/base/ref.ts";
import {
  type History,
  HistoryError,
  type Messages,
  type Place,
  type Post,
  type RecentMessages,
  type Replay,
  type RoomLog,
  type RoomReader,
} from "../../lib/history/history.ts";
import { assertEquals } from "../assert.ts";

/** A post with the room and the id that it is to get. */
export interface TestPost extends Post {
  readonly room: string;
  readonly id: number;
}

/** A frame of `size` bytes, a multiple of 16, that says whose it is. */
export function frameOf(room: string, id: number, size = 32): Uint8Array {
  const frame = new Uint8Array(size);
  new TextEncoder().encodeInto(`${String(size - 10).padEnd(10)}${room}:${id}`, frame);
  return frame;
}

/** A post; by default without a ref. */
export function postOf(
  place: { room?: string; id: number; at?: number },
  { session = "s", ref, size, origin = "192.0.2.1" }: {
    session?: string;
    ref?: Ref;
    size?: number | undefined;
    origin?: string;
  } = {},
): TestPost {
  const { room = "lobby", id, at = 1000 + id } = place;
  return { room, id, at, frame: frameOf(room, id, size), session, ref, origin };
}

/** Posts with the ids `first` to `last`, one second apart. */
export function posts(room: string, first: number, last: number, size?: number): TestPost[] {
  const made: TestPost[] = [];
  for (let id = first; id <= last; id++) made.push(postOf({ room, id }, { size }));
  return made;
}

/** One post that can be found again. */
export function postWith(session: string, ref: Ref, place: { room?: string; id: number }): TestPost {
  return postOf(place, { session, ref });
}

/** What a room was told. */
export type Outcome = ["arrived", number, ...string[]] | ["repeated", Place] | ["refused", string];

/** A room that keeps the newest messages in memory, and notes what its log tells. */
export class TestRoom implements RoomReader, RecentMessages {
  readonly log: RoomLog;
  readonly outcomes: Outcome[] = [];
  readonly #keeps: number;
  #frames: Uint8Array[] = [];
  #head: number;
  /** The first id that somebody still needs. */
  needed = Infinity;

  /** @param keeps The number of messages that it keeps in memory. */
  constructor(history: History, name: string, keeps = Infinity) {
    this.#keeps = keeps;
    this.log = history.open(name, this);
    this.#head = this.log.head;
  }

  get recent(): RecentMessages {
    return this;
  }

  get oldestId(): number {
    return this.#head - this.#frames.length + 1;
  }

  messages(first: number, last: number, maxBytes: number): Messages {
    const taken: Uint8Array[] = [];
    let size = 0;
    for (let id = first; id <= last; id++) {
      const frame = this.#frames[id - this.oldestId]!;
      if (size > 0 && size + frame.length > maxBytes) break;
      taken.push(frame);
      size += frame.length;
    }
    const frames = new Uint8Array(taken.flatMap((frame) => [...frame]));
    return { first, last: first + taken.length - 1, frames };
  }

  arrived(firstId: number, posts: readonly Post[]): void {
    assertEquals(firstId, this.#head + 1);
    this.#head += posts.length;
    this.#frames.push(...posts.map(({ frame }) => frame));
    this.outcomes.push(["arrived", firstId, ...posts.map(({ frame }) => textOf(frame))]);
    while (this.#frames.length > this.#keeps) {
      const id = this.oldestId;
      this.log.release(this.needed);
      if (this.needed <= id) this.log.overflow({ first: id, last: id, frames: this.#frames[0]! });
      this.#frames.shift();
    }
  }

  repeated(_post: Post, place: Place): void {
    this.outcomes.push(["repeated", place]);
  }

  refused(_post: Post, { message }: HistoryError): void {
    this.outcomes.push(["refused", message]);
  }

  /** What was told since the last call. */
  told(): Outcome[] {
    return this.outcomes.splice(0);
  }
}

const ROOMS = new WeakMap<History, Map<string, TestRoom>>();

/** The room of that name in a history, opened the first time. */
export function roomOf(history: History, name: string): TestRoom {
  const rooms = ROOMS.get(history) ?? new Map<string, TestRoom>();
  ROOMS.set(history, rooms);
  const room = rooms.get(name) ?? new TestRoom(history, name);
  rooms.set(name, room);
  return room;
}

/**
 * Posts and flushes.
 *
 * @throws {HistoryError} Where the posts were refused.
 */
export function append(history: History, batch: readonly TestPost[]): void {
  const rooms = new Set<TestRoom>();
  for (const post of batch) {
    const room = roomOf(history, post.room);
    assertEquals(room.log.nextId, post.id);
    room.log.post(post);
    rooms.add(room);
  }
  history.flush();
  for (const room of rooms) {
    for (const [what, why] of room.told()) if (what === "refused") throw new HistoryError(String(why));
  }
}

function textOf(frame: Uint8Array): string {
  return new TextDecoder().decode(frame.subarray(10)).replaceAll("\0", "");
}

/** What whole frames say. */
export function textsOf(frames: Uint8Array): string[] {
  const texts: string[] = [];
  for (let at = 0; at < frames.length;) {
    const size = parseInt(new TextDecoder().decode(frames.subarray(at, at + 10))) + 10;
    texts.push(textOf(frames.subarray(at, at + size)));
    at += size;
  }
  return texts;
}

/** What the frames of a replay say. */
export function said(replay: Replay, maxBytes = 1 << 20): string[] {
  const texts: string[] = [];
  for (let piece = replay.next(maxBytes); piece !== null; piece = replay.next(maxBytes)) {
    if (piece === "later") throw new Error("the test has to wait for this replay");
    texts.push(...textsOf(piece));
  }
  replay.close();
  return texts;
}

/** The next piece of a replay that has all its messages at hand. */
export function nextOf(replay: Replay, maxBytes: number): Uint8Array | null {
  const piece = replay.next(maxBytes);
  if (piece === "later") throw new Error("the test has to wait for this replay");
  return piece;
}

/** A replay that is read as its messages become available. */
export class TestReplay {
  readonly #replay: Replay;
  #ready = () => {};

  constructor(log: RoomLog, first: number, last: number) {
    this.#replay = log.replay(first, last, () => this.#ready());
  }

  get first(): number {
    return this.#replay.first;
  }

  get count(): number {
    return this.#replay.count;
  }

  get position(): number {
    return this.#replay.position;
  }

  async next(maxBytes: number): Promise<Uint8Array | null> {
    for (;;) {
      const ready = new Promise<void>((resolve) => this.#ready = resolve);
      const piece = this.#replay.next(maxBytes);
      if (piece !== "later") return piece;
      await ready;
    }
  }

  /** What the rest of its frames say. */
  async said(maxBytes = 1 << 20): Promise<string[]> {
    const texts: string[] = [];
    for (let piece; (piece = await this.next(maxBytes)) !== null;) texts.push(...textsOf(piece));
    this.#replay.close();
    return texts;
  }
}

/** What the history keeps of a room. */
export function kept(history: History, room: string): string[] {
  return said(roomOf(history, room).log.replay(1, Infinity));
}

/** `room:first` to `room:last`. */
export function names(room: string, first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, index) => `${room}:${first + index}`);
}
