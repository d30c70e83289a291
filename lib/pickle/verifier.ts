/**
 * The pass over the opcodes behind {@linkcode verify}: it does to slots what CPython's unpicklers do to objects.
 *
 * @module
 */
import { allowedName } from "./allowed.ts";
import { countedEnd, lineEnd } from "./argument_end.ts";
import { CallCheck } from "./call_check.ts";
import { CHOOSABLE_BYTES, CHOOSABLE_DIGITS } from "./collision_check.ts";
import { ContainerCheck } from "./container_check.ts";
import { readUint32 } from "./decode_number.ts";
import type { PickleLimits } from "./limits.ts";
import { asciiText, isFloat, isIndex, isInteger, readIndex } from "./number_check.ts";
import { EXTRA, grown, Kind, LEAVES, ObjectTable, SIZE } from "./object_table.ts";
import * as op from "./opcodes.ts";
import { SlotReader } from "./slot_reader.ts";
import { isAscii, isQuotedAscii, isRawUnicodeEscape, isUtf8 } from "./text_check.ts";
import {
  badFrame,
  badNumber,
  badText,
  cut,
  failure,
  farPut,
  noMark,
  refused,
  tooMuch,
  tooMuchWork,
  truncated,
  underflow,
  unsafe,
  wrongReceiver,
} from "./verify_failure.ts";

