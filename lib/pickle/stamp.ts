/**
 * Envelopes: a verified pickle with a few keys added, without rebuilding it. The opcodes of the keys are appended to the
 * pickle's own. They use no memo and no frame, so the memo indices and lengths in the pickle stay valid.
 *
 * @module
 */
import * as op from "./values/opcodes.ts";
import type { Verified } from "./verify/verified.ts";

/** The keys to set. Each replaces the sender's key of that name; one that is undefined leaves the sender's. */
export interface Stamp {
  /** A safe integer, 0 or above. */
  readonly id?: number | undefined;
  readonly room?: string | undefined;
  readonly from?: string | undefined;
  /** Seconds since 1970; always a float. */
  readonly at?: number | undefined;
}

/** The parts of an envelope. One object may be filled again for the next envelope. */
export interface Envelope {
  /** The pickle as it was received. */
  readonly bytes: Uint8Array;
  /** The result of {@linkcode verify} for it. */
  readonly verified: Verified;
  readonly stamp: Stamp;
  /**
   * False for a message, a top-level dict that gets the stamp's keys. True for a plain object: it becomes the body of a dict
   * whose type is "message".
   */
  readonly plain: boolean;
}

const encoder = new TextEncoder();
const BODY_KEY = shortText("body");
const TYPE_PAIR = Uint8Array.of(...shortText("type"), ...shortText("message"));
const ID_KEY = shortText("id");
const ROOM_KEY = shortText("room");
const FROM_KEY = shortText("from");
const AT_KEY = shortText("at");
const FLOAT_BYTES = 8;
const MAX_SHORT = 0xff;
const float = new DataView(new ArrayBuffer(FLOAT_BYTES));

/**
 * Returns the exact length of an envelope in bytes.
 *
 * @param envelope the pickle, of whose bytes only the first is read, and the stamp
 */
export function envelopeLength({ bytes, verified, stamp, plain }: Envelope): number {
  // Without the sender's STOP; MARK, SETITEMS and STOP are added.
  let length = verified.end - 1 + 3;
  if (plain) {
    // PROTO 4, EMPTY_DICT, MARK and the key before the pickle; SETITEMS and the type after it.
    length += 4 + BODY_KEY.length + 1 + TYPE_PAIR.length;
    if (bytes[0] !== op.PROTO) length += 2;
  }
  if (stamp.id !== undefined) length += ID_KEY.length + intLength(stamp.id);
  if (stamp.room !== undefined) length += ROOM_KEY.length + textLength(stamp.room);
  if (stamp.from !== undefined) length += FROM_KEY.length + textLength(stamp.from);
  if (stamp.at !== undefined) length += AT_KEY.length + 1 + FLOAT_BYTES;
  return length;
}

/**
 * Writes an envelope into a buffer that has room for it.
 *
 * Every PROTO 5 becomes PROTO 4, for Python 3.7, unless an opcode of protocol 5 is used. A last frame of the sender's that held
 * STOP holds the first added opcode instead. That one has no argument, so the frame's length stays right.
 *
 * @param target the buffer
 * @param offset the offset to write at, with {@linkcode envelopeLength} bytes free from there on
 * @param envelope the pickle and the stamp
 * @returns the offset after the envelope
 *
 * @example
 * ```ts
 * import { envelopeLength, writeEnvelope } from "./stamp.ts";
 * import { verify } from "./verify/verify.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = Uint8Array.of(0x80, 2, 0x4b, 7, 0x2e); // 7
 * const envelope = { bytes, verified: verify(bytes), stamp: { id: 1 }, plain: true };
 * const target = new Uint8Array(envelopeLength(envelope));
 * assertEquals(writeEnvelope(target, 0, envelope), target.length);
 * assertEquals(
 *   String.fromCharCode(...target),
 *   "\x80\x04}(\x8c\x04body\x80\x02K\x07u(\x8c\x04type\x8c\x07message\x8c\x02idK\x01u.",
 * );
 * ```
 */
export function writeEnvelope(target: Uint8Array, offset: number, envelope: Envelope): number {
  const { bytes, verified, stamp, plain } = envelope;
  let at = offset;
  if (plain) at = writePrefix(target, at, bytes);
  const start = at;
  at = copy(target, at, bytes, verified.end - 1);
  if (verified.protocol < 5) {
    for (const source of verified.proto5) target[start + source + 1] = 4;
  }
  if (plain) target[at++] = op.SETITEMS;
  target[at++] = op.MARK;
  if (plain) at = put(target, at, TYPE_PAIR);
  if (stamp.id !== undefined) at = putInt(target, put(target, at, ID_KEY), stamp.id);
  if (stamp.room !== undefined) at = putText(target, put(target, at, ROOM_KEY), stamp.room);
  if (stamp.from !== undefined) at = putText(target, put(target, at, FROM_KEY), stamp.from);
  if (stamp.at !== undefined) at = putFloat(target, put(target, at, AT_KEY), stamp.at);
  target[at++] = op.SETITEMS;
  target[at++] = op.STOP;
  return at;
}

