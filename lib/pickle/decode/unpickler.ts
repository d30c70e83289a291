/** What one decoding has in hand: the bytes and how far they are read, the stack with its marks, the memo, what it may still spend. */
import { PickleError, type PickleErrorCode } from "../values/errors.ts";
import { KeyTable } from "../keys/table.ts";
import { DEFAULT_LIMITS, type PickleLimits } from "../values/limits.ts";
import type { UnfilledObjects } from "./unfilled.ts";
import { TextWindow } from "./text_window.ts";
import { Float, type Value } from "../values/values.ts";

/** What a caller hands in for what a pickle only refers to. */
export interface Resolvers {
  /** Gives the object of a persistent id; undefined where there is none. */
  readonly persistentId?: ((id: Value) => Value | undefined) | undefined;
  /**
   * Gives the object, most often a {@linkcode Global}, that an extension code is registered for; undefined where there is
   * none. Codes are 1 to 2^31 − 1.
   */
  readonly extension?: ((code: number) => Value | undefined) | undefined;
  /**
   * Gives the out-of-band buffers of protocol 5, in order. The value holds them as they are, not copies: as bytes where the
   * pickle says that they are read-only, else as a bytearray.
   */
  readonly buffers?: Iterable<ArrayBuffer | ArrayBufferView<ArrayBuffer> | Value> | undefined;
}

/** The encodings of Python 2's 8-bit strings; "bytes" leaves them bytes. */
export type StringEncoding = "ascii" | "latin1" | "utf-8" | "bytes";

/** What one object costs of {@linkcode PickleLimits.memory}, in bytes, without what it holds. */
export const COST = {
  list: 48,
  /** The room that V8 makes for more when a list gets its first items. */
  spare: 136,
  dict: 256,
  set: 256,
  /** What a dict or set costs besides where a key needs Python's equality. */
  table: 600,
  tuple: 80,
  bytes: 200,
  object: 200,
  item: 8,
  entry: 48,
} as const;

const NO_BYTES = new Uint8Array();
/** Stacks and memos up to this size are kept for the next decoding. */
const KEPT = 256;

/** The state of one decoding; decode.ts has the loop that drives it. */
export class Unpickler {
  bytes: Uint8Array = NO_BYTES;
  pos = 0;
  /** How far may be read: to the end of the frame, or of the bytes outside of one. */
  end = 0;
  /** Whether `end` is a frame's. */
  framed = false;
  /** The offset of the opcode at hand, for errors. */
  opStart = 0;
  /** What PROTO said last. */
  protocol = 0;
  readonly text = new TextWindow();
  views = false;
  strings: StringEncoding = "ascii";
  resolvers: Resolvers = {};
  limits: PickleLimits = DEFAULT_LIMITS;
  /** What is left of the limits on opcodes and memory. */
  fuel = 0;
  memory = 0;
  /** How much work on keys was done before, and up to where it may go. */
  keyWorkStart = 0;
  keyWorkMost = 0;

  stack: Value[] = [];
  top = 0;
  /** Where the stack begins above the last MARK: no opcode reaches below. */
  floor = 0;
  marks = new Int32Array(64);
  markCount = 0;

  memo: Value[] = [];
  /** Entries 0 to dense − 1 stand in `memo`, all there; the others in `sparse`. */
  dense = 0;
  sparse: KeyTable | undefined;

  /** For the bound on depth: containers made, the most MARKs at a time, and edges that no MARK accounts for. */
  made = 0;
  mostMarks = 0;
  loose = 0;

  /** The tuple or frozenset that was made last, and how many before it each held the one before. */
  lastHolder: Value = null;
  chain = 0;

  unfilled: UnfilledObjects | undefined;
  bufferSource: Iterator<ArrayBuffer | ArrayBufferView<ArrayBuffer> | Value> | undefined;

  /** Makes ready for other bytes. */
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

  /** Lets go of all values, so that what was decoded does not stay in memory because of us. */
  release(): void {
    this.bytes = NO_BYTES;
    this.text.close();
    const { stack, memo } = this;
    if (stack.length > KEPT) this.stack = [];
    // Loops, since most often there are few and a call of fill takes longer.
    else for (let i = 0; i < stack.length; i++) stack[i] = null;
    if (memo.length > KEPT) this.memo = [];
    else for (let i = 0; i < this.dense; i++) memo[i] = null;
    if (this.marks.length > KEPT) this.marks = new Int32Array(64);
    this.lastHolder = null;
    this.sparse = this.unfilled = this.bufferSource = undefined;
  }

  /** Makes the error for the opcode at hand. */
  error(code: PickleErrorCode, what: string): PickleError {
    return new PickleError(code, `Cannot decode the pickle: ${what}`, { offset: this.opStart });
  }

  limitError(limit: keyof PickleLimits): PickleError {
    const message = `Cannot decode the pickle: the limit ${limit} of ${this.limits[limit]} is reached`;
    return new PickleError("limit", message, { offset: this.opStart, limit });
  }

  /**
   * Sees to it that n bytes can be read. A frame may end only where something to be read begins: CPython's Python
   * unpickler takes each argument from one frame, and its C one takes no frame that reaches past the bytes.
   */
  need(n: number): void {
    if (this.pos + n <= this.end) return;
    if (this.end < this.bytes.length) {
      if (this.pos < this.end) throw this.error("bad-frame", "an argument reaches out of its frame");
      this.end = this.bytes.length;
      this.framed = false;
    }
    if (this.pos + n > this.end) throw this.error("truncated", "it ends before STOP");
  }

  /** Charges the objects that are about to be made. */
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
    if (this.markCount === this.marks.length) {
      const marks = new Int32Array(this.markCount * 2);
      marks.set(this.marks);
      this.marks = marks;
    }
    this.marks[this.markCount++] = this.floor = this.top;
    if (this.markCount > this.mostMarks) this.mostMarks = this.markCount;
  }

  /** Takes the last MARK away and gives where it stood; what is above stays. */
  popMark(): number {
    if (this.markCount === 0) throw this.error("bad-stack", "there is no MARK");
    const at = this.marks[--this.markCount] as number;
    this.floor = this.markCount > 0 ? this.marks[this.markCount - 1] as number : 0;
    return at;
  }

  /** Where the stack begins above the MARK before the last. */
  floorBelow(): number {
    return this.markCount > 1 ? this.marks[this.markCount - 2] as number : 0;
  }

  get memoCount(): number {
    return this.dense + (this.sparse === undefined ? 0 : this.sparse.size);
  }

  /** Gives a memo entry. */
  recall(index: number): Value {
    if (index < this.dense) return this.memo[index] as Value;
    const slot = this.sparse === undefined ? -1 : this.sparse.find(index);
    if (this.sparse === undefined || slot < 0) {
      throw this.error("bad-memo", `there is no memo entry ${index}`);
    }
    return this.sparse.valueAt(slot);
  }

  /** Makes the top of the stack a memo entry. The numbers may be any; those that follow one another cost little. */
  memoize(index: number): void {
    const value = this.memorable();
    if (index < this.dense) this.memo[index] = value;
    else if (index === this.dense && this.sparse === undefined) this.memo[this.dense++] = value;
    // A table of our own: V8's Map is slow for integers that were chosen to collide.
    else (this.sparse ??= new KeyTable()).set(index, value);
    if (this.memoCount > this.limits.memo) throw this.limitError("memo");
  }

  /** The top of the stack; a nan becomes an object there, as from now on it can be known again. */
  memorable(): Value {
    const value = this.peek();
    if (value === value) return value;
    return this.stack[this.top - 1] = new Float(NaN);
  }
}
