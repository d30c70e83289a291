/** Log of one room in a stream, which the hub has opened. */

import {
  HistoryError,
  NO_REPLAY,
  type Place,
  type Post,
  type Replay,
  type RoomLog,
  type RoomReader,
} from "../../history/history.ts";
import type { Broker } from "../broker/broker.ts";
import type { Clock } from "../../base/clock.ts";
import type { Batch } from "./batch.ts";
import { FrameWriter, type IdStamp, payloadsOf } from "./frames.ts";
import { type Item, Outgoing, type OwnBatch, ownBatch, type Waiting, waitingOf } from "./outgoing.ts";
import { Publisher } from "./publisher.ts";
import type { RangeReader } from "./range_reader.ts";
import type { Refs } from "./refs.ts";
import { StreamReplay } from "./replay.ts";
import type { StoredRoom } from "./rooms.ts";
import type { StoredMessage } from "./scan.ts";
import { Turns } from "./turns.ts";

/** The parts that the logs of a stream share. */
export interface LogParts {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly refs: Refs<Waiting>;
  readonly reader: RangeReader;
  readonly stamp: IdStamp;
  /** The random name of this run of the listener. */
  readonly node: string;
  /** The subject of a room's messages. */
  readonly subjectOf: (token: string) => string;
  /** Returns a number that no earlier batch has. */
  readonly nextNumber: () => number;
  /** The most bytes that a batch may have; see {@linkcode Outgoing.take}. */
  readonly maxBatch: () => number;
  /** See {@linkcode StreamState.settle}. */
  readonly settle: (room: StoredRoom) => Promise<void>;
  /** Tells the other listeners that this one has posts for a room, and lost the race for the next batch. */
  readonly wanted: (token: string) => void;
  /** Takes a batch of this listener that was stored. */
  readonly stored: (room: StoredRoom, batch: OwnBatch, sequence: number) => void;
  /**
   * A post was taken, or has its outcome. The memory held for posts that wait for the broker has changed by `bytes`.
   */
  readonly held: (bytes: number) => void;
  /** The log has posts to be published at the end of the turn. */
  readonly touched: (log: StreamLog) => void;
  /** The log waits for the outcome of another log's post. */
  readonly blocked: (log: StreamLog) => void;
  /** Posts have their outcome. Other logs may wait for it. */
  readonly settled: () => void;
  readonly closed: (log: StreamLog) => void;
}

/** The bytes that a post counts as besides its frame. */
const POST_SIZE = 256;

/** A log whose messages are all in the stream. */
export class StreamLog implements RoomLog {
  readonly room: StoredRoom;
  readonly reader: RoomReader;
  readonly nextId = undefined;
  readonly #parts: LogParts;
  readonly #outgoing = new Outgoing();
  readonly #publisher: Publisher<OwnBatch>;
  /** Whether the refs of the messages before it was opened are known, or being read. */
  #refs: "unknown" | "reading" | "known";
  readonly #turns: Turns;
  #cancelTurn = () => {};
  #isClosed = false;

