/** The account of memory: charges all memory that is held for peers against one limit. */

import type { Clock } from "../base/clock.ts";

/** The time that a charge waits before others give way for it, in milliseconds. */
const PATIENCE_MS = 250;

/** The part of the limit that charges that may wait can use. */
const WAITING_PART = 7 / 8;

/** A holder of memory, such as a connection. */
export interface Holder {
  /** Whether it is a cache, which loses nothing when it gives way. Caches give way before other holders. */
  readonly isCache?: boolean;
  /**
   * Frees some of its memory at once, by calling {@linkcode Holding.release}. It must not charge anything in the call.
   * It is called again until enough is free; a holder that frees nothing is skipped.
   */
  giveWay(): void;
}

/** The holdings of one owner, such as an address. */
interface Owner {
  size: number;
  readonly holdings: Set<Holding>;
}

/** A charge that waits until others release enough. */
interface Waiting {
  readonly holding: Holding;
  readonly bytes: number;
  readonly since: number;
  readonly then: () => void;
}

/**
 * Shares a limit of memory between owners. While memory is left, every charge succeeds. When none is left, the owner
 * that holds most gives way to those that hold less, its largest holding first. An owner that holds no more than an
 * equal share keeps its memory.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { SYSTEM_CLOCK } from "../base/clock.ts";
 * import { Account } from "./account.ts";
 *
 * const account = new Account(100, SYSTEM_CLOCK);
 * const greedy = account.open("192.0.2.1", { giveWay: () => greedy.close() });
 * const modest = account.open("192.0.2.2", { giveWay: () => modest.close() });
 * assertEquals([greedy.charge(90), modest.charge(20)], [true, true]);
 * assertEquals([greedy.size, modest.size, account.size], [0, 20, 20]);
 * assertEquals(modest.charge(90), false);
 * ```
 */
export class Account {
  readonly #limit: number;
  readonly #clock: Clock;
  /** The owners that hold something. */
  readonly #owners = new Map<string, Owner>();
  /** In the order in which they asked; a Set, because some are cancelled. */
  readonly #waiting = new Set<Waiting>();
  #size = 0;
  /** Set while a holder gives way: the memory that it releases is not given to waiting charges. */
  #isMakingRoom = false;
  #cancelTimer: (() => void) | null = null;

  /**
   * @param limit In bytes.
   */
  constructor(limit: number, clock: Clock) {
    this.#limit = limit;
    this.#clock = clock;
  }

  /** The bytes that are held, never more than the limit. */
  get size(): number {
    return this.#size;
  }

  get limit(): number {
    return this.#limit;
  }

  /** The time that the first waiting charge has waited, in milliseconds; 0 if none waits. */
  get waitedMs(): number {
    for (const { since } of this.#waiting) return this.#clock.ticks() - since;
    return 0;
  }

  /** Opens a holding, which is empty at first. It costs the account nothing while it is empty. */
  open(owner: string, holder: Holder): Holding {
    return new Holding(owner, holder, this.#book);
  }

  readonly #book: Book = {
    charge: (holding, bytes) => {
      const isGranted = holding.isCache ? this.#size + bytes <= this.#limit : this.#makeRoom(holding, bytes);
      if (isGranted) this.#add(holding, bytes);
      this.#serve();
      return isGranted;
    },
    tryCharge: (holding, bytes) => {
      if (this.#waiting.size > 0 || this.#size + bytes > this.#limit / 2) return false;
      this.#add(holding, bytes);
      return true;
    },
    chargeLater: (holding, bytes, then) => {
      if (this.#waiting.size === 0 && this.#freeCaches(bytes)) {
        this.#add(holding, bytes);
        return null;
      }
      const waiting: Waiting = { holding, bytes, since: this.#clock.ticks(), then };
      this.#waiting.add(waiting);
      this.#cancelTimer ??= this.#clock.after(PATIENCE_MS, this.#makeRoomForWaiting);
      return () => {
        this.#waiting.delete(waiting);
        this.#serve();
      };
    },
    release: (holding, bytes) => {
      this.#subtract(holding, bytes);
      this.#serve();
    },
  };

  /** Whether there is room for a charge that may wait. An eighth of the limit is reserved for those that cannot. */
  #hasRoomFor(bytes: number): boolean {
    return this.#size + bytes <= WAITING_PART * this.#limit;
  }

  /**
   * Makes owners above their share give way for owners within theirs that have waited for a while. Before that, frames
   * that arrive quickly take turns with the memory, and no connection is ended.
   */
  readonly #makeRoomForWaiting = (): void => {
    this.#cancelTimer = null;
    const now = this.#clock.ticks();
    for (const waiting of [...this.#waiting]) {
      const { holding, bytes, since, then } = waiting;
      if (now - since < PATIENCE_MS || !this.#isWithinShare(holding.owner, bytes)) continue;
      if (!this.#makeRoom(holding, bytes) || !this.#waiting.delete(waiting)) continue;
      this.#add(holding, bytes);
      then();
    }
    this.#serve();
    if (this.#waiting.size > 0) {
      this.#cancelTimer ??= this.#clock.after(PATIENCE_MS, this.#makeRoomForWaiting);
    }
  };

  /** Makes caches give way for a charge that may wait. */
  #freeCaches(bytes: number): boolean {
    const immovable = new Set<Holding>();
    while (!this.#hasRoomFor(bytes)) {
      const cache = this.#cache(immovable, 0);
      if (cache === null) return false;
      this.#giveWay(cache, immovable);
    }
    return true;
  }

  /** Makes others give way until there is room. Returns false if the asker's owner holds most. */
  #makeRoom(asker: Holding, bytes: number): boolean {
    const immovable = new Set<Holding>();
    while (this.#size + bytes > this.#limit) {
      const share = this.#limit / Math.max(1, this.#owners.size);
      const largest = this.#cache(immovable, share) ?? this.#largest({ asker, bytes, immovable });
      if (largest === asker || largest === null) return false;
      this.#giveWay(largest, immovable);
    }
    return true;
  }

  #giveWay(holding: Holding, immovable: Set<Holding>): void {
    const before = this.#size;
    this.#isMakingRoom = true;
    try {
      holding.giveWay();
    } finally {
      this.#isMakingRoom = false;
    }
    if (this.#size >= before) immovable.add(holding);
  }

  #isWithinShare(owner: string, bytes: number): boolean {
    const held = this.#owners.get(owner)?.size ?? 0;
    const owners = this.#owners.size + (held === 0 ? 1 : 0);
    return held + bytes <= this.#limit / owners;
  }

  /** Returns a cache whose owner holds more than the given number of bytes. */
  #cache(immovable: ReadonlySet<Holding>, above: number): Holding | null {
    for (const { size, holdings } of this.#owners.values()) {
      if (size <= above) continue;
      for (const holding of holdings) if (holding.isCache && !immovable.has(holding)) return holding;
    }
    return null;
  }

