/** A chat of one or several listeners, with random sessions that are held against a model of what each must be told. */

import type { Duplex } from "../../lib/connection/duplex.ts";
import type { History } from "../../lib/history/history.ts";
import type { Elsewhere } from "../../lib/hub/elsewhere/elsewhere.ts";
import { assertEquals } from "../assert.ts";
import { randomOf } from "../random.ts";
import { HubListening } from "./hub_listening.ts";
import { Ledger, Session } from "./model_session.ts";

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

/** What one listener works on. */
export interface Ground {
  readonly history: History;
  readonly elsewhere?: Elsewhere;
  /** Called after the listener has ended. */
  readonly close?: () => Promise<void>;
}

/** The options of {@linkcode play}. */
export interface PlayOptions {
  readonly seed: number;
  readonly steps: number;
  /** Opens what each listener works on. It is opened again after a restart. */
  readonly open: () => Promise<Ground[]>;
  /** Whether every message is kept, also over a restart. */
  readonly keepsAll: boolean;
}

/** The chat, its sessions, and what is done to them. */
export class Play {
  readonly ledger = new Ledger();
  readonly sessions: Session[];
  readonly counts = { losses: 0, takeovers: 0, returns: 0, stalls: 0, restarts: 0 };
  readonly #random: (n: number) => number;
  readonly #options: PlayOptions;
  readonly #brakes = new Map<number, Brake>();
  #grounds: Ground[] = [];
  #chats: HubListening[] = [];
  #observers = 0;

  private constructor(options: PlayOptions) {
    const { seed, keepsAll } = options;
    this.#random = randomOf(seed);
    this.#options = options;
    this.sessions = Array.from(
      { length: SESSIONS },
      (_, n) => new Session({ name: `s${n}`, echo: n % 3 === 0, ledger: this.ledger, keepsAll }),
    );
  }

  static async start(options: PlayOptions): Promise<Play> {
    const play = new Play(options);
    await play.#start();
    return play;
  }

  async #start(): Promise<void> {
    this.#brakes.clear();
    const unlimited = { messageBurst: Infinity, byteBurst: Infinity };
    this.#grounds = await this.#options.open();
    this.ledger.isShared = this.#grounds.length > 1;
    this.#chats = this.#grounds.map(({ history, elsewhere }) =>
      new HubListening({
        limits: { ...unlimited, roomRing: 4096 },
        history,
        elsewhere,
        wrap: (conn) => {
          const brake = new Brake(conn);
          this.#brakes.set((conn.remoteAddr as Deno.NetAddr).port, brake);
          return brake;
        },
      })
    );
  }

  async #stop(): Promise<void> {
    for (const chat of this.#chats) {
      await chat[Symbol.asyncDispose]();
      assertEquals(chat.faults, []);
    }
    for (const { close } of this.#grounds) await close?.();
  }

  async end(): Promise<void> {
    for (const session of this.#live) await session.cut();
    for (const brake of this.#brakes.values()) brake.release();
    await this.#stop();
  }

  /** The port of any of the listeners. */
  get #port(): number {
    return this.#pick(this.#chats)!.port;
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
    // Of two listeners that get hellos at the same time, the one that reads its hello last has the session.
    const [port, unanswered] = [this.#port, session.unansweredAt];
    const isSame = this.#chats.some((chat) => chat.port === unanswered);
    await session.connect({ port: isSame ? unanswered! : port, room, replay: this.#random(30), resumes });
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
      keepsAll: this.#options.keepsAll,
    });
    await observer.connect({ port: this.#port, replay: 1e6, resumes: false });
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
    await this.#stop();
    await this.#start();
    // Private messages are in no history: one whose ack was lost comes again.
    this.ledger.privately.clear();
  }
}

/** Takes the steps, and compares all with the model every now and then. */
export async function play(options: PlayOptions): Promise<Play> {
  const { steps, keepsAll } = options;
  const play = await Play.start(options);
  try {
    for (let step = 1; step <= steps; step++) {
      await play.step();
      if (step % ROUND === 0) await play.round();
      if (keepsAll && step % (7 * ROUND) === 0) await play.restart();
    }
    await play.round();
  } finally {
    await play.end();
  }
  return play;
}

/** How often what happened, for people. */
export function report({ ledger: { counts: seen }, counts }: Play): string {
  return JSON.stringify({ ...seen, ...counts });
}
