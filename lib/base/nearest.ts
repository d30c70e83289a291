/** Suggestions for a mistyped word. */

/**
 * Finds the candidate nearest to a mistyped word: one in which at most a third of its letters is added, left out,
 * changed or swapped. A candidate that begins with the word is near, too.
 *
 * @param word The mistyped word; case is ignored.
 * @param candidates The known words; of equally near ones the first is returned.
 * @returns The candidate; undefined if none is near.
 *
 * @example
 * ```ts
 * import { nearest } from "./nearest.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(nearest("conect", ["serve", "connect"]), "connect");
 * assertEquals(nearest("xyzzy", ["serve", "connect"]), undefined);
 * ```
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  // A very long word is not near any candidate and need not be compared.
  if (wanted === "" || wanted.length > 64) return undefined;
  let best: string | undefined;
  let least = Infinity;
  for (const candidate of candidates) {
    const other = candidate.toLowerCase();
    const far = wanted.length > 1 && other.startsWith(wanted) ? 0.5 : distance(wanted, other);
    if (far < least && far <= Math.max(1, Math.floor(other.length / 3)) && far < other.length) {
      best = candidate;
      least = far;
    }
  }
  return best;
}

/** The Damerau-Levenshtein distance of two words, with swaps of neighbours only. */
function distance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(changed, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
