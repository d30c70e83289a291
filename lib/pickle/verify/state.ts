/**
 * State of a verification: the bytes and the position in them, the stack with its marks, the memo, and the objects.
 *
 * @module
 */
import { lineEnd } from "./argument_end.ts";
import { CallCheck } from "./call_check.ts";
import { ContainerCheck } from "./container_check.ts";
import type { PickleError } from "../values/errors.ts";
import { DEFAULT_LIMITS, type PickleLimits } from "../values/limits.ts";
import { ObjectTable } from "./object_table.ts";
import { grown } from "./rows.ts";
import { SlotReader } from "./slot_reader.ts";
import { SHOW_PER_BYTE, SHOW_PER_ROW, SHOW_PER_TEXT_BYTE, TEXT_PER_BYTE } from "./kinds.ts";
import {
  failure,
  farPut,
  noMark,
  tooDeep,
  tooLongToShow,
  tooMuch,
  tooMuchText,
  tooMuchWork,
  underflow,
} from "./failure.ts";

/** The content of a memo entry that does not exist. */
export const ABSENT = 0x7fffffff;
const SMALL = 1 << 12;
/** Arrays that grew beyond this are given back. */
const KEPT = 1 << 16;
/** The bytes that an object with a row takes in CPython, charged against the limit of memory. */
const OBJECT_BYTES = 256;
/** Bytes that calls may copy, for each byte of the pickle and in any case: bytearray(encode(str)) copies twice. */
const COPIES_PER_BYTE = 3;
const COPIES_FREE = 65_536;
/** Nanoseconds that CPython may take to load any pickle, and for each unit of the limit keyWork. */
const WORK_FREE = 30_000_000;
const WORK_PER_KEY_WORK = 4;
/** Nanoseconds that `repr` may take for any pickle, and for each byte of it. */
const SHOWING_FREE = 40_000_000;
const SHOWING_PER_BYTE = 90;
/** Characters that `repr` may have for any pickle, for each byte of it, and at most, unless its own bytes have more. */
const TEXT_FREE = 1 << 20;
const TEXT_FOR_BYTE = 16;
const TEXT_MOST = 64 << 20;
/** Up to this size a value in which nothing is shared passes without an estimate. */
const ALWAYS_SHOWN = 1 << 16;
/** Nanoseconds of `repr` for a character of a text from the memo, and for any character, for each container around it. */
const TEXT_COST = 1.4;
const COPY_COST = 0.2;
/** The most bytes of UTF-8 for one character of `repr`. */
const BYTES_PER_CHARACTER = 4;
/** Smaller memo numbers are accepted in a pickle of any length. */
const FAR_MEMO = 65_537;

/**
 * The numbers noted at each MARK if {@linkcode ObjectTable.weighs}: the offset after it; the bytes of text, the characters
 * from the memo and the rows so far; the time, characters and open references of shared objects so far.
 */
const MARK_WIDTH = 8;

/** The counts of the loop so far. */
interface Progress {
  readonly at: number;
  readonly text: number;
  readonly again: number;
}

const NO_BYTES = new Uint8Array(0);
const NO_SLOTS = new Int32Array(0);

/** The rules of a verification. */
export interface Rules {
  readonly limits: PickleLimits;
  /** Whether names of numpy are accepted. */
  readonly numpy: boolean;
}

/** Properties of one pass. */
export interface Course {
  readonly target: number;
  readonly weighs: boolean;
  /** As in `CollisionCheck.costs`; empty in the first pass. */
  readonly costs: ReadonlyMap<number, number>;
}

/** The state of one verification after another, on which loop.ts operates. */
export class VerifyState {
  readonly table = new ObjectTable();
  readonly slots = new SlotReader(this.table);
  readonly containers = new ContainerCheck(this.table, this.slots);
  readonly calls = new CallCheck(this.table, this.slots, this.containers.collisions);
  limits!: PickleLimits;
  numpy = true;

  bytes: Uint8Array = NO_BYTES;
  at = 0;
  /** The end of the current frame; outside of frames the end of the bytes. */
  end = 0;
  /** The end of the last frame. */
  lastFrame = 0;
  /** The offset of the current opcode. */
  source = 0;

  stack = new Int32Array(SMALL);
  top = 0;
  /** The position of the first slot above the last MARK. No opcode may reach below it. */
  fence = 0;
  marks = new Int32Array(SMALL);
  #noted = new Float64Array(0);
  markCount = 0;
  /** Bytes of text so far. */
  text = 0;
  /** Characters of `repr` for short texts from the memo; their bytes if the table does not weigh. */
  again = 0;