const ABSENT = 0x7fffffff;
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
/** Ints of more bytes or digits have a row. */
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
  readonly #containers = new ContainerCheck(this.table, this.slots);
  #stack = new Int32Array(SMALL);
  #marks = new Int32Array(SMALL);
  #memo = new Int32Array(SMALL).fill(ABSENT);
  #memoEnd = 0;
  #names: string[] = [];
  #proto5: number[] = [];
  readonly outcome: Outcome = {
    end: 0,
    protocol: 0,
    names: [],
    proto5: [],
    value: 0,
    target: -1,
    pairs: EMPTY_SLOTS,
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
    this.table.maxCount = Math.floor(limits.memory / OBJECT_BYTES);
    this.#containers.target = target;
    this.#containers.maxEntries = limits.entries;
    this.#pass(bytes, limits);
    return this.outcome;
  }

  /** Makes ready for the next run; to be called after each, also after one that threw. */
  reset(): void {
    this.table.reset();
    this.#calls.reset();
    this.#containers.reset();
    this.slots.reset();
    this.outcome.pairs = EMPTY_SLOTS;
    const memo = this.#memo;
    if (memo.length > KEPT) this.#memo = new Int32Array(SMALL).fill(ABSENT);
    else for (let i = 0; i < this.#memoEnd; i++) memo[i] = ABSENT;
    this.#memoEnd = 0;
    if (this.#stack.length > KEPT) this.#stack = new Int32Array(SMALL);
    if (this.#marks.length > KEPT) this.#marks = new Int32Array(SMALL);
    this.table.stack = EMPTY_SLOTS;
    if (this.#names.length > 0) this.#names = [];
    if (this.#proto5.length > 0) this.#proto5 = [];
  }

  #pass(bytes: Uint8Array, limits: PickleLimits): void {
    const table = this.table;
    const containers = this.#containers;
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
          if (top === 0 && containers.target < 0 && markCount === 0) containers.target = id;
          stack[top++] = ~id;
          break;
        }
        case 0x5d: { // EMPTY_LIST
          used |= 2;
          const id = table.make(Kind.LIST, source, top);
          stack[top++] = ~id;
          break;
        }
        case 0x8f: { // EMPTY_SET
          used |= 16;
          const id = table.make(Kind.SET, source, top);
          stack[top++] = ~id;
          break;
        }
        case 0x85: // TUPLE1
        case 0x86: // TUPLE2
        case 0x87: { // TUPLE3
          used |= 4;
          const from = top - (opcode - op.TUPLE1 + 1);
          if (from < fence) throw underflow(source);
          stack[from] = containers.tuple(from, top, source);
          top = from + 1;
          break;
        }
        case 0x74: { // TUPLE
          if (markCount === 0) throw noMark(source);
          const from = marks[--markCount]!;
          fence = markCount === 0 ? 0 : marks[markCount - 1]!;
          stack[from] = containers.tuple(from, top, source);
          top = from + 1;
          break;
        }
        case 0x6c: // LIST
        case 0x91: { // FROZENSET
          if (markCount === 0) throw noMark(source);
          const from = marks[--markCount]!;
          fence = markCount === 0 ? 0 : marks[markCount - 1]!;
          used |= opcode === op.LIST ? 1 : 16;
          stack[from] = containers.collect(
            opcode === op.LIST ? Kind.LIST : Kind.FROZENSET,
            from,
            top,
            source,
          );
          top = from + 1;
          break;
        }
        case 0x64: { // DICT
          if (markCount === 0) throw noMark(source);
          const from = marks[--markCount]!;
          fence = markCount === 0 ? 0 : marks[markCount - 1]!;
          const id = table.make(Kind.DICT, source, from);
          if (from === 0 && containers.target < 0 && markCount === 0) containers.target = id;
          stack[from] = containers.dict(id, from, top, source);
          top = from + 1;
          break;
        }
        case 0x61: { // APPEND
          if (top - 2 < fence) throw underflow(source);
          const receiver = stack[top - 2]!;
          containers.append(receiver, top - 1, top, source);
          top -= 1;
          break;
        }
        case 0x65: { // APPENDS
          used |= 2;
          if (markCount === 0) throw noMark(source);
          const from = marks[--markCount]!;
          fence = markCount === 0 ? 0 : marks[markCount - 1]!;
          if (from <= fence) throw underflow(source);
          containers.append(stack[from - 1]!, from, top, source);
          top = from;
          break;
        }
        case 0x73: { // SETITEM
          if (top - 3 < fence) throw underflow(source);
          containers.setItems(stack[top - 3]!, top - 2, top, source);
          top -= 2;
          break;
        }
        case 0x75: { // SETITEMS
          used |= 2;
          if (markCount === 0) throw noMark(source);
          const from = marks[--markCount]!;
          fence = markCount === 0 ? 0 : marks[markCount - 1]!;
          if (from <= fence) throw underflow(source);
          containers.setItems(stack[from - 1]!, from, top, source);
          top = from;
          break;
        }
        case 0x90: { // ADDITEMS
          used |= 16;
          if (markCount === 0) throw noMark(source);
          const from = marks[--markCount]!;
          fence = markCount === 0 ? 0 : marks[markCount - 1]!;
          if (from <= fence) throw underflow(source);
          containers.addItems(stack[from - 1]!, from, top, source);
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
          if (proto > op.HIGHEST_PROTOCOL) {
            throw failure("unknown-opcode", `there is no protocol ${proto}`, source);
          }
          if (proto === op.HIGHEST_PROTOCOL) this.#proto5.push(source);
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
          stack[top++] = this.#long(stop - at - 4, source, top - 1);
          at = stop;
          break;
        }
        case 0x49: { // INT
          const line = lineEnd(bytes, at, end, length, source);
          const isBool = line - at === 2 && bytes[at] === 0x30 && (bytes[at + 1]! | 1) === 0x31;
          if (!isBool && !isInteger(bytes, at, line, limits.digits)) throw badNumber(source);
          stack[top++] = line - at >= CHOOSABLE_DIGITS ? this.#long(line - at, source, top - 1) : source;
          at = line + 1;
          break;
        }
        case 0x4c: { // LONG
          const line = lineEnd(bytes, at, end, length, source);
          const stop = bytes[line - 1] === 0x4c ? line - 1 : line;
          if (!isInteger(bytes, at, stop, limits.digits)) throw badNumber(source);
          stack[top++] = line - at >= CHOOSABLE_DIGITS ? this.#long(line - at, source, top - 1) : source;
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
          if (table.count + this.#calls.deques * (OBJECTS_PER_DEQUE - 1) > table.maxCount) {
            throw tooMuch(source);
          }
          if (this.#calls.copied > maxCopied) throw tooMuch(source);
          if (table.work > table.maxWork) throw tooMuchWork(source);
          break;
        case 0x81: // NEWOBJ
          used |= 4;
          if (top - 2 < fence) throw underflow(source);
          top -= 2;
          stack[top] = this.#calls.newobj(stack[top]!, stack[top + 1]!, source, top);
          top++;
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
    outcome.target = this.#containers.target;
    outcome.pairs = this.#containers.pairs;
    outcome.pairCount = this.#containers.pairCount;
  }

  #growMemo(index: number): Int32Array<ArrayBuffer> {
    const before = this.#memo;
    const memo = new Int32Array(Math.max(index + 1, 2 * before.length));
    memo.set(before);
    memo.fill(ABSENT, before.length);
    this.#memo = memo;
    return memo;
  }

  // A long int has a row, since hashing it takes as long as it is.
  #long(size: number, source: number, position: number): number {
    const table = this.table;
    table.choosable++;
    if (size <= LONG_TEXT) return source;
    const id = table.make(Kind.LONG, source, position);
    table.set(id, LEAVES, 1 + (size >> 3));
    return ~id;
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
    return ~id;
  }
}

const EMPTY_SLOTS = new Int32Array(0);
