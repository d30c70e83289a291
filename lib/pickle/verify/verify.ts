/**
 * Verification of pickles from strangers before they are relayed to Python peers unchanged.
 *
 * @module
 */
import { DEFAULT_LIMITS, type PickleLimits, withDefaults } from "../values/limits.ts";
import { Kind } from "./kinds.ts";
import * as columns from "./columns.ts";
import * as slotFunctions from "./slot.ts";
import * as reader from "./slot_reader.ts";
import type { Rules, VerifyState } from "./state.ts";
import { Verified } from "./verified.ts";
import { Verifier } from "./verifier.ts";

// Bound here, since V8 takes a module's own constants for literals but reads and checks an import at each use.
const { KIND, SOURCE } = columns;
const { DICT, NUMPY_OTHER } = Kind;
const { hasRow, rowOf } = slotFunctions;
const { objectKind, plainKind, VALUE_KINDS } = reader;

/** Options of {@linkcode verify}. */
export interface VerifyOptions {
  /** The limits; of these `verifyDepth`, `memory`, `digits`, `entries` and `keyWork` apply. */
  readonly limits?: Partial<PickleLimits>;
  /** Whether names of numpy are accepted, which peers without numpy cannot load. True by default. */
  readonly numpy?: boolean;
}

const verifier = new Verifier();
/** Verifiers for verifications in slices. Their small arrays take longer to make than a pickle of some KiB to verify. */
const spares: Verifier[] = [];
const MOST_SPARES = 4;
/** Up to so many keys and values a plain array is cheaper than a typed one. */
const FEW = 64;
/** The bytes, or keys, between two calls of `mayGoOn`. */
const SLICE = 8192;
const STR = VALUE_KINDS.indexOf("str");

/**
 * Verifies that both of CPython's unpicklers, in C and in Python, load a pickle without error, and call nothing but the
 * names of {@linkcode allowedName} with arguments that CPython's pickler writes. It reads the opcodes without building the
 * objects, in time and memory in proportion to the pickle. An accepted pickle may be embedded between other opcodes: it does
 * not reach below its own part of the stack. It refuses a pickle that the two unpicklers load differently, and one that no
 * pickler writes.
 *
 * @param bytes one pickle, after whose STOP only zeros are allowed
 * @returns the end of the pickle, what it needs, and the entries of its top-level dict
 * @throws {PickleError} for a refused pickle, with the offset of the opcode at fault
 *
 * @example
 * ```ts
 * import { verify } from "./verify.ts";
 * import { scalarAt } from "./scalar_at.ts";
 * import { assertEquals } from "@std/assert";
 *
 * // {'type': 'ping'} in protocol 4, without a frame
 * const bytes = Uint8Array.from("}\x8c\x04type\x8c\x04pings.", (char) => char.charCodeAt(0));
 * const verified = verify(bytes);
 * assertEquals(verified.end, bytes.length);
 * assertEquals(scalarAt(bytes, verified.find("type")!.source, 64), "ping");
 * ```
 */
export function verify(bytes: Uint8Array, options: VerifyOptions = {}): Verified {
  try {
    verifier.start(bytes, rulesOf(options));
    verifier.advance(Infinity);
    return verified(bytes, verifier);
  } finally {
    verifier.reset();
  }
}

/**
 * A verification in slices, for long pickles: {@linkcode verify} with pauses in which the event loop runs. Each has its own
 * memory, so any number may be in progress. The bytes must not change until it has ended.
 *
 * @example
 * ```ts
 * import { Verification } from "./verify.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new Uint8Array(100_000).fill(0x28).fill(0x30, 49_999); // MARK and POP
 * bytes.set([0x4e, 0x2e], 99_998); // NONE and STOP
 * const verification = new Verification(bytes);
 * let slices = 1;
 * while (verification.step(() => false) === undefined) slices++;
 * assertEquals(verification.step(() => true)!.end, 100_000);
 * assertEquals(slices > 1, true);
 * ```
 */
export class Verification {
  readonly #bytes: Uint8Array;
  #verifier: Verifier | undefined = spares.pop() ?? new Verifier();
  #verified: Verified | undefined;

  constructor(bytes: Uint8Array, options: VerifyOptions = {}) {
    this.#bytes = bytes;
    this.#verifier!.start(bytes, rulesOf(options));
  }

