/** A peer that posts without pause, comes back after each loss where it was, and keeps what it was told. */

import { encodeFrame, FrameReader } from "../../lib/frame/mod.ts";
import { decode } from "../../lib/pickle/decode/decode.ts";
import { encode } from "../../lib/pickle/encode/encode.ts";
import type { Value } from "../../lib/pickle/values/values.ts";

/** How many posts are on their way without an ack. */
const UNACKED = 16;

/** A message as this peer got it. */
export interface Got {
  readonly id: number;
  readonly from: string;
  readonly body: string;
}

/** The peer, over all its connections. */
export class ReturningPeer {
  readonly nick: string;
  readonly echo: boolean;
  /** What came, in order. */
  readonly got: Got[] = [];
  /** How much of it others said. */
  fromOthers = 0;
  /** The id that each ref was acked with. */
  readonly acked = new Map<number, number>();
  /** What should not have happened. */
  readonly faults: string[] = [];
  /** Is called after each ack. */
  onAck: () => void = () => {};
  #onFrame: () => void = () => {};
  /** Whether it posts more than what is unacked. */
  posting = true;
  readonly #unacked = new Set<number>();
  #nextRef = 1;
  #epoch: string | undefined;
  #lastId = 0;
  #conn: Deno.TcpConn | undefined;
  #reading = Promise.resolve();
  #writing = Promise.resolve();
  #entered = Promise.withResolvers<void>();

  constructor(nick: string, options: { readonly echo: boolean }) {
    this.nick = nick;
    this.echo = options.echo;
  }

  get unacked(): number {
    return this.#unacked.size;
  }

  /** Waits until something holds that only changes with what comes. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#onFrame = resolve);
  }

  /** Connects, says hello with what it saw last, posts again what was not acked, and goes on; waits until it is in. */
  async connect(port: number): Promise<void> {
    this.#entered = Promise.withResolvers();
    this.#conn = await Deno.connect({ hostname: "127.0.0.1", port });
    this.#reading = this.#read(new FrameReader(this.#conn, { maxPayload: 1 << 24 }));
    const resume = this.#epoch === undefined
      ? {}
      : { epoch: this.#epoch, resume: new Map([["lobby", this.#lastId]]) };
    this.#say({
      type: "hello",
      nick: this.nick,
      session: `session of ${this.nick}`,
      echo: this.echo,
      ...resume,
    });
    await this.#entered.promise;
  }

  /** Starts to post; some refs that were acked before come again too. */
  post(again: Iterable<number> = []): void {
    for (const ref of this.#unacked) this.#post(ref);
    for (const ref of again) this.#post(ref);
    this.#postMore();
  }

  /** Waits until the connection has ended, however. */
  async lost(): Promise<void> {
    await this.#reading;
    await this.#writing;
  }

  async close(): Promise<void> {
    this.#conn?.close();
    await this.lost();
  }

  #postMore(): void {
    while (this.posting && this.#unacked.size < UNACKED) {
      this.#unacked.add(this.#nextRef);
      this.#post(this.#nextRef++);
    }
  }

  #post(ref: number): void {
    this.#say({ type: "message", room: "lobby", ref, body: `${this.nick} ${ref}` });
  }

  #say(message: Record<string, Value>): void {
    const wire = encodeFrame(encode(new Map(Object.entries(message))));
    const conn = this.#conn!;
    this.#writing = this.#writing.then(async () => {
      for (let at = 0; at < wire.length;) at += await conn.write(wire.subarray(at));
    }).catch(() => {/* The listener is gone: the reader sees that too. */});
  }

  async #read(reader: FrameReader): Promise<void> {
    try {
      for await (const payload of reader) {
        this.#take(decode(payload) as Map<string, Value>);
        this.#onFrame();
      }
    } catch (error) {
      const lost = error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BadResource ||
        error instanceof Deno.errors.Interrupted || (error instanceof Error && error.name === "FrameError");
      if (!lost) this.faults.push(String(error));
    }
    this.#entered.resolve();
    try {
      this.#conn!.close();
    } catch { /* It was closed here. */ }
  }

  #take(message: Map<string, Value>): void {
    switch (message.get("type")) {
      case "welcome":
        this.#epoch = this.#same("epoch", this.#epoch, message.get("epoch") as string);
        break;
      case "replay":
        this.#entered.resolve();
        break;
      case "message":
        this.#takeMessage(message);
        break;
      case "ack":
        this.#takeAck(message.get("ref") as number, Number(message.get("id")));
        break;
      case "gap":
      case "error":
      case "bye":
        this.faults.push(JSON.stringify(Object.fromEntries(message)));
    }
  }

  #takeMessage(message: Map<string, Value>): void {
    const id = Number(message.get("id"));
    if (id <= this.#lastId) this.faults.push(`message ${id} came after ${this.#lastId}`);
    this.#lastId = id;
    const from = message.get("from") as string;
    if (from !== this.nick) this.fromOthers++;
    this.got.push({ id, from, body: message.get("body") as string });
  }

  #takeAck(ref: number, id: number): void {
    this.acked.set(ref, this.#same(`the id of ${ref}`, this.acked.get(ref), id));
    this.#unacked.delete(ref);
    this.#postMore();
    this.onAck();
  }

  #same<T>(what: string, before: T | undefined, now: T): T {
    if (before !== undefined && before !== now) this.faults.push(`${what} was ${before} and is ${now}`);
    return now;
  }
}
