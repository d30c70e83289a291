/** Text of a str, as repr shows it. */
import { Pieces } from "./text_out.ts";
import { isPrintable } from "./printable.ts";

/** Text that repr shows unescaped in single quotes. */
const PLAIN = /^[ -&(-[\]-~]*$/;

const BACKSLASH = 0x5C;

/**
 * Shows a str as Python's repr does (CPython's unicode_repr): in single quotes unless only those occur in it, with escapes for
 * unprintable characters and lone surrogates.
 *
 * @param text The str.
 * @param room The number of characters that are needed; the rest of the result may be cut off or wrong.
 * @returns The literal.
 *
 * @example
 * ```ts
 * import { reprStr } from "./text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(reprStr("it's\n"), `"it's\\n"`);
 * ```
 */
export function reprStr(text: string, room = Infinity): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  // Each unit takes at least one character of the result, so the part that is cut off is not needed.
  const seen = text.length > room ? text.slice(0, room) : text;
  if (PLAIN.test(seen)) return quote + seen + quote;
  return quote + escapeText(seen, quote) + quote;
}

/**
 * Escapes the characters that repr does not show unescaped.
 *
 * @param text The text.
 * @param quote The quote to escape too, or "" for none.
 * @returns The text with escapes.
 */
export function escapeText(text: string, quote: string): string {
  const quoteUnit = quote === "" ? -1 : quote.charCodeAt(0);
  const out = new Pieces();
  let start = 0;
  let at = 0;
  while (at < text.length) {
    const point = text.codePointAt(at)!;
    const next = at + (point > 0xFFFF ? 2 : 1);
    if (point === quoteUnit || point === BACKSLASH || !isPrintable(point)) {
      out.push(text.slice(start, at) + escapePoint(point));
      start = next;
    }
    at = next;
  }
  out.push(text.slice(start));
  return out.join();
}

/**
 * Shows a str of code points as Python's repr does, with adjacent surrogates separate.
 *
 * @param points The code points.
 * @param room The number of characters that are needed.
 * @returns The literal.
 */
export function reprPoints(points: readonly number[], room = Infinity): string {
  const quote = points.includes(0x27) && !points.includes(0x22) ? '"' : "'";
  const quoteUnit = quote.charCodeAt(0);
  const out = new Pieces();
  out.push(quote);
  for (const point of points) {
    if (out.length > room) break;
    const escaped = point === quoteUnit || point === BACKSLASH || !isPrintable(point);
    out.push(escaped ? escapePoint(point) : String.fromCodePoint(point));
  }
  out.push(quote);
  return out.join();
}

function escapePoint(point: number): string {
  switch (point) {
    case 0x09:
      return "\\t";
    case 0x0A:
      return "\\n";
    case 0x0D:
      return "\\r";
    case 0x22:
    case 0x27:
    case BACKSLASH:
      return "\\" + String.fromCharCode(point);
  }
  if (point <= 0xFF) return "\\x" + hexadecimal(point, 2);
  return point <= 0xFFFF ? "\\u" + hexadecimal(point, 4) : "\\U" + hexadecimal(point, 8);
}

function hexadecimal(point: number, width: number): string {
  return point.toString(16).padStart(width, "0");
}
