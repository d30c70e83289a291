/** The answer of a terminal about its background: OSC 11. */

import { type Background, backgroundReported } from "../style/palette.ts";

const NUMBER = "11;";
/** The beginning of an answer, up to any character of its colour. */
const BEGUN = /^1(?:$|1(?:$|;(?:$|r(?:$|g(?:$|ba?(?:$|:[\da-f/]*$))))))/i;

/**
 * Returns the background in the parameters of an answer; undefined if it has none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { backgroundIn } from "./background_answer.ts";
 *
 * assertEquals(backgroundIn("11;rgb:ffff/ffff/ffff"), "light");
 * assertEquals(backgroundIn("10;rgb:ffff/ffff/ffff"), undefined);
 * ```
 */
export function backgroundIn(parameters: string): Background | undefined {
  return parameters.startsWith(NUMBER) ? backgroundReported(parameters.slice(NUMBER.length)) : undefined;
}

/** Returns whether a text may be the beginning of the parameters of an answer. */
export function isAnswerBegun(text: string): boolean {
  return text === "" || BEGUN.test(text);
}
