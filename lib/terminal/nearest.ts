/** How far apart two words are at most that are taken for each other. */
const NEAR = 3;

/**
 * Finds the word that was most likely meant.
 *
 * @returns The nearest of the words, or undefined where none is near.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nearest } from "./nearest.ts";
 *
 * assertEquals(nearest("jion", ["help", "join"]), "join");
 * assertEquals(nearest("xyzzy", ["help", "join"]), undefined);
 * ```
 */
export function nearest(typed: string, words: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.min(NEAR, typed.length);
  for (const word of words) {
    const distance = word.startsWith(typed) && typed.length > 1 ? 0.5 : editDistance(typed, word);
    if (distance < least) [best, least] = [word, distance];
  }
  return best;
}

/** How many letters are to be put in, taken out, changed or swapped with the next. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(changed, last[j]! + 1, row[j - 1]! + 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) row[j] = Math.min(row[j]!, beforeLast[j - 2]! + 1);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
