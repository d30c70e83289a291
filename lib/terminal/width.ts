/** The widths of characters and texts in columns. */

import { WIDE_RUNS } from "./width_table.ts";

/** The end of each run of narrow or wide characters: runs with an odd index are wide. */
const RUN_ENDS = runEnds();

function runEnds(): Uint32Array {
  const lengths = WIDE_RUNS.split(" ");
  const ends = new Uint32Array(lengths.length);
  let end = 0;
  for (const [run, length] of lengths.entries()) {
    end += Number.parseInt(length, 36);
    ends[run] = end;
  }
  return ends;
}

/** Created at its first use, because its tables take longer to load than the whole screen. */
let segmenter: Intl.Segmenter | undefined;

/**
 * Texts of characters of one column, of which none joins with another: ASCII, Latin, Greek and Cyrillic letters, dashes, dots,
 * lines. Most texts are such, and the segmenter takes long to load and to run.
 */
const PLAIN = /^[\x20-\x7E\u00A1-\u02FF\u0370-\u0482\u2010-\u2027\u2500-\u257F]*$/;
/** Characters that combine with or join the previous one. Most terminals show a soft hyphen. */
const WITHOUT_COLUMN = /^(?!\u00AD)[\p{Mn}\p{Me}\p{Cf}\u1160-\u11FF]$/u;
const EMOJI_STYLE = "\uFE0F";
const FLAG_LETTER = /^\p{Regional_Indicator}$/u;

/**
 * Splits a text into Unicode's extended grapheme clusters, which people see as characters.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { graphemes } from "./width.ts";
 *
 * assertEquals(graphemes("e\u0301👩‍👩‍👧漢"), ["e\u0301", "👩‍👩‍👧", "漢"]);
 * ```
 */
export function graphemes(text: string): string[] {
  if (PLAIN.test(text)) return text.split("");
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  return Array.from(segmenter.segment(text), (segment) => segment.segment);
}

/**
 * Returns the width of a grapheme on most terminals of today: 0, 1 or 2 columns. Ambiguous East Asian Width is 1.
 *
 * @param grapheme One item of {@linkcode graphemes}.
 */
export function columnsOf(grapheme: string): number {
  if (grapheme.length === 1 && PLAIN.test(grapheme)) return 1;
  let columns = 0;
  for (const char of grapheme) columns = Math.max(columns, columnsOfPoint(char));
  const emoji = grapheme.includes(EMOJI_STYLE) ||
    FLAG_LETTER.test(String.fromCodePoint(grapheme.codePointAt(0)!));
  return emoji ? 2 : columns;
}

/**
 * Returns the largest width of a grapheme on any terminal. Terminals without joined emoji show the parts of 👩‍👩‍👧 side
 * by side, in six columns; a line that is broken by this measure fits all of them.
 *
 * @param grapheme One item of {@linkcode graphemes}.
 */
export function mostColumnsOf(grapheme: string): number {
  if (grapheme.length === 1 && PLAIN.test(grapheme)) return 1;
  let columns = 0;
  for (const char of grapheme) {
    columns += char === EMOJI_STYLE ? 1 : FLAG_LETTER.test(char) ? 2 : columnsOfPoint(char);
  }
  return columns;
}

/**
 * Returns the width of a text without control characters on most terminals of today.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { columnsOfText } from "./width.ts";
 *
 * assertEquals(columnsOfText("ae\u0301漢👩‍👩‍👧"), 6);
 * ```
 */
export function columnsOfText(text: string): number {
  if (PLAIN.test(text)) return text.length;
  return graphemes(text).reduce((columns, grapheme) => columns + columnsOf(grapheme), 0);
}

/** Cuts a text without control characters to at most the given number of columns, with an ellipsis if it is cut. */
export function cutToColumns(text: string, columns: number): string {
  if (columnsOfText(text) <= columns) return text;
  let kept = "";
  let room = columns - 1;
  for (const grapheme of graphemes(text)) {
    room -= columnsOf(grapheme);
    if (room < 0) break;
    kept += grapheme;
  }
  return columns < 1 ? "" : kept + "…";
}

function columnsOfPoint(char: string): number {
  if (WITHOUT_COLUMN.test(char)) return 0;
  const point = char.codePointAt(0)!;
  let low = 0;
  let high = RUN_ENDS.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (RUN_ENDS[middle]! <= point) low = middle + 1;
    else high = middle;
  }
  return (low & 1) === 1 ? 2 : 1;
}
