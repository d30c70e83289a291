/** Publishes the presence of this listener's people: changes at the end of each turn, and a heartbeat every second. */

import type { Clock } from "../../base/clock.ts";
import type { Here } from "../../hub/elsewhere/elsewhere.ts";
import type { Broker } from "../broker/broker.ts";
import { type Gone, type News, type NodeHead, type Person, readNews } from "./person.ts";

/** The options of {@linkcode Herald}. */
export interface HeraldOptions {
  readonly broker: Broker;
  /** The name of the chat on the broker. */
  readonly chat: string;
  /** The description of this listener in its news, without the version. */
  readonly head: Omit<NodeHead, "version">;
  readonly clock: Clock;
  /** Handles the news of the other listeners. */
  readonly take: (news: Exclude<News, { kind: "hello" | "ask" }>) => void;
  /** Called for each peer whose nick or rooms were published. */
  readonly published: (peer: Here) => void;
}

/** A person at this listener. */
interface Local {
  readonly id: string;
  readonly since: number;
  readonly peer: Here;
  /** The session under which {@linkcode Herald.findSession} finds the person. */
  session: string | undefined;
}

/** The most JSON of people in one message, in UTF-16 code units. */
const PART_LENGTH = 128 * 1024;

/** The shortest time between two whole states, in milliseconds, because each goes to all listeners. */
const STATE_AGAIN_MS = 200;

/** Publishes news. */
export class Herald {
  readonly #options: HeraldOptions;
  readonly #subject: string;
  readonly #locals = new Map<Here, Local>();
  readonly #bySession = new Map<string, Local>();
  /** When peers asked for their sessions, in milliseconds since 1970. */
  readonly #begun = new WeakMap<Here, number>();
  /** Peers that are gone. Nothing more is published about them. */
  readonly #left = new WeakSet<Here>();
  #dirty = new Set<Here>();
  #gone: Gone[] = [];
  #lastId = 0;
  #version = 0;
  /**
   * Whether nothing is published: at the start until the others are heard, while the broker is lost, and after the end.
   */
  #isPaused = true;
  #hasEnded = false;
  #isPlanned = false;
  #statedAt = -Infinity;
  #isStatePlanned = false;

  constructor(options: HeraldOptions) {
    this.#options = options;
    this.#subject = `chat.${options.chat}.people.news`;
  }

