/** Writer of scalars, names and memo references. */
import * as op from "../values/opcodes.ts";
import { toPython2 } from "../values/compat.ts";
import { MemoTable } from "./memo_table.ts";
import { PickleError } from "../values/errors.ts";
import { DEFAULT_LIMITS, type PickleLimits } from "../values/limits.ts";
import { TextCache, WRITE_AND_KEEP } from "./text_cache.ts";
import { Writer } from "./writer.ts";
import { isInt32, writeFloat, writeInt32, writeLine, writeLong } from "./write_number.ts";
import { escapePoints, loopUtf8, pointsOf, pointsUtf8, writeLongUtf8, writeUtf8 } from "./write_text.ts";
import type { CodePoints, Global } from "../values/values.ts";

const NEWLINE = 10;

/** The greatest length of SHORT_BINUNICODE, SHORT_BINBYTES and LONG1. */
const SHORT = 0xff;
/** Bytes of opcode and length of BINUNICODE; no string has more than 4 GiB. */
const HEAD = 5;
const SHORT_HEAD = 2;
/** Ints of more bits are written once, then referred to. */
const MEMOISED_INT_BITS = 256;
/**
 * Ints of up to this many bits are looked up by their digits, since V8 hashes a bigint by its lowest 64 bits, which may be
 * chosen to collide. Longer ones are few, and writing their digits takes longer than comparing them all.
 */
const BITS_AS_DIGITS = 4096;
/** A bound on the bytes of the head of a long text and of the frame after it. */
const MOST_AROUND = 32;
/** Strings of up to this many characters take at most {@linkcode SHORT} bytes. */
const SURELY_SHORT = 85;
/** Strings of fewer characters are as short as a reference to them. */
const CACHED_TEXT = 3;
/** Strings of at least this length are written once, then referred to. */
const MEMOISED_TEXT = 40;

/** Writer of scalars, names and memo references. */
export class Emitter {
  readonly w: Writer = new Writer();
  readonly memo: MemoTable = new MemoTable();
  protocol = 4;
  #limits: PickleLimits = DEFAULT_LIMITS;
  /** The memo entries of large ints, by their digits or, of very large ones, by themselves. */
  readonly #ints = new Map<string | bigint, number>();
  readonly #cache = new TextCache();
  /** The memo entries of classes and functions, by module and name. */
  readonly #names = new Map<string, number>();

  /** Begins a pickle. */
  start(protocol: number, limits: PickleLimits): void {
    this.protocol = protocol;
    this.#limits = limits;
    this.w.start(protocol >= 4, limits.memory);
    if (protocol >= 2) {
      this.w.byte(op.PROTO);
      this.w.byte(protocol);
    }
    this.w.enterFrame();
  }

  /** Releases the values of the last pickle. */
  reset(): void {
    this.w.release();
    this.memo.clear();
    this.#cache.clear();
    if (this.#names.size > 0) this.#names.clear();
    if (this.#ints.size > 0) this.#ints.clear();
  }

  none(): void {
    this.w.byte(op.NONE);
  }

  boolean(value: boolean): void {
    if (this.protocol >= 2) this.w.byte(value ? op.NEWTRUE : op.NEWFALSE);
    else writeLine(this.w, op.INT, value ? "01" : "00");
  }

  /** Writes a number: an int where it is a safe integer. */
  number(value: number): void {
    if (value === (value | 0) && (value !== 0 || 1 / value > 0)) writeInt32(this.w, value, this.protocol);
    else if (Number.isSafeInteger(value) && value !== 0) writeLong(this.w, BigInt(value), this.protocol);
    else writeFloat(this.w, value, this.protocol);
  }

  float(value: number): void {
    writeFloat(this.w, value, this.protocol);
  }

  bigint(value: bigint): void {
    if (isInt32(value)) return writeInt32(this.w, Number(value), this.protocol);
    if (BigInt.asIntN(MEMOISED_INT_BITS, value) === value) return writeLong(this.w, value, this.protocol);
    const key = BigInt.asIntN(BITS_AS_DIGITS, value) === value ? value.toString(16) : value;
    const known = this.#ints.get(key);
    if (known !== undefined) return this.get(known);
    if (this.protocol < 2) this.#checkDigits(value);
    writeLong(this.w, value, this.protocol);
    this.#ints.set(key, this.memo.count++);
    this.put();
  }

  /** Checks the number of decimal digits, which Python limits in protocols 0 and 1. The hexadecimal ones are fewer. */
  #checkDigits(value: bigint): void {
    const most = this.#limits.digits;
    if (value.toString(16).length <= most && value.toString().replace("-", "").length <= most) return;
    const message = `Cannot encode the value: an int has more than ${most} digits`;
    throw new PickleError("limit", message, { limit: "digits" });
  }

  text(text: string): void {
    const { length } = text;
    if (length >= MEMOISED_TEXT) return this.#memoisedText(text);
    if (length < CACHED_TEXT || this.protocol === 0) return this.#newText(text);
    const known = this.#cache.find(text);
    if (known >= 0) return this.get(known);
    this.#newText(text);
    if (known === WRITE_AND_KEEP) {
      this.#cache.keep(this.memo.count++);
      this.put();
    }
  }

  /** Writes a str of code points, in which adjacent surrogates stay separate. */
  codePoints(value: CodePoints): void {
    const { w } = this;
    const { points } = value;
    if (this.protocol === 0) return writeLine(w, op.UNICODE, escapePoints(points));
    w.room(points.length * 4 + HEAD);
    const start = w.pos;
    w.pos = pointsUtf8(w.buf, start + HEAD, points);
    this.#headText(start);
  }

  bytes(bytes: Uint8Array): void {
    this.#sized(bytes, op.SHORT_BINBYTES, op.BINBYTES, op.BINBYTES8);
  }

  /** Writes a bytearray; protocol 5. */
  bytearray(bytes: Uint8Array): void {
    this.#sized(bytes, -1, -1, op.BYTEARRAY8);
  }

  /** Writes bytes as a str, a character for each. */
  latin1(bytes: Uint8Array): void {
    const { w } = this;
    if (this.protocol === 0) {
      writeLine(w, op.UNICODE, escapePoints(bytes));
      return;
    }
    w.room(bytes.length * 2 + HEAD);
    const start = w.pos;
    let pos = start + HEAD;
    for (const byte of bytes) {
      if (byte >= 0x80) w.buf[pos++] = 0xc0 | byte >> 6;
      w.buf[pos++] = byte < 0x80 ? byte : 0x80 | byte & 0x3f;
    }
    w.pos = pos;
    this.#headText(start);
  }

  /** Writes the name of a class or function. */
  global(value: Global): void {
    const { module, name } = value;
    const key = `${module}\n${name}`;
    const known = this.#names.get(key);
    if (known !== undefined) return this.get(known);
    const { w } = this;
    if (this.protocol >= 4) {
      this.#memoisedText(module);
      this.#memoisedText(name);
      w.byte(op.STACK_GLOBAL);
    } else {
      this.#globalLines(this.protocol < 3 ? toPython2(value) : value);
    }
    this.#names.set(key, this.memo.count++);
    this.put();
  }

  /** Writes a reference if the object was written before. */
  recall(object: object): boolean {
    const number = this.memo.find(object);
    if (number < 0) return false;
    this.get(number);
    return true;
  }

  /** Writes a reference if the object was written before; else it assigns the next memo entry to the object, see `put`. */
  recallOrAdd(object: object): boolean {
    const number = this.memo.findOrAdd(object);
    if (number < 0) return false;
    this.get(number);
    return true;
  }

  /** Stores the top of the stack as the newest memo entry. */
  put(): void {
    this.#writePut(this.memo.count - 1);
  }

  /** Gives the object on top of the stack a memo entry. */
  memoize(object: object): void {
    this.#writePut(this.memo.add(object));
  }

  /** Writes a reference to a memo entry. */
  get(number: number): void {
    const { w, protocol } = this;
    if (protocol === 0) {
      writeLine(w, op.GET, String(number));
    } else if (number <= SHORT) {
      const { buf, pos } = w;
      buf[pos] = op.BINGET;
      buf[pos + 1] = number;
      w.pos = pos + 2;
    } else {
      w.byte(op.LONG_BINGET);
      w.uint32(number);
    }
  }

  #writePut(number: number): void {
    const { w, protocol } = this;
    if (protocol >= 4) {
      w.byte(op.MEMOIZE);
    } else if (protocol === 0) {
      writeLine(w, op.PUT, String(number));
    } else if (number <= SHORT) {
      w.byte(op.BINPUT);
      w.byte(number);
    } else {
      w.byte(op.LONG_BINPUT);
      w.uint32(number);
    }
  }

