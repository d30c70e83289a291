/** The part of a stored message that is searched: the texts in its body. */

import { HEADER_SIZE } from "../../frame/mod.ts";
import { textsIn } from "../../pickle/verify/texts_in.ts";
import { wordsOf } from "./tokens.ts";

/**
 * The part of a message that is searched, in bytes of text and in opcodes. Reading it takes a few milliseconds at most.
 */
const BOUNDS = { maxBytes: 64 * 1024, maxOpcodes: 100_000 };

/** A word that no query can contain. It separates the texts of a body, so that no phrase matches across two of them. */
export const BETWEEN = "-";

/**
 * Returns the words in a message's body: in a text, or in the texts of dicts, lists, tuples and sets.
 *
 * @param frame The whole frame of a message as it went to the room.
 *
 * @example
 * ```ts
 * import { encodeFrame } from "../../frame/mod.ts";
 * import { encode } from "../../pickle/encode/encode.ts";
 * import { assertEquals } from "@std/assert";
 * import { searchableWords } from "./searchable.ts";
 *
 * const message = new Map([["type", "message"], ["from", "ann"], ["body", "Tea is ready"]]);
 * assertEquals(searchableWords(encodeFrame(encode(message))), ["tea", "is", "ready"]);
 * ```
 */
export function searchableWords(frame: Uint8Array): string[] {
  const texts = textsIn(frame.subarray(HEADER_SIZE), "body", BOUNDS);
  if (texts.length <= 1) return wordsOf(texts[0] ?? "");
  return texts.flatMap((text) => [...wordsOf(text), BETWEEN]);
}
