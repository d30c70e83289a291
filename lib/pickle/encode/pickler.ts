/** Encoder: dispatches on the type of each value. */
import { beginDict, beginItems, beginList, beginReduction } from "./begin.ts";
import { describe, foreignBytes, foreignEntries, foreignItems } from "../values/foreign.ts";
import { PySet } from "../keys/keys.ts";
import * as op from "../values/opcodes.ts";
import { call, reduce, reduceNoBytes, reduceSet } from "./reduce.ts";
import { idLine, isExtension, NO_REFERENCES, type References, writeExtension } from "./references.ts";
import { stepDict, stepPairs, stepTable } from "./step_dict.ts";
import { stepFrozenSet, stepList, stepPersistentId, stepSet, stepTuple } from "./step_items.ts";
import { stepReduce } from "./step_reduce.ts";
import { type Task, TaskKind } from "./task.ts";
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
} from "../values/values.ts";
import { Walk } from "./walk.ts";
import { writeLine } from "./write_number.ts";

const ENCODE = new Global("_codecs", "encode");

/**
 * Encoder that dispatches on the type of each value. One is reused, since encoding a short pickle takes less time than making
 * an encoder.
 */
export class Pickler extends Walk {
  #references: References = NO_REFERENCES;
  /** The persistent id that is being written, which has no persistent id itself. */
  #id: unknown = undefined;

  /** Sets the references of the next pickle. */
  refer(references: References): void {
    this.#references = references;
    this.#id = undefined;
  }

  /** Writes a scalar, or begins a container, which becomes the last task. */
  override put(value: unknown): void {
    const { w } = this.out;
    if (w.pos > w.soft) w.flush();
    switch (typeof value) {
      case "number":
        return this.out.number(value);
      case "string":
        return this.out.text(value);
      case "boolean":
        return this.out.boolean(value);
      case "bigint":
        return this.out.bigint(value);
      case "object":
        return value === null ? this.out.none() : this.#object(value);
      default:
        throw this.unsupported(typeof value);
    }
  }

  #object(value: object): void {
    if (this.#references.persistentId !== undefined && this.#isPersistent(value)) return;
    const out = this.out;
    // The most frequent types first: each instanceof takes as long as writing a number.
    if (Array.isArray(value)) {
      if (!out.recallOrAdd(value)) beginList(this, value, value);
      return;
    }
    if (value instanceof Map) {
      if (!out.recallOrAdd(value)) beginDict(this, value, value);
      return;
    }
    if (value instanceof Float) return out.float(value.value);
    if (value instanceof Global) return this.#global(value);
    if (value instanceof Tuple && value.items.length === 0) return this.#noTuple();
    if (out.recall(value)) return;
    if (value instanceof Tuple) return this.#openTuple(value);
    if (value instanceof Uint8Array) return this.#bytes(value, value);
    if (value instanceof Set) return this.#set(value);
    if (value instanceof PyObject) return this.#python(value);
    this.#foreign(value);
  }

