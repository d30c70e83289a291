/** A peer of the soak: it lives many lives, each with a connection of its own, and behaves as people and networks do. */

import { pause } from "./processes.ts";
import { frame } from "./wires.ts";

/** The counts of all peers together. */
export interface Tally {
  lives: number;
  posted: number;
  /** Bytes that were read. */
  bytes: number;
  stalls: number;
  readonly goodbyes: Map<string, number>;
  readonly errors: Map<string, number>;
}

/** The options of a peer. */
export interface PeerOptions {
  readonly port: number;
  readonly number: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly tally: Tally;
}

const ROOMS = ["lobby", "tea", "ops", "music"];

/** Lives one life after the other, until the signal. */
export async function livePeer(options: PeerOptions): Promise<void> {
  const random = randomOf(options.seed * 1_000_003 + options.number);
  await pause(random() * 5000);
  while (!options.signal.aborted) {
    try {
      await new Life(options, random).run();
    } catch (error) {
      // The listener may end a life too: a stall that was too long, a flood of connections.
      const expected = error instanceof Deno.errors.ConnectionReset ||
        error instanceof Deno.errors.ConnectionRefused ||
        error instanceof Deno.errors.BrokenPipe ||
        error instanceof Deno.errors.Interrupted || error instanceof Deno.errors.BadResource;
      if (!expected && !options.signal.aborted) throw error;
    }
    await pause(random() * 500);
  }
}

class Life {
  readonly #options: PeerOptions;
  readonly #random: () => number;
  #conn!: Deno.TcpConn;
  #stalledUntil = 0;
  #ended = false;

  constructor(options: PeerOptions, random: () => number) {
    this.#options = options;
    this.#random = random;
  }

  async run(): Promise<void> {
    const { port, number, signal, tally } = this.#options;
    this.#conn = await Deno.connect({ hostname: "127.0.0.1", port });
    tally.lives++;
    const reading = this.#read();
    try {
      if (this.#chance(0.8)) {
        await this.#say({
          type: "hello",
          nick: `p${number}`,
          session: `session-${number}`,
          echo: this.#chance(0.2),
        });
      }
      const end = performance.now() + 1000 + this.#random() * 30_000;
      while (performance.now() < end && !signal.aborted && !this.#ended) {
        await this.#act();
        await pause(this.#random() * 2000);
      }
      // Some go in the middle of a word.
      if (this.#chance(0.2)) await this.#conn.write(new TextEncoder().encode("1000      half a frame"));
      else if (this.#chance(0.5)) await this.#conn.closeWrite();
      if (this.#chance(0.5)) await pause(100);
    } finally {
      this.#close();
      await reading;
    }
  }

  #close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#conn.close();
  }

  #chance(part: number): boolean {
    return this.#random() < part;
  }

  #pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.#random() * items.length)]!;
  }

  async #say(message: Record<string, unknown>): Promise<void> {
    const bytes = frame(message);
    for (let at = 0; at < bytes.length;) at += await this.#conn.write(bytes.subarray(at));
  }

  async #post(size: number): Promise<void> {
    this.#options.tally.posted++;
    const ref = this.#chance(0.5) ? { ref: Math.floor(this.#random() * 2 ** 31) } : {};
    await this.#say({ type: "message", room: "lobby", body: "x".repeat(size), ...ref });
  }

  async #act(): Promise<void> {
    const dice = this.#random();
    if (dice < 0.55) await this.#post(100 + this.#random() * 4000);
    else if (dice < 0.57) await this.#post(200_000);
    else if (dice < 0.6) { for (let count = 0; count < 50; count++) await this.#post(200); }
    else if (dice < 0.68) await this.#say({ type: "join", room: this.#pick(ROOMS) });
    else if (dice < 0.72) await this.#say({ type: "leave", room: this.#pick(ROOMS) });
    else if (dice < 0.78) {
      await this.#say({ type: "message", to: `p${Math.floor(this.#random() * 200)}`, body: "psst" });
    } else if (dice < 0.84) await this.#say({ type: this.#pick(["who", "rooms", "stats"]) });
    else if (dice < 0.88) await this.#say({ type: "history", room: "lobby", limit: 100 });
    else if (dice < 0.9) await this.#say({ type: "nick", nick: `q${Math.floor(this.#random() * 1000)}` });
    else if (dice < 0.93) await this.#say({ type: "topic", room: "lobby", text: `about ${this.#random()}` });
    else if (dice < 0.99) this.#stall(1000 + this.#random() * 9000);
    // Longer than the listener lets a write wait.
    else this.#stall(45_000);
  }

  #stall(ms: number): void {
    this.#options.tally.stalls++;
    this.#stalledUntil = performance.now() + ms;
  }

  async #read(): Promise<void> {
    const { tally, signal } = this.#options;
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (;;) {
        while (performance.now() < this.#stalledUntil && !this.#ended && !signal.aborted) await pause(100);
        const count = await this.#conn.read(buffer);
        if (count === null) break;
        tally.bytes += count;
        this.#note(buffer.subarray(0, count));
      }
    } catch {
      // It was closed, here or there.
    }
    this.#close();
  }

  /** Counts errors and goodbyes; one that is cut by the end of a read is missed. */
  #note(piece: Uint8Array): void {
    if (piece.length > 4096) return;
    const text = LATIN1.decode(piece);
    for (const [, type, code] of text.matchAll(/\b(error|bye)\b.{1,20}?code.{1,4}?([a-z]+(?:-[a-z]+)*)/gs)) {
      const counts = type === "bye" ? this.#options.tally.goodbyes : this.#options.tally.errors;
      counts.set(code!, (counts.get(code!) ?? 0) + 1);
    }
  }
}

const LATIN1 = new TextDecoder("latin1");

/** Numbers from 0 to 1, the same ones for a seed: mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
