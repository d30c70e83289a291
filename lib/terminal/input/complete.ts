/** Completion by Tab. */

/** The words that Tab can complete. */
export interface Completions {
  /** Names of commands, without the slash. */
  readonly commands: readonly string[];
  /** Nicks, the most recent speaker first. */
  readonly nicks: readonly string[];
  readonly rooms: readonly string[];
}

/** Commands whose first word is a room; the other commands take a nick. */
const TAKES_ROOM = /^\/(?:join|j|part|leave|names|who) /i;

/**
 * Completes the word before the cursor: a command, a nick (with ": " at the start of a line, or behind an @) or a room. Pressed again it
 * goes on to the next match, and in the end back to the typed word.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Completer } from "./complete.ts";
 *
 * const completer = new Completer();
 * const completions = { commands: ["join"], nicks: ["bob", "bill"], rooms: [] };
 * const first = completer.next({ text: "b", cursor: 1 }, { completions });
 * assertEquals(first, { text: "bob: ", cursor: 5 });
 * assertEquals(completer.next(first!, { completions }), { text: "bill: ", cursor: 6 });
 * ```
 */
export class Completer {
  #cycle: { readonly before: string; readonly after: string; readonly fits: readonly string[] } | null = null;
  #at = 0;
  #gave = { text: "", cursor: -1 };

  /** Returns the line with the next completion, or null if nothing matches. */
  next(
    line: { readonly text: string; readonly cursor: number },
    options: { readonly completions: Completions; readonly back?: boolean },
  ): { text: string; cursor: number } | null {
    const step = options.back ? -1 : 1;
    const again = this.#cycle !== null && line.text === this.#gave.text && line.cursor === this.#gave.cursor;
    if (again) this.#at += step;
    else {
      this.#cycle = begin(line, options.completions);
      this.#at = options.back ? -2 : 0;
    }
    if (this.#cycle === null) return null;
    const { before, after, fits } = this.#cycle;
    const fit = fits.at(this.#at % fits.length)!;
    this.#gave = { text: before + fit + after, cursor: before.length + fit.length };
    return this.#gave;
  }
}

function begin(line: { readonly text: string; readonly cursor: number }, known: Completions) {
  const typed = line.text.slice(0, line.cursor);
  const word = /\S*$/.exec(typed)![0];
  const before = typed.slice(0, typed.length - word.length);
  const fits = candidates(before, word, known);
  if (fits.length === 0) return null;
  // The typed word comes last in the cycle.
  return { before, after: line.text.slice(line.cursor), fits: [...fits, word] };
}

function candidates(before: string, word: string, { commands, nicks, rooms }: Completions): string[] {
  const fitting = (names: readonly string[], typed: string) =>
    names.filter((name) => name.toLowerCase().startsWith(typed.toLowerCase()));
  if (before === "" && word.startsWith("/")) {
    return fitting(commands, word.slice(1)).map((name) => `/${name} `);
  }
  if (before.toLowerCase() === "/help ") return fitting(commands, word.replace(/^\//, ""));
  if (TAKES_ROOM.test(before)) return fitting(rooms, word.replace(/^#/, ""));
  if (word.startsWith("@")) return fitting(nicks, word.slice(1)).map((nick) => `@${nick} `);
  if (before === "") return word === "" ? [] : fitting(nicks, word).map((nick) => `${nick}: `);
  return [...fitting(nicks, word), ...(word === "" ? [] : fitting(rooms, word))].map((name) => `${name} `);
}