  #globalLines({ module, name }: Global): void {
    const { w } = this;
    w.room((module.length + name.length) * 3 + 3);
    w.byte(op.GLOBAL);
    w.pos = loopUtf8(w.buf, w.pos, module);
    w.byte(NEWLINE);
    w.pos = loopUtf8(w.buf, w.pos, name);
    w.byte(NEWLINE);
  }

  #memoisedText(text: string): void {
    const known = this.memo.findOrAdd(text);
    if (known >= 0) return this.get(known);
    this.#newText(text);
    this.put();
  }

  #newText(text: string): void {
    const { w, protocol } = this;
    if (protocol === 0) return writeLine(w, op.UNICODE, escapePoints(pointsOf(text)));
    if (protocol >= 4 && text.length <= SURELY_SHORT) {
      const start = w.pos;
      w.pos = start + 2;
      writeUtf8(w, text);
      w.buf[start] = op.SHORT_BINUNICODE;
      w.buf[start + 1] = w.pos - start - 2;
      return;
    }
    const outside = w.standsOutside(text.length);
    if (outside) w.leaveFrame();
    w.room(text.length + MOST_AROUND);
    const start = w.pos;
    w.pos = start + HEAD;
    writeLongUtf8(w, text);
    this.#headText(start);
    if (outside) w.enterFrame();
  }

  /** Writes opcode and length before the text that begins at `start + HEAD`. */
  #headText(start: number): void {
    const { w } = this;
    const content = start + HEAD;
    const length = w.pos - content;
    const short = this.protocol >= 4 && length <= SHORT;
    if (short) w.buf.copyWithin(start + SHORT_HEAD, content, w.pos);
    w.pos = start;
    this.#head(length, op.SHORT_BINUNICODE, op.BINUNICODE, -1, short);
    w.pos += length;
  }

  #head(length: number, shortOp: number, fourOp: number, eightOp: number, short: boolean): void {
    const { w } = this;
    if (short) {
      w.byte(shortOp);
      w.byte(length);
    } else if (length <= 0xffffffff && fourOp >= 0) {
      w.byte(fourOp);
      w.uint32(length);
    } else {
      w.byte(eightOp);
      w.uint64(length);
    }
  }

  #sized(bytes: Uint8Array, shortOp: number, fourOp: number, eightOp: number): void {
    const { w } = this;
    const outside = w.standsOutside(bytes.length);
    if (outside) w.leaveFrame();
    w.room(bytes.length + MOST_AROUND);
    this.#head(bytes.length, shortOp, fourOp, eightOp, shortOp >= 0 && bytes.length <= SHORT);
    w.buf.set(bytes, w.pos);
    w.pos += bytes.length;
    if (outside) w.enterFrame();
  }
}
