/** The question that a paste of several lines asks. */

import type { Key } from "./keys/key.ts";

/** What is done with a paste: its lines are sent one by one, as one message, or not at all. */
export type PasteChoice = "lines" | "one" | "no";

/** The lines of a paste; the end of the last one is none of its own. */
export function pastedLines(pasted: string): string[] {
  return pasted.replace(/\n+$/, "").split("\n");
}

/** Gives the question about a paste of so many lines. */
export function pasteQuestion(lines: number): string {
  return `send ${lines} lines? [y/N, o: as one message] `;
}

/** Reads the answer: anything but a clear yes is a no. */
export function pasteChoice(key: Key): PasteChoice {
  if (key.text === "y" || key.text === "Y") return "lines";
  return key.text === "o" || key.text === "O" ? "one" : "no";
}
