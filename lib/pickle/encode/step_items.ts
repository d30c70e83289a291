/** Steps of tasks over items: lists, tuples, sets, frozensets and persistent ids. */
import * as op from "../values/opcodes.ts";
import { BATCH, type Task } from "./task.ts";
import type { Walk } from "./walk.ts";
import { writeNumbers } from "./write_number.ts";

const TUPLES = [op.EMPTY_TUPLE, op.TUPLE1, op.TUPLE2, op.TUPLE3] as const;

/** Writes the items of a list, or the items that are appended to an object. */
export function stepList(walk: Walk, task: Task): void {
  const { w, protocol } = walk.out;
  const open = walk.open;
  while (walk.nextBatch(task, op.APPEND, op.APPENDS)) {
    const { batchEnd, items } = task;
    for (let i = task.index; i < batchEnd; i++) {
      if (typeof items[i] === "number" && protocol > 0) {
        i = writeNumbers(w, items, i, batchEnd);
        if (i === batchEnd) {
          task.index = i;
          break;
        }
      }
      task.index = i + 1;
      walk.put(items[i]);
      if (walk.open !== open) return;
    }
    if (w.pos > w.soft) w.flush();
  }
}

/** Writes the members of a set. */
export function stepSet(walk: Walk, task: Task): void {
  const open = walk.open;
  const { w } = walk.out;
  for (;;) {
    if (task.index === task.batchEnd) {
      if (task.batch > 0) w.byte(op.ADDITEMS);
      task.batch = Math.min(task.end - task.index, BATCH);
      if (task.batch === 0) return walk.pop();
      task.batchEnd = task.index + task.batch;
      if (w.pos > w.soft) w.flush();
      w.byte(op.MARK);
    }
    walk.put(task.items[task.index++]);
    if (walk.open !== open) return;
  }
}

/** Writes the items of a tuple, then the opcode that makes it. */
export function stepTuple(walk: Walk, task: Task): void {
  const out = walk.out;
  const open = walk.open;
  const { items, end, owner } = task;
  const marked = out.protocol < 2 || end > 3;
  // An item that contains this tuple has already written it, so the items on the stack are discarded.
  if (task.index > 0 && walk.writtenMeanwhile(task, marked, task.index)) return;
  while (task.index < end) {
    const item = items[task.index++];
    walk.put(item);
    if (walk.open !== open) return;
    if (isObject(item) && walk.writtenMeanwhile(task, marked, task.index)) return;
  }
  out.w.byte(marked ? op.TUPLE : TUPLES[end] as number);
  out.memoize(owner);
  walk.pop();
}

/** Writes the members of a frozenset, then the opcode that makes it; from protocol 4 on. */
export function stepFrozenSet(walk: Walk, task: Task): void {
  const open = walk.open;
  const out = walk.out;
  if (task.index > 0 && walk.writtenMeanwhile(task, true, 0)) return;
  while (task.index < task.end) {
    const member = task.items[task.index++];
    walk.put(member);
    if (walk.open !== open) return;
    if (isObject(member) && walk.writtenMeanwhile(task, true, 0)) return;
  }
  out.w.byte(op.FROZENSET);
  out.memoize(task.owner);
  walk.pop();
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Writes a persistent id, then the opcode that refers to it; from protocol 1 on. */
export function stepPersistentId(walk: Walk, task: Task): void {
  const open = walk.open;
  if (task.index === 0) {
    walk.put(task.items[task.index++]);
    if (walk.open !== open) return;
  }
  walk.out.w.byte(op.BINPERSID);
  walk.pop();
}
