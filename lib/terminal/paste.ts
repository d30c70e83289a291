import { type DecodedKey, type Key, keyOf } from "./key.ts";

/** What was typed: a key, or a text that was pasted as a whole. */
export type Typed = Key | { readonly pasted: string };

// node:readline does not know bracketed paste: it decodes the brackets without their last character, which follows.
const BEGIN = "\x1b[200";
const END = "\x1b[201";

/**
 * Gathers what stands between the brackets of a bracketed paste.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { PasteReader } from "./paste.ts";
 *
 * const reader = new PasteReader();
 * const typed = ["\x1b[200", "~", "a", "\r", "b", "\x1b[201", "~"].map((sequence) => reader.take({ sequence }));
 * assertEquals(typed.filter((each) => each !== null), [{ pasted: "a\nb" }]);
 * ```
 */
export class PasteReader {
  #pieces: string[] | null = null;
  #bracket = false;

  /** Takes a key that node:readline decoded; gives null while a paste is under way. */
  take(key: DecodedKey): Typed | null {
    const sequence = key.sequence ?? "";
    const closes = this.#bracket && sequence === "~";
    this.#bracket = sequence === BEGIN || sequence === END;
    if (closes) return null;
    if (sequence === BEGIN) {
      this.#pieces ??= [];
      return null;
    }
    if (this.#pieces === null) return this.#bracket ? null : keyOf(key);
    if (sequence !== END) {
      this.#pieces.push(sequence);
      return null;
    }
    // Terminals send what Enter would for each end of a line.
    const pasted = this.#pieces.join("").replace(/\r\n?/g, "\n");
    this.#pieces = null;
    return { pasted };
  }
}

/** What a person may say to what was pasted. */
export type PasteChoice = "lines" | "one" | "no";

/** The lines of a paste; the end of the last one is none of its own. */
export function pastedLines(pasted: string): string[] {
  return pasted.replace(/\n+$/, "").split("\n");
}

/** Asks what is to become of several lines. */
export function pasteQuestion(lines: number): string {
  return `send ${lines} lines? [y/N, o: as one message] `;
}

/** Reads the answer: anything but a clear yes is a no. */
export function pasteChoice(key: Key): PasteChoice {
  if (key.text === "y" || key.text === "Y") return "lines";
  return key.text === "o" || key.text === "O" ? "one" : "no";
}
