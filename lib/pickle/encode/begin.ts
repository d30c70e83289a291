/** Beginnings of containers: the opcodes that make an empty one, and the task that writes its items. */
import { Dict, tableOf } from "../keys/keys.ts";
import * as op from "../values/opcodes.ts";
import type { Reduction } from "./reduce.ts";
import { TaskKind } from "./task.ts";
import type { Walk } from "./walk.ts";

/** The entries that SETITEMS sets. */
export type Entries = ReadonlyMap<unknown, unknown> | readonly (readonly [unknown, unknown])[];

/** Begins a list, which already has the newest memo entry. */
export function beginList(walk: Walk, owner: object, items: readonly unknown[]): void {
  const { w, protocol } = walk.out;
  if (protocol === 0) w.byte(op.MARK);
  w.byte(protocol === 0 ? op.LIST : op.EMPTY_LIST);
  walk.out.put();
  if (items.length > 0) beginItems(walk, TaskKind.List, owner, items);
}

/** Begins a dict, which already has the newest memo entry. */
export function beginDict(walk: Walk, owner: object, entries: ReadonlyMap<unknown, unknown>): void {
  const { w, protocol } = walk.out;
  if (protocol === 0) w.byte(op.MARK);
  w.byte(protocol === 0 ? op.DICT : op.EMPTY_DICT);
  walk.out.put();
  if (entries.size > 0) beginEntries(walk, owner, entries);
}

/** Begins the entries of a dict or an object. */
export function beginEntries(walk: Walk, owner: object, entries: Entries): void {
  if (Array.isArray(entries)) return beginItems(walk, TaskKind.Pairs, owner, entries);
  const map = entries as ReadonlyMap<unknown, unknown>;
  const prototype = Object.getPrototypeOf(map);
  if (prototype === Map.prototype) {
    const task = walk.begin(TaskKind.Dict, owner);
    task.map = map;
    task.end = map.size;
    return walk.goOn(task);
  }
  const table = prototype === Dict.prototype ? tableOf(map as Dict) : null;
  // A subclass may have an iterator of its own.
  if (!table?.isDense) return beginItems(walk, TaskKind.Pairs, owner, Array.from(map));
  const task = walk.begin(TaskKind.Table, owner);
  task.map = map;
  task.table = table;
  task.end = map.size;
  walk.goOn(task);
}

/** Begins a task over items. */
export function beginItems(walk: Walk, kind: TaskKind, owner: object, items: readonly unknown[]): void {
  const task = walk.begin(kind, owner);
  task.items = items;
  task.end = items.length;
  walk.goOn(task);
}

/** Begins the calls that make an object. */
export function beginReduction(walk: Walk, owner: object, reduction: Reduction): void {
  const task = walk.begin(TaskKind.Reduce, owner);
  task.reduction = reduction;
  walk.goOn(task);
}
