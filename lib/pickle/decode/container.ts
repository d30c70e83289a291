/** Opcodes that make and fill containers. */
import { addMembers, appendTo, setPairs } from "./object.ts";
import { readFloat } from "./scalar.ts";
import { Dict, isPlainKey, isPlainSize, setOf } from "../keys/keys.ts";
import { floatValue } from "../values/number.ts";
import { APPENDS, BINFLOAT } from "../values/opcodes.ts";
import { COST, type Unpickler } from "./unpickler.ts";
import { FrozenSet, Tuple, type Value } from "../values/values.ts";

/** Returns whether a value may hold others, for the bound on depth. */
export function isContainer(value: Value): boolean {
  return typeof value === "object" && value !== null;
}

/** Pushes a tuple of the top one, two or three values. */
export function pushTuple(u: Unpickler, size: number): void {
  const at = u.top - size;
  if (at < u.floor) throw u.underflow();
  u.made++;
  u.charge(COST.tuple + COST.item * size);
  const { stack } = u;
  const first = stack[at] as Value;
  const second = stack[at + 1] as Value;
  const third = stack[at + 2] as Value;
  if (isContainer(first) || (size > 1 && isContainer(second)) || (size > 2 && isContainer(third))) u.loose++;
  const tuple = new Tuple(size === 1 ? [first] : size === 2 ? [first, second] : [first, second, third]);
  link(u, first === u.lastHolder, tuple);
  u.top = at;
  u.push(tuple);
}

/** Limits the length of a chain of nested tuples or frozensets while it grows, since making a million of them takes time. */
function link(u: Unpickler, holdsLast: boolean, holder: Tuple | FrozenSet): void {
  u.chain = holdsLast ? u.chain + 1 : 0;
  if (u.chain > u.limits.depth) throw u.limitError("depth");
  u.lastHolder = holder;
}

/** Returns the object below the operands of an opcode. */
function receiver(u: Unpickler, at: number): Value {
  if (at <= u.floor) throw u.underflow();
  return u.stack[at - 1] as Value;
}

/** Appends the values above `at` to the list below them. */
export function appendAbove(u: Unpickler, at: number): void {
  appendTo(u, receiver(u, at), at);
  u.top = at;
}

/** Sets the pairs above `at` in the dict below them. */
export function setAbove(u: Unpickler, at: number): void {
  const target = receiver(u, at);
  // Nearly all dicts have short strings as keys.
  const done = target instanceof Map && !(target instanceof Dict) ? setPlain(u, target, at) : at;
  if (done < u.top) setPairs(u, target, done);
  u.top = at;
}

/** Sets entries with plain keys, up to the first other key, and returns its position. */
function setPlain(u: Unpickler, map: Map<Value, Value>, at: number): number {
  const { stack, top } = u;
  if ((top - at) % 2 !== 0) return at;
  const isSmall = isPlainSize(map.size + (top - at) / 2);
  let i = at;
  for (; i < top; i += 2) {
    const key = stack[i] as Value;
    if (typeof key !== "string" || key.length > SHORT_KEY || !(isSmall || isPlainKey(key, map.size))) break;
    map.set(key, stack[i + 1] as Value);
  }
  u.charge(COST.entry * ((i - at) / 2));
  if (map.size > u.limits.entries) throw u.limitError("entries");
  return i;
}

/** The length of keys up to which the time to compare them does not matter. */
const SHORT_KEY = 255;

/** Adds the values above the last MARK to the set below it. */
export function addAbove(u: Unpickler): void {
  const at = u.popMark();
  const set = receiver(u, at);
  if (!(set instanceof Set)) throw u.error("bad-stack", "members are added to something that is not a set");
  addMembers(u, set, at);
  u.top = at;
}

/** Pushes a tuple of the values above the last MARK. */
export function pushMarkedTuple(u: Unpickler): void {
  const at = u.popMark();
  u.made++;
  u.charge(COST.tuple + COST.item * (u.top - at));
  const tuple = new Tuple(u.stack.slice(at, u.top));
  u.top = at;
  u.push(tuple);
}

/** Pushes a list of the values above the last MARK. */
export function pushMarkedList(u: Unpickler): void {
  const at = u.popMark();
  u.made++;
  u.charge(COST.list + COST.item * (u.top - at));
  const list = u.stack.slice(at, u.top);
  u.top = at;
  u.push(list);
}

/** Pushes a dict of the pairs above the last MARK. */
export function pushMarkedDict(u: Unpickler): void {
  const at = u.popMark();
  const dict = new Map<Value, Value>();
  u.made++;
  u.charge(COST.dict);
  setPairs(u, dict, at);
  u.top = at;
  u.push(dict);
}

/** Pushes a frozenset of the values above the last MARK. */
export function pushMarkedFrozenSet(u: Unpickler): void {
  const at = u.popMark();
  const members = setOf([]);
  u.made++;
  u.charge(COST.set);
  let holdsLast = false;
  for (let i = at; i < u.top; i++) holdsLast ||= u.stack[i] === u.lastHolder;
  addMembers(u, members, at);
  u.top = at;
  const set = new FrozenSet(members);
  link(u, holdsLast, set);
  u.push(set);
}

/**
 * Reads a run of floats between a list's MARK and its APPENDS directly into the list, where V8 stores them as plain doubles; on
 * the stack each would be an object. Returns false if there is no list below the MARK.
 */
export function floatRun(u: Unpickler): boolean {
  const { bytes, end } = u;
  const list = u.top > u.floorBelow() ? u.stack[u.top - 1] : undefined;
  if (!Array.isArray(list)) return false;
  const length = list.length;
  let pos = u.pos - 1;
  for (; pos + 9 <= end && bytes[pos] === BINFLOAT; pos += 9) {
    list.push(floatValue(readFloat(bytes, pos + 1)));
  }
  if (list.length === length) return false;
  u.charge(COST.item * (list.length - length));
  u.pos = pos;
  if (pos < end && bytes[pos] === APPENDS) {
    u.pos++;
    u.popMark();
    return true;
  }
  // Another opcode follows, so the floats go to the stack after all.
  for (let i = length; i < list.length; i++) u.push(list[i] as Value);
  list.length = length;
  return true;
}
