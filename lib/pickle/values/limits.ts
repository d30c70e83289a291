/** How much a pickle may ask of us. Every default stands here and nowhere else. */

/** Limits that a caller may set one by one; what is left out is as in {@linkcode DEFAULT_LIMITS}. */
export interface PickleLimits {
  /** How deep containers may nest in a value that is decoded, encoded, formatted or parsed. */
  readonly depth: number;
  /** How deep containers may nest in a pickle that is verified. */
  readonly verifyDepth: number;
  /** Opcodes in one pickle. */
  readonly opcodes: number;
  /** Entries of the memo. */
  readonly memo: number;
  /** Bytes charged for the objects that are made: what V8 takes for them, rounded up. */
  readonly memory: number;
  /** Decimal digits of an int that stands as text, as CPython's `sys.int_info.default_max_str_digits`. */
  readonly digits: number;
  /** Entries of one dict or set. */
  readonly entries: number;
  /**
   * Work on keys and on the arguments of known calls, for each byte of the pickle: about a byte compared, hashed or copied.
   * No pickler comes near it, since it writes each of them once; it keeps the time linear where two equal keys of 100 kB take
   * turns, or one list is made a set ten thousand times.
   */
  readonly keyWork: number;
}

const MEBI = 1024 * 1024;

/** The limits where the caller says nothing. */
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
 * Gives all limits, the caller's where there is one.
 *
 * @param limits The caller's; a limit that is undefined counts as left out.
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
