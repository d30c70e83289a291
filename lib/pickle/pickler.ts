import { Emitter } from "./emitter.ts";
import { PickleError } from "./errors.ts";
import { DEFAULT_LIMITS, type PickleLimits } from "./limits.ts";
import * as op from "./opcodes.ts";
import { reduce, reduceNoBytes, reduceSet } from "./reduce.ts";
import { call, type Reduction } from "./reduction.ts";
import { pathOf, Task, TaskKind } from "./task.ts";
import {
  ByteArray,
  CodePoints,
  Float,
  FrozenSet,
  Global,
  Inert,
  PyObject,
  Tuple,
  type Value,
} from "./values.ts";

/** How many items one APPENDS, SETITEMS or ADDITEMS takes at most: CPython's unpickler keeps them on its stack till then. */
const BATCH = 1000;

/** How many tasks JavaScript's stack holds at most. */
const MOST_NESTED = 16;

type Entries = ReadonlyMap<unknown, unknown> | readonly (readonly [unknown, unknown])[];

const ENCODE = new Global("_codecs", "encode");

const TUPLES = [op.EMPTY_TUPLE, op.TUPLE1, op.TUPLE2, op.TUPLE3] as const;

/**
 * Walks a value and writes it. What is open stands in a list of tasks, not on JavaScript's stack, so that depth is a limit
 * and not a crash. One is kept and used again, as a short pickle takes less time than the making of all this.
 */
export class Pickler {
  readonly #out = new Emitter();
  readonly #tasks: Task[] = [];
  #open = 0;
  /** How many tasks hold values: those that are over keep theirs till the end. */
  #most = 0;
  #batch = BATCH;
  #limits: PickleLimits = DEFAULT_LIMITS;
  /** How many steps are within each other on JavaScript's stack. */
  #nested = 0;
  /** The inert objects whose arguments are being written. */
  readonly #making = new Set<object>();

