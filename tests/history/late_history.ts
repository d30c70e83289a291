/**
 * A history that gives outcomes when the test says, not in the turn of the posts, as one does that several listeners share:
 * ids come with the arrival, other listeners' posts arrive in between, and replays have to wait.
 */

import type { Ref } from "../../lib/base/ref.ts";
import { encodeFrame, HEADER_SIZE } from "../../lib/frame/mod.ts";
import {
  type Ban,
  type History,
  HistoryError,
  type Place,
  type Post,
  type Replay,
  type RoomLog,
  type RoomReader,
  type RoomRecord,
} from "../../lib/history/history.ts";
import { readIncoming } from "../../lib/protocol/envelope.ts";

interface Room {
  readonly name: string;
  readonly frames: Uint8Array[];
  reader: RoomReader | null;
}

/** Keeps all messages in memory; posts arrive with {@linkcode LateHistory.deliver}. */
export class LateHistory implements History {
  readonly epoch = "epoch";
  /** What peers wait for that have seen more than has arrived here. */
  behind: Promise<void> | undefined;
  /** What posts have to wait for. */
  backpressure: Promise<void> | undefined;
  readonly #rooms = new Map<string, Room>();
  readonly #refs = new Map<string, Place>();
  readonly #bans = new Map<string, Ban>();
  #posted: { room: Room; post: Post }[] = [];
  #flushed: { room: Room; post: Post }[] = [];
  #waiting: (() => void)[] = [];
  readonly #stamps: boolean;
  /** Whether replays have to wait for {@linkcode LateHistory.read}. */
  isSlow = false;

  /** @param stamps Whether frames are pickles, into which the id is to be put. */
  constructor({ stamps = true }: { stamps?: boolean } = {}) {
    this.#stamps = stamps;
  }

  /** The number of posts that were flushed and have no outcome yet. */
  get pending(): number {
    return this.#flushed.length;
  }

  rooms(): RoomRecord[] {
    return [...this.#rooms.values()].map(({ name, frames }) => ({
      room: name,
      head: frames.length,
      topic: "",
    }));
  }

  open(name: string, reader: RoomReader): RoomLog {
    const room = this.#roomOf(name);
    room.reader = reader;
    return {
      get head() {
        return room.frames.length;
      },
      oldest: 1,
      nextId: undefined,
      post: (post) => this.#posted.push({ room, post }),
      replay: (first, last, ready) => this.#replay(room, { first, last, ready }),
      overflow() {},
      release() {},
      close: () => room.reader = null,
    };
  }

  reach(name: string, id: number): Promise<void> | undefined {
    return id > this.#roomOf(name).frames.length ? this.behind : undefined;
  }

  flush(): void {
    this.#flushed.push(...this.#posted);
    this.#posted = [];
  }

  /** Gives the outcomes of so many posts. */
  deliver(count = Infinity): void {
    for (const { room, post } of this.#flushed.splice(0, count)) {
      const key = post.ref === undefined ? undefined : JSON.stringify([post.session, post.ref]);
      const place = key === undefined ? undefined : this.#refs.get(key);
      if (place !== undefined) room.reader?.repeated(post, place);
      else {
        const id = this.#store(room, post);
        if (key !== undefined) this.#refs.set(key, { room: room.name, id, at: post.at });
      }
    }
  }

  /** Has a post of another listener arrive, with a frame as that one has stamped it. */
  arriveFromElsewhere(name: string, frame: Uint8Array): void {
    const post = { at: 1, frame, session: "elsewhere", ref: undefined, origin: "elsewhere" };
    this.#store(this.#roomOf(name), post);
  }

  /** Refuses the posts that were flushed. */
  refuse(text: string): void {
    for (const { room, post } of this.#flushed.splice(0)) room.reader?.refused(post, new HistoryError(text));
  }

  /** Lets replays go on. */
  read(): void {
    this.isSlow = false;
    for (const ready of this.#waiting.splice(0)) ready();
  }

  #roomOf(name: string): Room {
    let room = this.#rooms.get(name);
    if (room === undefined) this.#rooms.set(name, room = { name, frames: [], reader: null });
    return room;
  }

  #store(room: Room, post: Post): number {
    const id = room.frames.length + 1;
    if (this.#stamps) post.frame = withId(post.frame, id);
    room.frames.push(post.frame);
    room.reader?.arrived(id, [post]);
    return id;
  }

  #replay(room: Room, range: { first: number; last: number; ready: (() => void) | undefined }): Replay {
    const first = Math.max(1, range.first);
    const last = Math.min(room.frames.length, range.last);
    let isClosed = false;
    const replay = {
      count: Math.max(0, last - first + 1),
      first,
      position: first,
      next: (maxBytes: number) => {
        if (isClosed || replay.position > last) return null;
        if (this.isSlow) {
          if (range.ready !== undefined) this.#waiting.push(range.ready);
          return "later" as const;
        }
        const taken: number[] = [];
        do taken.push(...room.frames[replay.position++ - 1]!); while (
          replay.position <= last && taken.length + room.frames[replay.position - 1]!.length <= maxBytes
        );
        return new Uint8Array(taken);
      },
      close: () => {
        isClosed = true;
      },
    };
    return replay;
  }

  find(session: string, ref: Ref): Place | undefined {
    return this.#refs.get(JSON.stringify([session, ref]));
  }

  sessionEnded(): void {}

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

  expire(): void {}

  close(): void {}
}

/** The frame of a stamped message with its id as well. */
function withId(frame: Uint8Array, id: number): Uint8Array {
  const incoming = readIncoming(frame.subarray(HEADER_SIZE), { maxText: 1 << 20 });
  const payload = new Uint8Array(incoming.sizeWith({ id }));
  const target = new Uint8Array(HEADER_SIZE + payload.length);
  incoming.write(target, 0, { id });
  return encodeFrame(target.subarray(HEADER_SIZE));
}
