/**
 * Texts inside the value of one key of a pickled dict, found without decoding the rest.
 *
 * @module
 */
import { decodeLatin1, decodeRawUnicodeEscape } from "../decode/text.ts";
import { parseInt10, readUint32 } from "../decode/number.ts";
import * as op from "../values/opcodes.ts";
import { argumentEnd, argumentStart, scalarAt } from "./scalar_at.ts";

/** How much of a pickle is looked at. */
export interface TextBounds {
  /** The most bytes of text that are returned, as they stand in the pickle. */
  readonly maxBytes: number;
  /** The most opcodes that are read; texts behind them are left out. */
  readonly maxOpcodes: number;
}

/** The entry that an opcode puts on the stack. */
const NOTHING = 0;
const VALUE = 1;
const TEXT = 2;
const REMEMBERED = 3;
const TUPLE = 4;
/** The result of a call, or an object whose state is set: the texts among the arguments are not the peer's words. */
const RESULT = 5;
const UNKNOWN = 255;

/** Stands for the number of entries that an opcode takes from the stack: those from the last mark on. */
const MARKED = 255;

const MAKES = new Uint8Array(256).fill(UNKNOWN);
const TAKES = new Uint8Array(256);
/** The length of the argument, where it is always the same, and the number of lines that it has. */
const FIXED = new Uint8Array(256);
const LINES = new Uint8Array(256);

function define(opcodes: readonly number[], makes: number, takes = 0): void {
  for (const opcode of opcodes) [MAKES[opcode], TAKES[opcode]] = [makes, takes];
}

define([op.PROTO, op.FRAME, op.MARK, op.PUT, op.BINPUT, op.LONG_BINPUT, op.MEMOIZE], NOTHING);
define([op.NONE, op.NEWTRUE, op.NEWFALSE, op.INT, op.BININT, op.BININT1, op.BININT2, op.LONG], VALUE);
define([op.LONG1, op.LONG4, op.FLOAT, op.BINFLOAT, op.BINBYTES, op.SHORT_BINBYTES, op.BINBYTES8], VALUE);
define([op.BYTEARRAY8, op.EMPTY_DICT, op.EMPTY_LIST, op.EMPTY_TUPLE, op.EMPTY_SET, op.GLOBAL, op.DUP], VALUE);
define([op.UNICODE, op.BINUNICODE, op.SHORT_BINUNICODE, op.BINUNICODE8], TEXT);
define([op.STRING, op.BINSTRING, op.SHORT_BINSTRING], TEXT);
define([op.GET, op.BINGET, op.LONG_BINGET], REMEMBERED);
define([op.APPEND, op.POP], NOTHING, 1);
define([op.SETITEM], NOTHING, 2);
define([op.APPENDS, op.SETITEMS, op.ADDITEMS, op.POP_MARK], NOTHING, MARKED);
define([op.LIST, op.DICT, op.FROZENSET], VALUE, MARKED);
define([op.TUPLE], TUPLE, MARKED);
[op.TUPLE1, op.TUPLE2, op.TUPLE3].forEach((opcode, index) => define([opcode], TUPLE, index + 1));
define([op.OBJ, op.INST], RESULT, MARKED);
define([op.REDUCE, op.NEWOBJ, op.STACK_GLOBAL, op.BUILD], RESULT, 2);
define([op.NEWOBJ_EX], RESULT, 3);
for (const opcode of [op.PROTO, op.BININT1, op.BINGET, op.BINPUT]) FIXED[opcode] = 1;
for (const opcode of [op.BININT, op.LONG_BINGET, op.LONG_BINPUT]) FIXED[opcode] = 4;
for (const opcode of [op.BINFLOAT, op.FRAME]) FIXED[opcode] = 8;
FIXED[op.BININT2] = 2;
for (const opcode of [op.INT, op.LONG, op.FLOAT, op.UNICODE, op.STRING, op.GET, op.PUT]) LINES[opcode] = 1;
for (const opcode of [op.GLOBAL, op.INST]) LINES[opcode] = 2;

const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;
/** The longest escape of a text of protocol 0. */
const LONGEST_ESCAPE = 10;
/** The longest key that is compared, in bytes. */
const LONGEST_KEY = 64;

