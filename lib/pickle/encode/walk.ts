import { Emitter } from "./emitter.ts";
import { PickleError, toldAs } from "../values/errors.ts";
import { ensureHashable } from "../keys/hash.ts";
import { DEFAULT_LIMITS, type PickleLimits } from "../values/limits.ts";
import * as op from "../values/opcodes.ts";
import { BATCH, pathOf, Task, TaskKind } from "./task.ts";
import { Inert } from "../values/values.ts";

/** How many tasks JavaScript's stack holds at most. */
const MOST_NESTED = 16;

/**
 * The way through a value: what is begun stands in a list of tasks, not on JavaScript's stack, so that depth is a limit and
 * not a crash. What a task's steps are say {@linkcode Walk.step} and the files step_*.ts.
 */
export abstract class Walk {
  readonly out: Emitter = new Emitter();
  /** How many tasks are open. */
  open = 0;
  /** The inert objects whose arguments are being written. */
  readonly making: Set<object> = new Set();
  /** The tasks, the outermost first; those that are over are used again. */
  protected readonly tasks: Task[] = [];
  /** How many tasks hold values: those that are over keep theirs till the end. */
  #most = 0;
  /** How many steps are within each other on JavaScript's stack. */
  #nested = 0;
  #batch = BATCH;
  #limits: PickleLimits = DEFAULT_LIMITS;

  /** Writes a value that holds nothing else, or the beginning of one that does, which is then the last task. */
  abstract put(value: unknown): void;

  /** Goes on with a task until it opens another or ends. */
  protected abstract step(task: Task): void;

  /** Writes one pickle. */
  dump(value: unknown, protocol: number, limits: PickleLimits): Uint8Array<ArrayBuffer> {
    this.#limits = limits;
    // Protocol 0 has no opcode for many items: a batch of one gets none.
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
    // A date or a bytearray, say, holds nothing; of what it is made of, the first tuple is asked again.
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
   * Takes a new task's steps at once, as far as they go. Small things within small things, and that is most, end here, and
   * what holds them goes on without leaving its loop. Only what nests deeper waits until {@linkcode Walk.dump} comes
   * back to it.
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

  /** Ends the batch that is full and begins the next; false where there is none, and the task is over. */
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

  /** Refers to an object that its own parts led to and that is written by now, in place of making it twice. */
  writtenMeanwhile(task: Task, marked: boolean, count: number): boolean {
    const out = this.out;
    const number = out.memo.find(task.owner);
    if (number < 0) return false;
    if (marked && out.protocol > 0) {
      out.w.byte(op.POP_MARK);
    } else {
      // A mark is popped like an object.
      for (let i = marked ? -1 : 0; i < count; i++) {
        if (out.w.pos > out.w.soft) out.w.flush();
        out.w.byte(op.POP);
      }
    }
    out.get(number);
    this.pop();
    return true;
  }

  /** Refuses a key or member that Python cannot hash. */
  hashable(key: unknown): void {
    try {
      ensureHashable(key);
    } catch (error) {
      if (!(error instanceof PickleError)) throw error;
      throw toldAs(error, "Cannot encode the value", { path: pathOf(this.tasks, this.open) });
    }
  }

  /** The error for a value that no pickle can say. */
  unsupported(what: string): PickleError {
    const message = `Cannot encode the value: ${what} has no form in Python`;
    return new PickleError("unsupported", message, { path: pathOf(this.tasks, this.open) });
  }
}

/** How deep something nests that a task writes. What an object is made of is no deeper than the object. */
function levelBelow(parent: Task, kind: TaskKind, owner: object): number {
  if (parent.kind !== TaskKind.Reduce) return parent.level + 1;
  // What it is extended by has the same owner.
  if (owner === parent.owner && kind !== TaskKind.Reduce) return parent.level;
  if (parent.owner instanceof Inert) return parent.level + 1;
  return parent.reduction?.content ? parent.level - 1 : parent.level;
}
