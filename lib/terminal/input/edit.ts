/** Operations on a text with a cursor. */

import { graphemes } from "../width.ts";

/** A text with a cursor, in UTF-16 code units. */
export interface Edit {
  readonly text: string;
  readonly cursor: number;
}

const IN_WORD = /[\p{L}\p{N}\p{M}_]/u;
/** The code points of emoji: pictures, letters of flags, skin tones, the emoji style, the keycap. */
const EMOJI = /[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Emoji_Modifier}\uFE0F\u20E3]/u;
/** The window in which a grapheme is searched: only emoji sequences and stacked marks come near it. */
const NEAR = 256;

/** Returns the place where the grapheme before a place begins. */
export function graphemeBefore(text: string, at: number): number {
  if (at <= 0) return 0;
  // A window is enough: splitting a long line at each key would be slow.
  const start = windowStart(text, Math.max(0, at - NEAR));
  return at - (graphemes(text.slice(start, at)).at(-1)?.length ?? 0);
}

/** Returns the place up to which Backspace erases: before the last code point, or before the whole of an emoji. */
export function eraseBefore(text: string, at: number): number {
  const from = graphemeBefore(text, at);
  return EMOJI.test(text.slice(from, at)) ? from : at - charBefore(text, at).length;
}

/** Returns the place where the grapheme at a place ends. */
export function graphemeAfter(text: string, at: number): number {
  const start = graphemeStart(text, at);
  return start + (graphemes(text.slice(start, at + NEAR))[0]?.length ?? 0);
}

/** Returns the nearest end of a grapheme that is not before a place: where a cursor can be seen. */
export function graphemeEdge(text: string, at: number): number {
  return graphemeStart(text, at) === at ? at : graphemeAfter(text, at);
}

function graphemeStart(text: string, at: number): number {
  if (at <= 0 || at >= text.length) return at;
  let place = windowStart(text, Math.max(0, at - NEAR));
  for (const grapheme of graphemes(text.slice(place, at + NEAR))) {
    if (place + grapheme.length > at) return place;
    place += grapheme.length;
  }
  return at;
}

/** Moves the start of a window back to a character that joins nothing, or forward out of a surrogate pair. */
function windowStart(text: string, at: number): number {
  for (let start = at; start > 0 && at - start < NEAR; start--) {
    if (text[start] === " " || text[start] === "\n") return start;
  }
  const unit = text.charCodeAt(at);
  return unit >= 0xDC00 && unit < 0xE000 ? at + 1 : at;
}

/** Returns the place where the word before a place begins, as M-b goes. */
export function wordBefore(text: string, at: number): number {
  let place = at;
  while (place > 0 && !IN_WORD.test(charBefore(text, place))) place -= charBefore(text, place).length;
  while (place > 0 && IN_WORD.test(charBefore(text, place))) place -= charBefore(text, place).length;
  return place;
}

/** Returns the place where the word after a place ends, as M-f goes. */
export function wordAfter(text: string, at: number): number {
  let place = at;
  while (place < text.length && !IN_WORD.test(charAt(text, place))) place += charAt(text, place).length;
  while (place < text.length && IN_WORD.test(charAt(text, place))) place += charAt(text, place).length;
  return place;
}

/** Returns the place after the last space before a place's word, as C-w goes. */
export function spaceBefore(text: string, at: number): number {
  return at - /\S*\s*$/.exec(text.slice(0, at))![0].length;
}

/** Inserts a text at the cursor. */
export function insert({ text, cursor }: Edit, added: string): Edit {
  return { text: text.slice(0, cursor) + added + text.slice(cursor), cursor: cursor + added.length };
}

/** Removes the text between two places; the cursor stays at the gap. */
export function remove({ text }: Edit, from: number, to: number): Edit {
  return { text: text.slice(0, from) + text.slice(to), cursor: from };
}

/** Swaps the grapheme before the cursor with the one at it, or the last two at the end, as C-t does. */
export function transpose({ text, cursor }: Edit): Edit {
  const middle = cursor >= text.length ? graphemeBefore(text, text.length) : graphemeEdge(text, cursor);
  const from = graphemeBefore(text, middle);
  const to = graphemeAfter(text, middle);
  if (from === middle || to === middle) return { text, cursor };
  const swapped = text.slice(middle, to) + text.slice(from, middle);
  return { text: text.slice(0, from) + swapped + text.slice(to), cursor: to };
}

/** Changes the word at the cursor and moves after it, as M-u, M-l and M-c do. */
export function changeWord({ text, cursor }: Edit, change: (word: string) => string): Edit {
  const end = wordAfter(text, cursor);
  const changed = change(text.slice(cursor, end));
  return { text: text.slice(0, cursor) + changed + text.slice(end), cursor: cursor + changed.length };
}

/** Capitalizes a word: its first letter in upper case, the others in lower case. */
export function capitalize(word: string): string {
  return word.toLowerCase().replace(/\p{L}/u, (letter) => letter.toUpperCase());
}

function charBefore(text: string, at: number): string {
  const low = text.charCodeAt(at - 1);
  return low >= 0xDC00 && low < 0xE000 ? text.slice(Math.max(0, at - 2), at) : text.slice(at - 1, at);
}

function charAt(text: string, at: number): string {
  return String.fromCodePoint(text.codePointAt(at)!);
}
