/** The opcodes that make containers and fill them. */
import { addMembers, appendTo, setPairs } from "./object.ts";
import { readFloat } from "./scalar.ts";
import { Dict, isPlainKey, isPlainSize, setOf } from "../keys/keys.ts";
import { floatValue } from "../values/number.ts";
import { APPENDS, BINFLOAT } from "../values/opcodes.ts";
import { COST, type Unpickler } from "./unpickler.ts";
import { FrozenSet, Tuple, type Value } from "../values/values.ts";

/** Tells what may hold others, which counts for the bound on depth. */
export function isContainer(value: Value): boolean {
  return typeof value === "object" && value !== null;
}

/** Makes a tuple of the one, two or three values on top. */
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

/** Refuses a chain of tuples or frozensets, each in the next, while it grows: to make a million of them takes time. */
function link(u: Unpickler, holdsLast: boolean, holder: Tuple | FrozenSet): void {
  u.chain = holdsLast ? u.chain + 1 : 0;
  if (u.chain > u.limits.depth) throw u.limitError("depth");
  u.lastHolder = holder;
}

/** Gives what stands below what an opcode takes. */
function receiver(u: Unpickler, at: number): Value {
  if (at <= u.floor) throw u.underflow();
  return u.stack[at - 1] as Value;
}

/** Appends what stands above `at` to the list below it. */
export function appendAbove(u: Unpickler, at: number): void {
  appendTo(u, receiver(u, at), at);
  u.top = at;
}

/** Sets the pairs above `at` in the dict below them. */
export function setAbove(u: Unpickler, at: number): void {
  const target = receiver(u, at);
  // Nearly all dicts are of short strings as keys.
  const done = target instanceof Map && !(target instanceof Dict) ? setPlain(u, target, at) : at;
  if (done < u.top) setPairs(u, target, done);
  u.top = at;
}

/** Sets the entries whose keys need no second look, up to the first that does; tells where that stands. */
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

/** Keys up to this length are compared so fast that nobody can make it hurt. */
const SHORT_KEY = 255;

/** Adds what stands above the last MARK to the set below it. */
export function addAbove(u: Unpickler): void {
  const at = u.popMark();
  const set = receiver(u, at);
  if (!(set instanceof Set)) throw u.error("bad-stack", "members are added to what is no set");
  addMembers(u, set, at);
  u.top = at;
}

/** Makes a tuple of what stands above the last MARK. */
export function pushMarkedTuple(u: Unpickler): void {
  const at = u.popMark();
  u.made++;
  u.charge(COST.tuple + COST.item * (u.top - at));
  const tuple = new Tuple(u.stack.slice(at, u.top));
  u.top = at;
  u.push(tuple);
}

/** Makes a list of what stands above the last MARK. */
export function pushMarkedList(u: Unpickler): void {
  const at = u.popMark();
  u.made++;
  u.charge(COST.list + COST.item * (u.top - at));
  const list = u.stack.slice(at, u.top);
  u.top = at;
  u.push(list);
}

/** Makes a dict of what stands above the last MARK. */
export function pushMarkedDict(u: Unpickler): void {
  const at = u.popMark();
  const dict = new Map<Value, Value>();
  u.made++;
  u.charge(COST.dict);
  setPairs(u, dict, at);
  u.top = at;
  u.push(dict);
}

/** Makes a frozenset of what stands above the last MARK. */
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
 * Reads a run of floats between a list's MARK and its APPENDS right into the list, where V8 keeps them as plain doubles; on
 * the stack each would be an object. Gives false where there is no list to take them.
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
  // Something else comes before APPENDS, if one comes at all.
  for (let i = length; i < list.length; i++) u.push(list[i] as Value);
  list.length = length;
  return true;
}
