/**
 * What one verification has in hand: the bytes and how far they are read, the stack with its marks, the memo, what is known
 * of the objects.
 *
 * @module
 */
import { lineEnd } from "./argument_end.ts";
import { CallCheck } from "./call_check.ts";
import { ContainerCheck } from "./container_check.ts";
import { DEFAULT_LIMITS, type PickleLimits } from "../values/limits.ts";
import { grown, ObjectTable } from "./object_table.ts";
import { SlotReader } from "./slot_reader.ts";
import { failure, farPut, noMark, tooMuch, tooMuchWork, underflow } from "./failure.ts";

/** Stands in the memo where there is no entry. */
export const ABSENT = 0x7fffffff;
const SMALL = 1 << 12;
/** What a large pickle took beyond this is given back. */
const KEPT = 1 << 16;
/** What one container takes in CPython with all around it; charged against the limit of memory. */
const OBJECT_BYTES = 256;
const OBJECTS_PER_DEQUE = 3;
/** What calls copy: bytearray(encode(str)) does so twice. */
const COPIES_PER_BYTE = 3;
const COPIES_FREE = 65_536;
/** Steps of hashing, comparing and following references, for the first byte of the pickle. */
const WORK_FREE = 50_000;
/** The limit `keyWork` counts bytes of keys; a step takes as long as so many of them. */
const BYTES_PER_WORK = 8;

const NO_BYTES = new Uint8Array(0);
const NO_SLOTS = new Int32Array(0);

/** What one pass does besides. */
export interface Course {
  /** The row of the dict whose pairs are recorded; −1 for the first that stands at the stack's bottom. */
  readonly target: number;
  /** Whether the keys of small containers are checked against each other too. */
  readonly everyKey: boolean;
}

/** The state of one verification after another; verify_loop.ts has the loop that drives it. */
export class VerifyState {
  readonly table = new ObjectTable();
  readonly slots = new SlotReader(this.table);
  readonly containers = new ContainerCheck(this.table, this.slots);
  readonly calls = new CallCheck(this.table, this.slots, this.containers.collisions);
  limits: PickleLimits = DEFAULT_LIMITS;

  bytes: Uint8Array = NO_BYTES;
  at = 0;
  /** The end of the frame that is being read, of the bytes outside of one. */
  end = 0;
  /** Where the last frame ends. */
  lastFrame = 0;
  /** The offset of the opcode at hand. */
  source = 0;

  stack = new Int32Array(SMALL);
  top = 0;
  /** Where the stack begins above the last MARK: no opcode reaches below. */
  fence = 0;
  marks = new Int32Array(SMALL);
  markCount = 0;

  memo = new Int32Array(SMALL).fill(ABSENT);
  memoCount = 0;
  /** Behind the last entry. */
  memoEnd = 0;
  /** The highest number that PUT gave out of turn. */
  maxPut = -1;
  /** How many entries had followed one another before one was left out, −1 as long as none was; and those since. */
  dense = -1;
  scattered: number[] = [];

  /** What PROTO said last. */
  proto = 0;
  /** For each protocol whose opcodes were used a bit. */
  used = 0;
  /** Where PROTO says 5. */
  proto5: number[] = [];
  /** The paths of the names that were taken. */
  names: string[] = [];

  /** Makes ready for other bytes. */
  start(bytes: Uint8Array, limits: PickleLimits, { target, everyKey }: Course): void {
    this.limits = limits;
    this.bytes = this.slots.pickle = bytes;
    this.table.depth = limits.verifyDepth;
    this.table.maxCount = Math.floor(limits.memory / OBJECT_BYTES);
    this.table.maxWork = this.workFor(bytes.length);
    this.table.stack = this.stack;
    this.containers.target = target;
    this.containers.collisions.checksAll = everyKey;
    this.containers.maxEntries = limits.entries;
    this.end = bytes.length;
    this.at =
      this.lastFrame =
      this.top =
      this.fence =
      this.markCount =
      this.memoCount =
      this.proto =
      this.used =
        0;
    this.maxPut = this.dense = -1;
  }

