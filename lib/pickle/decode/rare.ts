/** Opcodes that are rare in current pickles: text of protocol 0, INST and OBJ, and the references that resolvers look up. */
import { globalOf, make, sharedGlobal } from "./object.ts";
import { parseFloatText, parseInt0, parseInt10, readInt32, TOO_LONG } from "./number.ts";
import {
  decodeAscii,
  decodeLatin1,
  decodeRawUnicodeEscape,
  decodeStringEscapes,
  decodeUtf8,
} from "./text.ts";
import { format } from "../repr/format.ts";
import * as op from "../values/opcodes.ts";
import { COST, type Unpickler } from "./unpickler.ts";
import { ByteArray, Global, Tuple, type Value } from "../values/values.ts";

const NEWLINE = 0x0a;
/** The most characters of a persistent id in an error. */
const SHOWN_ID = 60;

/** The length of a line up to which a loop is faster than a call of indexOf. */
const SHORT_LINE = 24;

/** Returns the end of the current line, and moves past it. */
function lineEnd(u: Unpickler): number {
  u.need(1);
  const { bytes, pos } = u;
  const near = Math.min(pos + SHORT_LINE, bytes.length);
  let at = pos;
  while (at < near && bytes[at] !== NEWLINE) at++;
  if (at === near) at = bytes.indexOf(NEWLINE, near);
  if (at < 0) throw u.error("truncated", "the bytes end inside a line");
  if (at >= u.end) throw u.error("bad-frame", "a line reaches out of its frame");
  u.pos = at + 1;
  return at;
}

/** Reads the current line as one character for each byte. */
function readLine(u: Unpickler): string {
  const start = u.pos;
  u.need(1);
  const end = lineEnd(u);
  u.charge(end - start);
  return decodeLatin1(u.bytes, start, end);
}

function readName(u: Unpickler): string {
  const start = u.pos;
  const end = lineEnd(u);
  u.charge(2 * (end - start));
  const name = u.text.read(start, end - start);
  // The names of GLOBAL are strict UTF-8, without surrogates.
  if (typeof name !== "string" || !name.isWellFormed()) throw u.error("bad-argument", "a name is not UTF-8");
  return name;
}

/** Reads the memo index of GET and PUT. */
function readIndex(u: Unpickler): number {
  const text = readLine(u);
  const index = parseInt10(text, u.limits.digits);
  if (index === TOO_LONG) throw u.limitError("digits");
  if (index === null || typeof index === "bigint" || index < 0) {
    throw u.error("bad-argument", `${shown(text)} is not a memo index`);
  }
  return index;
}

function shown(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}

function readInt(u: Unpickler, suffix: boolean): Value {
  const line = readLine(u);
  if (!suffix && (line === "01" || line === "00")) return line === "01";
  const text = suffix && line.endsWith("L") ? line.slice(0, -1) : line;
  const value = parseInt0(text, u.limits.digits);
  if (value === TOO_LONG) throw u.limitError("digits");
  if (value === null) throw u.error("bad-argument", `${shown(line)} is not an int`);
  return value;
}

/** Reads the quoted text of STRING. */
function readQuoted(u: Unpickler): Value {
  const start = u.pos;
  const end = lineEnd(u);
  const quote = u.bytes[start];
  if (end - start < 2 || quote !== u.bytes[end - 1] || (quote !== 0x27 && quote !== 0x22)) {
    throw u.error("bad-argument", "a STRING is not quoted");
  }
  const bytes = decodeStringEscapes(u.bytes, start + 1, end - 1);
  if (bytes === null) throw u.error("bad-argument", "a STRING has a malformed escape");
  return eightBit(u, bytes, 0, bytes.length);
}

/** Decodes an 8-bit string of Python 2. */
function eightBit(u: Unpickler, bytes: Uint8Array, start: number, end: number): Value {
  u.charge(COST.bytes + 2 * (end - start));
  if (u.strings === "bytes") return bytes.slice(start, end);
  if (u.strings === "latin1") return decodeLatin1(bytes, start, end);
  const text = u.strings === "ascii" ? decodeAscii(bytes, start, end) : decodeUtf8(bytes, start, end);
  if (typeof text !== "string" || !text.isWellFormed()) {
    throw u.error("bad-argument", `an 8-bit string is not ${u.strings}`);
  }
  return text;
}

/** Pops the values above a position as a tuple of arguments. */
function takeArgs(u: Unpickler, at: number): Tuple {
  u.charge(COST.tuple + COST.item * (u.top - at));
  const args = new Tuple(u.stack.slice(at, u.top));
  u.top = at;
  return args;
}

/** Instantiates a class as Python's `_instantiate`: without arguments, `__init__` is not called. */
function instantiate(u: Unpickler, cls: Value, args: Tuple): Value {
  return make(u, args.items.length === 0 ? "newobj" : "reduce", cls, args);
}

/** Returns the result of a resolver. */
function resolved(u: Unpickler, what: string, value: Value | undefined): Value {
  if (value === undefined) throw u.error("unsupported", `the resolver knows no ${what}`);
  return value instanceof Global ? sharedGlobal(value) : value;
}

