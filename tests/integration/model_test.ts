/**
 * Random sessions against a model of what each must be told. `CHAT_MODEL_STEPS` tells how many steps they take,
 * `CHAT_MODEL_SEED` what is random.
 */

import type { Duplex } from "../../lib/connection/duplex.ts";
import { MemoryHistory } from "../../lib/history/memory/memory.ts";
import type { History } from "../../lib/history/history.ts";
import { openHistory } from "../../lib/history/sqlite/sqlite.ts";
import { assert, assertEquals, assertGreater } from "../assert.ts";
import { randomOf } from "../random.ts";
import { HubListening } from "./hub_listening.ts";
import { Ledger, Session } from "./model_session.ts";

const STEPS = Number(Deno.env.get("CHAT_MODEL_STEPS") ?? 2000);
const SEED = Number(Deno.env.get("CHAT_MODEL_SEED") ?? 1);

/** How many steps are taken before all is held against each other. */
const ROUND = 40;
const SESSIONS = 9;
const ROOMS = ["lobby", "ops", "tea", "Ärger"];

/** A connection whose writes wait while it is held: its peer falls behind, however much the system would take. */
class Brake implements Duplex {
  readonly #conn: Deno.TcpConn;
  #writes = 0;
  #held: Promise<void> | null = null;
  #letGo: () => void = () => {};

  constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  hold(): void {
    this.#held ??= new Promise((resolve) => this.#letGo = resolve);
  }

  release(): void {
    this.#held = null;
    this.#letGo();
  }

  read(into: Uint8Array): Promise<number | null> {
    return this.#conn.read(into);
  }

  async write(bytes: Uint8Array): Promise<number> {
    if (this.#held !== null) await this.#held;
    // Not all of it each time, as where the system's own buffers are full.
    const count = ++this.#writes % 3 > 0 ? bytes.length : Math.ceil(bytes.length / 3);
    return await this.#conn.write(bytes.subarray(0, count));
  }

  closeWrite(): Promise<void> {
    return this.#conn.closeWrite();
  }

  close(): void {
    this.release();
    this.#conn.close();
  }
}

/** The most bytes of messages in the spill. */
const SPILL = 64 * 1024 * 1024;

/** The chat, its sessions, and what is done to them. */
class Play {
  readonly ledger = new Ledger();
  readonly sessions: Session[];
  readonly counts = { losses: 0, takeovers: 0, returns: 0, stalls: 0, restarts: 0 };
  readonly #random: (n: number) => number;
  readonly #openHistory: (() => History) | null;
  readonly #brakes = new Map<number, Brake>();
  #chat: HubListening;
  #observers = 0;

  constructor(seed: number, openHistory: (() => History) | null) {
    this.#random = randomOf(seed);
    this.#openHistory = openHistory;
    this.#chat = this.#start();
    const keepsAll = openHistory !== null;
    this.sessions = Array.from(
      { length: SESSIONS },
      (_, n) => new Session({ name: `s${n}`, echo: n % 3 === 0, ledger: this.ledger, keepsAll }),
    );
  }

  #start(): HubListening {
    this.#brakes.clear();
    const unlimited = { messageBurst: Infinity, byteBurst: Infinity };
    return new HubListening({
      limits: { ...unlimited, roomRing: 4096 },
      // What a slow reader still needs waits in the spill, as it does by default.
      history: this.#openHistory?.() ?? new MemoryHistory({ epoch: "epoch", spill: { maxSize: SPILL } }),
      wrap: (conn) => {
        const brake = new Brake(conn);
        this.#brakes.set((conn.remoteAddr as Deno.NetAddr).port, brake);
        return brake;
      },
    });
  }