  /** Writes one pickle. */
  dump(value: unknown, protocol: number, limits: PickleLimits): Uint8Array<ArrayBuffer> {
    this.#limits = limits;
    // Protocol 0 has no opcode for many items: a batch of one gets none.
    this.#batch = protocol === 0 ? 1 : BATCH;
    const out = this.#out;
    out.start(protocol, limits);
    try {
      this.#put(value);
      while (this.#open > 0) this.#step(this.#tasks[this.#open - 1] as Task);
      out.w.byte(op.STOP);
      return out.w.finish();
    } finally {
      this.#open = 0;
      this.#nested = 0;
      while (this.#most > 0) (this.#tasks[--this.#most] as Task).clear();
      if (this.#making.size > 0) this.#making.clear();
      out.reset();
    }
  }

  /** Writes a value that holds nothing else, or the beginning of one that does, which is then the last task. */
  #put(value: unknown): void {
    const { w } = this.#out;
    if (w.pos > w.soft) w.flush();
    switch (typeof value) {
      case "number":
        return this.#out.number(value);
      case "string":
        return this.#out.text(value);
      case "boolean":
        return this.#out.boolean(value);
      case "bigint":
        return this.#out.bigint(value);
      case "object":
        return value === null ? this.#out.none() : this.#object(value);
      default:
        throw this.#unsupported(typeof value);
    }
  }

  #object(value: object): void {
    const out = this.#out;
    if (value instanceof Float) return out.float(value.value);
    if (value instanceof Global) return this.#global(value);
    if (value instanceof Tuple && value.items.length === 0) return this.#noTuple();
    if (Array.isArray(value)) {
      if (!out.recallOrAdd(value)) this.#list(value, value);
      return;
    }
    if (value instanceof Map) {
      if (!out.recallOrAdd(value)) this.#dict(value, value);
      return;
    }
    if (out.recall(value)) return;
    if (value instanceof Tuple) return this.#openTuple(value);
    if (value instanceof Uint8Array) return this.#bytes(value, value);
    if (value instanceof Set) return this.#set(value);
    if (value instanceof PyObject) return this.#python(value);
    this.#foreign(value);
  }

  /** JavaScript's own objects that have one obvious meaning in Python. */
  #foreign(value: object): void {
    const out = this.#out;
    if (value instanceof Uint8ClampedArray) {
      return this.#bytes(value, new Uint8Array(value.buffer, value.byteOffset, value.length));
    }
    if (value instanceof ArrayBuffer) return this.#bytes(value, new Uint8Array(value));
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
      const numbers = value as unknown as ArrayLike<number | bigint>;
      const floats = value instanceof Float32Array || value instanceof Float64Array;
      out.memo.add(value);
      return this.#list(value, Array.from(numbers, (item) => floats ? new Float(Number(item)) : item));
    }
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== null && prototype !== Object.prototype) throw this.#unsupported(describe(value));
    out.memo.add(value);
    this.#dict(value, new Map(Object.entries(value)));
  }

  #python(value: PyObject): void {
    const out = this.#out;
    const { protocol } = out;
    if (value instanceof CodePoints) {
      out.codePoints(value);
      out.memoize(value);
    } else if (value instanceof FrozenSet && protocol >= 4) {
      out.w.byte(op.MARK);
      this.#members(TaskKind.FrozenSet, value, value.members);
    } else if (value instanceof ByteArray && protocol >= 5) {
      out.bytearray(value.bytes);
      out.memoize(value);
    } else {
      const reduction = reduce(value, protocol);
      if (reduction === null) throw this.#unsupported(describe(value));
      if (value instanceof Inert) this.#enter(value);
      this.#reduce(value, reduction);
    }
  }

  /**
   * Notes that the arguments of an object are being written. Where they led back to the object itself, it is made here
   * and now, as CPython's pickler does: of whole arguments, so the lists among them that are half written begin anew.
   */
  #enter(object: Inert): void {
    if (!this.#making.has(object)) {
      this.#making.add(object);
      return;
    }
    const { memo } = this.#out;
    const inside = this.#tasks.slice(this.#tasks.findIndex((task) => task.owner === object) + 1, this.#open);
    const made = inside.findIndex((task) => task.kind === TaskKind.Reduce && memo.find(task.owner) >= 0);
    for (let i = 0; i < made; i++) memo.forget((inside[i] as Task).owner);
  }

  #bytes(owner: object, bytes: Uint8Array): void {
    const out = this.#out;
    if (out.protocol >= 3) {
      out.bytes(bytes);
    } else if (bytes.length === 0) {
      return this.#reduce(owner, reduceNoBytes());
    } else {
      out.global(ENCODE);
      if (out.protocol < 2) out.w.byte(op.MARK);
      out.latin1(bytes);
      out.text("latin1");
      out.w.byte(out.protocol < 2 ? op.TUPLE : op.TUPLE2);
      out.w.byte(op.REDUCE);
    }
    out.memoize(owner);
  }

  /** Before protocol 4 a name is a line, and one with dots in it is asked for part by part. */
  #global(value: Global): void {
    const out = this.#out;
    const { module, name } = value;
    if (out.protocol < 4) {
      if (`${module}${name}`.includes("\n") || !`${module} ${name}`.isWellFormed()) {
        throw this.#unsupported(`the name ${JSON.stringify(name)} in protocol ${out.protocol}`);
      }
      const dot = name.lastIndexOf(".");
      if (dot > 0 && dot < name.length - 1) {
        if (out.recall(value)) return;
        const of = new Global(module, name.slice(0, dot));
        return this.#reduce(value, call("builtins", "getattr", of, name.slice(dot + 1)));
      }
    }
    out.global(value);
  }

  #noTuple(): void {
    const { w, protocol } = this.#out;
    if (protocol === 0) w.byte(op.MARK);
    w.byte(protocol === 0 ? op.TUPLE : op.EMPTY_TUPLE);
  }

  #openTuple(tuple: Tuple): void {
    const { w, protocol } = this.#out;
    if (protocol < 2 || tuple.items.length > 3) w.byte(op.MARK);
    this.#push(TaskKind.Tuple, tuple, tuple.items);
  }

  /** Begins a list, which has the newest memo entry. */
  #list(owner: object, items: readonly unknown[]): void {
    const { w, protocol } = this.#out;
    if (protocol === 0) w.byte(op.MARK);
    w.byte(protocol === 0 ? op.LIST : op.EMPTY_LIST);
    this.#out.put();
    if (items.length > 0) this.#append(owner, items);
  }

  #append(owner: object, items: readonly unknown[]): void {
    this.#push(TaskKind.List, owner, items);
  }

  /** Begins a dict, which has the newest memo entry. */
  #dict(owner: object, entries: ReadonlyMap<unknown, unknown>): void {
    const { w, protocol } = this.#out;
    if (protocol === 0) w.byte(op.MARK);
    w.byte(protocol === 0 ? op.DICT : op.EMPTY_DICT);
    this.#out.put();
    if (entries.size > 0) this.#setItems(owner, entries);
  }

  #setItems(owner: object, entries: Entries): void {
    if (Array.isArray(entries)) return this.#push(TaskKind.Pairs, owner, entries);
    const map = entries as ReadonlyMap<unknown, unknown>;
    // A class of its own may have an iterator that ends when a loop is left.
    if (Object.getPrototypeOf(map) !== Map.prototype) {
      return this.#push(TaskKind.Pairs, owner, Array.from(map));
    }
    const task = this.#begin(TaskKind.Dict, owner);
    task.map = map;
    task.end = map.size;
    this.#goOn(task);
  }

  #set(set: ReadonlySet<Value>): void {
    const out = this.#out;
    if (out.protocol < 4) {
      return this.#reduce(set, reduceSet(set, "set"));
    }
    out.w.byte(op.EMPTY_SET);
    out.memoize(set);
    if (set.size > 0) this.#members(TaskKind.Set, set, set);
  }

  #members(kind: TaskKind, owner: object, members: ReadonlySet<Value>): void {
    this.#push(kind, owner, Array.from(members));
  }

  /** Goes on with a task until it opens another or ends. */
  #step(task: Task): void {
    switch (task.kind) {
      case TaskKind.List:
        return this.#stepList(task);
      case TaskKind.Dict:
        return this.#stepDict(task);
      case TaskKind.Pairs:
        return this.#stepPairs(task);
      case TaskKind.Tuple:
        return this.#stepTuple(task);
      case TaskKind.Set:
        return this.#stepSet(task);
      case TaskKind.FrozenSet:
        return this.#stepFrozenSet(task);
      case TaskKind.Reduce:
        return this.#stepReduce(task);
    }
  }

  #stepList(task: Task): void {
    const { w } = this.#out;
    const open = this.#open;
    while (this.#nextBatch(task, op.APPEND, op.APPENDS)) {
      const { batchEnd, items } = task;
      for (let i = task.index; i < batchEnd; i++) {
        task.index = i + 1;
        this.#put(items[i]);
        if (this.#open !== open) return;
      }
      if (w.pos > w.soft) w.flush();
    }
  }

  /** Writes a Map in one loop. Two iterators side by side make nothing, where one over entries makes an array for each. */
  #stepDict(task: Task): void {
    const open = this.#open;
    const values = task.map.values();
    for (const key of task.map.keys()) {
      const { value } = values.next();
      if (task.index === task.batchEnd && !this.#nextBatch(task, op.SETITEM, op.SETITEMS)) return;
      task.index++;
      this.#put(key);
      if (this.#open !== open) {
        this.#wait(task, value);
        return toPairs(task);
      }
      this.#put(value);
      if (this.#open !== open) return toPairs(task);
    }
    if (this.#nextBatch(task, op.SETITEM, op.SETITEMS)) throw this.#unsupported("a map that changes");
  }

  #stepPairs(task: Task): void {
    const open = this.#open;
    if (this.#waitingValue(task)) return;
    while (this.#nextBatch(task, op.SETITEM, op.SETITEMS)) {
      const [key, value] = task.items[task.index++] as readonly [unknown, unknown];
      this.#put(key);
      if (this.#open !== open) return this.#wait(task, value);
      this.#put(value);
      if (this.#open !== open) return;
    }
  }

  /** Keeps a value until its key is done. */
  #wait(task: Task, value: unknown): void {
    task.value = value;
    task.waits = true;
  }

  /** Writes the value that waited for its key; true where that opened a task. */
  #waitingValue(task: Task): boolean {
    if (!task.waits) return false;
    const open = this.#open;
    task.waits = false;
    this.#put(task.value);
    return this.#open !== open;
  }

  /** Ends the batch that is full and begins the next; false where there is none, and the task is over. */
  #nextBatch(task: Task, one: number, many: number): boolean {
    if (task.index < task.batchEnd) return true;
    const { w } = this.#out;
    if (task.batch > 0) w.byte(task.batch === 1 ? one : many);
    const left = task.end - task.index;
    if (left === 0) {
      this.#pop();
      return false;
    }
    if (w.pos > w.soft) w.flush();
    task.batch = Math.min(left, this.#batch);
    task.batchEnd = task.index + task.batch;
    if (task.batch > 1) w.byte(op.MARK);
    return true;
  }

  #stepTuple(task: Task): void {
    const out = this.#out;
    const open = this.#open;
    const { items, end, owner } = task;
    const marked = out.protocol < 2 || end > 3;
    // A child that holds this very tuple has written it by now: what stands on the stack is not needed.
    if (task.index > 0 && this.#writtenMeanwhile(task, marked, task.index)) return;
    while (task.index < end) {
      const item = items[task.index++];
      this.#put(item);
      if (this.#open !== open) return;
      if (isObject(item) && this.#writtenMeanwhile(task, marked, task.index)) return;
    }
    out.w.byte(marked ? op.TUPLE : TUPLES[end] as number);
    out.memoize(owner);
    this.#pop();
  }

  /** Refers to an object that its own parts led to and that is written by now, in place of making it twice. */
  #writtenMeanwhile(task: Task, marked: boolean, count: number): boolean {
    const out = this.#out;
    const number = out.memo.find(task.owner);
    if (number < 0) return false;
    if (marked && out.protocol > 0) {
      out.w.byte(op.POP_MARK);
    } else {
      // A mark is popped like an object.
      for (let i = marked ? -1 : 0; i < count; i++) {
        if (out.w.pos > out.w.soft) out.w.flush();
        out.w.byte(op.POP);
      }
    }
    out.get(number);
    this.#pop();
    return true;
  }

  #stepSet(task: Task): void {
    const open = this.#open;
    const { w } = this.#out;
    for (;;) {
      if (task.index === task.batchEnd) {
        if (task.batch > 0) w.byte(op.ADDITEMS);
        task.batch = Math.min(task.end - task.index, BATCH);
        if (task.batch === 0) return this.#pop();
        task.batchEnd = task.index + task.batch;
        if (w.pos > w.soft) w.flush();
        w.byte(op.MARK);
      }
      this.#put(task.items[task.index++]);
      if (this.#open !== open) return;
    }
  }

  #stepFrozenSet(task: Task): void {
    const open = this.#open;
    const out = this.#out;
    if (task.index > 0 && this.#writtenMeanwhile(task, true, 0)) return;
    while (task.index < task.end) {
      const member = task.items[task.index++];
      this.#put(member);
      if (this.#open !== open) return;
      if (isObject(member) && this.#writtenMeanwhile(task, true, 0)) return;
    }
    out.w.byte(op.FROZENSET);
    out.memoize(task.owner);
    this.#pop();
  }

  #stepReduce(task: Task): void {
    const open = this.#open;
    const { w } = this.#out;
    while (this.#open === open) {
      if (w.pos > w.soft) w.flush();
      if (this.#stepReduction(task, task.reduction as Reduction)) return;
    }
  }

  /** Takes the next step in making an object; true after the last. */
  #stepReduction(task: Task, reduction: Reduction): boolean {
    const out = this.#out;
    const { making, kwargs, items, pairs, state } = reduction;
    switch (task.index++) {
      case 0:
        this.#put(reduction.callable);
        break;
      case 1:
        this.#put(reduction.args);
        break;
      case 2:
        if (making === "newobj_ex") this.#put(kwargs);
        break;
      case 3:
        if (this.#writtenMeanwhile(task, false, making === "newobj_ex" ? 3 : 2)) return true;
        out.w.byte(making === "reduce" ? op.REDUCE : making === "newobj" ? op.NEWOBJ : op.NEWOBJ_EX);
        out.memoize(task.owner);
        this.#making.delete(task.owner);
        break;
      case 4:
        if (items !== undefined && items.length > 0) this.#append(task.owner, items);
        break;
      case 5:
        if (
          pairs !== undefined && (Array.isArray(pairs) ? pairs.length : (pairs as Map<Value, Value>).size) > 0
        ) {
          this.#setItems(task.owner, pairs);
        }
        break;
      case 6:
        if (state === undefined) {
          this.#pop();
          return true;
        }
        this.#put(state);
        break;
      default:
        out.w.byte(op.BUILD);
        this.#pop();
        return true;
    }
    return false;
  }

  /** Begins to make an object by calls. */
  #reduce(owner: object, reduction: Reduction): void {
    const task = this.#begin(TaskKind.Reduce, owner);
    task.reduction = reduction;
    this.#goOn(task);
  }

  /** Begins with what has a number of items. */
  #push(kind: TaskKind, owner: object, items: readonly unknown[]): void {
    const task = this.#begin(kind, owner);
    task.items = items;
    task.end = items.length;
    this.#goOn(task);
  }

  /**
   * Takes a new task's steps at once, as far as they go. Small things within small things, and that is most, end here, and
   * what holds them goes on without leaving its loop. Only what nests deeper waits until {@linkcode Pickler.dump} comes
   * back to it.
   */
  #goOn(task: Task): void {
    if (this.#nested === MOST_NESTED) return;
    this.#nested++;
    this.#step(task);
    this.#nested--;
  }

  #begin(kind: TaskKind, owner: object): Task {
    const at = this.#open;
    const task = this.#tasks[at] ?? new Task();
    const level = at === 0 ? 1 : levelBelow(this.#tasks[at - 1] as Task, owner);
    const { depth } = this.#limits;
    // A date or a bytearray, say, holds nothing; of what it is made of, the first tuple is asked again.
    if (level > depth && (kind !== TaskKind.Reduce || owner instanceof Inert)) {
      const message = `Cannot encode the value: it nests deeper than ${depth}`;
      throw new PickleError("limit", message, { limit: "depth" });
    }
    this.#tasks[at] = task;
    this.#open = at + 1;
    if (at === this.#most) this.#most++;
    task.begin(kind, owner, level);
    return task;
  }

  #pop(): void {
    this.#open--;
  }

  #unsupported(what: string): PickleError {
    const path = pathOf(this.#tasks, this.#open);
    return new PickleError(
      "unsupported",
      `Cannot encode the value: ${what} has no form in Python (at ${path})`,
    );
  }
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Makes a Map's loop, which cannot be left and entered again, one over an array. */
function toPairs(task: Task): void {
  task.kind = TaskKind.Pairs;
  task.items = Array.from(task.map);
}

/** How deep something nests that a task writes. What an object is made of is no deeper than the object. */
function levelBelow(parent: Task, owner: object): number {
  if (owner === parent.owner) return parent.level;
  if (parent.kind !== TaskKind.Reduce || parent.owner instanceof Inert) return parent.level + 1;
  return parent.reduction?.content ? parent.level - 1 : parent.level;
}

/** Names the class of an object without asking the object itself. */
function describe(value: object): string {
  const constructor: unknown = Object.getOwnPropertyDescriptor(
    Object.getPrototypeOf(value) ?? {},
    "constructor",
  )?.value;
  return typeof constructor === "function" ? `an object of class ${constructor.name}` : "an object";
}
