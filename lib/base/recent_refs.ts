/** Index of the newest refs in memory, bounded for each session, for each client and in all. */

import type { Ref } from "./ref.ts";

/** The most refs that are kept. */
export interface RefLimits {
  /** Of one session: the newest. */
  readonly perSession: number;
  /** Of one client: of the sessions that ended longest ago first, then of its largest session, the oldest go. */
  readonly perOrigin: number;
  /** In all: those of the client that has most go. */
  readonly total: number;
}

/** As many as 64 connections of one address may have, and four times as many in all. */
const DEFAULT_LIMITS: RefLimits = { perSession: 10_000, perOrigin: 640_000, total: 2_560_000 };

/** What a ref is kept under. */
export interface RefKey {
  readonly session: string;
  readonly ref: Ref;
  /** The client. */
  readonly origin: string;
}

interface Origin<T> {
  readonly name: string;
  size: number;
  readonly live: Set<Session<T>>;
  /** In the order in which they ended. */
  readonly ended: Set<Session<T>>;
}

interface Session<T> {
  readonly name: string;
  origin: Origin<T>;
  /** In the order in which they were added. */
  readonly refs: Map<Ref, T>;
}

/**
 * Keeps a value for each ref of each session.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { RecentRefs } from "./recent_refs.ts";
 *
 * const recent = new RecentRefs<string>({ perSession: 2 });
 * for (const ref of [1, "1", 3]) recent.add({ session: "s", ref, origin: "192.0.2.1" }, `post ${ref}`);
 * assertEquals(recent.find("s", 1), undefined);
 * assertEquals(recent.find("s", "1"), "post 1");
 * assertEquals(recent.find("another", "1"), undefined);
 * ```
 */
export class RecentRefs<T> {
  readonly #limits: RefLimits;
  readonly #sessions = new Map<string, Session<T>>();
  readonly #origins = new Map<string, Origin<T>>();
  #size = 0;

  constructor(limits: Partial<RefLimits> = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
  }

  find(session: string, ref: Ref): T | undefined {
    return this.#sessions.get(session)?.refs.get(ref);
  }

  /** Adds a value, in place of an earlier one of the same ref. The session is live from now on. */
  add({ session: name, ref, origin: originName }: RefKey, value: T): void {
    const session = this.#liveSession(name, originName);
    this.#resize(session, -Number(session.refs.delete(ref)));
    session.refs.set(ref, value);
    this.#resize(session, 1);
    const { perSession, perOrigin, total } = this.#limits;
    if (session.refs.size > perSession) this.#forgetOldest(session, session.refs.size - perSession);
    if (session.origin.size > perOrigin) this.#shrink(session.origin);
    if (this.#size > total) this.#shrink(this.#largestOrigin());
  }

  /** Marks a session as ended: it may come back, but its refs are the first to go where its client has too many. */
  ended(name: string): void {
    const session = this.#sessions.get(name);
    if (session === undefined || !session.origin.live.delete(session)) return;
    session.origin.ended.add(session);
  }

  #liveSession(name: string, originName: string): Session<T> {
    let session = this.#sessions.get(name);
    if (session?.origin.name === originName) {
      if (session.origin.ended.delete(session)) session.origin.live.add(session);
      return session;
    }
    let origin = this.#origins.get(originName);
    if (origin === undefined) {
      origin = { name: originName, size: 0, live: new Set(), ended: new Set() };
      this.#origins.set(originName, origin);
    }
    if (session === undefined) {
      session = { name, origin, refs: new Map() };
      this.#sessions.set(name, session);
    } else {
      const { size } = session.refs;
      this.#resize(session, -size);
      this.#leave(session);
      session.origin = origin;
      this.#resize(session, size);
    }
    origin.live.add(session);
    return session;
  }

  #resize(session: Session<T>, change: number): void {
    session.origin.size += change;
    this.#size += change;
  }

  #leave(session: Session<T>): void {
    const { origin } = session;
    if (!origin.live.delete(session)) origin.ended.delete(session);
    if (origin.live.size + origin.ended.size === 0) this.#origins.delete(origin.name);
  }

  #forgetOldest(session: Session<T>, count: number): void {
    let left = count;
    for (const ref of session.refs.keys()) {
      if (left-- === 0) break;
      session.refs.delete(ref);
    }
    this.#resize(session, -count);
    if (session.refs.size > 0) return;
    this.#sessions.delete(session.name);
    this.#leave(session);
  }

  /** Forgets the session that ended first, or the older half of the largest: so it is not called for each ref. */
  #shrink(origin: Origin<T>): void {
    for (const session of origin.ended) return this.#forgetOldest(session, session.refs.size);
    let largest: Session<T> | undefined;
    for (const session of origin.live) if (session.refs.size > (largest?.refs.size ?? 0)) largest = session;
    if (largest !== undefined) this.#forgetOldest(largest, Math.ceil(largest.refs.size / 2));
  }

  #largestOrigin(): Origin<T> {
    let largest: Origin<T> | undefined;
    for (const origin of this.#origins.values()) if (origin.size > (largest?.size ?? 0)) largest = origin;
    return largest!;
  }
}
