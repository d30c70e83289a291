/**
 * Passes of {@linkcode verify} over a pickle.
 *
 * @module
 */
import { DEFAULT_LIMITS } from "../values/limits.ts";
import { Kind } from "./kinds.ts";
import { badFrame, failure, tooMuchWork } from "./failure.ts";
import * as loop from "./loop.ts";
import { rowOf } from "./slot.ts";
import { type Course, type Rules, VerifyState } from "./state.ts";

// Bound here, since V8 takes a module's own constants for literals but reads and checks an import at each use.
const { PAUSED, runOpcodes } = loop;
const { DICT } = Kind;

const NO_COSTS: ReadonlyMap<number, number> = new Map();
const FIRST: Course = { target: -1, weighs: false, costs: NO_COSTS };
const NO_BYTES = new Uint8Array(0);

/** Verifies one pickle after another with the same memory. */
export class Verifier {
  /** The state of the current pickle; after the last pass its result, until {@linkcode reset}. */
  readonly state = new VerifyState();
  #bytes: Uint8Array = NO_BYTES;
  #rules: Rules = { limits: DEFAULT_LIMITS, numpy: true };
  /** The slot of the value that STOP leaves; PAUSED before STOP. */
  value = PAUSED;

  /** Begins with a pickle; {@linkcode advance} does the work. */
  start(bytes: Uint8Array, rules: Rules): void {
    this.#bytes = bytes;
    this.#rules = rules;
    this.#begin(FIRST);
  }

  /**
   * Continues with the pickle. A second pass is needed if the dict that is the pickle's value was not recorded, or if the
   * cost of `repr` has to be counted for each row. It gives the rows the same numbers.
   *
   * @param amount about the number of bytes, or of keys, that this call reads
   * @returns whether the pickle is verified
   */
  advance(amount: number): boolean {
    const state = this.state;
    if (this.value === PAUSED) {
      const { length } = this.#bytes;
      // Infinity is not added, so that V8 keeps offsets as small integers.
      this.value = runOpcodes(state, amount < length ? Math.min(state.at + amount, length) : length);
      if (this.value === PAUSED) return false;
      this.#checkEnd();
      if (amount < Infinity) return false;
    }
    const { table, containers, dense } = state;
    if (containers.collisions.hasKeys && !containers.collisions.finish(amount)) return false;
    if (dense >= 0) containers.collisions.checkMemo(dense, state.scattered, state.source);
    const target = table.kindOf(this.value) === DICT ? rowOf(this.value) : containers.target;
    const weighs = table.needsWeights;
    if (target === containers.target && !weighs) return true;
    const { costs } = containers.collisions;
    this.state.reset(true);
    this.#begin({ target, weighs, costs });
    return amount === Infinity && this.advance(amount);
  }

  #begin(course: Course): void {
    this.value = PAUSED;
    this.state.start(this.#bytes, this.#rules, course);
  }

  /** Releases the pickle. To be called after each, also after a refused one. */
  reset(): void {
    this.#bytes = NO_BYTES;
    this.state.reset();
  }

  // Checks the pickle as a whole. Zeros after STOP are not relayed, so they do not raise the limits.
  #checkEnd(): void {
    const state = this.state;
    const { at, source, bytes, table, containers } = state;
    if (state.lastFrame > at) throw badFrame(source, "a frame reaches past STOP");
    state.checkPuts(at);
    for (let i = at; i < bytes.length; i++) {
      if (bytes[i] !== 0) throw failure("trailing-data", "something follows STOP", i);
    }
    if (state.calls.unbuilt > 0) throw failure("bad-stack", "a UUID has no state", source);
    state.checkCopies(at);
    if (at < bytes.length) table.maxWork = state.workFor(at);
    table.chargeRows(containers.collisions.hasKeys || state.dense >= 0);
    if (table.work > table.maxWork) throw tooMuchWork(source);
    state.checkShown(this.value);
  }
}
