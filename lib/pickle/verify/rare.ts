/** Opcodes that are rare in current pickles: text of protocol 0, POP and DUP, long lengths. */
import { readLong as readLongInt } from "../decode/number.ts";
import { isWordInt } from "./collisions/scalar_hash.ts";
import { countedEnd } from "./argument_end.ts";
import { isFloat, isIndex, isInteger, readIndex } from "./number_check.ts";
import { Kind, TEXT_PER_BYTE } from "./kinds.ts";
import { LEAVES, SIZE, Trait } from "./columns.ts";
import { BYTES_PER_LEAF } from "./rows.ts";
import * as op from "../values/opcodes.ts";
import { isAscii, isQuotedAscii, isRawUnicodeEscape } from "./text_check.ts";
import { badNumber, badText, cut, failure, refused, underflow, wrongReceiver } from "./failure.ts";
import { nameOpcode } from "./name.ts";
import { hasRow, slotOf } from "./slot.ts";
import type { VerifyState } from "./state.ts";

/** Ints of more bytes, or digits, may have more than 64 bits; those that do have a row. */
export const LONG_INT = 8;
const LONG_DIGITS = 18;
/** Ints of more bytes take long to multiply. */
const LARGE_INT = 64;
/** Nanoseconds of `repr` of an int, for the square of its bytes. */
const SQUARE_COST = 1 / 12;
const BITS_PER_DIGIT = Math.log2(10);

/**
 * Carries out one of the rare opcodes.
 *
 * @param state with the position of the opcode's argument
 * @throws {PickleError} for an opcode that is always refused, and for a byte that is no opcode
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
      return pushAgain(state, state.recall(readNumber(state)));
    case op.PUT:
      return state.put(readNumber(state));
    case op.LONG1:
      state.used |= 4;
      return pushBytes(state, readCounted(state, 1));
    case op.LONG4:
      state.used |= 4;
      return pushBytes(state, readCounted(state, 4, "LONG4"));
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
      state.text += size;
      state.table.addShown(id, 0, TEXT_PER_BYTE * size);
      return state.push(slotOf(id));
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
      return pushAgain(state, state.stack[state.top - 1]!);
  }
  if (!nameOpcode(state, opcode)) throw refused(opcode, state.source);
}

function readInt(state: VerifyState): void {
  const { bytes, at } = state;
  const line = state.readLine();
  const isBool = line - at === 2 && bytes[at] === 0x30 && (bytes[at + 1]! | 1) === 0x31;
  if (!isBool && !isInteger(bytes, at, line, state.limits.digits)) throw badNumber(state.source);
  pushDigits(state, line - at);
}

function readLong(state: VerifyState): void {
  const { bytes, at } = state;
  const line = state.readLine();
  const stop = bytes[line - 1] === 0x4c ? line - 1 : line; // the letter L
  if (!isInteger(bytes, at, stop, state.limits.digits)) throw badNumber(state.source);
  pushDigits(state, line - at);
}

function pushDigits(state: VerifyState, count: number): void {
  if (count <= LONG_DIGITS || isWordInt(state.bytes, state.source)) state.push(state.source);
  else pushLong(state, Math.ceil(count * BITS_PER_DIGIT / 8));
}

// str() of an int with more digits than the limit raises.
function pushBytes(state: VerifyState, size: number): void {
  const { source, limits, bytes, at } = state;
  const most = limits.digits * BITS_PER_DIGIT / 8;
  if (size > most) {
    const value = size > most + 2 ? null : readLongInt(bytes, at - size, size);
    const isLong = value === null || value >= 10n ** BigInt(limits.digits) ||
      -value >= 10n ** BigInt(limits.digits);
    if (isLong) throw failure("bad-argument", `an int has more than ${limits.digits} digits`, source);
  }
  if (size <= LONG_INT || isWordInt(bytes, source)) state.push(source);
  else pushLong(state, size);
}

// A long int has a row, since the time to hash it is linear in its length, and that of `repr` quadratic.
function pushLong(state: VerifyState, size: number): void {
  const { table, source } = state;
  const id = table.make(Kind.LONG, source, state.top);
  table.set(id, LEAVES, 1 + (size >> 3));
  if (size > LARGE_INT) table.setTraits(id, Trait.LARGE);
  table.addShown(id, size * size * SQUARE_COST, TEXT_PER_BYTE * size);
  state.push(slotOf(id));
}

function pushText(state: VerifyState, size: number): void {
  state.text += size;
  if (size > BYTES_PER_LEAF) state.table.addLongText(state.source, size);
  state.push(state.source);
}

function pushAgain(state: VerifyState, slot: number): void {
  if (!hasRow(slot)) state.slots.addAgain(slot);
  state.push(slot);
}

function readNumber(state: VerifyState): number {
  const start = state.at, line = state.readLine();
  if (!isIndex(state.bytes, start, line)) throw badNumber(state.source);
  return readIndex(state.bytes, start, line);
}

// Skips an argument after its length, and returns the length. C reads the length of an opcode in `signed` as a signed
// number.
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
  if (kind === "bytes" || table.kindOf(slot) === Kind.MEMORYVIEW) return;
  if (kind !== "bytearray") throw wrongReceiver("READONLY_BUFFER", source);
  state.stack[state.top - 1] = table.makeSlot(Kind.MEMORYVIEW, source, state.top - 1);
}