/**
 * Returns how many bytes {@linkcode writeWithId} adds to an envelope.
 *
 * @param id a safe integer, 0 or above
 */
export function idStampLength(id: number): number {
  return ID_KEY.length + intLength(id);
}

/**
 * Returns whether an id can be added to a pickle: whether it ends as an envelope does.
 */
export function endsAsEnvelope(pickle: Uint8Array): boolean {
  return pickle.at(-1) === op.STOP && pickle.at(-2) === op.SETITEMS;
}

/**
 * Writes an envelope that has no id, with one added behind the keys of its stamp.
 *
 * @param target the buffer
 * @param offset the offset to write at, with room for the envelope and {@linkcode idStampLength} more bytes
 * @param envelope what {@linkcode writeEnvelope} has written, up to its STOP
 * @param id a safe integer, 0 or above
 * @returns the offset after the envelope
 *
 * @example
 * ```ts
 * import { idStampLength, writeWithId } from "./stamp.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const envelope = Uint8Array.from("}(\x8c\x04roomNu.", (character) => character.charCodeAt(0));
 * const target = new Uint8Array(envelope.length + idStampLength(1));
 * assertEquals(writeWithId(target, 0, envelope, 1), target.length);
 * assertEquals(String.fromCharCode(...target), "}(\x8c\x04roomN\x8c\x02idK\x01u.");
 * ```
 */
export function writeWithId(target: Uint8Array, offset: number, envelope: Uint8Array, id: number): number {
  let at = copy(target, offset, envelope, envelope.length - 2);
  at = putInt(target, put(target, at, ID_KEY), id);
  target[at++] = op.SETITEMS;
  target[at++] = op.STOP;
  return at;
}

// find_class depends on the last PROTO, so a pickle without one gets a PROTO 0 after the envelope's.
function writePrefix(target: Uint8Array, offset: number, bytes: Uint8Array): number {
  let at = offset;
  target[at++] = op.PROTO;
  target[at++] = 4;
  target[at++] = op.EMPTY_DICT;
  target[at++] = op.MARK;
  at = put(target, at, BODY_KEY);
  if (bytes[0] !== op.PROTO) {
    target[at++] = op.PROTO;
    target[at++] = 0;
  }
  return at;
}

// Below about 200 bytes a loop is faster than subarray and set, which allocate.
function copy(target: Uint8Array, at: number, bytes: Uint8Array, length: number): number {
  if (length > 200) {
    target.set(bytes.subarray(0, length), at);
  } else {
    for (let i = 0; i < length; i++) target[at + i] = bytes[i]!;
  }
  return at + length;
}

function put(target: Uint8Array, at: number, opcodes: Uint8Array): number {
  for (let i = 0; i < opcodes.length; i++) target[at + i] = opcodes[i]!;
  return at + opcodes.length;
}

function intLength(value: number): number {
  return value <= 0xff ? 2 : value <= 0xffff ? 3 : value <= 0x7fffffff ? 5 : 10;
}

function putInt(target: Uint8Array, at: number, value: number): number {
  const length = intLength(value);
  if (length === 10) {
    target[at] = op.LONG1;
    target[at + 1] = 8;
    let rest = value;
    for (let i = 2; i < 10; i++) {
      target[at + i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    return at + 10;
  }
  target[at] = length === 2 ? op.BININT1 : length === 3 ? op.BININT2 : op.BININT;
  for (let i = 1, rest = value; i < length; i++, rest >>= 8) target[at + i] = rest & 0xff;
  return at + length;
}

function putFloat(target: Uint8Array, at: number, value: number): number {
  float.setFloat64(0, value);
  target[at++] = op.BINFLOAT;
  for (let i = 0; i < FLOAT_BYTES; i++) target[at + i] = float.getUint8(i);
  return at + FLOAT_BYTES;
}

function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    length += unit < 0x800 ? 1 : 2;
    // A surrogate pair is four bytes, counted at its first half; a lone surrogate is three, as encodeInto writes it.
    if ((unit & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) i += 1;
  }
  return length;
}

function textLength(text: string): number {
  const length = utf8Length(text);
  return length + (length <= MAX_SHORT ? 2 : 5);
}

function putText(target: Uint8Array, at: number, text: string): number {
  const length = utf8Length(text);
  if (length <= MAX_SHORT) {
    target[at++] = op.SHORT_BINUNICODE;
    target[at++] = length;
  } else {
    target[at++] = op.BINUNICODE;
    for (let i = 0; i < 4; i++) target[at++] = length >>> (8 * i);
  }
  if (length === text.length) {
    for (let i = 0; i < length; i++) target[at + i] = text.charCodeAt(i);
  } else {
    encoder.encodeInto(text, target.subarray(at, at + length));
  }
  return at + length;
}

function shortText(text: string): Uint8Array {
  return Uint8Array.of(op.SHORT_BINUNICODE, text.length, ...encoder.encode(text));
}
