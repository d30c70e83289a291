/** Long output in pages that fit the screen. */

import { rowsIn } from "./rows/wrap.ts";

/** A heading, with the style of its line. */
// deno-lint-ignore no-control-regex
const HEADING = /:(?:\x1b\[[\d;]*m)*$/;

/** The space for a page. */
export interface PageSpace {
  readonly columns: number;
  /** The rows of a page. */
  readonly rows: number;
}

/**
 * Returns one page of lines, counted from 1; the last one if there are not so many.
 *
 * A heading, which ends in a colon, stands on the page of the line after it.
 *
 * @param lines Lines, as `wrapped` of rows/wrap.ts takes them. A line that is longer than a page is a page of its own.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pageOf } from "./pages.ts";
 *
 * const space = { columns: 8, rows: 2 };
 * assertEquals(pageOf(["one", "two", "three"], 2, space), { lines: ["three"], page: 2, pages: 2 });
 * assertEquals(pageOf(["a longer one", "two", "three"], 2, space), { lines: ["two", "three"], page: 2, pages: 2 });
 * ```
 */
export function pageOf(
  lines: readonly string[],
  page: number,
  { columns, rows }: PageSpace,
): { readonly lines: readonly string[]; readonly page: number; readonly pages: number } {
  const pages: string[][] = [[]];
  let used = 0;
  for (const line of lines) {
    const taken = rowsIn(line, columns);
    if (used + taken > rows && used > 0) {
      const last = pages.at(-1)!;
      const isHeading = last.length > 1 && HEADING.test(last.at(-1)!);
      const moved = isHeading ? last.splice(-1) : [];
      pages.push(moved);
      used = moved.reduce((sum, each) => sum + rowsIn(each, columns), 0);
    }
    pages.at(-1)!.push(line);
    used += taken;
  }
  const shown = Math.min(page, pages.length);
  return { lines: pages[shown - 1]!, page: shown, pages: pages.length };
}