  /** Subscribes to the news of all listeners. Returns a function that ends the subscription. */
  listen(): () => void {
    const subscription = this.#options.broker.connection.subscribe(this.#subject, {
      callback: (error, { data }) => {
        const news = error === null ? readNews(data) : null;
        if (news !== null) this.#take(news);
      },
    });
    return () => subscription.unsubscribe();
  }

  #take(news: News): void {
    const { node } = this.#options.head;
    if (news.node === node) return;
    if (news.kind === "hello") this.#planState();
    else if (news.kind === "ask") {
      if (news.to === node) this.#planState();
    } else this.#options.take(news);
  }

  /** Asks all others for their states. */
  hello(): void {
    this.#publish({ kind: "hello", node: this.#options.head.node });
  }

  /** Asks another listener for its state. */
  ask(to: string): void {
    this.#publish({ kind: "ask", node: this.#options.head.node, to });
  }

  beat(): void {
    if (!this.#isPaused) this.#publish({ kind: "beat", ...this.#head() });
  }

  /** Finds the person with a session at this listener. */
  findSession(session: string): Local | undefined {
    return this.#bySession.get(session);
  }

  /** Notes that a peer asks for its session now, which it may get some answers of others later. */
  began(peer: Here): void {
    if (!this.#begun.has(peer)) this.#begun.set(peer, this.#options.clock.now());
  }

  changed(peer: Here): void {
    if (!peer.hasEntered || this.#left.has(peer)) return;
    this.#dirty.add(peer);
    this.#plan();
  }

  replaced(before: Here, peer: Here): void {
    const local = this.#locals.get(before);
    if (local === undefined) return;
    this.#locals.delete(before);
    this.#forgetSession(local);
    this.#continue(peer, local.id);
  }

  /** Sets the id of a peer that continues a person's session. Returns false if the peer has gone, and the person with it. */
  continueAs(peer: Here, id: string): boolean {
    if (!this.#left.has(peer)) {
      this.#continue(peer, id);
      return true;
    }
    this.#gone.push({ id });
    this.#plan();
    return false;
  }

  #continue(peer: Here, id: string): void {
    const own = this.#locals.get(peer);
    if (own !== undefined) {
      this.#gone.push({ id: own.id });
      this.#forgetSession(own);
    }
    this.#locals.set(peer, { id, since: this.#since(peer), peer, session: undefined });
    this.changed(peer);
  }

  gone(peer: Here, moved: boolean): void {
    this.#left.add(peer);
    this.#dirty.delete(peer);
    const local = this.#locals.get(peer);
    if (local === undefined) return;
    this.#locals.delete(peer);
    this.#forgetSession(local);
    const { removal } = peer;
    this.#gone.push({ id: local.id, ...moved ? { moved } : {}, ...removal ? { removal } : {} });
    this.#plan();
  }

  /** Stops publishing. */
  pause(): void {
    this.#isPaused = true;
  }

  /** Publishes the whole state, and goes on publishing. */
  resume(): void {
    if (this.#hasEnded) return;
    this.#isPaused = false;
    this.#collect();
    this.#state();
  }

  /** Publishes that this listener ends. */
  end(): void {
    if (this.#hasEnded) return;
    this.#flush();
    this.#hasEnded = this.#isPaused = true;
    this.#publish({ kind: "bye", node: this.#options.head.node });
  }

  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    setImmediate(() => {
      this.#isPlanned = false;
      this.#flush();
    });
  }

  /** Publishes the changes. */
  #flush(): void {
    const change = this.#collect();
    if (this.#isPaused || change.set.length + change.gone.length === 0) return;
    this.#version++;
    this.#publish({ kind: "change", ...this.#head(), ...change });
  }

  #collect(): { set: Person[]; gone: Gone[] } {
    const peers = this.#dirty;
    const gone = this.#gone;
    this.#dirty = new Set();
    this.#gone = [];
    const set = Array.from(peers, (peer) => {
      const person = this.#personOf(peer);
      this.#options.published(peer);
      return person;
    });
    return { set, gone };
  }

  #personOf(peer: Here): Person {
    let local = this.#locals.get(peer);
    if (local === undefined) {
      const id = `${this.#options.head.node}-${++this.#lastId}`;
      local = { id, since: this.#since(peer), peer, session: undefined };
      this.#locals.set(peer, local);
    }
    const { nick, session, address, isQuiet, member, members } = peer;
    if (local.session !== session) {
      this.#forgetSession(local);
      local.session = session;
      this.#bySession.set(session, local);
    }
    const rooms = Array.from(members.keys(), ({ name }) => name);
    return { id: local.id, nick, session, address, isQuiet, rooms, since: local.since, member };
  }

  #since(peer: Here): number {
    return this.#begun.get(peer) ?? this.#options.clock.now();
  }

  #forgetSession(local: Local): void {
    const { session } = local;
    if (session !== undefined && this.#bySession.get(session) === local) this.#bySession.delete(session);
  }

  /** Publishes the whole state soon; several listeners may have asked for it. */
  #planState(): void {
    if (this.#isStatePlanned || this.#isPaused) return;
    this.#isStatePlanned = true;
    const { clock } = this.#options;
    clock.after(Math.max(0, this.#statedAt + STATE_AGAIN_MS - clock.ticks()), () => {
      this.#isStatePlanned = false;
      if (this.#isPaused) return;
      this.#flush();
      this.#state();
    });
  }

  #state(): void {
    this.#statedAt = this.#options.clock.ticks();
    const parts: Person[][] = [[]];
    let length = 0;
    for (const peer of this.#locals.keys()) {
      const person = this.#personOf(peer);
      length += JSON.stringify(person).length;
      if (length > PART_LENGTH) {
        parts.push([]);
        length = 0;
      }
      parts.at(-1)!.push(person);
    }
    for (const [part, people] of parts.entries()) {
      this.#publish({ kind: "state", ...this.#head(), part, parts: parts.length, people });
    }
  }

  #head(): NodeHead {
    return { ...this.#options.head, version: this.#version };
  }

  #publish(news: News): void {
    this.#options.broker.publish(this.#subject, JSON.stringify(news));
  }
}
