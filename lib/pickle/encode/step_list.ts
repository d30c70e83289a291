import * as op from "../values/opcodes.ts";
import { BATCH, type Task } from "./task.ts";
import type { Walk } from "./walk.ts";
import { writeNumbers } from "./write_number.ts";

/** Writes the items of a list, or what an object is extended by. */
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
