/** CPython's hashes of what one opcode of a verified pickle makes: numbers, text, bytes, None. */
import { readInt32 } from "../../decode/number.ts";
import { asciiText } from "../number_check.ts";
import * as op from "../../values/opcodes.ts";
import { type PythonHash, Salt } from "./python_hash.ts";
import { Residue } from "./residue.ts";
import { isBoolText, locateAt, located, scalarAt } from "../scalar_at.ts";
import { bytesHash, textHash, utf8Hash } from "./secret_hash.ts";
import { CodePoints, Float } from "../../values/values.ts";

const MINUS = 0x2d;
const LETTER_L = 0x4c;
const magnitude = new Residue();
const view = new DataView(new ArrayBuffer(8));

/** Sets the hash of the plain object that an opcode makes; for the empty tuple see the tuples. */
export function setScalarHash(hash: PythonHash, pickle: Uint8Array, source: number): void {
  switch (pickle[source]) {
    case op.BININT1:
      return hash.setInt(pickle[source + 1]!);
    case op.BININT2:
      return hash.setInt(pickle[source + 1]! | pickle[source + 2]! << 8);
    case op.BININT:
      return hash.setInt(readInt32(pickle, source + 1));
    case op.LONG1:
    case op.LONG4:
    case op.LONG:
      return setIntHash(hash, pickle, source);
    case op.INT:
      if (isBoolText(pickle, source)) return hash.setInt(pickle[source + 2]! & 1);
      return setIntHash(hash, pickle, source);
    case op.BINFLOAT:
      return hash.setFloat(readFloat64(pickle, source + 1));
    case op.FLOAT:
      return hash.setFloat(floatAt(pickle, source));
    case op.NEWTRUE:
      return hash.setInt(1);
    case op.NEWFALSE:
      return hash.setInt(0);
    case op.NONE:
      return hash.setNone();
    case op.SHORT_BINBYTES:
    case op.BINBYTES:
    case op.BINBYTES8:
      return setTextHash(hash, pickle, source, Salt.BYTES);
  }
  setTextHash(hash, pickle, source, Salt.TEXT);
}

/** Sets the hash of an int of any length. */
export function setIntHash(hash: PythonHash, pickle: Uint8Array, source: number): void {
  const negative = readMagnitude(magnitude, pickle, source);
  hash.setNumber(magnitude, negative);
}

/** Reads an int's magnitude and tells whether it is negative. */
export function readMagnitude(into: Residue, pickle: Uint8Array, source: number): boolean {
  if (!locateAt(pickle, source)) {
    const value = scalarAt(pickle, source, 4) as number;
    into.set(Math.abs(value));
    return value < 0;
  }
  const { start, end } = located;
  if (pickle[source] === op.LONG1 || pickle[source] === op.LONG4) {
    into.setBytes(pickle, start, end);
    return end > start && pickle[end - 1]! > 0x7f;
  }
  const negative = pickle[start] === MINUS;
  const stop = pickle[end - 1] === LETTER_L ? end - 1 : end;
  into.setDigits(asciiText(pickle, negative ? start + 1 : start, stop));
  return negative;
}

/** Gives the value of a float. */
export function floatAt(pickle: Uint8Array, source: number): number {
  const value = scalarAt(pickle, source, pickle.length);
  return value instanceof Float ? value.value : Number(value);
}

function readFloat64(bytes: Uint8Array, at: number): number {
  view.setInt32(0, bytes[at]! << 24 | bytes[at + 1]! << 16 | bytes[at + 2]! << 8 | bytes[at + 3]!);
  view.setInt32(4, bytes[at + 4]! << 24 | bytes[at + 5]! << 16 | bytes[at + 6]! << 8 | bytes[at + 7]!);
  return view.getFloat64(0);
}

/** Sets the hash of a text, or of the bytes that it is in Latin-1. */
export function setTextHash(hash: PythonHash, pickle: Uint8Array, source: number, salt: number): void {
  locateAt(pickle, source);
  const { start, end } = located;
  switch (pickle[source]) {
    case op.SHORT_BINUNICODE:
    case op.BINUNICODE:
    case op.BINUNICODE8:
      return hash.setText(utf8Hash(pickle, start, end), end - start, salt);
    case op.SHORT_BINBYTES:
    case op.BINBYTES:
    case op.BINBYTES8:
      return hash.setText(bytesHash(pickle, start, end), end - start, salt);
  }
  setStringHash(hash, scalarAt(pickle, source, pickle.length) as string | CodePoints, salt);
}

/** Sets the hash of a str that was read. */
export function setStringHash(hash: PythonHash, text: string | CodePoints, salt: number): void {
  const length = text instanceof CodePoints ? text.points.length : text.length;
  hash.setText(textHash(text), length, salt);
}