  /** Returns the largest holding of the owner that holds most, counting the requested bytes for the asker's owner. */
  #largest({ asker, bytes, immovable }: {
    asker: Holding;
    bytes: number;
    immovable: ReadonlySet<Holding>;
  }): Holding | null {
    const own = this.#owners.get(asker.owner);
    let owner = own;
    let most = (own?.size ?? 0) + bytes;
    for (const other of this.#owners.values()) {
      if (other.size > most && hasMovable(other, immovable)) [most, owner] = [other.size, other];
    }
    let largest: Holding | null = owner === own ? asker : null;
    let size = owner === own ? asker.size + bytes : 0;
    for (const holding of owner?.holdings ?? []) {
      if (holding.size > size && !immovable.has(holding)) [size, largest] = [holding.size, holding];
    }
    return largest;
  }

  #add(holding: Holding, bytes: number): void {
    let owner = this.#owners.get(holding.owner);
    if (owner === undefined) this.#owners.set(holding.owner, owner = { size: 0, holdings: new Set() });
    owner.holdings.add(holding);
    owner.size += bytes;
    this.#size += bytes;
    holding.size += bytes;
  }

  #subtract(holding: Holding, bytes: number): void {
    const owner = this.#owners.get(holding.owner);
    if (owner === undefined || bytes === 0) return;
    owner.size -= bytes;
    this.#size -= bytes;
    holding.size -= bytes;
    if (holding.size === 0) owner.holdings.delete(holding);
    if (owner.holdings.size === 0) this.#owners.delete(holding.owner);
  }

  /** Serves the waiting charges in order, as long as there is room. */
  #serve(): void {
    if (this.#isMakingRoom) return;
    if (this.#waiting.size === 0) {
      this.#cancelTimer?.();
      this.#cancelTimer = null;
    }
    for (const waiting of this.#waiting) {
      if (!this.#freeCaches(waiting.bytes)) return;
      this.#waiting.delete(waiting);
      this.#add(waiting.holding, waiting.bytes);
      waiting.then();
    }
  }
}

function hasMovable({ holdings }: Owner, immovable: ReadonlySet<Holding>): boolean {
  if (immovable.size === 0) return true;
  for (const holding of holdings) if (!immovable.has(holding)) return true;
  return false;
}

/** The account as its holdings use it. */
interface Book {
  readonly charge: (holding: Holding, bytes: number) => boolean;
  readonly tryCharge: (holding: Holding, bytes: number) => boolean;
  readonly chargeLater: (holding: Holding, bytes: number, then: () => void) => (() => void) | null;
  readonly release: (holding: Holding, bytes: number) => void;
}

/** The memory that one holder has of an {@linkcode Account}. */
export class Holding {
  readonly owner: string;
  readonly #holder: Holder;
  readonly #book: Book;
  /** The bytes that it holds; only the account changes it. */
  size = 0;

  constructor(owner: string, holder: Holder, book: Book) {
    this.owner = owner;
    this.#holder = holder;
    this.#book = book;
  }

  /** Charges bytes, for which others give way if needed. Returns false and charges nothing if its own owner holds most. */
  charge(bytes: number): boolean {
    return this.#book.charge(this, bytes);
  }

  /** Charges bytes that the holder can do without. Returns false and charges nothing if half of the limit is used. */
  tryCharge(bytes: number): boolean {
    return this.#book.tryCharge(this, bytes);
  }

  /**
   * Charges bytes that the holder needs, or waits for them behind earlier charges. Others give way for them if the
   * holder's owner is within an equal share.
   *
   * @returns Null if the bytes are charged. Otherwise a function that cancels the wait; `then` is called once they are charged.
   */
  chargeLater(bytes: number, then: () => void): (() => void) | null {
    return this.#book.chargeLater(this, bytes, then);
  }

  /** Gives bytes back. */
  release(bytes: number): void {
    this.#book.release(this, bytes);
  }

  /** Gives everything back. */
  close(): void {
    this.#book.release(this, this.size);
  }

  /** Frees some of it, see {@linkcode Holder.giveWay}. */
  giveWay(): void {
    this.#holder.giveWay();
  }

  get isCache(): boolean {
    return this.#holder.isCache === true;
  }
}
