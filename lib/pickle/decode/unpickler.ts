/** State of one decoding: the bytes and the position, the stack with its marks, the memo, and what is left of the limits. */
import { PickleError, type PickleErrorCode } from "../values/errors.ts";
import { KeyTable } from "../keys/table.ts";
import { DEFAULT_LIMITS, type PickleLimits } from "../values/limits.ts";
import type { UnfilledObjects } from "./unfilled.ts";
import { TextWindow } from "./text_window.ts";
import { Float, type Value } from "../values/values.ts";

/** Look-ups for the objects that a pickle only refers to. */
export interface Resolvers {
  /** Returns the object of a persistent id; undefined if there is none. */
  readonly persistentId?: ((id: Value) => Value | undefined) | undefined;
  /**
   * Returns the object, usually a {@linkcode Global}, that an extension code is registered for; undefined if there is none.
   * Codes are 1 to 2^31 − 1.
   */
  readonly extension?: ((code: number) => Value | undefined) | undefined;
  /**
   * The out-of-band buffers of protocol 5, in order. The value holds the buffers themselves, not copies: as bytes where the
   * pickle declares them read-only, else as a bytearray.
   */
  readonly buffers?: Iterable<ArrayBuffer | ArrayBufferView<ArrayBuffer> | Value> | undefined;
}

/** The encodings of Python 2's 8-bit strings; "bytes" leaves them bytes. */
export type StringEncoding = "ascii" | "latin1" | "utf-8" | "bytes";

/** The cost of an object in bytes of {@linkcode PickleLimits.memory}, without its contents. */
export const COST = {
  list: 48,
  /** The spare room that V8 allocates when a list gets its first items. */
  spare: 136,
  dict: 256,
  set: 256,
  /** The additional cost of a dict or set where a key needs Python's equality. */
  table: 600,
  tuple: 80,
  bytes: 200,
  object: 200,
  item: 8,
  entry: 48,
} as const;

const NO_BYTES = new Uint8Array();
/** The size up to which the stack and the memo are kept for the next decoding. */
const KEPT = 256;

/** The state of one decoding; loop.ts has the loop that drives it. */
export class Unpickler {
  bytes: Uint8Array = NO_BYTES;
  pos = 0;
  /** The end of the readable bytes: of the frame, or outside a frame of all bytes. */
  end = 0;
  /** Whether `end` is the end of a frame. */
  framed = false;
  /** The offset of the current opcode, for errors. */
  opStart = 0;
  /** The argument of the last PROTO. */
  protocol = 0;
  readonly text = new TextWindow();
  views = false;
  strings: StringEncoding = "ascii";
  resolvers: Resolvers = {};
  limits: PickleLimits = DEFAULT_LIMITS;
  /** The remainders of the limits on opcodes and memory. */
  fuel = 0;
  memory = 0;
  /** The meter of work on keys at the start, and the most that it may advance. */
  keyWorkStart = 0;
  keyWorkMost = 0;

  stack: Value[] = [];
  top = 0;
  /** The bottom of the stack above the last MARK; no opcode reaches below it. */
  floor = 0;
  marks: number[] = [];
  markCount = 0;

  memo: Value[] = [];
  /** Entries 0 to dense − 1 are in `memo`, without gaps; the others are in `sparse`. */
  dense = 0;
  sparse: KeyTable | undefined;

  /** For the bound on depth: the containers made, the most MARKs at a time, and the references not made by a MARK. */
  made = 0;
  mostMarks = 0;
  loose = 0;

  /** The last tuple or frozenset made, and the length of the chain in which each holds the one before. */
  lastHolder: Value = null;
  chain = 0;

  unfilled: UnfilledObjects | undefined;
  bufferSource: Iterator<ArrayBuffer | ArrayBufferView<ArrayBuffer> | Value> | undefined;

  /** Starts with the bytes of another pickle. */
  start(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.text.open(bytes);
    this.pos =
      this.opStart =
      this.protocol =
      this.top =
      this.floor =
      this.markCount =
        0;
    this.end = bytes.length;
    this.framed = false;
    this.dense =
      this.made =
      this.mostMarks =
      this.loose =
        0;
  }

