/**
 * Tells whether a pickle from a stranger may be passed on to Python peers as it is.
 *
 * @module
 */
import { type PickleLimits, withDefaults } from "../values/limits.ts";
import { KIND, Kind, SOURCE } from "./object_table.ts";
import { objectKind, plainKind, VALUE_KINDS } from "./slot_reader.ts";
import { Verified } from "./verified.ts";
import { type Outcome, Verifier } from "./verifier.ts";

/** Options of {@linkcode verify}. */
export interface VerifyOptions {
  /** Of the limits those of depth (`verifyDepth`), memory, digits, entries and keyWork hold here. */
  readonly limits?: Partial<PickleLimits>;
}

const verifier = new Verifier();
/** Up to so many keys and values a plain array is cheaper. */
const FEW = 64;
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
  const limits = withDefaults(options.limits);
  try {
    return verified(bytes, verifier.run(bytes, limits));
  } finally {
    verifier.reset();
  }
}

function verified(bytes: Uint8Array, outcome: Outcome): Verified {
  const { end, protocol, value } = outcome;
  // Empty arrays are the verifier's own, and it fills them the next time.
  const names = outcome.names.length > 0 ? outcome.names : undefined;
  const proto5 = outcome.proto5.length > 0 ? outcome.proto5 : undefined;
  if (value >= 0 || verifier.table.kind(~value) !== Kind.DICT || hasNumpyText(outcome)) {
    return new Verified(bytes, end, protocol, names, proto5);
  }
  return new Verified(bytes, end, protocol, names, proto5, "dict", pairsOf(bytes, outcome));
}

// A scalar of numpy that is a str takes the place of an equal str among the keys, without being one that is told here. So that
// none hides behind it, such a dict is no message.
function hasNumpyText({ names, pairs, pairCount }: Outcome): boolean {
  if (names.length === 0) return false;
  for (let i = 0; i < pairCount; i += 2) {
    const key = pairs[i]!;
    if (key >= 0) continue;
    const kind = verifier.table.kind(~key);
    if (kind === Kind.SCALAR || kind === Kind.SWAPPED_SCALAR) return true;
  }
  return false;
}

// Only pairs whose key is a str; of a value that is no plain one, where it was made. A function for each kind of array, or
// one large dict would make V8's code for the many small ones slow.
function pairsOf(bytes: Uint8Array, { pairs, pairCount }: Outcome): ArrayLike<number> {
  return pairCount > FEW ? manyPairs(bytes, pairs, pairCount) : fewPairs(bytes, pairs, pairCount);
}

function fewPairs(bytes: Uint8Array, pairs: Int32Array, count: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < count; i += 2) {
    const key = pairs[i]!, value = pairs[i + 1]!;
    if (key >= 0 && plainKind(bytes, key) === STR) found.push(key, sourceOf(value), kindOf(bytes, value));
  }
  return found;
}

function manyPairs(bytes: Uint8Array, pairs: Int32Array, count: number): Int32Array {
  const found = new Int32Array(count * 1.5);
  let length = 0;
  for (let i = 0; i < count; i += 2) {
    const key = pairs[i]!, value = pairs[i + 1]!;
    if (key < 0 || plainKind(bytes, key) !== STR) continue;
    found[length++] = key;
    found[length++] = sourceOf(value);
    found[length++] = kindOf(bytes, value);
  }
  return found.subarray(0, length);
}

function sourceOf(slot: number): number {
  return slot >= 0 ? slot : verifier.table.rows[(~slot << 3) + SOURCE]!;
}

function kindOf(bytes: Uint8Array, slot: number): number {
  return slot >= 0 ? plainKind(bytes, slot) : objectKind(verifier.table.rows[(~slot << 3) + KIND]! & 0xff);
}
