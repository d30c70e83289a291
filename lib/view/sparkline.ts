/** Sparklines: numbers as one line of bars, with their minimum, maximum and mean. */

import { rangesOf, summaryOf } from "../objects/numbers.ts";

const BARS = "▁▂▃▄▅▆▇█";

/** The most bars. */
const MOST_BARS = 32;

/**
 * Draws numbers as bars, each for a section of equal length, followed by the summary; null if no number is finite.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sparkline } from "./sparkline.ts";
 *
 * assertEquals(sparkline([0, 1, 2, 3, 4, 5, 6, 7]), "▁▂▃▄▅▆▇█ min 0, mean 3.5, max 7");
 * ```
 */
export function sparkline(numbers: ArrayLike<number>): string | null {
  const summary = summaryOf(numbers);
  if (summary === null) return null;
  const { min, max, mean } = summary;
  const ranges = rangesOf(numbers, Math.min(MOST_BARS, numbers.length));
  const bars = Array.from(ranges.max, (top, place) => {
    const middle = (top + ranges.min[place]!) / 2;
    if (Number.isNaN(middle)) return " ";
    return BARS[Math.min(BARS.length - 1, Math.floor((middle - min) / (max - min || 1) * BARS.length))];
  });
  return `${bars.join("")} min ${short(min)}, mean ${short(mean)}, max ${short(max)}`;
}

/** Formats an int as it is, and another number with four digits. */
function short(number: number): string {
  return String(Number.isInteger(number) ? number : Number(number.toPrecision(4)));
}
