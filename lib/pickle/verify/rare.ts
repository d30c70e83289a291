/** The opcodes that a pickle of today holds once or never: text of protocol 0, what throws something away, long lengths. */
import { countedEnd } from "./argument_end.ts";
import { isFloat, isIndex, isInteger, readIndex } from "./number_check.ts";
import { BYTES_PER_LEAF, Kind, LEAVES, SIZE, Trait } from "./object_table.ts";
import * as op from "../values/opcodes.ts";
import { isAscii, isQuotedAscii, isRawUnicodeEscape } from "./text_check.ts";
import { badNumber, badText, cut, failure, refused, underflow, wrongReceiver } from "./failure.ts";
import { nameOpcode } from "./name.ts";
import type { VerifyState } from "./state.ts";

/** Ints of more bytes or digits have a row. */
export const LONG_INT = 64;

/**
 * Carries out one of the rare opcodes, its argument not yet read.
 *
 * @throws {PickleError} for one that is never taken, and a byte that is none
 */
export function rareOpcode(state: VerifyState, opcode: number): void {
  switch (opcode) {
    case op.INT:
      return readInt(state);
    case op.LONG:
      return readLong(state);
    case op.FLOAT: {
      const start = state.at, line = state.readLine();
      if (!isFloat(state.bytes, start, line)) throw badNumber(state.source);
      return state.push(state.source);
    }
    case op.STRING: {
      const start = state.at, line = state.readLine();
      if (!isQuotedAscii(state.bytes, start, line)) throw badText(state.source);
      return pushText(state, line - start);
    }
    case op.UNICODE: {
      const start = state.at, line = state.readLine();
      if (!isRawUnicodeEscape(state.bytes, start, line)) throw badText(state.source);
      return pushText(state, line - start);
    }
    case op.GET:
      return state.push(state.recall(readNumber(state)));
    case op.PUT:
      return state.put(readNumber(state));
    case op.LONG1:
      state.used |= 4;
      return pushLong(state, readCounted(state, 1));
    case op.LONG4:
      state.used |= 4;
      return pushLong(state, readCounted(state, 4, "LONG4"));
    case op.SHORT_BINSTRING:
      state.used |= 2;
      return readString(state, readCounted(state, 1));
    case op.BINSTRING:
      state.used |= 2;
      return readString(state, readCounted(state, 4, "BINSTRING"));
    case op.BINBYTES:
    case op.BINBYTES8:
      state.used |= opcode === op.BINBYTES ? 8 : 16;
      return pushText(state, readCounted(state, opcode === op.BINBYTES ? 4 : 8));
    case op.BYTEARRAY8: {
      state.used |= 32;
      const size = readCounted(state, 8);
      const id = state.table.make(Kind.BYTEARRAY, state.source, state.top);
      state.table.set(id, SIZE, size);
      return state.push(~id);
    }
    case op.READONLY_BUFFER:
      return makeReadOnly(state);
    case op.POP:
      if (state.top > state.fence) state.top--;
      else if (state.markCount > 0) state.popMark();
      else throw underflow(state.source);
      return;
    case op.POP_MARK:
      state.used |= 2;
      state.top = state.popMark();
      return;
    case op.DUP:
      state.need(1);
      return state.push(state.stack[state.top - 1]!);
  }
  if (!nameOpcode(state, opcode)) throw refused(opcode, state.source);
}

function readInt(state: VerifyState): void {
  const { bytes, at } = state;
  const line = state.readLine();
  const isBool = line - at === 2 && bytes[at] === 0x30 && (bytes[at + 1]! | 1) === 0x31;
  if (!isBool && !isInteger(bytes, at, line, state.limits.digits)) throw badNumber(state.source);
  pushLong(state, line - at);
}

function readLong(state: VerifyState): void {
  const { bytes, at } = state;
  const line = state.readLine();
  const stop = bytes[line - 1] === 0x4c ? line - 1 : line; // the letter L
  if (!isInteger(bytes, at, stop, state.limits.digits)) throw badNumber(state.source);
  pushLong(state, line - at);
}

// A long int has a row, since hashing it takes as long as it is.
function pushLong(state: VerifyState, size: number): void {
  const { table, source } = state;
  if (size <= LONG_INT) return state.push(source);
  const id = table.make(Kind.LONG, source, state.top);
  table.set(id, LEAVES, 1 + (size >> 3));
  table.setTraits(id, Trait.LONG);
  state.push(~id);
}

function pushText(state: VerifyState, size: number): void {
  if (size > BYTES_PER_LEAF) state.table.addLongText(state.source, size);
  state.push(state.source);
}

function readNumber(state: VerifyState): number {
  const start = state.at, line = state.readLine();
  if (!isIndex(state.bytes, start, line)) throw badNumber(state.source);
  return readIndex(state.bytes, start, line);
}

// Moves behind an argument whose length stands before it, and gives the length. One with a name is negative in C where its
// highest bit is set.
function readCounted(state: VerifyState, size: number, signed?: string): number {
  const { bytes, at, end, source } = state;
  if (signed !== undefined && at + size <= end && bytes[at + size - 1]! > 0x7f) {
    throw failure("bad-argument", `${signed} has a negative length`, source);
  }
  const stop = size === 1 && at < end ? at + 1 + bytes[at]! : countedEnd(bytes, at, size, end);
  if (stop < 0 || stop > end) throw cut(source, end, bytes.length);
  state.at = stop;
  return stop - at - size;
}

function readString(state: VerifyState, size: number): void {
  if (!isAscii(state.bytes, state.at - size, state.at)) throw badText(state.source);
  pushText(state, size);
}

function makeReadOnly(state: VerifyState): void {
  const { table, source } = state;
  state.used |= 32;
  state.need(1);
  const slot = state.stack[state.top - 1]!;
  const kind = state.slots.kindOf(slot);
  if (kind === "bytes" || (slot < 0 && table.kind(~slot) === Kind.MEMORYVIEW)) return;
  if (kind !== "bytearray") throw wrongReceiver("READONLY_BUFFER", source);
  state.stack[state.top - 1] = ~table.make(Kind.MEMORYVIEW, source, state.top - 1);
}
