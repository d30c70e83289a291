/**
 * Main loop of {@linkcode verify}: carries out the opcodes on slots, as CPython's unpicklers do on objects. The opcodes that
 * current picklers write often are here, the others in rare.ts and name.ts.
 *
 * @module
 */
import { countedEnd } from "./argument_end.ts";
import { readUint32 } from "../decode/number.ts";
import { Kind } from "./kinds.ts";
import { BYTES_PER_LEAF } from "./rows.ts";
import * as op from "../values/opcodes.ts";
import { isUtf8, shownLength } from "./text_check.ts";
import { badFrame, badText, cut, failure, noMark, truncated, underflow } from "./failure.ts";
import { LONG_INT, rareOpcode } from "./rare.ts";
import * as slotFunctions from "./slot.ts";
import { ABSENT, type VerifyState } from "./state.ts";

// Bound here, since V8 takes a module's own constants for literals but reads and checks an import at each use.
const { LIST, SET } = Kind;
const { slotOf } = slotFunctions;
const {
  BINGET,
  BINPUT,
  BINUNICODE,
  HIGHEST_PROTOCOL,
  LONG1,
  MEMOIZE,
  SHORT_BINUNICODE,
  TUPLE1,
} = op;
const NO_ENTRY = ABSENT;

/** Bytes of a number behind its opcode. */
const NUMBER_BYTES = new Uint8Array(256);
NUMBER_BYTES[op.BININT1] = 1;
NUMBER_BYTES[op.BININT2] = 2;
NUMBER_BYTES[op.BININT] = 4;
NUMBER_BYTES[op.BINFLOAT] = 8;

/** The slots that the stack has room for when it is not grown: with fewer the loop would stop to look again and again. */
const LEAST_ROOM = 64;

/** The result of {@linkcode runOpcodes} where it stopped before STOP. */
export const PAUSED = 0x7fffffff;

/**
 * Carries out the opcodes up to STOP, or up to the first that begins at or after `pause`. The next call continues there.
 *
 * @param pause an offset; the pickle's length for all opcodes
 * @returns the slot of the value that STOP leaves, or {@linkcode PAUSED}
 */
