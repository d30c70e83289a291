/** Text of bytes, as repr shows them. */
import { Pieces } from "./text_out.ts";

const SINGLE = 0x27;
const DOUBLE = 0x22;
const BACKSLASH = 0x5C;

/** When repr escapes a single quote: in bytes only as the delimiter, in a bytearray always. */
export type EscapeQuote = "delimiter" | "always";

/** The text of each byte, quotes aside. */
const SHOWN: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0x09) return "\\t";
  if (byte === 0x0A) return "\\n";
  if (byte === 0x0D) return "\\r";
  if (byte === BACKSLASH) return "\\\\";
  if (byte < 0x20 || byte >= 0x7F) return "\\x" + byte.toString(16).padStart(2, "0");
  return String.fromCharCode(byte);
});

/**
 * Shows bytes as Python's repr does.
 *
 * @param bytes The bytes.
 * @param room The number of characters that are needed; the rest of the result may be cut off.
 * @param escape When a single quote is escaped.
 * @returns The literal, `b'…'`.
 *
 * @example
 * ```ts
 * import { reprBytes } from "./bytes.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(reprBytes(Uint8Array.of(0, 65, 255)), "b'\\x00A\\xff'");
 * ```
 */
export function reprBytes(bytes: Uint8Array, room = Infinity, escape: EscapeQuote = "delimiter"): string {
  const double = bytes.includes(SINGLE) && !bytes.includes(DOUBLE);
  const quote = double ? '"' : "'";
  const single = double && escape === "delimiter" ? "'" : "\\'";
  const out = new Pieces();
  out.push("b" + quote);
  for (let at = 0; at < bytes.length && out.length <= room; at++) {
    const byte = bytes[at]!;
    out.push(byte === SINGLE ? single : SHOWN[byte]!);
  }
  out.push(quote);
  return out.join();
}