  /**
   * Continues until the pickle is verified or `mayGoOn` returns false; it is called every few milliseconds.
   *
   * @returns the result of {@linkcode verify}; undefined if the pickle is not verified yet
   * @throws {PickleError} as {@linkcode verify} does
   */
  step(mayGoOn: () => boolean): Verified | undefined {
    const verifier = this.#verifier;
    if (verifier === undefined) return this.#verified;
    try {
      while (!verifier.advance(SLICE)) if (!mayGoOn()) return undefined;
      this.#verified = verified(this.#bytes, verifier);
    } catch (error) {
      this.#end(verifier);
      throw error;
    }
    this.#end(verifier);
    return this.#verified;
  }

  #end(verifier: Verifier): void {
    this.#verifier = undefined;
    verifier.reset();
    if (spares.length < MOST_SPARES) spares.push(verifier);
  }
}

const DEFAULT_RULES: Rules = { limits: DEFAULT_LIMITS, numpy: true };
const RULES_WITHOUT_NUMPY: Rules = { limits: DEFAULT_LIMITS, numpy: false };

function rulesOf({ limits, numpy = true }: VerifyOptions): Rules {
  if (limits === undefined) return numpy ? DEFAULT_RULES : RULES_WITHOUT_NUMPY;
  return { limits: withDefaults(limits), numpy };
}

function verified(bytes: Uint8Array, { state, value }: Verifier): Verified {
  const { at, used, table } = state;
  const protocol = used > 1 ? 31 - Math.clz32(used) : 0;
  // The verifier keeps empty arrays for the next pickle.
  const names = state.names.length > 0 ? state.names : undefined;
  const proto5 = state.proto5.length > 0 ? state.proto5 : undefined;
  if (table.kindOf(value) !== DICT || hasNumpyText(state)) {
    return new Verified(bytes, at, protocol, names, proto5);
  }
  return new Verified(bytes, at, protocol, names, proto5, "dict", pairsOf(state));
}

// A str of numpy replaces an equal str among the keys, but is not listed here. A dict with one is therefore no message, so
// that no key is hidden.
function hasNumpyText({ names, table, containers }: VerifyState): boolean {
  if (names.length === 0) return false;
  const { pairs, pairCount } = containers;
  for (let i = 0; i < pairCount; i += 2) if (table.kindOf(pairs[i]!) === NUMPY_OTHER) return true;
  return false;
}

// The pairs whose key is a str. There is a function for each kind of array, or one large dict would make V8's code for the
// many small ones slow.
function pairsOf(state: VerifyState): ArrayLike<number> {
  return state.containers.pairCount > FEW ? manyPairs(state) : fewPairs(state);
}

function fewPairs({ bytes, containers, table }: VerifyState): number[] {
  const { pairs, pairCount: count } = containers, { rows } = table;
  const found: number[] = [];
  for (let i = 0; i < count; i += 2) {
    const key = pairs[i]!, value = pairs[i + 1]!;
    if (!hasRow(key) && plainKind(bytes, key) === STR) {
      found.push(key, sourceOf(value, rows), kindOf(bytes, value, rows));
    }
  }
  return found;
}

function manyPairs(state: VerifyState): Int32Array {
  const found = new Int32Array(state.containers.pairCount * 1.5);
  return found.subarray(0, writePairs(state, found));
}

// Nothing follows the loop: V8 compiles it while it runs the first time, knows nothing yet of what follows, and would throw
// the code away there, again for each dict.
function writePairs({ bytes, containers, table }: VerifyState, found: Int32Array): number {
  const { pairs, pairCount: count } = containers, { rows } = table;
  let length = 0;
  for (let i = 0; i < count; i += 2) {
    const key = pairs[i]!, value = pairs[i + 1]!;
    if (hasRow(key) || plainKind(bytes, key) !== STR) continue;
    found[length++] = key;
    found[length++] = sourceOf(value, rows);
    found[length++] = kindOf(bytes, value, rows);
  }
  return length;
}

function sourceOf(slot: number, rows: Int32Array): number {
  return hasRow(slot) ? rows[(rowOf(slot) << 3) + SOURCE]! : slot;
}

function kindOf(bytes: Uint8Array, slot: number, rows: Int32Array): number {
  return hasRow(slot) ? objectKind(rows[(rowOf(slot) << 3) + KIND]! & 0xff) : plainKind(bytes, slot);
}
