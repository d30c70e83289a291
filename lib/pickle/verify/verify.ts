/**
 * Verification of pickles from strangers: whether they may be passed on to Python peers as they are.
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
  /** Of the limits those of depth (`verifyDepth`), memory, digits, entries and keyWork hold here. */
  readonly limits?: Partial<PickleLimits>;
  /** Whether names of numpy pass, which peers without numpy cannot load; true where left out. */
  readonly numpy?: boolean;
}

const verifier = new Verifier();
/** Up to so many keys and values a plain array is cheaper. */
const FEW = 64;
/** The bytes of opcodes, or the keys, between two questions of a verification in slices whether it may go on. */
const SLICE = 8192;
const STR = VALUE_KINDS.indexOf("str");

/**
 * Verifies that CPython's unpicklers, the one in C and the one in Python, load a pickle without error and without calling
 * anything but the names of {@linkcode allowedName} in the shapes that CPython's pickler writes. It is one pass over the
 * opcodes that builds nothing, in time and memory in proportion to the pickle; what it accepts can stand between other
 * opcodes and does not reach around itself. It is stricter than the unpicklers where they disagree, and refuses what no
 * pickler writes.
 *
 * @param bytes one pickle; behind its STOP only zeros may stand
 * @returns where it ends, what it needs and what its top-level dict holds
 * @throws {PickleError} for a pickle that is refused, with the offset of the opcode at fault
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
 * A verification in slices, for a long pickle: what {@linkcode verify} does in one call, with the event loop running between
 * slices. It has memory of its own, so any number may be under way; the bytes must stay as they are until it has ended.
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
  #verifier: Verifier | undefined = new Verifier();
  #verified: Verified | undefined;

  constructor(bytes: Uint8Array, options: VerifyOptions = {}) {
    this.#bytes = bytes;
    this.#verifier!.start(bytes, rulesOf(options));
  }

  /**
   * Goes on until the pickle is verified or `mayGoOn` says no; that is asked at least once in a few milliseconds.
   *
   * @returns what {@linkcode verify} returns, undefined where the pickle is not verified yet
   * @throws {PickleError} as {@linkcode verify} does
   */
  step(mayGoOn: () => boolean): Verified | undefined {
    const verifier = this.#verifier;
    if (verifier === undefined) return this.#verified;
    try {
      while (!verifier.advance(SLICE)) if (!mayGoOn()) return undefined;
      this.#verified = verified(this.#bytes, verifier);
    } catch (error) {
      this.#verifier = undefined;
      throw error;
    }
    this.#verifier = undefined;
    return this.#verified;
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
  // Empty arrays are the verifier's own, and it fills them the next time.
  const names = state.names.length > 0 ? state.names : undefined;
  const proto5 = state.proto5.length > 0 ? state.proto5 : undefined;
  if (table.kindOf(value) !== DICT || hasNumpyText(state)) {
    return new Verified(bytes, at, protocol, names, proto5);
  }
  return new Verified(bytes, at, protocol, names, proto5, "dict", pairsOf(state));
}

// A str of numpy takes the place of an equal str among the keys, without being one that is told here. So that none hides
// behind it, such a dict is no message.
function hasNumpyText({ names, table, containers }: VerifyState): boolean {
  if (names.length === 0) return false;
  const { pairs, pairCount } = containers;
  for (let i = 0; i < pairCount; i += 2) if (table.kindOf(pairs[i]!) === NUMPY_OTHER) return true;
  return false;
}

// Only pairs whose key is a str; of a value that is no plain one, where it was made. A function for each kind of array, or
// one large dict would make V8's code for the many small ones slow.
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

function manyPairs({ bytes, containers, table }: VerifyState): Int32Array {
  const { pairs, pairCount: count } = containers, { rows } = table;
  const found = new Int32Array(count * 1.5);
  let length = 0;
  for (let i = 0; i < count; i += 2) {
    const key = pairs[i]!, value = pairs[i + 1]!;
    if (hasRow(key) || plainKind(bytes, key) !== STR) continue;
    found[length++] = key;
    found[length++] = sourceOf(value, rows);
    found[length++] = kindOf(bytes, value, rows);
  }
  return found.subarray(0, length);
}

function sourceOf(slot: number, rows: Int32Array): number {
  return hasRow(slot) ? rows[(rowOf(slot) << 3) + SOURCE]! : slot;
}

function kindOf(bytes: Uint8Array, slot: number, rows: Int32Array): number {
  return hasRow(slot) ? objectKind(rows[(rowOf(slot) << 3) + KIND]! & 0xff) : plainKind(bytes, slot);
}
