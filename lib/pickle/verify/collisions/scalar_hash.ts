/** CPython's hashes of plain objects: numbers of up to 64 bits, text, bytes, None. */
import { readInt32, readUint32 } from "../../decode/number.ts";
import * as op from "../../values/opcodes.ts";
import { CodePoints, Float } from "../../values/values.ts";
import { argumentEnd, argumentStart, isBoolText, scalarAt } from "../scalar_at.ts";
import { type PythonHash, Salt } from "./python_hash.ts";
import { bytesHash, textHash, utf8Hash } from "./secret_hash.ts";

const WORD_BYTES = 8;
const LONGEST_DIGITS = 21;
const LOW = 0xffffffffn;
const view = new DataView(new ArrayBuffer(8));

/** Sets the hash of a plain object other than the empty tuple. */
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
      return setBytesHash(hash, pickle, argumentStart(pickle, source), argumentEnd(pickle, source));
    case op.LONG:
    case op.INT:
      return setIntHash(hash, scalarAt(pickle, source, LONGEST_DIGITS) as number | bigint | boolean);
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

/** Returns whether an int has at most 64 bits besides its sign, so that its hash is computed here. */
export function isWordInt(pickle: Uint8Array, source: number): boolean {
  switch (pickle[source]) {
    case op.LONG1:
    case op.LONG4: {
      const start = argumentStart(pickle, source), length = argumentEnd(pickle, source) - start;
      if (length <= WORD_BYTES) return true;
      const top = pickle[start + WORD_BYTES];
      if (length > WORD_BYTES + 1 || (top !== 0 && top !== 0xff)) return false;
      return top === 0 || pickle.subarray(start, start + WORD_BYTES).some((byte) => byte !== 0);
    }
    case op.INT:
    case op.LONG: {
      if (isBoolText(pickle, source)) return true;
      const value = scalarAt(pickle, source, LONGEST_DIGITS);
      return typeof value === "number" ||
        (typeof value === "bigint" && value >> 64n === (value < 0n ? -1n : 0n));
    }
  }
  return true;
}

function setIntHash(hash: PythonHash, value: number | bigint | boolean): void {
  if (typeof value !== "bigint") return hash.setInt(Number(value));
  const magnitude = value < 0n ? -value : value;
  hash.setWords(Number(magnitude >> 32n), Number(magnitude & LOW), value < 0n);
}

/** Sets the hash of an int of at most 64 bits, in little-endian two's complement. */
export function setBytesHash(hash: PythonHash, bytes: Uint8Array, start: number, end: number): void {
  const negative = end > start && bytes[end - 1]! > 0x7f;
  const flip = negative ? 0xff : 0;
  let high = 0, low = 0;
  for (let at = Math.min(end, start + WORD_BYTES) - 1; at >= start; at--) {
    if (at >= start + 4) high = high * 256 + (bytes[at]! ^ flip);
    else low = low * 256 + (bytes[at]! ^ flip);
  }
  // The magnitude of a negative int is its complement plus one.
  if (negative && ++low === 2 ** 32) {
    low = 0;
    high++;
  }
  hash.setWords(high, low, negative);
}

/** Returns the value of a FLOAT. */
function floatAt(pickle: Uint8Array, source: number): number {
  const value = scalarAt(pickle, source, pickle.length);
  return value instanceof Float ? value.value : Number(value);
}

function readFloat64(bytes: Uint8Array, at: number): number {
  view.setUint32(0, readUint32(bytes, at), true);
  view.setUint32(4, readUint32(bytes, at + 4), true);
  return view.getFloat64(0);
}

/** Sets the hash of text or bytes; with the salt of bytes, that of a text in Latin-1. */
export function setTextHash(hash: PythonHash, pickle: Uint8Array, source: number, salt: number): void {
  const start = argumentStart(pickle, source), end = argumentEnd(pickle, source);
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
  const text = scalarAt(pickle, source, pickle.length) as string | CodePoints;
  const length = text instanceof CodePoints ? text.points.length : text.length;
  hash.setText(textHash(text), length, salt);
}
