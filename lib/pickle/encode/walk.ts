/** Traversal of a value without recursion. */
import { Emitter } from "./emitter.ts";
import { PickleError, restate } from "../values/errors.ts";
import { ensureHashable } from "../keys/hash.ts";
import { DEFAULT_LIMITS, type PickleLimits } from "../values/limits.ts";
import * as op from "../values/opcodes.ts";
import { BATCH, pathOf, Task, TaskKind } from "./task.ts";
import { Inert } from "../values/values.ts";

/** The most tasks that are nested on JavaScript's stack. */
const MOST_NESTED = 16;

/**
 * Traversal of a value. Containers that are begun are in a list of tasks, not on JavaScript's stack, so that a deep value exceeds
 * a limit and not the stack. The files step_*.ts have the steps of each kind of task.
 */
export abstract class Walk {
  readonly out: Emitter = new Emitter();
  /** The number of open tasks. */
  open = 0;
  /** The inert objects whose arguments are being written. */
  readonly making: Set<object> = new Set();
  /** The tasks, the outermost first; finished ones are reused. */
  protected readonly tasks: Task[] = [];
  /** The number of tasks that hold values; finished tasks keep theirs until the end. */
  #most = 0;
  /** The number of nested steps on JavaScript's stack. */
  #nested = 0;
  #batch = BATCH;
  #limits: PickleLimits = DEFAULT_LIMITS;

  /** Writes a scalar, or begins a container, which becomes the last task. */
  abstract put(value: unknown): void;

  /** Continues a task until it opens another or ends. */
  protected abstract step(task: Task): void;

  /** Writes one pickle. */
  dump(value: unknown, protocol: number, limits: PickleLimits): Uint8Array<ArrayBuffer> {
    this.#limits = limits;
    // Protocol 0 has no opcode for a batch of more than one item.
    this.#batch = protocol === 0 ? 1 : BATCH;
    const { out } = this;
    out.start(protocol, limits);
    try {
      this.put(value);
      while (this.open > 0) this.step(this.tasks[this.open - 1] as Task);
      out.w.byte(op.STOP);
      return out.w.finish();
    } finally {
      this.open = 0;
      this.#nested = 0;
      while (this.#most > 0) (this.tasks[--this.#most] as Task).clear();
      if (this.making.size > 0) this.making.clear();
      out.reset();
    }
  }

  /** Opens a task. */
  begin(kind: TaskKind, owner: object): Task {
    const at = this.open;
    const task = this.tasks[at] ?? new Task();
    const level = at === 0 ? 1 : levelBelow(this.tasks[at - 1] as Task, kind, owner);
    const { depth } = this.#limits;
    // A reduced scalar, such as a date, does not nest; if its parts do, their own tasks are checked.
    if (level > depth && (kind !== TaskKind.Reduce || owner instanceof Inert)) {
      const message = `Cannot encode the value: it nests deeper than ${depth}`;
      throw new PickleError("limit", message, { limit: "depth" });
    }
    this.tasks[at] = task;
    this.open = at + 1;
    if (at === this.#most) this.#most++;
    task.begin(kind, owner, level);
    return task;
  }

  /**
   * Runs the steps of a new task at once. Most containers are small and end here, so that the task around them stays in its loop.
   * A deeply nested task waits until {@linkcode Walk.dump} returns to it.
   */
  goOn(task: Task): void {
    if (this.#nested === MOST_NESTED) return;
    this.#nested++;
    this.step(task);
    this.#nested--;
  }

  /** Ends the last task. */
  pop(): void {
    this.open--;
  }

  /** Ends a full batch and begins the next; returns false, and ends the task, where there is none. */
  nextBatch(task: Task, one: number, many: number): boolean {
    if (task.index < task.batchEnd) return true;
    const { w } = this.out;
    if (task.batch > 0) w.byte(task.batch === 1 ? one : many);
    const left = task.end - task.index;
    if (left === 0) {
      this.pop();
      return false;
    }
    if (w.pos > w.soft) w.flush();
    task.batch = Math.min(left, this.#batch);
    task.batchEnd = task.index + task.batch;
    if (task.batch > 1) w.byte(op.MARK);
    return true;
  }

  /** Replaces an object by a reference where its own parts have already written it; tells whether it did. */
  writtenMeanwhile(task: Task, marked: boolean, count: number): boolean {
    const out = this.out;
    const number = out.memo.find(task.owner);
    if (number < 0) return false;
    if (marked && out.protocol > 0) {
      out.w.byte(op.POP_MARK);
    } else {
      // POP removes a MARK too.
      for (let i = marked ? -1 : 0; i < count; i++) {
        if (out.w.pos > out.w.soft) out.w.flush();
        out.w.byte(op.POP);
      }
    }
    out.get(number);
    this.pop();
    return true;
  }

  /** Throws for a key or member that Python cannot hash. */
  hashable(key: unknown): void {
    try {
      ensureHashable(key);
    } catch (error) {
      if (!(error instanceof PickleError)) throw error;
      throw restate(error, "Cannot encode the value", { path: pathOf(this.tasks, this.open) });
    }
  }

  /** Makes the error for a value that has no form in Python. */
  unsupported(what: string): PickleError {
    const message = `Cannot encode the value: ${what} has no form in Python`;
    return new PickleError("unsupported", message, { path: pathOf(this.tasks, this.open) });
  }
}

/** Returns the nesting depth of a part of a task. The parts of a reduction are no deeper than the object. */
function levelBelow(parent: Task, kind: TaskKind, owner: object): number {
  if (parent.kind !== TaskKind.Reduce) return parent.level + 1;
  // The items and entries of an object have the same owner.
  if (owner === parent.owner && kind !== TaskKind.Reduce) return parent.level;
  if (parent.owner instanceof Inert) return parent.level + 1;
  return parent.reduction?.content ? parent.level - 1 : parent.level;
}