  /** The memo. Only the entries before {@linkcode memoEnd} are valid; those after it are of earlier pickles. */
  memo = new Int32Array(SMALL);
  /** The number of entries. */
  memoCount = 0;
  /** One more than the highest number of an entry; equal to {@linkcode memoCount} if no number was left out. */
  memoEnd = 0;
  /** The highest number in a call of {@linkcode put}. */
  maxPut = -1;
  /** The number of entries before the first left-out number, −1 if there is none, and the numbers of the later entries. */
  dense = -1;
  scattered: number[] = [];

  /** The number in the last PROTO. */
  proto = 0;
  /** A bit for each protocol whose opcodes the pickle has. */
  used = 0;
  /** The offsets of PROTO 5. */
  proto5: number[] = [];
  /** The paths of the names in the pickle. */
  names: string[] = [];

  constructor() {
    this.#limit(DEFAULT_LIMITS);
  }

  /**
   * Begins a pass over a pickle.
   *
   * @param course the row of the dict whose pairs are recorded, −1 for the first dict at the bottom of the stack; and
   * whether the cost of `repr` is counted for each row
   */
  start(bytes: Uint8Array, { limits, numpy }: Rules, { target, weighs, costs }: Course): void {
    this.table.begin(weighs, costs);
    this.numpy = numpy;
    if (limits !== this.limits) this.#limit(limits);
    this.bytes = this.slots.pickle = bytes;
    this.table.maxWork = this.workFor(bytes.length);
    this.table.length = bytes.length;
    this.table.stack = this.stack;
    this.containers.target = target;
    this.end = bytes.length;
    this.at =
      this.lastFrame =
      this.top =
      this.fence =
      this.markCount =
      this.memoCount =
      this.memoEnd =
      this.proto =
      this.used =
      this.text =
      this.again =
        0;
    this.maxPut = this.dense = -1;
  }

