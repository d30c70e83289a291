/** Search through the sent lines, as Ctrl-R in a shell: each typed character narrows it, Ctrl-R again goes to an older line. */

import { clean } from "../../base/text.ts";
import type { Edit } from "./edit.ts";
import type { Key } from "../keys/key.ts";

/** The outcome of a key in a search: it goes on, it is left, or its line is taken, perhaps to handle the key there. */
export type SearchStep = "goes on" | "left" | "taken" | "taken before the key";

/** The most characters of the searched text in the prompt. */
const SHOWN = 20;

/**
 * A search under way.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ReverseSearch } from "./reverse_search.ts";
 *
 * const search = new ReverseSearch(["make tea", "make milk", "ls"], { text: "half", cursor: 4 });
 * for (const text of "ma") search.onKey({ name: "", text });
 * assertEquals([search.prompt, search.edit], ["(search) ma: ", { text: "make milk", cursor: 0 }]);
 * search.onKey({ name: "C-r", text: "" });
 * assertEquals(search.edit.text, "make tea");
 * ```
 */
export class ReverseSearch {
  readonly #lines: readonly string[];
  /** The line as it was before. */
  readonly #before: Edit;
  #query = "";
  /** The index of the line that was found last; the number of lines if none was. */
  #found: number;
  #fails = false;

  /**
   * @param lines The sent lines, newest last.
   * @param before The line that is being typed.
   */
  constructor(lines: readonly string[], before: Edit) {
    this.#lines = lines;
    this.#before = before;
    this.#found = lines.length;
  }

  /** The prompt in place of the usual one. */
  get prompt(): string {
    const query = [...clean(this.#query)].slice(-SHOWN).join("");
    return `(${this.#fails ? "no more" : "search"}) ${query}: `;
  }

  /** The found line with the cursor at the found text; the line being typed if nothing was found yet. */
  get edit(): Edit {
    const text = this.#lines[this.#found];
    if (text === undefined) return this.#before;
    return { text, cursor: Math.max(0, placeIn(text, this.#query)) };
  }

  /** How far back the found line is: 1 is the newest one; 0 if nothing was found. */
  get back(): number {
    return this.#lines.length - this.#found;
  }

  /** The line as it was before. */
  get before(): Edit {
    return this.#before;
  }

  onKey(key: Key): SearchStep {
    switch (key.name) {
      case "C-r":
        this.#look(this.#found - 1);
        return "goes on";
      case "backspace":
        this.#query = [...this.#query].slice(0, -1).join("");
        this.#look(this.#lines.length - 1);
        return "goes on";
      case "C-g":
      case "escape":
      case "C-c":
        return "left";
      case "return":
        return "taken";
    }
    if (key.text === "") return "taken before the key";
    this.#query += key.text;
    this.#look(Math.min(this.#found, this.#lines.length - 1));
    return "goes on";
  }

  /** Looks for the text, from a line to older ones, and for another line than the one found. */
  #look(from: number): void {
    this.#fails = false;
    if (this.#query === "") {
      this.#found = this.#lines.length;
      return;
    }
    const shown = from < this.#found ? this.#lines[this.#found] : undefined;
    for (let at = from; at >= 0; at--) {
      const line = this.#lines[at]!;
      if (line === shown || placeIn(line, this.#query) < 0) continue;
      this.#found = at;
      return;
    }
    this.#fails = true;
  }
}

/** Returns the place of a text in a line, without regard to case; −1 if it does not occur. */
function placeIn(line: string, text: string): number {
  return line.toLowerCase().indexOf(text.toLowerCase());
}