  async end(): Promise<void> {
    for (const session of this.#live) await session.cut();
    for (const brake of this.#brakes.values()) brake.release();
    await this.#chat[Symbol.asyncDispose]();
    assertEquals(this.#chat.faults, []);
  }

  get #live(): Session[] {
    return this.sessions.filter(({ isLive }) => isLive);
  }

  #pick<T>(items: readonly T[]): T | undefined {
    return items[this.#random(items.length)];
  }

  /** Does one thing. */
  async step(): Promise<void> {
    const random = this.#random;
    const session = this.#pick(this.sessions)!;
    if (!session.isLive) {
      if (random(3) === 0) await this.#connect(session);
      return;
    }
    const room = this.#pick([...session.rooms.keys()]);
    switch (random(14)) {
      case 0:
        return await this.#lose(session);
      case 1:
        if (random(3) > 0) return;
        this.counts.takeovers++;
        this.#brakes.get(session.port)?.release();
        return await this.#connect(session);
      case 2:
        return session.join(this.#pick(ROOMS)!, { resumes: random(2) > 0 });
      case 3:
        if (room !== undefined && random(2) > 0) session.leave(room);
        return;
      case 4:
        return session.rename(this.#pick(["ann", "bob", session.name, "ANN", "Zoé"])!);
      case 5: {
        const to = this.#pick(this.#live)?.nick;
        return to === undefined ? undefined : session.whisper(to);
      }
      case 6:
        return session.postAgain(random);
      case 7:
        if (room === undefined) return;
        return session.askHistory(room, { before: session.rooms.get(room)!.next ?? 1, limit: random(30) });
      case 8:
        this.counts.stalls++;
        return this.#brakes.get(session.port)?.hold();
      case 9:
        return random(3) === 0 ? this.#brakes.get(session.port)?.release() : undefined;
      default:
        for (let count = 1 + random(12); count > 0 && room !== undefined; count--) {
          session.post(room, random(10) === 0 ? random(20_000) : random(1500));
        }
    }
  }

  async #connect(session: Session): Promise<void> {
    if (session.rooms.size > 0) this.counts.returns++;
    const room = this.#random(2) ? this.#pick(ROOMS) : undefined;
    const resumes = this.#random(6) > 0;
    await session.connect({ port: this.#chat.port, room, replay: this.#random(30), resumes });
  }

  async #lose(session: Session): Promise<void> {
    this.counts.losses++;
    this.#brakes.get(session.port)?.release();
    await session.cut();
  }

  /** Lets everything come to rest, and holds what all were told against each other. */
  async round(): Promise<void> {
    for (const brake of this.#brakes.values()) brake.release();
    for (const session of this.#live) await session.settled();
    const observer = new Session({
      name: `observer-${++this.#observers}`,
      echo: true,
      ledger: this.ledger,
      keepsAll: this.#openHistory !== null,
    });
    await observer.connect({ port: this.#chat.port, replay: 1e6, resumes: false });
    for (const room of ROOMS) observer.join(room);
    for (const room of ROOMS) observer.post(room, 0);
    await observer.settled();
    const isSeen = (room: string) => observer.rooms.get(room)!.next! > observer.newest.get(room)!;
    await observer.until(() => "its own posts came back", () => ROOMS.every(isSeen));
    // Those that were cut are gone when nobody is in a room who should not be.
    const live = this.#live;
    const names = (room: string) => {
      return live.filter(({ rooms }) => rooms.has(room)).map(({ nick }) => nick!).concat(observer.nick!)
        .sort();
    };
    for (const room of ROOMS) {
      const view = observer.rooms.get(room)!;
      const isComplete = (seen: { readonly names: Set<string> }) => {
        return [...seen.names].sort().join() === names(room).join();
      };
      await observer.until(() => `${room} is ${names(room)}, not ${[...view.names]}`, () => isComplete(view));
      const last = view.next!;
      for (const session of live) {
        const seen = session.rooms.get(room);
        if (seen === undefined) continue;
        await session.until(() => `${room} is at ${last}, not ${seen.next}`, () => seen.next === last);
        await session.until(
          () => `${room} is ${names(room)}, not ${[...seen.names]}`,
          () => isComplete(seen),
        );
      }
    }
    await observer.cut();
    for (const session of [...this.sessions, observer]) session.check();
    assertEquals(this.ledger.faults, []);
  }

  /** Ends the listener and starts it again on the same history. */
  async restart(): Promise<void> {
    this.counts.restarts++;
    for (const session of this.#live) await session.cut();
    await this.#chat[Symbol.asyncDispose]();
    assertEquals(this.#chat.faults, []);
    this.#chat = this.#start();
    // Private messages are in no history: one whose ack was lost comes again.
    this.ledger.privately.clear();
  }
}

async function play(seed: number, openHistory: (() => History) | null): Promise<Play> {
  const play = new Play(seed, openHistory);
  try {
    for (let step = 1; step <= STEPS; step++) {
      await play.step();
      if (step % ROUND === 0) await play.round();
      if (openHistory !== null && step % (7 * ROUND) === 0) await play.restart();
    }
    await play.round();
  } finally {
    await play.end();
  }
  return play;
}

function report({ ledger: { counts: seen }, counts }: Play): string {
  return JSON.stringify({ ...seen, ...counts });
}

Deno.test(`everybody is told what the model says, from memory; ${STEPS} steps, seed ${SEED}`, async () => {
  const played = await play(SEED, null);
  const { counts } = played.ledger;
  assert(counts.gaps > 0 && counts.caughtUp > 0 && counts.resumed > 0, report(played));
  assertGreater(counts.messages, STEPS);
});

Deno.test(`everybody is told what the model says, from a file; ${STEPS} steps, seed ${SEED}`, async () => {
  const folder = await Deno.makeTempDir();
  try {
    const options = { durability: "os", randomEpoch: () => "epoch" } as const;
    const played = await play(SEED + 1000, () => openHistory(`${folder}/chat.db`, options));
    const { counts } = played.ledger;
    assert(counts.gaps === 0 && counts.caughtUp > 0 && counts.resumed > 0, report(played));
    assertGreater(counts.messages, STEPS);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
