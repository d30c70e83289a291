/** Main loop of the decoder, with the opcodes of current pickles; the others are in rare.ts, calls in object.ts. */
import {
  addAbove,
  appendAbove,
  floatRun,
  isContainer,
  pushMarkedDict,
  pushMarkedFrozenSet,
  pushMarkedList,
  pushMarkedTuple,
  pushTuple,
  setAbove,
} from "./container.ts";
import { readInt32, readUint32 } from "./number.ts";
import { build, finishObjects, globalOf, make } from "./object.ts";
import { rareOpcode } from "./rare.ts";
import { pushLong, pushText, readFloat, readLength, takeBytes } from "./scalar.ts";
import { nestsDeeper } from "./depth.ts";
import { floatValue } from "../values/number.ts";
import * as op from "../values/opcodes.ts";
import { COST, type Unpickler } from "./unpickler.ts";
import { ByteArray, Tuple, type Value } from "../values/values.ts";

const EMPTY_TUPLE: readonly Value[] = Object.freeze([]);

/** A bound on the values that one level of nesting leaves on the stack without a MARK: an object, a key and a callable. */
const PER_LEVEL = 4;

/**
 * Throws for a high stack without a MARK. Only nesting makes one, so it is the limit on depth, applied before a flood of
 * containers takes time and memory.
 */
function checkHeight(u: Unpickler): void {
  if (u.markCount === 0) throw u.limitError("depth");
}

