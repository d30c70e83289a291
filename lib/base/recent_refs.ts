/** Index of the newest refs in memory, bounded for each session, for each client and in all. */

import type { Ref } from "./ref.ts";

/** The most refs that are kept. */
export interface RefLimits {
  /** For one session: at least this many of the newest, at most twice as many. */
  readonly perSession: number;
  /**
   * For one client. Above it, refs are dropped: first those of the sessions that ended longest ago, then the oldest
   * ones of its largest session.
   */
  readonly perOrigin: number;
  /** In total. Above it, refs of the client that has most are dropped. */
  readonly total: number;
}

/** As many as 64 connections of one address may have, and twice as many in all. */
const DEFAULT_LIMITS: RefLimits = { perSession: 10_000, perOrigin: 1_280_000, total: 2_560_000 };

/** The owner under which a ref is kept. */
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
  /** The ended sessions, in the order in which they ended. */
  readonly ended: Set<Session<T>>;
}

interface Session<T> {
  readonly name: string;
  origin: Origin<T>;
  /**
   * Two generations of refs: when there are enough new refs, they become the old ones. Forgetting them one by one would
   * cost more.
   */
  refs: Map<Ref, T>;
  older: Map<Ref, T>;
}

/**
 * Keeps a value for each ref of each session.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { RecentRefs } from "./recent_refs.ts";
 *
 * const recent = new RecentRefs<string>({ perSession: 1 });
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

  find(name: string, ref: Ref): T | undefined {
    const session = this.#sessions.get(name);
    return session?.refs.get(ref) ?? session?.older.get(ref);
  }

  /** Adds the value of a ref that is new. The session is live from now on. */
  add({ session: name, ref, origin: originName }: RefKey, value: T): void {
    const session = this.#liveSession(name, originName);
    const { perSession, perOrigin, total } = this.#limits;
    if (session.refs.size >= perSession) this.#age(session);
    session.refs.set(ref, value);
    this.#resize(session, 1);
    if (session.origin.size > perOrigin) this.#shrink(session.origin);
    if (this.#size > total) this.#shrink(this.#largestOrigin());
  }

  /** Marks a session as ended. It may be resumed, but its refs are the first to be dropped if its client has too many. */
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
      session = { name, origin, refs: new Map(), older: new Map() };
      this.#sessions.set(name, session);
    } else {
      const size = sizeOf(session);
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

  /** Forgets the old generation of a session, and makes the new one the old one. */
  #age(session: Session<T>): void {
    this.#resize(session, -session.older.size);
    session.older = session.refs;
    session.refs = new Map();
  }

  /** Forgets some refs of a client: the session that ended first, or the older ones of the largest. */
  #shrink(origin: Origin<T>): void {
    for (const session of origin.ended) return this.#forget(session);
    let largest: Session<T> | undefined;
    let most = 0;
    for (const session of origin.live) {
      if (sizeOf(session) > most) [most, largest] = [sizeOf(session), session];
    }
    if (largest === undefined) return;
    const forgotten = largest.older.size > 0 ? largest.older : olderHalf(largest.refs);
    if (forgotten === largest.older) largest.older = new Map();
    else for (const ref of forgotten.keys()) largest.refs.delete(ref);
    this.#resize(largest, -forgotten.size);
    if (largest.refs.size === 0) this.#forget(largest);
  }

  #forget(session: Session<T>): void {
    this.#resize(session, -sizeOf(session));
    this.#sessions.delete(session.name);
    this.#leave(session);
  }

  #largestOrigin(): Origin<T> {
    let largest: Origin<T> | undefined;
    for (const origin of this.#origins.values()) if (origin.size > (largest?.size ?? 0)) largest = origin;
    return largest!;
  }
}

function olderHalf<T>(refs: ReadonlyMap<Ref, T>): Map<Ref, T> {
  return new Map([...refs].slice(0, Math.ceil(refs.size / 2)));
}

function sizeOf<T>({ refs, older }: Session<T>): number {
  return refs.size + older.size;
}
