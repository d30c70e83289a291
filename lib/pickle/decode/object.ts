/** Opcodes for names, calls and states. Nothing is called: an allowed name makes a known object, any other an inert one. */
import { type AllowedName, allowedName } from "../values/allowed.ts";
import { buildKnown, buildNew, FILLED_LATER } from "./build_known.ts";
import { toPython3 } from "../values/compat.ts";
import { PickleError, restate } from "../values/errors.ts";
import { COMPARED, keyWork, UNFILLED_WORK } from "../values/work.ts";
import { addMember, Dict, PySet, setEntry } from "../keys/keys.ts";
import { Counter, DefaultDict, Deque, OrderedDict } from "../values/known.ts";
import { fill, makeInert, originOf, type UnfilledObjects } from "./unfilled.ts";
import { COST, type Unpickler } from "./unpickler.ts";
import {
  ByteArray,
  FrozenSet,
  Global,
  Inert,
  type Making,
  PyObject,
  Tuple,
  type Value,
} from "../values/values.ts";

/** One object for each allowed name, so that a call looks its name up by identity. */
const allowedGlobals = new Map<AllowedName, Global>();
const namesOfGlobals = new WeakMap<Global, AllowedName>();
/** The first protocol with the names of Python 3. */
const PYTHON_3_NAMES = 3;

/** Returns the object for a name. Up to protocol 2 it is a name of Python 2. */
export function globalOf(u: Unpickler, module: string, name: string): Global {
  u.charge(COST.object + module.length + name.length);
  const global = new Global(module, name);
  return sharedGlobal(u.protocol < 3 ? toPython3(global) : global);
}

/** Returns the one object for an allowed name, and any other name unchanged. */
export function sharedGlobal(global: Global): Global {
  const allowed = allowedName(global.module, global.name, PYTHON_3_NAMES);
  if (allowed === undefined) return global;
  const shared = allowedGlobals.get(allowed);
  if (shared !== undefined) return shared;
  allowedGlobals.set(allowed, global);
  namesOfGlobals.set(global, allowed);
  return global;
}

function unfilledOf(u: Unpickler): UnfilledObjects {
  return u.unfilled ??= new Map();
}

/** Makes an object of a callable and its arguments, for REDUCE, NEWOBJ and NEWOBJ_EX. */
export function make(
  u: Unpickler,
  making: Making,
  callable: Value,
  args: Value,
  kwargs: Value = null,
): Value {
  if (!(args instanceof Tuple)) throw u.error("bad-stack", "the arguments of a call are not a tuple");
  if (!(callable instanceof Global) && !(callable instanceof Inert)) {
    throw u.error("bad-stack", "the callable is not a class or function");
  }
  u.made++;
  u.loose++;
  u.charge(COST.object);
  const known = callable instanceof Global && kwargs === null
    ? makeKnown(u, making, callable, args)
    : undefined;
  return known ?? new Inert(making, callable, args, kwargs);
}

function makeKnown(u: Unpickler, making: Making, callable: Global, args: Tuple): Value | undefined {
  const name = namesOfGlobals.get(callable);
  if (name === undefined) return undefined;
  const call = { name, args: args.items, unfilled: unfilledOf(u) };
  const made = guarded(u, () => making === "reduce" ? buildKnown(call) : buildNew(call));
  if (made === undefined) return undefined;
  chargeHeld(u, made);
  if (FILLED_LATER.has(name.allowed)) {
    call.unfilled.set(made as PyObject, { making, callable, args });
    keyWork.done += UNFILLED_WORK;
    checkKeyWork(u);
  }
  return made;
}

function chargeHeld(u: Unpickler, made: Value): void {
  if (made instanceof Uint8Array) u.charge(made.length);
  else if (made instanceof ByteArray) u.charge(made.bytes.length);
  else if (made instanceof Set) u.charge(COST.set + COST.entry * made.size);
  else if (made instanceof FrozenSet) u.charge(COST.set + COST.entry * made.members.size);
  else if (made instanceof Counter) u.charge(COST.dict + COST.entry * made.entries.size);
  else if (made instanceof OrderedDict || made instanceof DefaultDict) u.charge(COST.dict);
}

/** Runs a function that handles keys, adds the offset to its errors, and limits its work. */
function guarded<T>(u: Unpickler, act: () => T): T {
  try {
    const result = act();
    checkKeyWork(u);
    return result;
  } catch (error) {
    if (!(error instanceof PickleError) || error.offset !== undefined) throw error;
    throw restate(error, "Cannot decode the pickle", { offset: u.opStart });
  }
}

function checkKeyWork(u: Unpickler): void {
  if (keyWork.done - u.keyWorkStart > u.keyWorkMost) throw u.limitError("keyWork");
}

