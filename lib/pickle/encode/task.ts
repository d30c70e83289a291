/** Tasks of the encoder: the containers that are being written. */
import { KeyTable } from "../keys/table.ts";
import type { Reduction } from "./reduce.ts";

/** The kind of container that a task writes. */
export const TaskKind = {
  List: 0,
  Dict: 1,
  Table: 2,
  Pairs: 3,
  Tuple: 4,
  Set: 5,
  FrozenSet: 6,
  Reduce: 7,
  PersistentId: 8,
} as const;
export type TaskKind = typeof TaskKind[keyof typeof TaskKind];

/** The most items of one APPENDS, SETITEMS or ADDITEMS, which CPython's unpickler keeps on its stack. */
export const BATCH = 1000;

const NOTHING: readonly unknown[] = [];
const NO_ENTRIES: ReadonlyMap<unknown, unknown> = new Map();
const NO_TABLE = new KeyTable();
const NO_ONE = {};

/** A container that is being written, and its progress. Tasks are reused. */
export class Task {
  kind: TaskKind = TaskKind.List;
  /** The object, the key of its memo entry. */
  owner: object = NO_ONE;
  /** The nesting depth: 1 for the value itself. */
  level = 0;
  /** The number of items begun. */
  index = 0;
  /** The number of items. */
  end = 0;
  /** The size of the current batch, and the index at which it ends. */
  batch = 0;
  batchEnd = 0;
  items: readonly unknown[] = NOTHING;
  map: ReadonlyMap<unknown, unknown> = NO_ENTRIES;
  table: KeyTable = NO_TABLE;
  reduction: Reduction | null = null;
  /** The value of a dict that waits until its key is written. */
  value: unknown = null;
  waits = false;

  /** Starts with another container. */
  begin(kind: TaskKind, owner: object, level: number): void {
    this.kind = kind;
    this.owner = owner;
    this.level = level;
    this.index = 0;
    this.batch = 0;
    this.batchEnd = 0;
    this.waits = false;
  }

  /** Releases all values. */
  clear(): void {
    this.owner = NO_ONE;
    this.items = NOTHING;
    this.map = NO_ENTRIES;
    this.table = NO_TABLE;
    this.reduction = null;
    this.value = null;
  }
}

const PARTS = ["callable", "args", "kwargs", "", "items", "pairs", "state"] as const;

/** The most steps of a path in a message. */
const MAX_SHOWN = 12;

/**
 * Returns the path to the current part of a value, as an expression of Python.
 *
 * @param tasks The tasks, the outermost first.
 * @param open The number of open tasks.
 * @returns The path, such as `value["a"][3].state`.
 */
export function pathOf(tasks: readonly Task[], open: number): string {
  const steps = tasks.slice(0, open).map(stepOf);
  if (steps.length > MAX_SHOWN) steps.splice(MAX_SHOWN, steps.length, "…");
  return "value" + steps.join("");
}

function stepOf(task: Task): string {
  switch (task.kind) {
    case TaskKind.List:
    case TaskKind.Tuple:
      return `[${task.index - 1}]`;
    case TaskKind.Dict:
    case TaskKind.Table:
    case TaskKind.Pairs:
      return task.waits ? `{key ${task.index - 1}}` : `[${showKey(keyOf(task))}]`;
    case TaskKind.Set:
    case TaskKind.FrozenSet:
      return `{member ${task.index - 1}}`;
    case TaskKind.PersistentId:
      return ".persistentId";
    case TaskKind.Reduce:
      return `.${PARTS[task.index - 1] ?? ""}`;
  }
}

/** Returns the key that was begun last. */
function keyOf(task: Task): unknown {
  if (task.kind === TaskKind.Pairs) return (task.items[task.index - 1] as readonly unknown[])[0];
  return Array.from(task.map.keys())[task.index - 1];
}

function showKey(key: unknown): string {
  if (typeof key === "string") return JSON.stringify(key.length > 40 ? key.slice(0, 40) + "…" : key);
  return typeof key === "object" && key !== null ? "…" : String(key);
}
