/**
 * The pass over the opcodes behind {@linkcode verify}: it does to slots what CPython's unpicklers do to objects.
 *
 * @module
 */
import { allowedName } from "./allowed.ts";
import { CallCheck } from "./call_check.ts";
import { CHOOSABLE_BYTES, CHOOSABLE_DIGITS, CollisionCheck } from "./collision_check.ts";
import { PickleError, type PickleErrorCode } from "./errors.ts";
import type { PickleLimits } from "./limits.ts";
import { asciiText, isFloat, isIndex, isInteger, readIndex } from "./number_check.ts";
import { EXTRA, grown, HEIGHT, Kind, LEAVES, ObjectTable, SIZE, tooMuchWork } from "./object_table.ts";
import { BINPERSID, EXT1, EXT2, EXT4, HIGHEST_PROTOCOL, NEXT_BUFFER, PERSID } from "./opcodes.ts";
import * as op from "./opcodes.ts";
import { SlotReader } from "./slot_reader.ts";
import { isAscii, isQuotedAscii, isRawUnicodeEscape, isUtf8 } from "./text_check.ts";

const ABSENT = 0x7fffffff;
const NEWLINE = 0x0a;
const SMALL = 1 << 12;
/** What a large pickle took beyond this is given back. */
const KEPT = 1 << 16;
/** What one container takes in CPython with all around it; charged against the limit of memory. */
const OBJECT_BYTES = 256;
const OBJECTS_PER_DEQUE = 3;
/** What calls copy: bytearray(encode(str)) does so twice. */
const COPIES_PER_BYTE = 3;
const COPIES_FREE = 65_536;
/** Steps of hashing and of following references, for each byte of the pickle and for the first. */
const WORK_FREE = 50_000;
/** The most leaves of a key. */
const KEY_LEAVES = 10_000;
/** Ints of more bytes or digits have a row, since hashing one takes as long as it is. */
const LONG_TEXT = 300;

/** What {@linkcode Verifier.run} found; valid up to its next run. */
export interface Outcome {
  end: number;
  protocol: number;
  names: string[];
  proto5: number[];
  /** The slot of the value. */
  value: number;
  /** The row of the dict whose pairs were recorded, −1 for none. */
  target: number;
  /** The slots of its keys and values in the order set. */
  pairs: Int32Array;
  pairCount: number;
}

/** Verifies one pickle after another with the same memory. */
export class Verifier {
  readonly table = new ObjectTable();
  readonly slots = new SlotReader(this.table);
  readonly #calls = new CallCheck(this.table, this.slots);
  readonly #collisions = new CollisionCheck(this.table, this.slots);
  #stack = new Int32Array(SMALL);
  #marks = new Int32Array(SMALL);
  #memo = new Int32Array(SMALL).fill(ABSENT);
  #memoEnd = 0;
  #pairs = new Int32Array(SMALL);
  #pairCount = 0;
  #target = -1;
  #names: string[] = [];
  #proto5: number[] = [];
  #keysLimit = 0;
  readonly outcome: Outcome = {
    end: 0,
    protocol: 0,
    names: [],
    proto5: [],
    value: 0,
    target: -1,
    pairs: this.#pairs,
    pairCount: 0,
  };

  /**
   * Verifies a pickle.
   *
   * @param target the row of the dict whose pairs are to be recorded; −1 for the first that stands at the stack's bottom
   */
  run(bytes: Uint8Array, limits: PickleLimits, target: number): Outcome {
    this.slots.pickle = bytes;
    this.table.depth = limits.verifyDepth;
    this.#target = target;
    this.#keysLimit = limits.entries;
    this.#pass(bytes, limits);
    return this.outcome;
  }

