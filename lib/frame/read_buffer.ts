/** What a reader of frames reads into: a buffer that follows what arrives. */

import { type Budget, needOf, OWN_BUFFER, READ_SIZE } from "./budget.ts";

/** What an idle connection waits with. */
const IDLE_BUFFER = 512;

/** Where payloads up to half of it come, a buffer grows to this, so that most of them lie whole in it. */
const MAX_BUFFER = 256 * 1024;

/** The budget of a reader that shares with nobody: its own limit is the only one. */
const UNSHARED: Budget = { tryTake: () => true, take: () => null, give() {} };

/** Bytes that were read and not taken yet, and the room for those to come. */
export class ReadBuffer {
  readonly #budget: Budget;
  #bytes = new Uint8Array(IDLE_BUFFER);
  #start = 0;
  #end = 0;
  /** Whether the last read filled the room it had, and whether an idle buffer would have been enough for it. */
  #filledWhole = false;
  #readLittle = true;
  /** Whether it is a long frame's alone, from the first byte of its payload on. */
  #isLong = false;
  /** What it took of the budget, what ends its waiting for more, and what is to be called then. */
  #held = 0;
  #endWait: (() => void) | null = null;
  #then: (() => void) | null = null;
  #released = false;

  constructor(budget = UNSHARED) {
    this.#budget = budget;
  }

  /** Where the bytes lie. It is replaced when it has to grow. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** The first byte that is not taken yet. */
  get start(): number {
    return this.#start;
  }

  /** How many bytes are there. */
  get have(): number {
    return this.#end - this.#start;
  }

  /** How many bytes it takes. */
  get size(): number {
    return this.#bytes.length;
  }

  /** Whether a long frame waits for memory. */
  get isWaiting(): boolean {
    return this.#endWait !== null;
  }

  /** The bytes that it has of the budget. */
  get held(): number {
    return this.#held;
  }

  get isReleased(): boolean {
    return this.#released;
  }

  /** Passes over bytes that are there. */
  skip(count: number): void {
    this.#start += count;
  }

  /** Takes bytes that are there: a view that is good until room is made again. */
  take(count: number): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#start += count);
  }

  /**
   * Gives where the next bytes are to be read into.
   *
   * @param length The length of the payload under way, or −1 where there is none.
   * @param then Is called, where memory has to be waited for, when it is there: then ask again.
   * @returns Null where memory has to be waited for, or it was released.
   */
  room(length: number, then?: () => void): Uint8Array | null {
    if (this.#released) return null;
    if (this.#endWait === null) this.#makeRoom(length);
    if (this.#endWait !== null) {
      this.#then = then ?? null;
      return null;
    }
    // Of an idle connection's buffer no view is made: it would be kept for as long as nothing comes.
    return this.#end === 0 && this.#bytes.length <= READ_SIZE
      ? this.#bytes
      : this.#bytes.subarray(this.#end, this.#end + READ_SIZE);
  }

  /** Takes that so many bytes were read into the room. */
  add(count: number): void {
    this.#filledWhole = count === Math.min(READ_SIZE, this.#bytes.length - this.#end);
    this.#readLittle = count < IDLE_BUFFER;
    this.#end += count;
  }

  /** Gives back all its memory. */
  release(): void {
    this.#released = true;
    this.#endWait?.();
    this.#bytes = new Uint8Array(0);
    this.#start = this.#end = 0;
    this.#give();
  }

  /** Makes room behind `#end`, or begins to wait for the memory. */
  #makeRoom(length: number): void {
    if (this.#isLong) {
      if (length >= 0) this.#growLong(length);
      else this.#toIdle();
      return;
    }
    const left = this.#end - this.#start;
    const size = this.#bytes.length;
    if (size > IDLE_BUFFER && this.#readLittle && left <= IDLE_BUFFER / 2 && length <= IDLE_BUFFER) {
      this.#toIdle();
    } else if (size <= OWN_BUFFER && (this.#filledWhole || length > size)) {
      this.#growSmall(length);
    } else if (size < MAX_BUFFER && left > 0 && this.#end === size && length > size / 2) {
      // A frame that was split: a few of its kind fit a larger buffer.
      if (length <= MAX_BUFFER / 2 && this.#tryHold(size)) this.#replaceBuffer(2 * size);
    }
    // What is left goes to the front: there it needs no room behind the buffer's middle.
    if (this.#start > 0 && this.#bytes.length - this.#end < READ_SIZE) {
      this.#bytes.copyWithin(0, this.#start, this.#end);
      this.#end = left;
      this.#start = 0;
    }
    if (left === this.#bytes.length) this.#beginLong(length);
  }

  /** Goes on with an idle buffer: what is left fits it. */
  #toIdle(): void {
    this.#replaceBuffer(IDLE_BUFFER);
    this.#isLong = false;
    this.#give();
  }

  /** Makes a small buffer as large as every reader's may be, and one that was too small again a large one, if it may. */
  #growSmall(length: number): void {
    if (this.#bytes.length < OWN_BUFFER && length <= OWN_BUFFER) this.#replaceBuffer(OWN_BUFFER);
    else if (this.#tryHold(READ_SIZE)) this.#replaceBuffer(READ_SIZE);
    else if (this.#bytes.length < OWN_BUFFER) this.#replaceBuffer(OWN_BUFFER);
  }

  #tryHold(size: number): boolean {
    if (!this.#budget.tryTake(size)) return false;
    this.#held += size;
    return true;
  }

  /** Gives the frame under way a buffer of its own, once the budget has what it needs to become whole. */
  #beginLong(length: number): void {
    const need = needOf(length);
    const begin = () => {
      const before = this.#held;
      this.#held = need;
      this.#isLong = true;
      this.#growLong(length);
      if (before > 0) this.#budget.give(before);
    };
    const end = () => {
      this.#endWait = null;
      this.#then?.();
      this.#then = null;
    };
    const callOff = this.#budget.take(need, () => {
      begin();
      end();
    });
    if (callOff === null) return begin();
    this.#endWait = () => {
      callOff();
      end();
    };
  }

  /** Makes room for more of a long frame: its length, or the half of that, or the half of that, as bytes arrive. */
  #growLong(length: number): void {
    const have = this.#end - this.#start;
    if (this.#start === 0 && have < this.#bytes.length) return;
    let size = length;
    for (let half = Math.ceil(size / 2); half > have && half >= READ_SIZE; half = Math.ceil(size / 2)) {
      size = half;
    }
    this.#replaceBuffer(size);
  }

  /** Moves what is left into a new buffer. */
  #replaceBuffer(size: number): void {
    const next = new Uint8Array(size);
    next.set(this.#bytes.subarray(this.#start, this.#end));
    this.#end -= this.#start;
    this.#start = 0;
    this.#bytes = next;
  }

  #give(): void {
    const held = this.#held;
    this.#held = 0;
    if (held > 0) this.#budget.give(held);
  }
}
