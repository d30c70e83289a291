/** A peer that posts to several listeners of a chat through faults, and holds what it is told against what must hold. */

import { encodeFrame, FrameReader } from "../../../lib/frame/mod.ts";
import { decode } from "../../../lib/pickle/decode/decode.ts";
import { encode } from "../../../lib/pickle/encode/encode.ts";
import type { Value } from "../../../lib/pickle/values/values.ts";

/** The number of posts without an ack that a peer has at most. */
const UNACKED = 8;

/** The silence after which a peer that waits for something takes its listener for gone, in milliseconds. */
const SILENCE_MS = 5_000;

/** The pause between two posts, in milliseconds. */
const PACE_MS = 20;

/** The options of a {@linkcode ChaosPeer}. */
export interface ChaosPeerOptions {
  readonly nick: string;
  readonly rooms: readonly string[];
  /** Gives whole numbers from 0 to n − 1. */
  readonly random: (n: number) => number;
  /** Returns the port of a listener; undefined where there is none. */
  readonly port: () => number | undefined;
}

/** A post of a peer. */
interface Post {
  readonly room: string;
  readonly body: string;
}

/** The peer, over all its connections. It gets its own posts back, so that it sees all of its rooms. */
export class ChaosPeer {
  readonly nick: string;
  readonly rooms: readonly string[];
  /** The messages that came, by room and id. */
  readonly got = new Map<string, Map<number, string>>();
  /** The ids of acked posts, by body. */
  readonly acked = new Map<string, { room: string; id: number }>();
  /** What should not have happened. */
  readonly faults: string[] = [];
  readonly counts = { connections: 0, acks: 0, again: 0, refused: 0, pauses: 0 };
  /** The longest time without an ack while posts waited for one, in milliseconds. */
  longestWait = 0;
  /** Whether it posts more than what is unacked. */
  isPosting = true;
  readonly #options: ChaosPeerOptions;
  readonly #session: string;
  /** The newest id that it knows, by room; where it has none it is a newcomer. */
  readonly #last = new Map<string, number>();
  /** The newest id that came, by room. */
  readonly #came = new Map<string, number>();
  readonly #unacked = new Map<number, Post>();
  #nextRef = 1;
  #epoch: string | undefined;
  #conn: Deno.TcpConn | null = null;
  #isIn = false;
  #lastHeard = 0;
  #waitingSince: number | null = null;
  #isOver = false;
  #running: Promise<void> = Promise.resolve();
  #written: Promise<unknown> = Promise.resolve();
  #timers: ReturnType<typeof setInterval>[] = [];

  constructor(options: ChaosPeerOptions) {
    this.#options = options;
    this.nick = options.nick;
    this.rooms = options.rooms;
    this.#session = `session of ${options.nick} ${options.random(1 << 30)}`;
    for (const room of options.rooms) this.got.set(room, new Map());
  }

  get unacked(): number {
    return this.#unacked.size;
  }

  /** The newest id that it knows of a room; undefined where it never entered. */
  last(room: string): number | undefined {
    return this.#last.get(room);
  }

  /** Whether it is connected and in all its rooms. */
  get isIn(): boolean {
    return this.#isIn;
  }

  /** Starts connecting and posting. */
  begin(): void {
    this.#timers = [
      setInterval(() => this.#post(), PACE_MS),
      setInterval(() => this.#look(), 250),
    ];
    this.#running = this.#run();
  }

  /** Cuts its connection, in the midst of whatever goes on. */
  cut(): void {
    closeQuietly(this.#conn);
  }

  async end(): Promise<void> {
    this.#isOver = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.cut();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { port: find, random } = this.#options;
    while (!this.#isOver) {
      const port = find();
      if (port !== undefined) await this.#talk(port);
      await new Promise((resolve) => setTimeout(resolve, 20 + random(80)));
    }
  }

  /** Connects, and reads until the connection is lost. */
  async #talk(port: number): Promise<void> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port }).catch(() => null);
    if (conn === null) return;
    this.#conn = conn;
    this.#written = Promise.resolve();
    this.#lastHeard = performance.now();
    this.counts.connections++;
    this.#greet();
    try {
      for await (const payload of new FrameReader(conn, { maxPayload: 1 << 26 })) {
        this.#lastHeard = performance.now();
        this.#take(decode(payload) as Map<string, Value>);
      }
    } catch (error) {
      const isLoss = error instanceof Error &&
        /ConnectionReset|BadResource|Interrupted|BrokenPipe|FrameError/.test(error.name);
      if (!isLoss) this.faults.push(`${this.nick}: ${error}`);
    }
    this.#conn = null;
    this.#isIn = false;
    closeQuietly(conn);
    await this.#written;
  }

  /** Says hello with what it saw last, joins its rooms, and posts again what was not acked. */
  #greet(): void {
    const [first, ...others] = this.rooms;
    const resume = new Map<Value, Value>(this.#last);
    const known = this.#epoch === undefined ? {} : { epoch: this.#epoch, resume };
    this.#say({
      type: "hello",
      nick: this.nick,
      session: this.#session,
      room: first!,
      echo: true,
      replay: 0,
      ...known,
    });
    for (const room of others) if (!this.#last.has(room)) this.#say({ type: "join", room, replay: 0 });
    for (const [ref, post] of this.#unacked) {
      this.counts.again++;
      this.#say({ type: "message", ref, ...post });
    }
  }