  constructor(room: StoredRoom, reader: RoomReader, parts: LogParts) {
    this.room = room;
    this.reader = reader;
    this.#parts = parts;
    this.#refs = room.head === 0 ? "known" : "unknown";
    const { broker, clock, settle, subjectOf, node } = parts;
    this.#turns = new Turns(node);
    this.#publisher = new Publisher({
      broker,
      clock,
      sync: () => settle(room),
      subject: subjectOf(room.token),
      stored: (batch, sequence) => parts.stored(room, batch, sequence),
      refused: (batch, text) => this.#refused(batch, text),
    });
  }

  get head(): number {
    return this.room.head;
  }

  get oldest(): number {
    return this.room.oldest;
  }

  post(post: Post): void {
    const { maxBatch, held, refs, touched } = this.#parts;
    const waiting = waitingOf(post);
    if (waiting.payload.length > maxBatch()) {
      throw new HistoryError(
        `Cannot store the message: the broker takes messages of at most ${maxBatch()} bytes; raise its max_payload`,
      );
    }
    if (post.ref !== undefined) refs.claim(waiting, post.ref);
    held(POST_SIZE + post.frame.length);
    this.#outgoing.add(waiting);
    touched(this);
  }

  /** Publishes the waiting posts, unless a batch is in flight or it is another listener's turn. */
  publish(): void {
    while (this.#outgoing.length > 0 && this.#publisher.flight === null && this.#hasRefs()) {
      const { clock, refs, maxBatch, blocked, node, nextNumber } = this.#parts;
      const ms = this.#turns.wait(clock.ticks());
      if (ms > 0) return this.#waitForTurn(ms);
      this.#cancelTurn();
      const taken = this.#outgoing.take(refs, maxBatch());
      if (taken.items.length === 0) return blocked(this);
      if (taken.header.count === 0) {
        this.#tell(taken.items, 0);
        continue;
      }
      const { name, head, oldest, sequence } = this.room;
      const place = { node, number: nextNumber(), room: name, first: head + 1, oldest, after: sequence };
      this.#publisher.publish(ownBatch(taken, place));
    }
  }

  #waitForTurn(ms: number): void {
    this.#cancelTurn();
    this.#cancelTurn = this.#parts.clock.after(ms, () => {
      this.#turns.waited();
      this.publish();
    });
  }

  /** Notes a listener's batch, and ends the wait for it. */
  #took(node: string | undefined): void {
    this.#cancelTurn();
    if (node !== undefined) this.#turns.took(node, this.#parts.clock.ticks());
  }

  /** Publishes the batch in flight again, because the broker can be reached again. */
  resume(): void {
    this.#publisher.resume();
    this.publish();
  }

  /**
   * Whether the refs of older messages are known. If not, they are read, and the waiting posts are published after
   * that.
   */
  #hasRefs(): boolean {
    if (this.#refs === "unknown") {
      this.#refs = "reading";
      void this.#readRefs();
    }
    return this.#refs === "known";
  }

  async #readRefs(): Promise<void> {
    const { reader, refs } = this.#parts;
    const { room } = this;
    await reader.readRefs(room, () => this.#isClosed, ({ first, posts }) => {
      for (const [index, { session, origin, ref, at }] of posts.entries()) {
        if (ref !== undefined) refs.add({ session, origin, ref }, { room: room.name, id: first + index, at });
      }
    });
    if (this.#isClosed) return;
    this.#refs = "known";
    this.publish();
  }

  /** Notes that another listener wants to post. */
  wanted(node: string): void {
    this.#turns.wants(node, this.#parts.clock.ticks());
  }

  /** Handles the next message of the room if it is the batch in flight. Returns whether it is. */
  landed({ header, sequence }: StoredMessage): boolean {
    const { flight } = this.#publisher;
    if (flight === null || header !== flight.header || flight.first !== this.head + 1) return false;
    this.#publisher.landed();
    this.#parts.stored(this.room, flight, sequence);
    return true;
  }

  /**
   * Takes the next message of the room, which is not the batch in flight. Its batch has been added to the room already.
   *
   * @param batch Undefined if the message is to be skipped.
   */
  arrived(batch: Batch | undefined, body: Uint8Array): void {
    const flight = this.#publisher.landed();
    this.#took(batch?.node);
    if (flight !== null) {
      this.#outgoing.putBack(flight.items);
      this.#parts.wanted(this.room.token);
    }
    if (batch !== undefined) this.#tellOthers(batch, body);
    this.publish();
  }

  /** Takes a batch of this log that was stored. It has been added to the room already. */
  stored(batch: OwnBatch): void {
    this.#took(batch.node);
    this.#tell(batch.items, batch.first);
    this.publish();
  }

  /** Reports another listener's posts to the room. */
  #tellOthers({ first, posts }: Batch, body: Uint8Array): void {
    const { stamp } = this.#parts;
    const writer = new FrameWriter(stamp, body.length, posts.length);
    const payloads = payloadsOf(posts, body, stamp);
    const arrived = posts.map(({ at, session, origin, ref }, index): Post => {
      return { at, session, origin, ref, frame: writer.frame(payloads[index]!, first + index) };
    });
    this.reader.arrived(first, arrived);
  }

  /** Reports the outcomes of this listener's posts, in their order. */
  #tell(items: readonly Item[], first: number): void {
    const { stamp, refs, held, settled } = this.#parts;
    const { name } = this.room;
    const writer = new FrameWriter(stamp, sizeOf(items), items.length);
    const places = new Map<Waiting, Place>();
    let id = first;
    let run: Post[] = [];
    const tellRun = () => {
      if (run.length > 0) this.reader.arrived(id - run.length, run);
      run = [];
    };
    for (const { waiting, original } of items) {
      const { post, payload } = waiting;
      held(-(POST_SIZE + post.frame.length));
      if (original !== undefined) {
        tellRun();
        this.reader.repeated(post, "post" in original ? places.get(original)! : original);
        refs.unclaim(waiting);
        continue;
      }
      post.frame = writer.frame(payload, id);
      const place = { room: name, id, at: post.at };
      places.set(waiting, place);
      const { session, origin, ref } = post;
      if (ref !== undefined) refs.add({ session, origin, ref }, place);
      refs.unclaim(waiting);
      run.push(post);
      id++;
    }
    tellRun();
    settled();
  }

  #refused({ items }: OwnBatch, text: string): void {
    const { refs, held, settled } = this.#parts;
    const error = new HistoryError(`Cannot store the message: ${text}`);
    for (const { waiting, original } of items) {
      const { post } = waiting;
      held(-(POST_SIZE + post.frame.length));
      refs.unclaim(waiting);
      if (original === undefined || "post" in original) this.reader.refused(post, error);
      else this.reader.repeated(post, original);
    }
    settled();
    this.publish();
  }

  replay(first: number, last: number, ready: () => void = () => {}): Replay {
    const from = Math.max(first, this.oldest);
    const to = Math.min(last, this.head);
    if (to < from) return NO_REPLAY;
    const { recent } = this.reader;
    const { reader, clock } = this.#parts;
    return new StreamReplay({ room: this.room, recent, reader, clock, first: from, last: to, ready });
  }

  /** Does nothing, because the stream keeps every message. */
  overflow(): void {}

  /** Does nothing, for the same reason. */
  release(): void {}

  close(): void {
    this.#isClosed = true;
    this.#cancelTurn();
    this.#parts.closed(this);
  }
}

function sizeOf(items: readonly Item[]): number {
  return items.reduce((sum, { waiting }) => sum + waiting.payload.length, 0);
}