  /** Releases all values, so that the collector can free them. */
  release(): void {
    this.bytes = NO_BYTES;
    this.text.close();
    const { stack, memo } = this;
    if (stack.length > KEPT) this.stack = [];
    // Loops, since there are usually few and a call of fill takes longer.
    else for (let i = 0; i < stack.length; i++) stack[i] = null;
    if (memo.length > KEPT) this.memo = [];
    else for (let i = 0; i < this.dense; i++) memo[i] = null;
    if (this.marks.length > KEPT) this.marks = [];
    this.lastHolder = null;
    this.sparse = this.unfilled = this.bufferSource = undefined;
  }

  /** Makes an error at the current opcode. */
  error(code: PickleErrorCode, what: string): PickleError {
    return new PickleError(code, `Cannot decode the pickle: ${what}`, { offset: this.opStart });
  }

  limitError(limit: keyof PickleLimits): PickleError {
    const message = `Cannot decode the pickle: the limit ${limit} of ${this.limits[limit]} is reached`;
    return new PickleError("limit", message, { offset: this.opStart, limit });
  }

  /**
   * Ensures that n bytes can be read. A frame may end only before an opcode or argument: CPython's Python unpickler reads each
   * argument from one frame, and its C unpickler refuses a frame that reaches past the bytes.
   */
  need(n: number): void {
    if (this.pos + n <= this.end) return;
    if (this.end < this.bytes.length) {
      if (this.pos < this.end) throw this.error("bad-frame", "an argument reaches out of its frame");
      this.end = this.bytes.length;
      this.framed = false;
    }
    if (this.pos + n > this.end) throw this.error("truncated", "the bytes end before STOP");
  }

  /** Charges the memory of objects before they are made. */
  charge(bytes: number): void {
    if ((this.memory -= bytes) < 0) throw this.limitError("memory");
  }

  push(value: Value): void {
    this.stack[this.top++] = value;
  }

  pop(): Value {
    if (this.top <= this.floor) throw this.underflow();
    return this.stack[--this.top] as Value;
  }

  peek(): Value {
    if (this.top <= this.floor) throw this.underflow();
    return this.stack[this.top - 1] as Value;
  }

  underflow(): PickleError {
    return this.error(
      "bad-stack",
      this.markCount > 0 ? "an opcode reaches below a MARK" : "the stack is empty",
    );
  }

  mark(): void {
    this.marks[this.markCount++] = this.floor = this.top;
    if (this.markCount > this.mostMarks) this.mostMarks = this.markCount;
  }

  /** Removes the last MARK and returns its position; the values above it stay. */
  popMark(): number {
    if (this.markCount === 0) throw this.error("bad-stack", "there is no MARK");
    const at = this.marks[--this.markCount] as number;
    this.floor = this.markCount > 0 ? this.marks[this.markCount - 1] as number : 0;
    return at;
  }

  /** Returns the bottom of the stack above the MARK before the last. */
  floorBelow(): number {
    return this.markCount > 1 ? this.marks[this.markCount - 2] as number : 0;
  }

  get memoCount(): number {
    return this.dense + (this.sparse === undefined ? 0 : this.sparse.size);
  }

  /** Returns a memo entry. */
  recall(index: number): Value {
    if (index < this.dense) return this.memo[index] as Value;
    const slot = this.sparse === undefined ? -1 : this.sparse.find(index);
    if (this.sparse === undefined || slot < 0) {
      throw this.error("bad-memo", `there is no memo entry ${index}`);
    }
    return this.sparse.valueAt(slot);
  }

  /** Stores the top of the stack as a memo entry. Any index is accepted; consecutive ones cost least. */
  memoize(index: number): void {
    const value = this.memorable();
    if (index < this.dense) this.memo[index] = value;
    else if (index === this.dense && this.sparse === undefined) this.memo[this.dense++] = value;
    // Not a Map, which is slow for integers that were chosen to collide.
    else (this.sparse ??= new KeyTable()).set(index, value);
    if (this.memoCount > this.limits.memo) throw this.limitError("memo");
  }

  /** Returns the top of the stack. A nan becomes an object, so that references to it are the same object. */
  memorable(): Value {
    const value = this.peek();
    if (value === value) return value;
    return this.stack[this.top - 1] = new Float(NaN);
  }
}