  #limit(limits: PickleLimits): void {
    this.limits = limits;
    this.table.depth = limits.verifyDepth;
    this.table.maxCount = Math.floor(limits.memory / OBJECT_BYTES);
    this.containers.maxEntries = limits.entries;
  }

  /**
   * Releases the pickle. To be called after each, also after a refused one.
   *
   * @param keepsMemory whether another pass over the same pickle follows, which needs as much memory
   */
  reset(keepsMemory = false): void {
    this.table.reset(keepsMemory);
    if (this.calls.names.length > 0) this.calls.reset();
    this.containers.reset();
    this.slots.reset();
    this.bytes = NO_BYTES;
    if (!keepsMemory) this.#shrink();
    this.table.stack = NO_SLOTS;
    if (this.names.length > 0) this.names = [];
    if (this.proto5.length > 0) this.proto5 = [];
    if (this.scattered.length > 0) this.scattered = [];
  }

  #shrink(): void {
    if (this.memo.length > KEPT) this.memo = new Int32Array(SMALL);
    if (this.stack.length > KEPT) this.stack = new Int32Array(SMALL);
    if (this.marks.length > KEPT) this.marks = new Int32Array(SMALL);
    if (this.#noted.length > KEPT) this.#noted = new Float64Array(0);
  }

  /** Gives the nanoseconds that loading a pickle of so many bytes may take. */
  workFor(length: number): number {
    return WORK_FREE + length * this.limits.keyWork * WORK_PER_KEY_WORK;
  }

  /** Refuses a value that takes too long to show, or too many characters. Where that is not clear, the table is to weigh. */
  checkShown(value: number): void {
    const { table, at, source } = this;
    if (
      at <= ALWAYS_SHOWN && this.again === 0 && table.moreTime === 0 && table.moreText === 0 &&
      table.isSettled(value)
    ) return;
    table.give(value, -1, 0);
    if (table.height > table.depth) throw tooDeep(source, table.depth);
    const { again } = this;
    const fault = this.#showingFault(table.weighs ? again : again / BYTES_PER_CHARACTER);
    if (fault !== undefined) throw fault(source);
    if (!table.weighs && this.#showingFault(TEXT_PER_BYTE * again) !== undefined) table.needsWeights = true;
  }

  #showingFault(again: number): ((source: number) => PickleError) | undefined {
    const { table, at } = this;
    const shown = TEXT_PER_BYTE * at + again + table.moreText;
    const nanoseconds = SHOW_PER_BYTE * (at - this.text) + SHOW_PER_TEXT_BYTE * this.text +
      TEXT_COST * again +
      SHOW_PER_ROW * table.count + table.moreTime + COPY_COST * table.height * shown;
    // A sum of trees that are too large for a number is none, and no sum is below the bounds then.
    if (!(nanoseconds <= SHOWING_FREE + SHOWING_PER_BYTE * at)) return tooLongToShow;
    const most = TEXT_FREE + Math.max(TEXT_PER_BYTE * at, Math.min(TEXT_MOST, TEXT_FOR_BYTE * at));
    return shown <= most ? undefined : tooMuchText;
  }

  /** Makes room for more on the stack. */
  growStack(): Int32Array<ArrayBuffer> {
    return this.table.stack = this.stack = grown(this.stack, { most: this.bytes.length + this.stack.length });
  }

  /** Makes room for more marks. */
  growMarks(): Int32Array<ArrayBuffer> {
    return this.marks = grown(this.marks, { most: this.bytes.length });
  }

  push(slot: number): void {
    this.stack[this.top++] = slot;
  }

  /** Throws unless there are so many slots above the last MARK. */
  need(count: number): void {
    if (this.top - count < this.fence) throw underflow(this.source);
  }

  /** Removes the last MARK and returns its position; the slots above stay. */
  popMark(): number {
    if (this.markCount === 0) throw noMark(this.source);
    const from = this.marks[--this.markCount]!;
    this.fence = this.markCount === 0 ? 0 : this.marks[this.markCount - 1]!;
    return from;
  }

  /** Notes at a MARK the cost of showing so far. */
  noteMark(mark: number, { at, text, again }: Progress): void {
    const { table } = this;
    const noted = MARK_WIDTH * mark;
    if (noted >= this.#noted.length) {
      const before = this.#noted;
      this.#noted = new Float64Array(Math.max(MARK_WIDTH * SMALL, 2 * noted));
      this.#noted.set(before);
    }
    this.#noted.set([at, text, again, table.count, table.moreTime, table.moreText, table.moreOpens], noted);
  }

  /** Sets the table's cost of showing the items above a MARK. */
  weighMark(mark: number, { at, text, again }: Progress): void {
    const { table } = this;
    const noted = MARK_WIDTH * mark;
    const from = this.#noted;
    const bytes = at - from[noted]!, texts = text - from[noted + 1]!;
    table.since = from[noted]!;
    table.time = SHOW_PER_BYTE * (bytes - texts) + SHOW_PER_TEXT_BYTE * texts +
      SHOW_PER_ROW * (table.count - from[noted + 3]!) + table.moreTime - from[noted + 4]!;
    table.text = TEXT_PER_BYTE * bytes + again - from[noted + 2]! + table.moreText - from[noted + 5]!;
    table.opens = table.moreOpens - from[noted + 6]!;
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
      if (index >= FAR_MEMO && index > this.bytes.length) throw farPut(this.source, index);
    }
    if (index >= this.memo.length) {
      this.memo = grown(this.memo, { least: index + 1, most: this.bytes.length });
    }
    const { memo, memoEnd } = this;
    if (index >= memoEnd || memo[index] === ABSENT) {
      // Some picklers begin with 1.
      if (this.dense < 0 && index > this.memoCount + 1) this.dense = this.memoCount;
      if (this.dense >= 0) this.scattered.push(index);
      this.memoCount++;
    }
    if (index >= memoEnd) {
      memo.fill(ABSENT, memoEnd, index);
      this.memoEnd = index + 1;
    }
    memo[index] = this.stack[this.top - 1]!;
  }

  /** Gives a memo entry. */
  recall(index: number): number {
    const slot = index < this.memoEnd ? this.memo[index]! : ABSENT;
    if (slot === ABSENT) throw failure("bad-memo", `there is no memo entry ${index}`, this.source);
    return slot;
  }

  /** Refuses memo numbers above the length of a pickle of so many bytes, but for those that are small. */
  checkPuts(length: number): void {
    if (this.maxPut >= FAR_MEMO && this.maxPut > length) throw farPut(this.source, this.maxPut);
  }

  /** Throws if calls have made too much by now. */
  checkCalls(): void {
    const { table } = this;
    this.checkCopies(this.bytes.length);
    if (table.work > table.maxWork) throw tooMuchWork(this.source);
  }

  /** Throws if calls have copied more than a pickle of so many bytes may. */
  checkCopies(length: number): void {
    if (this.calls.copied > COPIES_FREE + length * COPIES_PER_BYTE) throw tooMuch(this.source);
  }
}