  /** Lets go of the pickle; to be called after each, also after one that was refused. */
  reset(): void {
    this.table.reset();
    this.calls.reset();
    this.containers.reset();
    this.slots.reset();
    this.bytes = NO_BYTES;
    const memo = this.memo;
    if (memo.length > KEPT) this.memo = new Int32Array(SMALL).fill(ABSENT);
    else for (let i = 0; i < this.memoEnd; i++) memo[i] = ABSENT;
    this.memoEnd = 0;
    if (this.stack.length > KEPT) this.stack = new Int32Array(SMALL);
    if (this.marks.length > KEPT) this.marks = new Int32Array(SMALL);
    this.table.stack = NO_SLOTS;
    if (this.names.length > 0) this.names = [];
    if (this.proto5.length > 0) this.proto5 = [];
    if (this.scattered.length > 0) this.scattered = [];
  }

  /** Gives the work that a pickle of so many bytes may make. */
  workFor(length: number): number {
    return WORK_FREE + length * this.limits.keyWork / BYTES_PER_WORK;
  }

  /** Makes room for more on the stack. */
  growStack(): Int32Array<ArrayBuffer> {
    return this.table.stack = this.stack = grown(this.stack);
  }

  /** Makes room for more marks. */
  growMarks(): Int32Array<ArrayBuffer> {
    return this.marks = grown(this.marks);
  }

  push(slot: number): void {
    this.stack[this.top++] = slot;
  }

  /** Sees to it that there are so many slots above the last MARK. */
  need(count: number): void {
    if (this.top - count < this.fence) throw underflow(this.source);
  }

  /** Takes the last MARK away and gives where it stood; what is above stays. */
  popMark(): number {
    if (this.markCount === 0) throw noMark(this.source);
    const from = this.marks[--this.markCount]!;
    this.fence = this.markCount === 0 ? 0 : this.marks[this.markCount - 1]!;
    return from;
  }

  /** Gives the end of the line that begins at `at`, and moves behind it. */
  readLine(): number {
    const line = lineEnd(this.bytes, this.at, this.end, this.bytes.length, this.source);
    this.at = line + 1;
    return line;
  }

  /** Makes the top of the stack a memo entry with any number. */
  put(index: number): void {
    this.need(1);
    if (index > this.maxPut) {
      this.maxPut = index;
      if (index > this.bytes.length) throw farPut(this.source, index);
    }
    if (index >= this.memo.length) this.#growMemo(index);
    if (index >= this.memoEnd) this.memoEnd = index + 1;
    if (this.memo[index] === ABSENT) {
      // Some picklers begin with 1.
      if (this.dense < 0 && index > this.memoCount + 1) this.dense = this.memoCount;
      if (this.dense >= 0) this.scattered.push(index);
      this.memoCount++;
    }
    this.memo[index] = this.stack[this.top - 1]!;
  }

  /** Gives a memo entry. */
  recall(index: number): number {
    const slot = index < this.memoEnd ? this.memo[index]! : ABSENT;
    if (slot === ABSENT) throw failure("bad-memo", `there is no memo entry ${index}`, this.source);
    return slot;
  }

  /** Sees to it that calls have not made too much by now. */
  checkCalls(): void {
    const { table, calls } = this;
    if (table.count + calls.deques * (OBJECTS_PER_DEQUE - 1) > table.maxCount) throw tooMuch(this.source);
    this.checkCopies(this.bytes.length);
    if (table.work > table.maxWork) throw tooMuchWork(this.source);
  }

  /** Sees to it that calls have not copied more than a pickle of so many bytes may. */
  checkCopies(length: number): void {
    if (this.calls.copied > COPIES_FREE + length * COPIES_PER_BYTE) throw tooMuch(this.source);
  }

  #growMemo(index: number): void {
    const before = this.memo;
    this.memo = new Int32Array(Math.max(index + 1, 2 * before.length));
    this.memo.set(before);
    this.memo.fill(ABSENT, before.length);
  }
}