/** Executes BUILD: sets the state of an object. */
export function build(u: Unpickler): void {
  const state = u.pop();
  const object = u.peek();
  u.loose++;
  if (object instanceof Inert) {
    if (object.state !== undefined) throw u.error("unsupported", "an object gets a second state");
    object.state = state;
    return;
  }
  const origin = object instanceof PyObject ? u.unfilled?.get(object) : undefined;
  if (origin !== undefined && object instanceof PyObject) {
    const unfilled = unfilledOf(u);
    unfilled.delete(object);
    if (fill(object, state, unfilled)) return;
    keyWork.done += INERT_WORK;
    checkKeyWork(u);
    makeInert(object, origin).state = state;
    return;
  }
  // An object of collections can have attributes, which known objects cannot hold.
  const known = originOf(object);
  if (known === undefined || !(object instanceof PyObject)) {
    throw u.error("bad-stack", "BUILD is applied to an object that takes no state");
  }
  makeInert(object, known).state = state;
}

/** The cost of making a known object inert. It is high, since picklers hardly ever cause it. */
const INERT_WORK = 1024;

/** Makes the objects inert that got no BUILD. */
export function finishObjects(u: Unpickler): void {
  for (const [object, origin] of u.unfilled ?? []) {
    keyWork.done += INERT_WORK;
    checkKeyWork(u);
    makeInert(object, origin);
  }
}

/** Appends the values above `at` to the list, deque or inert object below them. */
export function appendTo(u: Unpickler, target: Value, at: number): void {
  const count = u.top - at;
  u.charge(COST.item * count);
  const origin = target instanceof PyObject ? u.unfilled?.get(target) : undefined;
  if (target instanceof Deque) {
    for (let i = at; i < u.top; i++) target.items.push(u.stack[i] as Value);
    // Python would discard the first items; its pickler never writes more than maxlen.
    if (target.maxlen !== null && target.items.length > target.maxlen) {
      makeInert(target, originOf(target) as never);
    }
    return;
  }
  let items: Value[];
  if (Array.isArray(target)) {
    if (target.length === 0) u.charge(COST.spare);
    items = target;
  } else if (target instanceof Inert) items = target.items;
  else if (origin !== undefined && target instanceof PyObject) {
    u.unfilled?.delete(target);
    items = makeInert(target, origin).items;
  } else throw u.error("bad-stack", "items are appended to something that is not a list");
  for (let i = at; i < u.top; i++) items.push(u.stack[i] as Value);
}

/** Sets the pairs above `at` in the dict or inert object below them. */
export function setPairs(u: Unpickler, target: Value, at: number): void {
  if ((u.top - at) % 2 !== 0) throw u.error("bad-stack", "a key has no value");
  u.charge(COST.entry * ((u.top - at) / 2));
  if (target instanceof Map) return setAll(u, target, at);
  if (target instanceof OrderedDict || target instanceof DefaultDict || target instanceof Counter) {
    return setAll(u, target.entries, at);
  }
  const origin = target instanceof PyObject ? u.unfilled?.get(target) : undefined;
  if (origin !== undefined && target instanceof PyObject) {
    u.unfilled?.delete(target);
    makeInert(target, origin);
  }
  if (!(target instanceof Inert)) {
    throw u.error("bad-stack", "entries are set in something that is not a dict");
  }
  for (let i = at; i < u.top; i += 2) target.pairs.push([u.stack[i] as Value, u.stack[i + 1] as Value]);
}

/** Returns the cost of comparing a key in a Map. Measuring a bigint takes longer than comparing it. */
function costOf(key: Value): number {
  if (typeof key === "string") return key.length >> COMPARED;
  return typeof key === "bigint" && BigInt.asIntN(128, key) !== key ? key.toString(16).length : 0;
}

function setAll(u: Unpickler, map: Map<Value, Value>, at: number): void {
  const plain = !(map instanceof Dict);
  guarded(u, () => {
    for (let i = at; i < u.top; i += 2) {
      const key = u.stack[i] as Value;
      keyWork.done += costOf(key);
      setEntry(map, key, u.stack[i + 1] as Value);
      if (keyWork.done - u.keyWorkStart > u.keyWorkMost) throw u.limitError("keyWork");
    }
  });
  if (plain && map instanceof Dict) u.charge(COST.table);
  if (map.size > u.limits.entries) throw u.limitError("entries");
}

/** Adds the values above `at` to a set. */
export function addMembers(u: Unpickler, set: Set<Value>, at: number): void {
  u.charge(COST.entry * (u.top - at));
  const plain = !(set instanceof PySet);
  guarded(u, () => {
    for (let i = at; i < u.top; i++) {
      const member = u.stack[i] as Value;
      keyWork.done += costOf(member);
      addMember(set, member);
      if (keyWork.done - u.keyWorkStart > u.keyWorkMost) throw u.limitError("keyWork");
    }
  });
  if (plain && set instanceof PySet) u.charge(COST.table);
  if (set.size > u.limits.entries) throw u.limitError("entries");
}