export function runOpcodes(state: VerifyState, pause: number): number {
  // Locals, since each use of a field of the state is a read or a write of memory.
  const { table, slots, containers, bytes } = state;
  const length = bytes.length;
  let { stack, marks, memo, at, end } = state;
  const { weighs } = table;
  let top = 0, fence = 0, markCount = 0, memoCount = 0, used = 0, text = 0, again = 0;
  if (at > 0) ({ top, fence, markCount, memoCount, used, text, again } = state);
  // The length of the memo, below which the next entry is only stored; 0 after a PUT that left out a number.
  let inTurn = state.memoEnd === memoCount ? memo.length : 0;
  // No opcode pushes more than one slot, so the stack has room up to this offset.
  let stopAt = Math.min(end, pause, at + stack.length - top);

  for (;;) {
    if (at >= stopAt) {
      if (at >= end) {
        if (end === length) throw truncated(at);
        end = length;
      } else if (at >= pause) {
        state.at = at;
        state.end = end;
        state.top = top;
        state.fence = fence;
        state.markCount = markCount;
        state.memoCount = memoCount;
        if (inTurn > 0) state.memoEnd = memoCount;
        state.used |= used;
        state.text = text;
        state.again = again;
        return PAUSED;
      }
      if (stack.length - top < LEAST_ROOM) stack = state.growStack();
      stopAt = Math.min(end, pause, at + stack.length - top);
      continue;
    }
    const source = at;
    const opcode = bytes[at++]!;
    // Literals, since V8 compiles a switch over imported constants to a chain of comparisons, which takes twice as long.
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
        text += stop - at;
        at = stop;
        stack[top++] = source;
        // A pickler memoizes each new text.
        if (at < end && bytes[at] === MEMOIZE && memoCount < inTurn) {
          at++;
          memo[memoCount++] = source;
        }
        continue;
      }
      case 0x58: // BINUNICODE
      case 0x8d: { // BINUNICODE8
        const size = opcode === BINUNICODE ? 4 : 8;
        used |= opcode === BINUNICODE ? 2 : 16;
        const stop = countedEnd(bytes, at, size, end);
        if (stop < 0) throw cut(source, end, length);
        if (!isUtf8(bytes, at + size, stop)) throw badText(source);
        if (stop - at > BYTES_PER_LEAF) table.addLongText(source, stop - at);
        text += stop - at;
        at = stop;
        stack[top++] = source;
        continue;
      }
      case 0x94: // MEMOIZE
      case 0x71: // BINPUT
      case 0x72: { // LONG_BINPUT
        let index = memoCount;
        if (opcode === MEMOIZE) {
          used |= 16;
        } else {
          used |= 2;
          const size = opcode === BINPUT ? 1 : 4;
          if (at + size > end) throw cut(source, end, length);
          index = size === 1 ? bytes[at]! : readUint32(bytes, at);
          at += size;
        }
        if (top <= fence) throw underflow(source);
        if (index === memoCount && index < inTurn) {
          memo[index] = stack[top - 1]!;
          memoCount++;
          continue;
        }
        state.source = source;
        state.top = top;
        state.fence = fence;
        state.memoCount = memoCount;
        if (inTurn > 0) state.memoEnd = memoCount;
        state.put(index);
        memo = state.memo;
        memoCount = state.memoCount;
        inTurn = state.memoEnd === memoCount ? memo.length : 0;
        continue;
      }
      case 0x68: // BINGET
      case 0x6a: { // LONG_BINGET
        used |= 2;
        const size = opcode === BINGET ? 1 : 4;
        if (at + size > end) throw cut(source, end, length);
        const index = size === 1 ? bytes[at]! : readUint32(bytes, at);
        at += size;
        const slot = index < (inTurn > 0 ? memoCount : state.memoEnd) ? memo[index]! : NO_ENTRY;
        if (slot === NO_ENTRY) throw failure("bad-memo", `there is no memo entry ${index}`, source);
        stack[top++] = slot;
        if (slot < 0) continue;
        // `repr` shows the text again.
        if (bytes[slot] !== SHORT_BINUNICODE) slots.addAgain(slot);
        else if (!weighs) again += bytes[slot + 1]!;
        else again += shownLength(bytes, slot + 2, slot + 2 + bytes[slot + 1]!);
        continue;
      }
      case 0x4b: // BININT1
      case 0x4d: // BININT2
      case 0x4a: // BININT
      case 0x47: { // BINFLOAT
        used |= 2;
        const size = NUMBER_BYTES[opcode]!;
        if (at + size > end) throw cut(source, end, length);
        at += size;
        stack[top++] = source;
        // Arrays of numbers are common, and need no other opcode in between.
        for (; at < stopAt - size && bytes[at] === opcode; at += 1 + size) stack[top++] = at;
        continue;
      }
      case 0x8a: // LONG1
      case 0x43: // SHORT_BINBYTES
        if (at >= end) throw cut(source, end, length);
        if (opcode === LONG1 && bytes[at]! > LONG_INT) break;
        used |= opcode === LONG1 ? 4 : 8;
        text += bytes[at]!;
        at += 1 + bytes[at]!;
        if (at > end) throw cut(source, end, length);
        stack[top++] = source;
        continue;
      case 0x4e: // NONE
        stack[top++] = source;
        continue;
      case 0x88: // NEWTRUE
      case 0x89: // NEWFALSE
        used |= 4;
        stack[top++] = source;
        continue;
      case 0x29: // EMPTY_TUPLE
        used |= 2;
        stack[top++] = source;
        continue;
      case 0x28: // MARK
        if (markCount === marks.length) marks = state.growMarks();
        if (weighs) state.noteMark(markCount, { at, text, again });
        marks[markCount++] = fence = top;
        continue;
      case 0x7d: // EMPTY_DICT
        used |= 2;
        stack[top] = containers.openDict(source, top, markCount);
        top++;
        continue;
      case 0x5d: // EMPTY_LIST
        used |= 2;
        stack[top] = slotOf(table.make(LIST, source, top));
        top++;
        continue;
      case 0x8f: // EMPTY_SET
        used |= 16;
        stack[top] = slotOf(table.make(SET, source, top));
        top++;
        continue;
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: { // TUPLE3
        used |= 4;
        const from = top - (opcode - TUPLE1 + 1);
        if (from < fence) throw underflow(source);
        stack[from] = containers.smallTuple(from, top, source);
        top = from + 1;
        continue;
      }
      case 0x61: // APPEND
        if (top - 2 < fence) throw underflow(source);
        containers.appendOne(stack[top - 2]!, top - 1, source);
        top -= 1;
        continue;
      case 0x73: // SETITEM
        if (top - 3 < fence) throw underflow(source);
        containers.setItem(stack[top - 3]!, top - 2, source);
        top -= 2;
        continue;
      case 0x74: // TUPLE
      case 0x6c: // LIST
      case 0x64: // DICT
      case 0x91: // FROZENSET
      case 0x65: // APPENDS
      case 0x75: // SETITEMS
      case 0x90: { // ADDITEMS
        if (markCount === 0) throw noMark(source);
        const from = marks[--markCount]!;
        fence = markCount === 0 ? 0 : marks[markCount - 1]!;
        if (weighs) state.weighMark(markCount, { at, text, again });
        switch (opcode) {
          case 0x65: // APPENDS
            used |= 2;
            if (from <= fence) throw underflow(source);
            containers.append(stack[from - 1]!, from, top, source);
            top = from;
            continue;
          case 0x75: // SETITEMS
            used |= 2;
            if (from <= fence) throw underflow(source);
            containers.setItems(stack[from - 1]!, from, top, source);
            top = from;
            continue;
          case 0x90: // ADDITEMS
            used |= 16;
            if (from <= fence) throw underflow(source);
            containers.addItems(stack[from - 1]!, from, top, source);
            top = from;
            continue;
          case 0x74: // TUPLE
            stack[from] = containers.tuple(from, top, source);
            break;
          case 0x6c: // LIST
            stack[from] = containers.list(from, top, source);
            break;
          case 0x64: // DICT
            stack[from] = containers.dict(from, top, source, markCount);
            break;
          default:
            used |= 16;
            stack[from] = containers.frozenSet(from, top, source);
        }
        top = from + 1;
        continue;
      }
      case 0x80: // PROTO
        used |= 4;
        if (at >= end) throw cut(source, end, length);
        state.proto = bytes[at++]!;
        if (state.proto > HIGHEST_PROTOCOL) {
          throw failure("unknown-opcode", `there is no protocol ${state.proto}`, source);
        }
        if (state.proto === HIGHEST_PROTOCOL) state.proto5.push(source);
        continue;
      case 0x95: { // FRAME
        used |= 16;
        if (end !== length || state.lastFrame > source) {
          throw badFrame(source, "a frame begins inside another");
        }
        const stop = countedEnd(bytes, at, 8, end);
        if (stop < 0) {
          throw at + 8 > end ? truncated(source) : badFrame(source, "a frame is longer than the pickle");
        }
        at += 8;
        end = state.lastFrame = stop;
        stopAt = Math.min(end, pause, at + stack.length - top);
        continue;
      }
      case 0x2e: // STOP
        if (top === 0) throw underflow(source);
        if (top !== 1 || markCount !== 0) throw failure("bad-stack", "STOP leaves something behind", source);
        state.source = source;
        state.at = at;
        state.used |= used;
        state.text = text;
        state.again = again;
        return stack[0]!;
    }
    state.source = source;
    state.at = at;
    state.end = end;
    state.top = top;
    state.fence = fence;
    state.markCount = markCount;
    state.memoCount = memoCount;
    if (inTurn > 0) state.memoEnd = memoCount;
    state.text = text;
    rareOpcode(state, opcode);
    text = state.text;
    at = state.at;
    top = state.top;
    fence = state.fence;
    markCount = state.markCount;
    memoCount = state.memoCount;
    memo = state.memo;
    inTurn = state.memoEnd === memoCount ? memo.length : 0;
  }
}