/** Executes the opcodes up to STOP, and returns the value. */
export function run(u: Unpickler): Value {
  const { bytes } = u;
  const counted = bytes.length > u.limits.opcodes;
  const lowest = PER_LEVEL * u.limits.depth;
  while (true) {
    u.opStart = u.pos;
    if (u.pos >= u.end) u.need(1);
    if (counted && --u.fuel < 0) throw u.limitError("opcodes");
    const opcode = bytes[u.pos++] as number;
    // First, since it is every second opcode of most pickles.
    if (opcode === op.SHORT_BINUNICODE) {
      if (u.pos >= u.end) u.need(1);
      const length = bytes[u.pos++] as number;
      if (u.pos + length > u.end) u.need(length);
      const text = u.text.read(u.pos, length);
      if (text === null) throw u.error("bad-argument", "a str is not UTF-8");
      if ((u.memory -= 24 + 2 * length) < 0) throw u.limitError("memory");
      u.stack[u.top++] = text;
      u.pos += length;
      // Both opcodes at once, since MEMOIZE follows nearly every str.
      if (!counted && u.pos < u.end && bytes[u.pos] === op.MEMOIZE && u.sparse === undefined) {
        u.pos++;
        u.memo[u.dense++] = text;
        if (u.dense > u.limits.memo) throw u.limitError("memo");
      }
      continue;
    }
    switch (opcode) {
      case op.BININT1:
        u.need(1);
        u.push(bytes[u.pos++] as number);
        break;
      case op.BININT2:
        u.need(2);
        u.push((bytes[u.pos] as number) | ((bytes[u.pos + 1] as number) << 8));
        u.pos += 2;
        break;
      case op.BININT:
        u.need(4);
        u.push(readInt32(bytes, u.pos));
        u.pos += 4;
        break;
      case op.BINFLOAT:
        if (!counted && u.top === u.floor && bytes[u.pos + 8] === op.BINFLOAT && floatRun(u)) break;
        u.need(8);
        u.push(floatValue(readFloat(bytes, u.pos)));
        u.pos += 8;
        break;
      case op.BINUNICODE:
        u.need(4);
        u.pos += 4;
        pushText(u, readUint32(bytes, u.pos - 4));
        break;
      case op.BINUNICODE8:
        pushText(u, readLength(u));
        break;
      case op.MEMOIZE:
        u.memoize(u.memoCount);
        break;
      case op.BINPUT:
        u.need(1);
        u.memoize(bytes[u.pos++] as number);
        break;
      case op.LONG_BINPUT:
        u.need(4);
        u.pos += 4;
        u.memoize(readUint32(bytes, u.pos - 4));
        break;
      case op.BINGET: {
        u.need(1);
        pushAgain(u, u.recall(bytes[u.pos++] as number));
        break;
      }
      case op.LONG_BINGET:
        u.need(4);
        u.pos += 4;
        pushAgain(u, u.recall(readUint32(bytes, u.pos - 4)));
        break;
      case op.MARK:
        u.mark();
        break;
      case op.EMPTY_DICT:
        if (u.top > lowest) checkHeight(u);
        u.made++;
        u.charge(COST.dict);
        u.push(new Map());
        break;
      case op.EMPTY_LIST:
        if (u.top > lowest) checkHeight(u);
        u.made++;
        u.charge(COST.list);
        u.push([]);
        break;
      case op.EMPTY_TUPLE:
        if (u.top > lowest) checkHeight(u);
        u.charge(COST.tuple);
        u.push(new Tuple(EMPTY_TUPLE));
        break;
      case op.EMPTY_SET:
        if (u.top > lowest) checkHeight(u);
        u.made++;
        u.charge(COST.set);
        u.push(new Set());
        break;
      case op.SETITEMS:
        setAbove(u, u.popMark());
        break;
      case op.SETITEM: {
        const at = u.top - 2;
        if (at <= u.floor) throw u.underflow();
        u.loose++;
        setAbove(u, at);
        break;
      }
      case op.APPENDS:
        appendAbove(u, u.popMark());
        break;
      case op.APPEND: {
        if (u.top - 1 <= u.floor) throw u.underflow();
        if (isContainer(u.stack[u.top - 1] as Value)) u.loose++;
        appendAbove(u, u.top - 1);
        break;
      }
      case op.ADDITEMS:
        addAbove(u);
        break;
      case op.TUPLE1:
        pushTuple(u, 1);
        break;
      case op.TUPLE2:
        pushTuple(u, 2);
        break;
      case op.TUPLE3:
        pushTuple(u, 3);
        break;
      case op.TUPLE:
        pushMarkedTuple(u);
        break;
      case op.LIST:
        pushMarkedList(u);
        break;
      case op.DICT:
        pushMarkedDict(u);
        break;
      case op.FROZENSET:
        pushMarkedFrozenSet(u);
        break;
      case op.NONE:
        u.push(null);
        break;
      case op.NEWTRUE:
        u.push(true);
        break;
      case op.NEWFALSE:
        u.push(false);
        break;
      case op.LONG1:
        u.need(1);
        pushLong(u, bytes[u.pos++] as number);
        break;
      case op.LONG4: {
        u.need(4);
        const length = readInt32(bytes, u.pos);
        if (length < 0) throw u.error("bad-argument", `LONG4 has a negative length ${length}`);
        u.pos += 4;
        pushLong(u, length);
        break;
      }
      case op.SHORT_BINBYTES:
        u.need(1);
        u.push(takeBytes(u, bytes[u.pos++] as number));
        break;
      case op.BINBYTES:
        u.need(4);
        u.pos += 4;
        u.push(takeBytes(u, readUint32(bytes, u.pos - 4)));
        break;
      case op.BINBYTES8:
        u.push(takeBytes(u, readLength(u)));
        break;
      case op.BYTEARRAY8:
        u.push(new ByteArray(takeBytes(u, readLength(u))));
        break;
      case op.STACK_GLOBAL: {
        const name = u.pop();
        const module = u.pop();
        if (typeof module !== "string" || typeof name !== "string") {
          throw u.error("bad-stack", "STACK_GLOBAL needs two str");
        }
        u.push(globalOf(u, module, name));
        break;
      }
      case op.REDUCE: {
        const args = u.pop();
        u.push(make(u, "reduce", u.pop(), args));
        break;
      }
      case op.NEWOBJ: {
        const args = u.pop();
        u.push(make(u, "newobj", u.pop(), args));
        break;
      }
      case op.NEWOBJ_EX: {
        const kwargs = u.pop();
        const args = u.pop();
        if (!(kwargs instanceof Map)) {
          throw u.error("bad-stack", "the named arguments of NEWOBJ_EX are not a dict");
        }
        u.push(
          make(
            u,
            kwargs.size === 0 ? "newobj" : "newobj_ex",
            u.pop(),
            args,
            kwargs.size === 0 ? null : kwargs,
          ),
        );
        break;
      }
      case op.BUILD:
        build(u);
        break;
      case op.POP:
        if (u.markCount > 0 && u.floor === u.top) u.popMark();
        else u.pop();
        break;
      case op.POP_MARK:
        u.top = u.popMark();
        break;
      case op.DUP:
        if (u.top > lowest) checkHeight(u);
        pushAgain(u, u.memorable());
        break;
      case op.PROTO:
        u.need(1);
        u.protocol = bytes[u.pos++] as number;
        if (u.protocol > op.HIGHEST_PROTOCOL) {
          throw u.error("unknown-opcode", `there is no protocol ${u.protocol}`);
        }
        break;
      case op.FRAME:
        enterFrame(u);
        break;
      case op.STOP:
        return finish(u);
      default:
        rareOpcode(u, opcode);
    }
  }
}

function finish(u: Unpickler): Value {
  const value = u.pop();
  const { bytes } = u;
  for (let i = u.pos; i < bytes.length; i++) {
    if (bytes[i] === 0) continue;
    u.opStart = i;
    throw u.error("trailing-data", "data other than zero bytes follows STOP");
  }
  finishObjects(u);
  // Few containers cannot nest deep; nor can many if MARKs and loose edges bound their depth. Then the walk is not needed.
  // Empty tuples are not counted as made.
  const { depth } = u.limits;
  if (u.made >= depth && (u.mostMarks + 1) * (u.loose + 1) > depth && nestsDeeper(value, depth)) {
    throw u.limitError("depth");
  }
  return value;
}

/** Enters a frame. CPython's unpicklers accept one only after the end of the one before, and inside the bytes. */
function enterFrame(u: Unpickler): void {
  const length = readLength(u);
  if (u.framed && u.pos < u.end) throw u.error("bad-frame", "a frame begins inside another");
  if (length > u.bytes.length - u.pos) throw u.error("truncated", "a frame reaches past the end");
  u.end = u.pos + length;
  u.framed = true;
}

function pushAgain(u: Unpickler, value: Value): void {
  if (isContainer(value)) u.loose++;
  u.push(value);
}