  /** Makes ready for the next run; to be called after each, also after one that threw. */
  reset(): void {
    this.table.reset();
    this.#calls.reset();
    this.#collisions.reset();
    this.slots.reset();
    this.#pairCount = 0;
    const memo = this.#memo;
    if (memo.length > KEPT) this.#memo = new Int32Array(SMALL).fill(ABSENT);
    else for (let i = 0; i < this.#memoEnd; i++) memo[i] = ABSENT;
    this.#memoEnd = 0;
    if (this.#pairs.length > KEPT) this.#pairs = new Int32Array(SMALL);
    if (this.#stack.length > KEPT) this.#stack = new Int32Array(SMALL);
    if (this.#marks.length > KEPT) this.#marks = new Int32Array(SMALL);
    this.table.stack = EMPTY_SLOTS;
    if (this.#names.length > 0) this.#names = [];
    if (this.#proto5.length > 0) this.#proto5 = [];
  }

  #pass(bytes: Uint8Array, limits: PickleLimits): void {
    const table = this.table;
    const length = bytes.length;
    let stack = this.#stack;
    table.stack = stack;
    let marks = this.#marks;
    let memo = this.#memo;
    let top = 0;
    let fence = 0;
    let markCount = 0;
    let memoCount = 0;
    let memoEnd = 0;
    let maxPut = -1;
    let at = 0;
    // The end of the frame that is being read, of the payload outside of one.
    let end = length;
    let lastFrame = 0;
    let proto = 0;
    let used = 0;
    const maxCount = Math.floor(limits.memory / OBJECT_BYTES);
    const workPerByte = limits.keyWork / 8;
    table.maxWork = WORK_FREE + length * workPerByte;
    const maxCopied = COPIES_FREE + length * COPIES_PER_BYTE;

    for (;;) {
      if (at >= end) {
        if (end === length) throw truncated(at);
        end = length;
        continue;
      }
      if (top === stack.length) table.stack = stack = this.#stack = grown(stack);
      const source = at;
      const opcode = bytes[at++]!;
      // Literals: of imported constants V8 makes a chain of comparisons, which takes twice as long.
      switch (opcode) {
        case 0x8c: { // SHORT_BINUNICODE
          used |= 16;
          if (at >= end) throw cut(source, end, length);
          const stop = at + 1 + bytes[at]!;
          if (stop > end) throw cut(source, end, length);
          at++;
          let seen = 0;
          for (let i = at; i < stop; i++) seen |= bytes[i]!;
          if (seen > 0x7f && !isUtf8(bytes, at, stop)) throw badText(source);
          at = stop;
          stack[top++] = source;
          // A pickler memoises each text but those that have come before.
          if (at < end && bytes[at] === op.MEMOIZE && memoCount < memo.length && memo[memoCount] === ABSENT) {
            at++;
            memo[memoCount++] = source;
            if (memoCount > memoEnd) this.#memoEnd = memoEnd = memoCount;
          }
          break;
        }
        case 0x58: // BINUNICODE
        case 0x8d: { // BINUNICODE8
          const size = opcode === op.BINUNICODE ? 4 : 8;
          used |= opcode === op.BINUNICODE ? 2 : 16;
          const stop = countedEnd(bytes, at, size, end);
          if (stop < 0) throw cut(source, end, length);
          at += size;
          if (!isUtf8(bytes, at, stop)) throw badText(source);
          at = stop;
          stack[top++] = source;
          break;
        }
        case 0x94: // MEMOIZE
          used |= 16;
          if (top <= fence) throw underflow(source);
          if (memoCount === memo.length) memo = this.#growMemo(memoCount);
          if (memo[memoCount] !== ABSENT) { // a PUT was here before
            memo[memoCount] = stack[top - 1]!;
            break;
          }
          memo[memoCount++] = stack[top - 1]!;
          if (memoCount > memoEnd) this.#memoEnd = memoEnd = memoCount;
          break;
        case 0x71: // BINPUT
        case 0x72: // LONG_BINPUT
        case 0x70: { // PUT
          let index: number;
          if (opcode === op.BINPUT) {
            used |= 2;
            if (at >= end) throw cut(source, end, length);
            index = bytes[at++]!;
          } else if (opcode === op.LONG_BINPUT) {
            used |= 2;
            if (at + 4 > end) throw cut(source, end, length);
            index = readUint32(bytes, at);
            at += 4;
          } else {
            const line = lineEnd(bytes, at, end, length, source);
            if (!isIndex(bytes, at, line)) throw badNumber(source);
            index = readIndex(bytes, at, line);
            at = line + 1;
          }
          if (top <= fence) throw underflow(source);
          if (index > maxPut) {
            maxPut = index;
            if (index > length) throw farPut(source, index);
            if (index >= memo.length) memo = this.#growMemo(index);
            if (index >= memoEnd) this.#memoEnd = memoEnd = index + 1;
          }
          if (index >= memoEnd) this.#memoEnd = memoEnd = index + 1;
          if (memo[index] === ABSENT) memoCount++;
          memo[index] = stack[top - 1]!;
          break;
        }
        case 0x68: // BINGET
        case 0x6a: // LONG_BINGET
        case 0x67: { // GET
          let index: number;
          if (opcode === op.BINGET) {
            used |= 2;
            if (at >= end) throw cut(source, end, length);
            index = bytes[at++]!;
          } else if (opcode === op.LONG_BINGET) {
            used |= 2;
            if (at + 4 > end) throw cut(source, end, length);
            index = readUint32(bytes, at);
            at += 4;
          } else {
            const line = lineEnd(bytes, at, end, length, source);
            if (!isIndex(bytes, at, line)) throw badNumber(source);
            index = readIndex(bytes, at, line);
            at = line + 1;
          }
          const slot = index < memoEnd ? memo[index]! : ABSENT;
          if (slot === ABSENT) {
            throw failure("bad-memo", `there is no memo entry ${index}`, source);
          }
          stack[top++] = slot;
          break;
        }
        case 0x4b: // BININT1
          used |= 2;
          if (at >= end) throw cut(source, end, length);
          at += 1;
          stack[top++] = source;
          break;
        case 0x4d: // BININT2
          used |= 2;
          if (at + 2 > end) throw cut(source, end, length);
          at += 2;
          stack[top++] = source;
          break;
        case 0x4a: // BININT
          used |= 2;
          if (at + 4 > end) throw cut(source, end, length);
          at += 4;
          stack[top++] = source;
          break;
        case 0x47: // BINFLOAT
          used |= 2;
          if (at + 8 > end) throw cut(source, end, length);
          if ((bytes[at]! & 0x7f) === 0x7f && bytes[at + 1]! >= 0xf0) table.choosable++; // nan, or infinite
          at += 8;
          stack[top++] = source;
          break;
        case 0x4e: // NONE
          stack[top++] = source;
          break;
        case 0x88: // NEWTRUE
        case 0x89: // NEWFALSE
          used |= 4;
          stack[top++] = source;
          break;
        case 0x29: // EMPTY_TUPLE
          used |= 2;
          stack[top++] = source;
          break;
        case 0x28: // MARK
          if (markCount === marks.length) marks = this.#marks = grown(marks);
          marks[markCount++] = fence = top;
          break;
        case 0x7d: { // EMPTY_DICT
          used |= 2;
          const id = table.make(Kind.DICT, source, top);
          if (id >= maxCount) throw tooMuch(source);
          if (top === 0 && this.#target < 0 && markCount === 0) this.#target = id;
          stack[top++] = ~id;
          break;
        }
        case 0x5d: { // EMPTY_LIST
          used |= 2;
          const id = table.make(Kind.LIST, source, top);
          if (id >= maxCount) throw tooMuch(source);
          stack[top++] = ~id;
          break;
        }
        case 0x8f: { // EMPTY_SET
          used |= 16;
          const id = table.make(Kind.SET, source, top);
          if (id >= maxCount) throw tooMuch(source);
          stack[top++] = ~id;
          break;
        }
        case 0x85: // TUPLE1
        case 0x86: // TUPLE2
        case 0x87: { // TUPLE3
          used |= 4;
          const from = top - (opcode - op.TUPLE1 + 1);
          if (from < fence) throw underflow(source);
          stack[from] = this.#tuple(from, top, source, maxCount);
          top = from + 1;
          break;
        }
        case 0x74: { // TUPLE
          if (markCount === 0) throw noMark(source);
          const from = marks[--markCount]!;
          fence = markCount === 0 ? 0 : marks[markCount - 1]!;
          stack[from] = this.#tuple(from, top, source, maxCount);
          top = from + 1;
          break;
        }
        case 0x6c: // LIST
        case 0x91: { // FROZENSET
          if (markCount === 0) throw noMark(source);
          const from = marks[--markCount]!;
          fence = markCount === 0 ? 0 : marks[markCount - 1]!;
          used |= opcode === op.LIST ? 1 : 16;
          table.gather(from, top);
          const id = table.make(opcode === op.LIST ? Kind.LIST : Kind.FROZENSET, source, from);
          if (id >= maxCount) throw tooMuch(source);
          if (opcode === op.FROZENSET) this.#members(from, top, id, source);
          table.fill(id, top - from, source);
          if (opcode === op.FROZENSET) {
            this.#wrapped(id, top - from);
            if (table.choosable > 0 && !this.#collisions.add(id, { from, to: top, step: 1 })) {
              throw tooMuchWork(source);
            }
          } else {
            this.#collisions.addItems(id, from, top);
          }
          stack[from] = ~id;
          top = from + 1;
          break;
        }
        case 0x64: { // DICT
          if (markCount === 0) throw noMark(source);
          const from = marks[--markCount]!;
          fence = markCount === 0 ? 0 : marks[markCount - 1]!;
          const id = table.make(Kind.DICT, source, from);
          if (id >= maxCount) throw tooMuch(source);
          if (from === 0 && this.#target < 0 && markCount === 0) this.#target = id;
          this.#pairsInto(id, from, top, source);
          stack[from] = ~id;
          top = from + 1;
          break;
        }
        case 0x61: { // APPEND
          if (top - 2 < fence) throw underflow(source);
          const receiver = stack[top - 2]!;
          this.#append(receiver, top - 1, top, source);
          top -= 1;
          break;
        }
        case 0x65: { // APPENDS
          used |= 2;
          if (markCount === 0) throw noMark(source);
          const from = marks[--markCount]!;
          fence = markCount === 0 ? 0 : marks[markCount - 1]!;
          if (from <= fence) throw underflow(source);
          this.#append(stack[from - 1]!, from, top, source);
          top = from;
          break;
        }
        case 0x73: { // SETITEM
          if (top - 3 < fence) throw underflow(source);
          this.#setItems(stack[top - 3]!, top - 2, top, source);
          top -= 2;
          break;
        }
        case 0x75: { // SETITEMS
          used |= 2;
          if (markCount === 0) throw noMark(source);
          const from = marks[--markCount]!;
          fence = markCount === 0 ? 0 : marks[markCount - 1]!;
          if (from <= fence) throw underflow(source);
          this.#setItems(stack[from - 1]!, from, top, source);
          top = from;
          break;
        }
        case 0x90: { // ADDITEMS
          used |= 16;
          if (markCount === 0) throw noMark(source);
          const from = marks[--markCount]!;
          fence = markCount === 0 ? 0 : marks[markCount - 1]!;
          if (from <= fence) throw underflow(source);
          const receiver = stack[from - 1]!;
          if (receiver >= 0 || table.kind(~receiver) !== Kind.SET) throw wrongReceiver("ADDITEMS", source);
          table.gather(from, top);
          this.#members(from, top, ~receiver, source);
          table.fill(~receiver, top - from, source);
          if (table.choosable > 0 && !this.#collisions.add(~receiver, { from, to: top, step: 1 })) {
            throw tooMuchWork(source);
          }
          top = from;
          break;
        }
        case 0x2e: // STOP
          if (top !== 1 || markCount !== 0) {
            throw top === 0
              ? underflow(source)
              : failure("bad-stack", "STOP leaves something behind", source);
          }
          if (lastFrame > at) throw badFrame(source, "a frame reaches past STOP");
          if (maxPut > at) throw farPut(source, maxPut);
          for (let i = at; i < length; i++) {
            if (bytes[i] !== 0) throw failure("trailing-data", "something follows STOP", i);
          }
          // Zeros behind STOP go no further, so what they made room for does not count.
          if (table.work > WORK_FREE + at * workPerByte) throw tooMuchWork(source);
          this.#finish(stack[0]!, at, used, source);
          return;
        case 0x80: // PROTO
          used |= 4;
          if (at >= end) throw cut(source, end, length);
          proto = bytes[at++]!;
          if (proto > HIGHEST_PROTOCOL) {
            throw failure("unknown-opcode", `there is no protocol ${proto}`, source);
          }
          if (proto === HIGHEST_PROTOCOL) this.#proto5.push(source);
          break;
        case 0x95: { // FRAME
          used |= 16;
          if (end !== length || lastFrame > source) throw badFrame(source, "a frame begins inside another");
          const stop = countedEnd(bytes, at, 8, end);
          if (stop < 0) {
            throw at + 8 > end ? truncated(source) : badFrame(source, "a frame is longer than the pickle");
          }
          at += 8;
          end = lastFrame = stop;
          break;
        }
        case 0x43: { // SHORT_BINBYTES
          used |= 8;
          if (at >= end) throw cut(source, end, length);
          at += 1 + bytes[at]!;
          if (at > end) throw cut(source, end, length);
          stack[top++] = source;
          break;
        }
        case 0x42: // BINBYTES
        case 0x8e: { // BINBYTES8
          used |= opcode === op.BINBYTES ? 8 : 16;
          at = countedEnd(bytes, at, opcode === op.BINBYTES ? 4 : 8, end);
          if (at < 0) throw cut(source, end, length);
          stack[top++] = source;
          break;
        }
        case 0x96: { // BYTEARRAY8
          used |= 32;
          const stop = countedEnd(bytes, at, 8, end);
          if (stop < 0) throw cut(source, end, length);
          const id = table.make(Kind.BYTEARRAY, source, top);
          if (id >= maxCount) throw tooMuch(source);
          table.set(id, SIZE, stop - at - 8);
          stack[top++] = ~id;
          at = stop;
          break;
        }
        case 0x8a: // LONG1
          used |= 4;
          if (at >= end) throw cut(source, end, length);
          if (bytes[at]! >= CHOOSABLE_BYTES) table.choosable++;
          at += 1 + bytes[at]!;
          if (at > end) throw cut(source, end, length);
          stack[top++] = source;
          break;
        case 0x8b: { // LONG4
          used |= 4;
          const stop = countedEnd(bytes, at, 4, end);
          if (at + 4 <= end && bytes[at + 3]! > 0x7f) {
            throw failure("bad-argument", "LONG4 has a negative length", source);
          }
          if (stop < 0) throw cut(source, end, length);
          stack[top++] = this.#long(stop - at - 4, source, top - 1, maxCount);
          at = stop;
          break;
        }
        case 0x49: { // INT
          const line = lineEnd(bytes, at, end, length, source);
          const isBool = line - at === 2 && bytes[at] === 0x30 && (bytes[at + 1]! | 1) === 0x31;
          if (!isBool && !isInteger(bytes, at, line, limits.digits)) throw badNumber(source);
          stack[top++] = line - at >= CHOOSABLE_DIGITS
            ? this.#long(line - at, source, top - 1, maxCount)
            : source;
          at = line + 1;
          break;
        }
        case 0x4c: { // LONG
          const line = lineEnd(bytes, at, end, length, source);
          const stop = bytes[line - 1] === 0x4c ? line - 1 : line;
          if (!isInteger(bytes, at, stop, limits.digits)) throw badNumber(source);
          stack[top++] = line - at >= CHOOSABLE_DIGITS
            ? this.#long(line - at, source, top - 1, maxCount)
            : source;
          at = line + 1;
          break;
        }
        case 0x46: { // FLOAT
          const line = lineEnd(bytes, at, end, length, source);
          if (!isFloat(bytes, at, line)) throw badNumber(source);
          table.choosable++;
          stack[top++] = source;
          at = line + 1;
          break;
        }
        case 0x53: { // STRING
          const line = lineEnd(bytes, at, end, length, source);
          if (!isQuotedAscii(bytes, at, line)) throw badText(source);
          stack[top++] = source;
          at = line + 1;
          break;
        }
        case 0x56: { // UNICODE
          const line = lineEnd(bytes, at, end, length, source);
          if (!isRawUnicodeEscape(bytes, at, line)) throw badText(source);
          stack[top++] = source;
          at = line + 1;
          break;
        }
        case 0x55: // SHORT_BINSTRING
        case 0x54: { // BINSTRING
          used |= 2;
          const size = opcode === op.BINSTRING ? 4 : 1;
          const stop = size === 4 ? countedEnd(bytes, at, 4, end) : at < end ? at + 1 + bytes[at]! : -1;
          if (size === 4 && at + 4 <= end && bytes[at + 3]! > 0x7f) {
            throw failure("bad-argument", "BINSTRING has a negative length", source);
          }
          if (stop < 0 || stop > end) throw cut(source, end, length);
          if (!isAscii(bytes, at + size, stop)) throw badText(source);
          stack[top++] = source;
          at = stop;
          break;
        }
        case 0x30: // POP
          if (top > fence) {
            top--;
          } else {
            if (markCount === 0) throw underflow(source);
            markCount--;
            fence = markCount === 0 ? 0 : marks[markCount - 1]!;
          }
          break;
        case 0x31: // POP_MARK
          used |= 2;
          if (markCount === 0) throw noMark(source);
          top = marks[--markCount]!;
          fence = markCount === 0 ? 0 : marks[markCount - 1]!;
          break;
        case 0x32: // DUP
          if (top <= fence) throw underflow(source);
          stack[top] = stack[top - 1]!;
          top++;
          break;
        case 0x63: { // GLOBAL
          const first = lineEnd(bytes, at, end, length, source);
          const second = lineEnd(bytes, first + 1, end, length, source);
          const module = asciiText(bytes, at, first), name = asciiText(bytes, first + 1, second);
          stack[top] = this.#name(module, name, proto, source, top);
          top++;
          at = second + 1;
          break;
        }
        case 0x93: { // STACK_GLOBAL
          used |= 16;
          if (top - 2 < fence) throw underflow(source);
          const module = this.slots.name(stack[top - 2]!),
            name = this.slots.name(stack[top - 1]!);
          if (module === undefined || name === undefined) {
            throw failure("bad-stack", "STACK_GLOBAL meets no names", source);
          }
          top -= 2;
          stack[top] = this.#name(module, name, proto, source, top);
          top++;
          break;
        }
        case 0x52: // REDUCE
          if (top - 2 < fence) throw underflow(source);
          top -= 2;
          stack[top] = this.#calls.reduce(stack[top]!, stack[top + 1]!, source, top);
          top++;
          if (table.count + this.#calls.deques * (OBJECTS_PER_DEQUE - 1) > maxCount) throw tooMuch(source);
          if (this.#calls.copied > maxCopied) throw tooMuch(source);
          if (table.work > table.maxWork) throw tooMuchWork(source);
          break;
        case 0x81: // NEWOBJ
          used |= 4;
          if (top - 2 < fence) throw underflow(source);
          top -= 2;
          stack[top] = this.#calls.newobj(stack[top]!, stack[top + 1]!, source, top);
          top++;
          if (table.count > maxCount) throw tooMuch(source);
          break;
        case 0x92: // NEWOBJ_EX
          used |= 16;
          if (top - 3 < fence) throw underflow(source);
          this.#calls.refuse(stack[top - 3]!, source);
          break;
        case 0x6f: { // OBJ
          if (markCount === 0) throw noMark(source);
          const from = marks[markCount - 1]!;
          if (from >= top) throw underflow(source);
          this.#calls.refuse(stack[from]!, source);
          break;
        }
        case 0x69: { // INST
          if (markCount === 0) throw noMark(source);
          const first = lineEnd(bytes, at, end, length, source);
          const second = lineEnd(bytes, first + 1, end, length, source);
          throw unsafe(asciiText(bytes, at, first), asciiText(bytes, first + 1, second), source);
        }
        case 0x62: // BUILD
          if (top - 2 < fence) throw underflow(source);
          top--;
          this.#calls.build(stack[top - 1]!, stack[top]!, source);
          if (this.#calls.copied > maxCopied) throw tooMuch(source);
          break;
        case 0x98: { // READONLY_BUFFER
          used |= 32;
          if (top <= fence) throw underflow(source);
          const slot = stack[top - 1]!;
          const kind = this.slots.kindOf(slot);
          if (kind === "bytearray") {
            const id = table.make(Kind.MEMORYVIEW, source, top - 1);
            if (id >= maxCount) throw tooMuch(source);
            stack[top - 1] = ~id;
          } else if (kind !== "bytes" && !(slot < 0 && table.kind(~slot) === Kind.MEMORYVIEW)) {
            throw wrongReceiver("READONLY_BUFFER", source);
          }
          break;
        }
        default:
          throw refused(opcode, source);
      }
    }
  }

  #finish(value: number, end: number, used: number, source: number): void {
    if (this.#calls.copied > COPIES_FREE + end * COPIES_PER_BYTE) throw tooMuch(source);
    const outcome = this.outcome;
    outcome.end = end;
    outcome.protocol = used > 1 ? 31 - Math.clz32(used) : 0;
    outcome.names = this.#names;
    outcome.proto5 = this.#proto5;
    outcome.value = value;
    outcome.target = this.#target;
    outcome.pairs = this.#pairs;
    outcome.pairCount = this.#pairCount;
  }

  #growMemo(index: number): Int32Array<ArrayBuffer> {
    const before = this.#memo;
    const memo = new Int32Array(Math.max(index + 1, 2 * before.length));
    memo.set(before);
    memo.fill(ABSENT, before.length);
    this.#memo = memo;
    return memo;
  }

  #tuple(from: number, to: number, source: number, maxCount: number): number {
    const table = this.table;
    const items = table.keep(table.stack, from, to);
    table.gather(from, to);
    const id = table.make(Kind.TUPLE, source, from);
    if (id >= maxCount) throw tooMuch(source);
    table.fill(id, to - from, source);
    this.#wrapped(id, to - from);
    table.set(id, EXTRA, items);
    return ~id;
  }

  // An empty tuple is a leaf, and one around a single item adds one.
  #wrapped(id: number, count: number): void {
    const leaves = this.table.get(id, LEAVES);
    if (count < 2 && leaves >= 0) this.table.set(id, LEAVES, leaves + 1);
  }

  #long(size: number, source: number, position: number, maxCount: number): number {
    this.table.choosable++;
    if (size <= LONG_TEXT) return source;
    const id = this.table.make(Kind.LONG, source, position);
    if (id >= maxCount) throw tooMuch(source);
    this.table.set(id, HEIGHT, 0);
    this.table.set(id, LEAVES, 1 + (size >> 3));
    return ~id;
  }

  #append(receiver: number, from: number, to: number, source: number): void {
    const table = this.table;
    const kind = receiver < 0 ? table.kind(~receiver) : 0;
    if (kind !== Kind.LIST && kind !== Kind.DEQUE) throw wrongReceiver("APPEND", source);
    table.gather(from, to);
    table.fill(~receiver, to - from, source);
    if (table.choosable > 0) this.#collisions.addItems(~receiver, from, to);
  }

  #setItems(receiver: number, from: number, to: number, source: number): void {
    const kind = receiver < 0 ? this.table.kind(~receiver) : 0;
    if (kind !== Kind.DICT && kind !== Kind.ORDERED_DICT && kind !== Kind.DEFAULTDICT) {
      throw wrongReceiver("SETITEM", source);
    }
    this.#pairsInto(~receiver, from, to, source);
  }

  #pairsInto(id: number, from: number, to: number, source: number): void {
    const table = this.table;
    const stack = table.stack;
    if ((to - from & 1) !== 0) throw failure("bad-stack", "a dict's key has no value", source);
    const before = table.get(id, SIZE);
    let seen = 0;
    for (let i = from; i < to; i++) seen |= stack[i]!;
    if (seen >= 0) {
      // Nothing but plain values: they can be hashed, and the dict does not nest deeper for them.
      table.set(id, SIZE, before + (to - from >> 1));
    } else {
      const alone = before + to - from <= 2;
      for (let i = from; i < to; i += 2) if (stack[i]! < 0) this.#key(stack[i]!, alone, source);
      table.gather(from, to);
      // The leaves of a dict are those of its keys alone, which have passed: its values need no hash.
      table.leaves = 0;
      table.fill(id, (to - from) >> 1, source);
    }
    const size = table.get(id, SIZE);
    if (size > this.#keysLimit) throw tooMany(source);
    if (table.choosable > 0 && !this.#collisions.add(id, { from, to, step: 2 })) throw tooMuchWork(source);
    if (size <= 2) this.#keepPairs(id, before, from, to);
    if (id === this.#target) this.#record(from, to);
  }

  // BUILD takes a dict of one or two pairs.
  #keepPairs(id: number, before: number, from: number, to: number): void {
    const table = this.table;
    const stack = table.stack;
    const earlier = table.get(id, EXTRA);
    const first = table.keep(stack, from, to);
    if (before === 0) {
      table.set(id, EXTRA, first);
    } else if (to > from) {
      const items = table.items;
      const both = table.keep(
        Int32Array.of(items[earlier]!, items[earlier + 1]!, stack[from]!, stack[from + 1]!),
        0,
        4,
      );
      table.set(id, EXTRA, both);
    }
  }

  #record(from: number, to: number): void {
    const start = this.#pairCount, count = to - from;
    if (start + count > this.#pairs.length) this.#pairs = grown(this.#pairs, start + count);
    const pairs = this.#pairs, stack = this.table.stack;
    for (let i = 0; i < count; i++) pairs[start + i] = stack[from + i]!;
    this.#pairCount += count;
  }

  #members(from: number, to: number, id: number, source: number): void {
    const stack = this.table.stack;
    const size = this.table.get(id, SIZE) + to - from;
    for (let i = from; i < to; i++) if (stack[i]! < 0) this.#key(stack[i]!, size === 1, source);
    if (size > this.#keysLimit) throw tooMany(source);
  }

  #key(slot: number, alone: boolean, source: number): void {
    const table = this.table;
    const leaves = table.hashCost(slot);
    if (leaves < 0) throw failure("unhashable", "a key or member cannot be hashed", source);
    if (leaves > KEY_LEAVES) {
      throw new PickleError("limit", `Cannot verify the pickle: a key has ${leaves} leaves`, {
        offset: source,
        limit: "keyWork",
      });
    }
    // A frozenset keeps its hash, made of those of its members: they are looked at again only to compare it with another.
    const kept = alone && table.kind(~slot) === Kind.FROZENSET;
    table.chargeKeys(kept ? table.get(~slot, SIZE) : leaves);
  }

  #name(module: string, name: string, proto: number, source: number, position: number): number {
    const allowed = allowedName(module, name, proto);
    if (allowed === undefined || !allowed.everywhere) throw unsafe(module, name, source);
    const names = this.#calls.names;
    let index = names.indexOf(allowed);
    if (index < 0) {
      index = names.push(allowed) - 1;
      this.#names.push(allowed.path);
    }
    const id = this.table.make(Kind.NAME, source, position);
    this.table.set(id, EXTRA, index);
    this.table.set(id, HEIGHT, 0);
    return ~id;
  }
}

const EMPTY_SLOTS = new Int32Array(0);

function readUint32(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24) >>> 0;
}

// Where an argument ends that has its length before it; negative where that is past the end.
function countedEnd(bytes: Uint8Array, at: number, size: number, end: number): number {
  if (at + size > end) return -1;
  let count = readUint32(bytes, at);
  if (size === 8) count += readUint32(bytes, at + 4) * 2 ** 32;
  const stop = at + size + count;
  return stop > end ? -1 : stop;
}

function lineEnd(bytes: Uint8Array, at: number, end: number, length: number, source: number): number {
  for (let i = at; i < end; i++) if (bytes[i] === NEWLINE) return i;
  throw cut(source, end, length);
}

function failure(code: PickleErrorCode, what: string, offset: number): PickleError {
  return new PickleError(code, `Cannot verify the pickle: ${what}`, { offset });
}

function truncated(offset: number): PickleError {
  return failure("truncated", "it ends before STOP", offset);
}

function cut(source: number, end: number, length: number): PickleError {
  return end === length
    ? failure("truncated", "it ends inside an argument", source)
    : badFrame(source, "an argument reaches past the end of its frame");
}

function badFrame(offset: number, what: string): PickleError {
  return failure("bad-frame", what, offset);
}

function badText(offset: number): PickleError {
  return failure("bad-argument", "a text is malformed", offset);
}

function badNumber(offset: number): PickleError {
  return failure("bad-argument", "a number is malformed", offset);
}

function underflow(offset: number): PickleError {
  return failure("bad-stack", "there is too little on the stack", offset);
}

function noMark(offset: number): PickleError {
  return failure("bad-stack", "there is no MARK", offset);
}

function wrongReceiver(name: string, offset: number): PickleError {
  return failure("bad-stack", `${name} meets an object that it does not fit`, offset);
}

function farPut(offset: number, index: number): PickleError {
  return failure("bad-memo", `a memo entry has the number ${index}, above the pickle's length`, offset);
}

function overLimit(limit: string, what: string, offset: number): PickleError {
  return new PickleError("limit", `Cannot verify the pickle: ${what}`, { offset, limit });
}

function tooMuch(offset: number): PickleError {
  return overLimit("memory", "its value takes too much memory", offset);
}

function tooMany(offset: number): PickleError {
  return overLimit("entries", "a dict or set has too many entries", offset);
}

function unsafe(module: string, name: string, offset: number): PickleError {
  const global = `${module}.${name}`.slice(0, 200);
  return new PickleError("unsafe", `Cannot verify the pickle: ${global} is not on the allow-list`, {
    offset,
    global,
  });
}

function refused(opcode: number, offset: number): PickleError {
  switch (opcode) {
    case PERSID:
    case BINPERSID:
      return failure("unsupported", "it has a persistent id", offset);
    case EXT1:
    case EXT2:
    case EXT4:
      return failure("unsupported", "it has an extension code", offset);
    case NEXT_BUFFER:
      return failure("unsupported", "it has an out-of-band buffer", offset);
  }
  return failure("unknown-opcode", `there is no opcode ${opcode}`, offset);
}
