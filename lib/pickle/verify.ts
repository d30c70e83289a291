/**
 * Tells whether a pickle from a stranger may be passed on to Python peers as it is.
 *
 * @module
 */
import { type PickleLimits, withDefaults } from "./limits.ts";
import { KIND, Kind, SOURCE } from "./object_table.ts";
import { objectKind, plainKind, type ValueKind } from "./slot_reader.ts";
import { VALUE_KINDS, Verified } from "./verified.ts";
import { type Outcome, Verifier } from "./verifier.ts";

/** Options of {@linkcode verify}. */
export interface VerifyOptions {
  /** Of the limits those of depth (`verifyDepth`), memory, digits, entries and keyWork hold here. */
  readonly limits?: Partial<PickleLimits>;
}

const verifier = new Verifier();
const KIND_NUMBERS = new Map<ValueKind, number>(VALUE_KINDS.map((kind, i) => [kind, i]));

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
    let outcome = verifier.run(bytes, limits, -1);
    if (
      outcome.value < 0 && verifier.table.kind(~outcome.value) === Kind.DICT &&
      outcome.target !== ~outcome.value
    ) {
      // The dict was not the first at the bottom: the rows are numbered alike in a second pass, so now it is known.
      const target = ~outcome.value;
      verifier.reset();
      outcome = verifier.run(bytes, limits, target);
    }
    return verified(bytes, outcome);
  } finally {
    verifier.reset();
  }
}

function verified(bytes: Uint8Array, outcome: Outcome): Verified {
  const { end, protocol, value } = outcome;
  // Empty arrays are the verifier's own, and it fills them the next time.
  const names = outcome.names.length > 0 ? outcome.names : undefined;
  const proto5 = outcome.proto5.length > 0 ? outcome.proto5 : undefined;
  if (value >= 0 || verifier.table.kind(~value) !== Kind.DICT) {
    return new Verified(bytes, end, protocol, names, proto5);
  }
  return new Verified(bytes, end, protocol, names, proto5, "dict", pairsOf(bytes, outcome));
}

// Only pairs whose key is a str; of a value that is no plain one, where it was made.
function pairsOf(bytes: Uint8Array, outcome: Outcome): number[] {
  const { pairs, pairCount } = outcome;
  const rows = verifier.table.rows;
  const found: number[] = [];
  for (let i = 0; i < pairCount; i += 2) {
    const key = pairs[i]!, value = pairs[i + 1]!;
    if (key < 0 || plainKind(bytes, key) !== "str") continue;
    if (value >= 0) {
      found.push(key, value, KIND_NUMBERS.get(plainKind(bytes, value))!);
    } else {
      const row = ~value << 3;
      found.push(key, rows[row + SOURCE]!, KIND_NUMBERS.get(objectKind(rows[row + KIND]! & 0xff))!);
    }
  }
  return found;
}