/** An entry of the stack. */
interface Slot {
  /** The number of texts that had been found before it. */
  readonly from: number;
  /** The index of its text among them, if it is a text. */
  readonly text?: number;
  /** Those of the texts that are its items, if it is a tuple. */
  readonly items?: readonly number[];
}

/**
 * Returns the texts inside the value of a key of a dict: the value itself, or the texts in its lists, tuples, sets and dicts,
 * keys too, in the order of the pickle. The arguments of calls, such as the name of an array's type, are left out.
 *
 * @param bytes A pickle that {@linkcode verify} has accepted; for any other the result is not defined, but bounded as well.
 * @param key A str in ASCII of at most 64 bytes.
 *
 * @example
 * ```ts
 * import { encode } from "../encode/encode.ts";
 * import type { Value } from "../values/values.ts";
 * import { assertEquals } from "@std/assert";
 * import { textsIn } from "./texts_in.ts";
 *
 * const dict = new Map<string, Value>([["type", "message"], ["body", [1, "tea", new Map([["milk", null]])]]]);
 * assertEquals(textsIn(encode(dict), "body", { maxBytes: 1024, maxOpcodes: 1000 }), ["tea", "milk"]);
 * ```
 */
export function textsIn(bytes: Uint8Array, key: string, bounds: TextBounds): string[] {
  const found = new TextFinder(bytes, key).find(bounds.maxOpcodes);
  const texts: string[] = [];
  let left = bounds.maxBytes;
  for (const source of found) {
    if (source < 0) continue;
    if (left <= 0) break;
    const length = argumentEnd(bytes, source) - argumentStart(bytes, source);
    texts.push(textAt(bytes, source, Math.min(length, left)));
    left -= length;
  }
  return texts;
}

const lossy = new TextDecoder();

/** Reads the text of an opcode, cut after `length` bytes. */
function textAt(bytes: Uint8Array, source: number, length: number): string {
  const start = argumentStart(bytes, source);
  const end = argumentEnd(bytes, source);
  const whole = end - start === length ? scalarAt(bytes, source, length) : undefined;
  if (typeof whole === "string") return whole;
  let cut = start + length;
  switch (bytes[source]) {
    case op.BINSTRING:
    case op.SHORT_BINSTRING:
    case op.STRING:
      return decodeLatin1(bytes, start, cut);
    case op.UNICODE: {
      const escape = bytes.subarray(start, cut).lastIndexOf(BACKSLASH) + start;
      if (cut < end && escape >= start && cut - escape <= LONGEST_ESCAPE) cut = escape;
      const text = decodeRawUnicodeEscape(bytes, start, cut);
      return typeof text === "string" ? text : "";
    }
  }
  return lossy.decode(bytes.subarray(start, cut));
}