  /** Writes the persistent id of an object that has one. */
  #isPersistent(value: object): boolean {
    if (value === this.#id) {
      this.#id = undefined;
      return false;
    }
    const id = this.#references.persistentId?.(value);
    if (id === undefined) return false;
    const { w, protocol } = this.out;
    if (protocol === 0) {
      const line = idLine(id);
      if (line === undefined) {
        throw this.unsupported("in protocol 0 a persistent id that is not a line of ASCII");
      }
      writeLine(w, op.PERSID, line);
    } else {
      this.#id = id;
      beginItems(this, TaskKind.PersistentId, value, [id]);
    }
    return true;
  }

  /** Writes one of JavaScript's own objects that has an obvious meaning in Python. */
  #foreign(value: object): void {
    const bytes = foreignBytes(value);
    if (bytes !== null) return this.#bytes(value, bytes);
    const items = foreignItems(value);
    const entries = foreignEntries(value);
    if (items === null && entries === null) throw this.unsupported(describe(value));
    this.out.memo.add(value);
    if (items !== null) beginList(this, value, items);
    else if (entries !== null) beginDict(this, value, entries);
  }

  #python(value: PyObject): void {
    const out = this.out;
    const { protocol } = out;
    if (value instanceof CodePoints) {
      const wrong = value.points.find((point) => !isCodePoint(point));
      if (wrong !== undefined) throw this.unsupported(`the code point ${wrong}`);
      out.codePoints(value);
      out.memoize(value);
    } else if (value instanceof FrozenSet && protocol >= 4) {
      this.#hashable(value.members);
      out.w.byte(op.MARK);
      beginItems(this, TaskKind.FrozenSet, value, Array.from(value.members));
    } else if (value instanceof ByteArray && protocol >= 5) {
      if (this.#references.takeBuffer?.(value)) out.w.byte(op.NEXT_BUFFER);
      else out.bytearray(value.bytes);
      out.memoize(value);
    } else {
      if (value instanceof FrozenSet) this.#hashable(value.members);
      const reduction = reduce(value, protocol);
      if (reduction === null) throw this.unsupported(describe(value));
      if (value instanceof Inert) this.#enter(value);
      beginReduction(this, value, reduction);
    }
  }

  /**
   * Records that the arguments of an object are being written. If they refer back to the object, it is written again here, as
   * CPython's pickler does, with complete arguments: containers among them that are half written begin anew.
   */
  #enter(object: Inert): void {
    if (!this.making.has(object)) {
      this.making.add(object);
      return;
    }
    const { memo } = this.out;
    const inside = this.tasks.slice(this.tasks.findIndex((task) => task.owner === object) + 1, this.open);
    const made = inside.findIndex((task) => task.kind === TaskKind.Reduce && memo.find(task.owner) >= 0);
    for (let i = 0; i < made; i++) memo.forget((inside[i] as Task).owner);
  }

  #bytes(owner: object, bytes: Uint8Array): void {
    const out = this.out;
    if (out.protocol >= 5 && this.#references.takeBuffer?.(bytes)) {
      out.w.byte(op.NEXT_BUFFER);
      out.w.byte(op.READONLY_BUFFER);
    } else if (out.protocol >= 3) {
      out.bytes(bytes);
    } else if (bytes.length === 0) {
      return beginReduction(this, owner, reduceNoBytes());
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

  /** Writes a name. Before protocol 4 it is a line, and a dotted name is looked up part by part. */
  #global(value: Global): void {
    const out = this.out;
    const { module, name } = value;
    const code = out.protocol < 2 ? undefined : this.#references.extension?.(value);
    if (code !== undefined) {
      if (!isExtension(code)) throw this.unsupported(`the extension code ${code}`);
      return writeExtension(out.w, code);
    }
    if (out.protocol < 4) {
      if (`${module}${name}`.includes("\n") || !`${module} ${name}`.isWellFormed()) {
        throw this.unsupported(`the name ${JSON.stringify(name)} in protocol ${out.protocol}`);
      }
      const dot = name.lastIndexOf(".");
      if (dot > 0 && dot < name.length - 1) {
        if (out.recall(value)) return;
        const of = new Global(module, name.slice(0, dot));
        return beginReduction(this, value, call("builtins", "getattr", of, name.slice(dot + 1)));
      }
    }
    out.global(value);
  }

  #noTuple(): void {
    const { w, protocol } = this.out;
    if (protocol === 0) w.byte(op.MARK);
    w.byte(protocol === 0 ? op.TUPLE : op.EMPTY_TUPLE);
  }

  #openTuple(tuple: Tuple): void {
    const { w, protocol } = this.out;
    if (protocol < 2 || tuple.items.length > 3) w.byte(op.MARK);
    beginItems(this, TaskKind.Tuple, tuple, tuple.items);
  }

  #set(set: ReadonlySet<Value>): void {
    const out = this.out;
    this.#hashable(set);
    if (out.protocol < 4) {
      return beginReduction(this, set, reduceSet(set, "set"));
    }
    out.w.byte(op.EMPTY_SET);
    out.memoize(set);
    if (set.size > 0) beginItems(this, TaskKind.Set, set, Array.from(set));
  }

  #hashable(members: ReadonlySet<Value>): void {
    if (members instanceof PySet) return;
    for (const member of members) {
      if (typeof member === "object") this.hashable(member);
    }
  }

  /** Continues a task until it opens another or ends. */
  protected override step(task: Task): void {
    switch (task.kind) {
      case TaskKind.List:
        return stepList(this, task);
      case TaskKind.Dict:
        return stepDict(this, task);
      case TaskKind.Table:
        return stepTable(this, task);
      case TaskKind.Pairs:
        return stepPairs(this, task);
      case TaskKind.Tuple:
        return stepTuple(this, task);
      case TaskKind.Set:
        return stepSet(this, task);
      case TaskKind.FrozenSet:
        return stepFrozenSet(this, task);
      case TaskKind.Reduce:
        return stepReduce(this, task);
      case TaskKind.PersistentId:
        return stepPersistentId(this, task);
    }
  }
}

function isCodePoint(point: number): boolean {
  return Number.isInteger(point) && point >= 0 && point <= 0x10ffff;
}
