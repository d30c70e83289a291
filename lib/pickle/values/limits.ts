/** Limits on the resources that a pickle may use, and all their defaults. */

/** Limits that a caller may set one by one; the others are as in {@linkcode DEFAULT_LIMITS}. */
export interface PickleLimits {
  /** Nesting depth of containers in a value that is decoded, encoded or parsed. */
  readonly depth: number;
  /** Nesting depth of containers in a pickle that is verified. */
  readonly verifyDepth: number;
  /** Number of opcodes in one pickle. */
  readonly opcodes: number;
  /** Number of memo entries. */
  readonly memo: number;
  /** Estimated bytes of memory for the objects that are made, rounded up; for encode, the length of the pickle. */
  readonly memory: number;
  /** Decimal digits of an int in text form, as CPython's `sys.int_info.default_max_str_digits`. */
  readonly digits: number;
  /** Number of entries of one dict or set. */
  readonly entries: number;
  /**
   * Units of work on keys and on the arguments of calls per byte of the pickle; a unit is about one byte compared, hashed or
   * copied. It keeps the time linear where two equal keys of 100 kB alternate, or one list becomes a set ten thousand times.
   * The output of a pickler stays far below it.
   */
  readonly keyWork: number;
}

const MEBI = 1024 * 1024;

/** The default limits. */
export const DEFAULT_LIMITS: PickleLimits = Object.freeze({
  depth: 1_000,
  verifyDepth: 500,
  opcodes: 64 * MEBI,
  memo: 16 * MEBI,
  memory: 1024 * MEBI,
  digits: 4_300,
  entries: 8 * MEBI,
  keyWork: 16,
});

/**
 * Completes the caller's limits with the defaults.
 *
 * @param limits The caller's limits; an undefined limit counts as absent.
 * @example
 * ```ts
 * import { withDefaults } from "./limits.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(withDefaults({ depth: 10 }).depth, 10);
 * assertEquals(withDefaults().digits, 4300);
 * ```
 */
export function withDefaults(limits?: Partial<PickleLimits>): PickleLimits {
  return limits === undefined ? DEFAULT_LIMITS : { ...DEFAULT_LIMITS, ...limits };
}
