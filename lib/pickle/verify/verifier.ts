/**
 * The pass over a pickle behind {@linkcode verify}, and its outcome.
 *
 * @module
 */
import { DEFAULT_LIMITS } from "../values/limits.ts";
import { Kind } from "./kinds.ts";
import { badFrame, failure, tooMuchWork } from "./failure.ts";
import { PAUSED, runOpcodes } from "./loop.ts";
import { rowOf } from "./slot.ts";
import { type Course, type Rules, VerifyState } from "./state.ts";

/** What {@linkcode Verifier.advance} found; valid up to the next pickle. */
export interface Outcome {
  end: number;
  protocol: number;
  names: string[];
  proto5: number[];
  /** The slot of the value. */
  value: number;
  /** The row of the dict whose pairs were recorded, −1 for none. */
  target: number;
  /** The slots of its keys and values in the order set. */
  pairs: Int32Array;
  pairCount: number;
}

const FIRST: Course = { target: -1, weighs: false };
const NO_SLOTS = new Int32Array(0);
const NO_BYTES = new Uint8Array(0);

/** Verifies one pickle after another with the same memory. */
export class Verifier {
  readonly #state = new VerifyState();
  #bytes: Uint8Array = NO_BYTES;
  #rules: Rules = { limits: DEFAULT_LIMITS, numpy: true };
  // What STOP has left, PAUSED before.
  #value = PAUSED;
  readonly outcome: Outcome = {
    end: 0,
    protocol: 0,
    names: [],
    proto5: [],
    value: 0,
    target: -1,
    pairs: NO_SLOTS,
    pairCount: 0,
  };

  /** The objects of the pickle that was verified last. */
  readonly table = this.#state.table;
  readonly slots = this.#state.slots;

  /** Begins with a pickle; {@linkcode advance} does the work. */
  start(bytes: Uint8Array, rules: Rules): void {
    this.#bytes = bytes;
    this.#rules = rules;
    this.#begin(FIRST);
  }

  /**
   * Goes on with the pickle. There is a second pass where it turns out only at the end which dict is the pickle's value, or
   * that an object is part of several; it numbers the rows alike.
   *
   * @param amount about how many bytes of opcodes, or how many keys, are looked at in this call
   * @returns whether the pickle is verified; {@linkcode outcome} then tells of it
   */
  advance(amount: number): boolean {
    if (this.#value === PAUSED) {
      const { length } = this.#bytes;
      // No sum with Infinity, so that V8 keeps offsets as small integers.
      const pause = amount < length ? Math.min(this.#state.at + amount, length) : length;
      this.#value = runOpcodes(this.#state, pause);
      if (this.#value === PAUSED) return false;
      this.#checkEnd();
      if (amount < Infinity) return false;
    }
    const { table, containers } = this.#state;
    if (!containers.collisions.finish(amount)) return false;
    this.#checkMemo();
    const value = this.#value;
    const target = table.kindOf(value) === Kind.DICT ? rowOf(value) : containers.target;
    const weighs = table.needsWeights;
    if (target === containers.target && !weighs) {
      this.#tell(value);
      return true;
    }
    this.reset();
    this.#begin({ target, weighs });
    return amount === Infinity && this.advance(amount);
  }

  #begin(course: Course): void {
    this.#value = PAUSED;
    this.#state.start(this.#bytes, this.#rules, course);
  }

  /** Makes ready for the next run; to be called after each, also after one that threw. */
  reset(): void {
    this.#state.reset();
    this.outcome.pairs = NO_SLOTS;
  }

  // What holds for the pickle as a whole. Zeros behind STOP go no further, so what they made room for does not count.
  #checkEnd(): void {
    const { at, source, bytes, table, containers } = this.#state;
    if (this.#state.lastFrame > at) throw badFrame(source, "a frame reaches past STOP");
    this.#state.checkPuts(at);
    for (let i = at; i < bytes.length; i++) {
      if (bytes[i] !== 0) throw failure("trailing-data", "something follows STOP", i);
    }
    if (this.#state.calls.unbuilt > 0) throw failure("bad-stack", "a UUID has no state", source);
    this.#state.checkCopies(at);
    table.maxWork = this.#state.workFor(at);
    table.chargeRows(containers.collisions.hasKeys);
    if (table.work > table.maxWork) throw tooMuchWork(source);
    this.#state.checkShown(this.#value);
  }

  #checkMemo(): void {
    const { dense, scattered, source, containers } = this.#state;
    if (dense >= 0) containers.collisions.checkMemo(dense, scattered, source);
  }

  #tell(value: number): void {
    const { at, used, names, proto5, containers } = this.#state;
    const outcome = this.outcome;
    outcome.end = at;
    outcome.protocol = used > 1 ? 31 - Math.clz32(used) : 0;
    outcome.names = names;
    outcome.proto5 = proto5;
    outcome.value = value;
    outcome.target = containers.target;
    outcome.pairs = containers.pairs;
    outcome.pairCount = containers.pairCount;
  }
}
