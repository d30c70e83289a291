/** Table of the characters that repr shows unescaped. */
import { PRINTABLE_RUNS } from "./printable_table.ts";

/** The end of each run of unprintable and printable characters in turn; runs with odd index are printable. */
const RUN_ENDS = runEnds();

function runEnds(): Uint32Array {
  const lengths = PRINTABLE_RUNS.split(" ");
  const ends = new Uint32Array(lengths.length);
  let end = 0;
  for (const [run, length] of lengths.entries()) {
    end += Number.parseInt(length, 36);
    ends[run] = end;
  }
  return ends;
}

/**
 * Returns whether a character is printable as Python's `str.isprintable` defines it: assigned and visible, or the space.
 *
 * The answer is that of CPython 3.11, which uses Unicode 14.0, whatever the version of this engine; a character that was added
 * later is unprintable.
 *
 * @param point The code point, 0 to 0x10FFFF.
 * @returns Whether repr shows the character unescaped.
 *
 * @example
 * ```ts
 * import { isPrintable } from "./printable.ts";
 * import { assert, assertFalse } from "@std/assert";
 *
 * assert(isPrintable(0x1F600));
 * assertFalse(isPrintable(0xAD));
 * ```
 */
export function isPrintable(point: number): boolean {
  if (point < 0x7F) return point >= 0x20;
  let low = 0;
  let high = RUN_ENDS.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (RUN_ENDS[middle]! <= point) low = middle + 1;
    else high = middle;
  }
  return (low & 1) === 1;
}
