/** Steps of tasks over the entries of dicts. */
import * as op from "../values/opcodes.ts";
import { type Task, TaskKind } from "./task.ts";
import type { Walk } from "./walk.ts";

/** Writes a Map in one loop. Two parallel iterators allocate nothing; one over entries allocates an array for each. */
export function stepDict(walk: Walk, task: Task): void {
  const { open } = walk;
  const values = task.map.values();
  for (const key of task.map.keys()) {
    const { value } = values.next();
    if (task.index === task.batchEnd && !walk.nextBatch(task, op.SETITEM, op.SETITEMS)) return;
    task.index++;
    if (typeof key === "object") walk.hashable(key);
    putText(walk, key);
    if (walk.open !== open) {
      wait(task, value);
      return toPairs(walk, task);
    }
    putNumber(walk, value);
    if (walk.open !== open) return toPairs(walk, task);
  }
  if (walk.nextBatch(task, op.SETITEM, op.SETITEMS)) throw walk.unsupported("a map that changes");
}

/** Writes a Dict slot by slot. */
export function stepTable(walk: Walk, task: Task): void {
  const { open } = walk;
  const { table } = task;
  if (waitingValue(walk, task)) return;
  while (walk.nextBatch(task, op.SETITEM, op.SETITEMS)) {
    const slot = task.index++;
    const value = table.valueAt(slot);
    putText(walk, table.keyAt(slot));
    if (walk.open !== open) return wait(task, value);
    putNumber(walk, value);
    if (walk.open !== open) return;
  }
}

// The most frequent keys and values are written directly; `put` would test for other types first.

function putText(walk: Walk, key: unknown): void {
  if (typeof key !== "string") return walk.put(key);
  const { w } = walk.out;
  if (w.pos > w.soft) w.flush();
  walk.out.text(key);
}

function putNumber(walk: Walk, value: unknown): void {
  if (typeof value !== "number") return walk.put(value);
  const { w } = walk.out;
  if (w.pos > w.soft) w.flush();
  walk.out.number(value);
}

/** Writes the pairs of an array. */
export function stepPairs(walk: Walk, task: Task): void {
  const open = walk.open;
  if (waitingValue(walk, task)) return;
  while (walk.nextBatch(task, op.SETITEM, op.SETITEMS)) {
    const [key, value] = task.items[task.index++] as readonly [unknown, unknown];
    walk.put(key);
    if (walk.open !== open) return wait(task, value);
    walk.put(value);
    if (walk.open !== open) return;
  }
}

/** Keeps a value until its key is written. */
function wait(task: Task, value: unknown): void {
  task.value = value;
  task.waits = true;
}

/** Writes the value that waits for its key; returns true where that opens a task. */
function waitingValue(walk: Walk, task: Task): boolean {
  if (!task.waits) return false;
  const open = walk.open;
  task.waits = false;
  walk.put(task.value);
  return walk.open !== open;
}

/** Converts a loop over a Map, which cannot be resumed, to one over an array. */
function toPairs(walk: Walk, task: Task): void {
  task.kind = TaskKind.Pairs;
  const pairs = Array.from(task.map);
  for (let i = task.index; i < pairs.length; i++) {
    const key = pairs[i]?.[0];
    if (typeof key === "object") walk.hashable(key);
  }
  task.items = pairs;
}
