import * as op from "../values/opcodes.ts";
import type { Task } from "./task.ts";
import type { Walk } from "./walk.ts";

const TUPLES = [op.EMPTY_TUPLE, op.TUPLE1, op.TUPLE2, op.TUPLE3] as const;

/** Writes the items of a tuple, and makes it. */
export function stepTuple(walk: Walk, task: Task): void {
  const out = walk.out;
  const open = walk.open;
  const { items, end, owner } = task;
  const marked = out.protocol < 2 || end > 3;
  // A child that holds this very tuple has written it by now: what stands on the stack is not needed.
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

/** Writes the members of a frozenset, and makes it; from protocol 4 on. */
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
