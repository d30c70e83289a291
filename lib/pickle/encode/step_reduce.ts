/** Steps of tasks over the parts of a reduction. */
import { beginEntries, beginItems } from "./begin.ts";
import * as op from "../values/opcodes.ts";
import type { Reduction } from "./reduce.ts";
import { type Task, TaskKind } from "./task.ts";
import type { Value } from "../values/values.ts";
import type { Walk } from "./walk.ts";

/** Writes the call that makes an object, and its items, entries and state. */
export function stepReduce(walk: Walk, task: Task): void {
  const open = walk.open;
  const { w } = walk.out;
  while (walk.open === open) {
    if (w.pos > w.soft) w.flush();
    if (stepReduction(walk, task, task.reduction as Reduction)) return;
  }
}

/** Writes the next part; returns true after the last. */
function stepReduction(walk: Walk, task: Task, reduction: Reduction): boolean {
  const out = walk.out;
  const { making, kwargs, items, pairs, state } = reduction;
  switch (task.index++) {
    case 0:
      walk.put(reduction.callable);
      break;
    case 1:
      walk.put(reduction.args);
      break;
    case 2:
      if (making === "newobj_ex") walk.put(kwargs);
      break;
    case 3:
      if (walk.writtenMeanwhile(task, false, making === "newobj_ex" ? 3 : 2)) return true;
      out.w.byte(making === "reduce" ? op.REDUCE : making === "newobj" ? op.NEWOBJ : op.NEWOBJ_EX);
      out.memoize(task.owner);
      walk.making.delete(task.owner);
      break;
    case 4:
      if (items !== undefined && items.length > 0) beginItems(walk, TaskKind.List, task.owner, items);
      break;
    case 5:
      if (
        pairs !== undefined && (Array.isArray(pairs) ? pairs.length : (pairs as Map<Value, Value>).size) > 0
      ) {
        beginEntries(walk, task.owner, pairs);
      }
      break;
    case 6:
      if (state === undefined) {
        walk.pop();
        return true;
      }
      walk.put(state);
      break;
    default:
      out.w.byte(op.BUILD);
      walk.pop();
      return true;
  }
  return false;
}
