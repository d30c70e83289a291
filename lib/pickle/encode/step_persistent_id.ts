import * as op from "../values/opcodes.ts";
import type { Task } from "./task.ts";
import type { Walk } from "./walk.ts";

/** Writes the persistent id of an object, and refers to the object by it; from protocol 1 on. */
export function stepPersistentId(walk: Walk, task: Task): void {
  const open = walk.open;
  if (task.index === 0) {
    walk.put(task.items[task.index++]);
    if (walk.open !== open) return;
  }
  walk.out.w.byte(op.BINPERSID);
  walk.pop();
}
