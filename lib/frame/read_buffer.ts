/** Buffer of a frame reader: it grows with what arrives. */

import { type Budget, needOf, OWN_BUFFER, READ_SIZE } from "./budget.ts";
import { giveBuffer, takeBuffer } from "./spares.ts";

/** The buffer of an idle connection. */
const IDLE_BUFFER = 512;

/** The size that a buffer grows to for payloads of up to half of it, so that most of them are in the buffer in one piece. */
const MAX_BUFFER = 256 * 1024;

/** The budget of a reader that shares with no other. */
const UNSHARED: Budget = { tryCharge: () => true, chargeLater: () => null, release() {} };

/** Bytes that were read and not taken, and room for more. */
export class ReadBuffer {
  readonly #budget: Budget;
  #bytes = new Uint8Array(IDLE_BUFFER);
  #start = 0;
  #end = 0;
  /** Whether the last read filled its room, and whether an idle buffer would have been enough. */
  #filledWhole = false;
  #readLittle = true;
  /** Whether it holds one long frame alone, from the first byte of its payload on. */
  #isLong = false;
  /** The bytes that it has of the budget; while it waits for more, what cancels the wait and what is called after it. */
  #held = 0;
  #endWait: (() => void) | null = null;
  #then: (() => void) | null = null;
  #released = false;
  readonly #reuses: boolean;

  /** @param reuses Whether nothing refers to what was taken once room is made again, so that buffers can be used again. */
  constructor(budget = UNSHARED, reuses = false) {
    this.#budget = budget;
    this.#reuses = reuses;
  }

  /** The bytes. The array is replaced when it grows. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** The index of the first byte that is not taken. */
  get start(): number {
    return this.#start;
  }

  /** The number of bytes that are not taken. */
  get have(): number {
    return this.#end - this.#start;
  }

  /** Its size in bytes. */
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

  /** Skips bytes. */
  skip(count: number): void {
    this.#start += count;
  }

  /** Takes bytes: a view that is valid until room is made again. */
  take(count: number): Uint8Array {
    return this.#bytes.subarray(this.#start, this.#start += count);
  }

  /**
   * Returns the room for the next bytes.
   * @param length The length of the current payload; −1 if there is none.
   * @param then Called, where memory has to be waited for, once it is there: then ask again.
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

  /** Adds bytes that were read into the room. */
  add(count: number): void {
    this.#filledWhole = count === Math.min(READ_SIZE, this.#bytes.length - this.#end);
    this.#readLittle = count < IDLE_BUFFER;
    this.#end += count;
  }

  /** Frees its memory. */
  release(): void {
    this.#released = true;
    this.#endWait?.();
    // It cannot be reused: a read into it may be pending, and a payload that was taken may be in use.
    this.#bytes = new Uint8Array(0);
    this.#start = this.#end = 0;
    this.#give();
  }

  /** Makes room behind `#end`, or starts to wait for memory. */
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
      // The frame was split: a larger buffer holds several of its size.
      if (length <= MAX_BUFFER / 2 && this.#tryHold(size)) this.#replaceBuffer(2 * size);
    }
    // Bytes at the front leave the most room behind them.
    if (this.#start > 0 && this.#bytes.length - this.#end < READ_SIZE) {
      this.#bytes.copyWithin(0, this.#start, this.#end);
      this.#end = left;
      this.#start = 0;
    }
    if (left === this.#bytes.length) this.#beginLong(length);
  }

  /** Continues with an idle buffer, which what is left fits into. */
  #toIdle(): void {
    this.#replaceBuffer(IDLE_BUFFER);
    this.#isLong = false;
    this.#give();
  }

  /** Grows a small buffer to what every reader may have, then to a large one if the budget allows. */
  #growSmall(length: number): void {
    if (this.#bytes.length < OWN_BUFFER && length <= OWN_BUFFER) this.#replaceBuffer(OWN_BUFFER);
    else if (this.#tryHold(READ_SIZE)) this.#replaceBuffer(READ_SIZE);
    else if (this.#bytes.length < OWN_BUFFER) this.#replaceBuffer(OWN_BUFFER);
  }

  #tryHold(size: number): boolean {
    if (!this.#budget.tryCharge(size)) return false;
    this.#held += size;
    return true;
  }

  /** Moves the current frame to a buffer of its own, once the budget has the memory for all of it. */
  #beginLong(length: number): void {
    const need = needOf(length);
    const begin = () => {
      const before = this.#held;
      this.#held = need;
      this.#isLong = true;
      this.#growLong(length);
      if (before > 0) this.#budget.release(before);
    };
    const end = () => {
      this.#endWait = null;
      this.#then?.();
      this.#then = null;
    };
    const callOff = this.#budget.chargeLater(need, () => {
      begin();
      end();
    });
    if (callOff === null) return begin();
    this.#endWait = () => {
      callOff();
      end();
    };
  }

  /** Grows the buffer of a long frame as bytes arrive: to an eighth of its length, a quarter, half, all. */
  #growLong(length: number): void {
    const have = this.#end - this.#start;
    if (this.#start === 0 && have < this.#bytes.length) return;
    let size = length;
    for (let half = Math.ceil(size / 2); half > have && half >= READ_SIZE; half = Math.ceil(size / 2)) {
      size = half;
    }
    this.#replaceBuffer(size);
  }

  /** Moves the bytes into a new buffer. */
  #replaceBuffer(size: number): void {
    const next = this.#reuses ? takeBuffer(size) : new Uint8Array(size);
    next.set(this.#bytes.subarray(this.#start, this.#end));
    this.#end -= this.#start;
    this.#start = 0;
    // No read is pending.
    if (this.#reuses) giveBuffer(this.#bytes);
    this.#bytes = next;
  }

  #give(): void {
    const held = this.#held;
    this.#held = 0;
    if (held > 0) this.#budget.release(held);
  }
}
