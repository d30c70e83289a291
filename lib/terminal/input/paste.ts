/** The question about a paste of several lines. */

import type { Key } from "../keys/key.ts";

/** The choice about a paste: send its lines one by one, as one message, or not at all. */
export type PasteChoice = "lines" | "one" | "no";

/** Returns the lines of a paste, without empty ones at its end. */
export function pastedLines(pasted: string): string[] {
  return pasted.replace(/\n+$/, "").split("\n");
}

/** Returns the question about the lines of a paste, of which those with text are sent. */
export function pasteQuestion(lines: readonly string[]): string {
  const sent = lines.filter((line) => line !== "").length;
  return `send ${sent} ${sent === 1 ? "line" : "lines"}? [y/N, o: as one message] `;
}

/** Returns the choice that a key makes. Any key but those for yes is a no. */
export function pasteChoice(key: Key): PasteChoice {
  if (key.text === "y" || key.text === "Y") return "lines";
  return key.text === "o" || key.text === "O" ? "one" : "no";
}