  #post(): void {
    const { random } = this.#options;
    if (!this.isPosting || !this.#isIn || this.#unacked.size >= UNACKED) return;
    const ref = this.#nextRef++;
    const room = this.rooms[random(this.rooms.length)]!;
    const size = random(50) === 0 ? 20_000 : random(200);
    const post = { room, body: `${this.nick} ${ref} ${"x".repeat(size)}` };
    this.#unacked.set(ref, post);
    this.#waitingSince ??= performance.now();
    this.#say({ type: "message", ref, ...post });
  }

  /** Gives up a connection on which nothing comes although something must. */
  #look(): void {
    const now = performance.now();
    if (this.#waitingSince !== null) this.longestWait = Math.max(this.longestWait, now - this.#waitingSince);
    const waits = this.#unacked.size > 0 || !this.#isIn;
    if (this.#conn !== null && waits && now - this.#lastHeard > SILENCE_MS) {
      this.counts.pauses++;
      this.cut();
    }
  }

  #say(message: Record<string, Value>): void {
    const frame = encodeFrame(encode(new Map(Object.entries(message))));
    const conn = this.#conn;
    if (conn === null) return;
    this.#written = this.#written.then(async () => {
      for (let at = 0; at < frame.length;) at += await conn.write(frame.subarray(at));
    }).catch(() => {/* The reader sees that the connection is lost. */});
  }

  #take(message: Map<string, Value>): void {
    const room = message.get("room") as string;
    switch (message.get("type")) {
      case "welcome": {
        const epoch = message.get("epoch") as string;
        if (this.#epoch !== undefined && this.#epoch !== epoch) {
          this.faults.push(`${this.nick}: the epoch was ${this.#epoch} and is ${epoch}`);
        }
        this.#epoch = epoch;
        break;
      }
      case "joined":
        if (message.has("head") && !this.#last.has(room)) this.#last.set(room, Number(message.get("head")));
        break;
      case "replay":
        this.#isIn = this.rooms.every((room) => this.#last.has(room));
        break;
      case "message":
        this.#message(room, Number(message.get("id")), message.get("body") as string);
        break;
      case "ack":
        this.#ack(message.get("ref") as number, Number(message.get("id")));
        break;
      case "ping":
        this.#say({ type: "pong" });
        break;
      case "error":
        this.counts.refused++;
        this.faults.push(`${this.nick}: error ${message.get("code")}: ${message.get("text")}`);
        break;
      case "gap":
        this.faults.push(`${this.nick}: gap in ${room}, ${message.get("first")} to ${message.get("last")}`);
        break;
      case "bye":
        if (!["shutdown", "replaced"].includes(message.get("code") as string)) {
          this.faults.push(`${this.nick}: bye ${message.get("code")}: ${message.get("text")}`);
        }
    }
  }

  #message(room: string, id: number, body: string): void {
    const last = this.#last.get(room);
    if (last === undefined) this.faults.push(`${this.nick}: ${room} ${id} came before joined`);
    // A newcomer also gets what was posted between its accept and its joining, up to the head that it is told.
    const came = this.#came.get(room) ?? Math.min(last ?? 0, id - 1);
    if (id !== came + 1) this.faults.push(`${this.nick}: ${room} ${id} came after ${came}`);
    this.#came.set(room, Math.max(came, id));
    this.#last.set(room, Math.max(last ?? 0, id));
    this.got.get(room)!.set(id, body);
  }

  #ack(ref: number, id: number): void {
    const post = this.#unacked.get(ref);
    // The ack of a post that was said twice comes twice, too.
    if (post === undefined) return;
    this.#unacked.delete(ref);
    this.counts.acks++;
    this.#waitingSince = this.#unacked.size === 0 ? null : performance.now();
    this.acked.set(post.body, { room: post.room, id });
  }
}

function closeQuietly(conn: Deno.Conn | null): void {
  try {
    conn?.close();
  } catch {
    // It is closed already.
  }
}