function persistent(u: Unpickler, id: Value): Value {
  const { persistentId } = u.resolvers;
  if (persistentId === undefined) throw u.error("unsupported", "there is no resolver for persistent ids");
  return resolved(u, `persistent id ${format(id, { limit: SHOWN_ID })}`, persistentId(id));
}

function extension(u: Unpickler, code: number): Value {
  if (code <= 0) throw u.error("bad-argument", `${code} is not an extension code`);
  const find = u.resolvers.extension;
  if (find === undefined) throw u.error("unsupported", "there is no resolver for extension codes");
  return resolved(u, `extension code ${code}`, find(code));
}

function nextBuffer(u: Unpickler): Value {
  u.bufferSource ??= u.resolvers.buffers?.[Symbol.iterator]();
  const next = u.bufferSource?.next();
  if (next === undefined || next.done) {
    throw u.error("unsupported", "there is no out-of-band buffer for NEXT_BUFFER");
  }
  const buffer = next.value;
  if (ArrayBuffer.isView(buffer)) {
    return new ByteArray(new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength));
  }
  return buffer instanceof ArrayBuffer ? new ByteArray(new Uint8Array(buffer)) : buffer;
}

/**
 * Executes one of the rare opcodes, whose argument is not read yet.
 *
 * @throws {PickleError} "unknown-opcode" for a byte that is not an opcode
 */
export function rareOpcode(u: Unpickler, opcode: number): void {
  switch (opcode) {
    case op.INT:
      return u.push(readInt(u, false));
    case op.LONG:
      return u.push(readInt(u, true));
    case op.FLOAT: {
      const text = readLine(u);
      const value = parseFloatText(text);
      if (value === null) throw u.error("bad-argument", `${shown(text)} is not a float`);
      return u.push(value);
    }
    case op.STRING:
      return u.push(readQuoted(u));
    case op.BINSTRING: {
      u.need(4);
      const length = readInt32(u.bytes, u.pos);
      if (length < 0) throw u.error("bad-argument", `BINSTRING has a negative length ${length}`);
      u.pos += 4;
      return pushEightBit(u, length);
    }
    case op.SHORT_BINSTRING:
      u.need(1);
      return pushEightBit(u, u.bytes[u.pos++] as number);
    case op.UNICODE: {
      const start = u.pos;
      const end = lineEnd(u);
      u.charge(4 * (end - start));
      const text = decodeRawUnicodeEscape(u.bytes, start, end);
      if (text === null) throw u.error("bad-argument", "UNICODE has a malformed escape");
      return u.push(text);
    }
    case op.GET:
      // For the bound on depth, since the entry may be a container.
      u.loose++;
      return u.push(u.recall(readIndex(u)));
    case op.PUT:
      return u.memoize(readIndex(u));
    case op.GLOBAL: {
      const module = readName(u);
      return u.push(globalOf(u, module, readName(u)));
    }
    case op.INST: {
      const module = readName(u);
      const name = readName(u);
      const args = takeArgs(u, u.popMark());
      return u.push(instantiate(u, globalOf(u, module, name), args));
    }
    case op.OBJ: {
      const at = u.popMark();
      if (u.top === at) throw u.error("bad-stack", "OBJ has no class");
      const args = takeArgs(u, at + 1);
      return u.push(instantiate(u, u.pop(), args));
    }
    case op.PERSID: {
      const start = u.pos;
      const id = decodeAscii(u.bytes, start, lineEnd(u));
      if (id === null) throw u.error("bad-argument", "a persistent id is not ASCII");
      return u.push(persistent(u, id));
    }
    case op.BINPERSID:
      return u.push(persistent(u, u.pop()));
    case op.EXT1:
      u.need(1);
      return u.push(extension(u, u.bytes[u.pos++] as number));
    case op.EXT2:
      u.need(2);
      u.pos += 2;
      return u.push(extension(u, (u.bytes[u.pos - 2] as number) | ((u.bytes[u.pos - 1] as number) << 8)));
    case op.EXT4:
      u.need(4);
      u.pos += 4;
      return u.push(extension(u, readInt32(u.bytes, u.pos - 4)));
    case op.NEXT_BUFFER:
      return u.push(nextBuffer(u));
    case op.READONLY_BUFFER: {
      const buffer = u.peek();
      if (!(buffer instanceof Uint8Array) && !(buffer instanceof ByteArray)) {
        throw u.error("bad-stack", "READONLY_BUFFER is applied to something that is not a buffer");
      }
      u.stack[u.top - 1] = buffer instanceof ByteArray ? buffer.bytes : buffer;
      return;
    }
  }
  throw u.error("unknown-opcode", `0x${opcode.toString(16).padStart(2, "0")} is not an opcode`);
}

function pushEightBit(u: Unpickler, length: number): void {
  u.need(length);
  u.push(eightBit(u, u.bytes, u.pos, u.pos + length));
  u.pos += length;
}