/** Runs a pickle on a stack without values, and notes where the texts of one key's value are. */
class TextFinder {
  readonly #bytes: Uint8Array;
  readonly #key: string;
  /** The offsets of the opcodes of all texts so far, or −1 for one that does not count. */
  readonly #texts: number[] = [];
  readonly #slots: Slot[] = [];
  /** The heights of the stack at which marks stand. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, number>();
  #memoized = 0;
  #found: readonly number[] | undefined;

  constructor(bytes: Uint8Array, key: string) {
    this.#bytes = bytes;
    this.#key = key;
  }

  /** Returns the offsets of the opcodes of the texts, or −1 for one that does not count. */
  find(maxOpcodes: number): readonly number[] {
    const bytes = this.#bytes;
    let at = 0;
    for (let count = 0; count < maxOpcodes && at < bytes.length; count++) {
      const opcode = bytes[at]!;
      if (opcode === op.STOP || MAKES[opcode] === UNKNOWN) break;
      this.#run(opcode, at);
      const next = this.#endOf(opcode, at);
      if (next <= at) break;
      at = next;
    }
    // The dict is not complete if there were too many opcodes.
    if (this.#found === undefined) this.#settle(this.#marks[0] === 0 ? 0 : 1, true);
    return this.#found ?? [];
  }

  #endOf(opcode: number, at: number): number {
    const lines = LINES[opcode]!;
    if (lines === 0) {
      const end = argumentEnd(this.#bytes, at);
      return end >= 0 ? end : at + 1 + FIXED[opcode]!;
    }
    let end = at;
    for (let line = 0; line < lines; line++) {
      end = this.#bytes.indexOf(NEWLINE, end + 1);
      if (end < 0) return -1;
    }
    return end + 1;
  }

  #run(opcode: number, at: number): void {
    if (opcode === op.MARK) return void this.#marks.push(this.#slots.length);
    if (opcode === op.MEMOIZE) return this.#memoize(this.#memoized++);
    if (opcode === op.PUT || opcode === op.BINPUT || opcode === op.LONG_BINPUT) {
      return this.#memoize(this.#number(opcode, at));
    }
    this.#settleTop(opcode);
    const makes = MAKES[opcode]!;
    if (makes === TEXT) return this.#push(at);
    if (makes === REMEMBERED) return this.#push(this.#memo.get(this.#number(opcode, at)));
    const takes = TAKES[opcode]!;
    if (takes === 0) return makes === VALUE ? this.#push(undefined) : undefined;
    const taken = this.#take(opcode, takes);
    if (makes === NOTHING) return;
    const from = taken[0]?.from ?? this.#texts.length;
    if (makes === VALUE) return void this.#slots.push({ from });
    const items = taken.flatMap(({ text, items }) => text === undefined ? items ?? [] : [text]);
    if (makes === TUPLE) return void this.#slots.push({ from, items });
    for (const index of items) this.#texts[index] = -1;
    this.#slots.push({ from });
  }

  /** Pushes the text of an opcode, or a value without a text. */
  #push(source: number | undefined): void {
    const from = this.#texts.length;
    if (source === undefined) return void this.#slots.push({ from });
    this.#texts.push(source);
    this.#slots.push({ from, text: from });
  }

  #take(opcode: number, takes: number): Slot[] {
    const slots = this.#slots;
    const mark = this.#marks.at(-1);
    if (takes === MARKED) return slots.splice(this.#marks.pop() ?? 0);
    if (opcode === op.POP && mark === slots.length) {
      this.#marks.pop();
      return [];
    }
    return slots.splice(Math.max(0, slots.length - takes));
  }

  /** Remembers the text at the top of the stack. */
  #memoize(number: number): void {
    const text = this.#slots.at(-1)?.text;
    if (text !== undefined) this.#memo.set(number, this.#texts[text]!);
  }

  #number(opcode: number, at: number): number {
    if (opcode === op.BINPUT || opcode === op.BINGET) return this.#bytes[at + 1]!;
    if (opcode === op.LONG_BINPUT || opcode === op.LONG_BINGET) return readUint32(this.#bytes, at + 1);
    const line = decodeLatin1(this.#bytes, at + 1, Math.max(at + 1, this.#bytes.indexOf(NEWLINE, at + 1)));
    const number = parseInt10(line, LONGEST_ESCAPE);
    return typeof number === "number" ? number : -1;
  }

  /** Looks for the key if the opcode puts pairs into the dict at the bottom of the stack, or makes it. */
  #settleTop(opcode: number): void {
    const [marks, height] = [this.#marks, this.#slots.length];
    if (opcode === op.SETITEM && height === 3 && marks.length === 0) this.#settle(1, false);
    else if (opcode === op.SETITEMS && marks.length === 1 && marks[0] === 1) this.#settle(1, false);
    else if (opcode === op.DICT && marks.length === 1 && marks[0] === 0) this.#settle(0, false);
  }

  /** Looks for the key among the pairs on the stack. The last one counts; of an incomplete dict the first one. */
  #settle(first: number, isCut: boolean): void {
    const [slots, texts] = [this.#slots, this.#texts];
    for (let at = first; at + 1 < slots.length; at += 2) {
      const source = texts[slots[at]!.text ?? -1];
      if (source === undefined || scalarAt(this.#bytes, source, LONGEST_KEY) !== this.#key) continue;
      const end = isCut ? texts.length : slots[at + 2]?.from ?? texts.length;
      this.#found = texts.slice(slots[at + 1]!.from, end);
      if (isCut) return;
    }
  }
}
