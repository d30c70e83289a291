/** The input line and the keys that edit it. */

import {
  capitalize,
  changeWord,
  type Edit,
  eraseBefore,
  graphemeAfter,
  graphemeBefore,
  insert,
  remove,
  spaceBefore,
  transpose,
  wordAfter,
  wordBefore,
} from "./edit.ts";
import type { Key } from "../keys/key.ts";
import { LineHistory } from "./line_history.ts";
import { ReverseSearch } from "./reverse_search.ts";
import { type LaidOut, layOut, type LayOutOptions } from "./line_rows.ts";

/** The effect of a key that the line does not handle itself. */
export type LineEvent =
  | { readonly is: "send"; readonly text: string }
  /** Ctrl-C; `empty` is whether there was nothing to clear. */
  | { readonly is: "interrupt"; readonly empty: boolean }
  /** Ctrl-D on an empty line. */
  | { readonly is: "end" }
  | { readonly is: "complete"; readonly back: boolean }
  | { readonly is: "redraw" };

/** The number of states that C-_ can go back to. */
const UNDONE = 200;
/** The number of kills that M-y goes round. */
const KILLS = 30;
/** Control characters except the newline and the tab: a terminal would act on them. */
const CONTROL = /(?![\n\t])\p{Cc}/gu;

/**
 * The text being typed, edited by Emacs' keys. It uses no terminal: it takes keys and returns rows of text.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { InputLine } from "./line.ts";
 *
 * const line = new InputLine();
 * for (const char of "hi") line.onKey({ name: "", text: char });
 * assertEquals(line.render({ prompt: "> ", columns: 80 }).rows, ["> hi"]);
 * assertEquals(line.onKey({ name: "return", text: "" }), { is: "send", text: "hi" });
 * ```
 */
export class InputLine {
  #edit: Edit = { text: "", cursor: 0 };
  readonly #history = new LineHistory();
  readonly #kills: string[] = [];
  readonly #undo: Edit[] = [];
  #search: ReverseSearch | null = null;
  /** The kind of the last key, where the next one may continue it. */
  #last: "kill" | "yank" | "type" | "" = "";
  /** The place of the last yank, and the number of its kill. */
  #yanked = { from: 0, to: 0, kill: 0 };

  get text(): string {
    return this.#edit.text;
  }

  get cursor(): number {
    return this.#edit.cursor;
  }

  /** Replaces the text. */
  set(text: string, cursor = text.length): void {
    this.#search = null;
    this.#remember();
    this.#last = "";
    this.#edit = { text: text.replace(CONTROL, ""), cursor };
  }

  /** Inserts a text at the cursor, for a paste. */
  insert(text: string): void {
    this.#search = null;
    this.#remember();
    this.#last = "";
    this.#edit = insert(this.#edit, text.replace(CONTROL, ""));
  }

  /** Keeps a text for C-y. */
  keep(text: string): void {
    this.#kills.unshift(text);
    this.#kills.length = Math.min(this.#kills.length, KILLS);
  }

  /** Removes and returns the whole text, and adds it to the history. */
  take(): string {
    const { text } = this.#edit;
    this.#history.add(text);
    this.#edit = { text: "", cursor: 0 };
    this.#undo.length = 0;
    this.#last = "";
    return text;
  }

  /** Handles a key. Returns its effect if the line does not handle it itself. */
  onKey(key: Key): LineEvent | null {
    if (this.#search !== null && !this.#endsSearch(this.#search, key)) return null;
    const before = this.#edit;
    const last = this.#last;
    this.#last = "";
    switch (key.name) {
      case "return":
        return { is: "send", text: this.take() };
      case "C-c": {
        const empty = before.text === "";
        if (!empty) this.set("");
        this.#history.leave();
        return { is: "interrupt", empty };
      }
      case "tab":
      case "backtab":
        return { is: "complete", back: key.name === "backtab" };
      case "C-r":
        this.#search = new ReverseSearch(this.#history.lines, before);
        return null;
      case "C-l":
        return { is: "redraw" };
      case "C-d":
        if (before.text === "") return { is: "end" };
        break;
    }
    const { text, cursor } = before;
    const go = (to: number) => this.#edit = { text, cursor: to };
    switch (key.name) {
      case "left":
      case "C-b":
        go(graphemeBefore(text, cursor));
        break;
      case "right":
      case "C-f":
        go(graphemeAfter(text, cursor));
        break;
      case "C-left":
      case "M-left":
      case "M-b":
        go(wordBefore(text, cursor));
        break;
      case "C-right":
      case "M-right":
      case "M-f":
        go(wordAfter(text, cursor));
        break;
      case "home":
      case "C-a":
        go(0);
        break;
      case "end":
      case "C-e":
        go(text.length);
        break;
      case "up":
      case "C-p":
        this.#recall(this.#history.older(text));
        break;
      case "down":
      case "C-n":
        this.#recall(this.#history.newer(text));
        break;
      case "backspace":
        this.#change(remove(before, eraseBefore(text, cursor), cursor));
        break;
      case "delete":
      case "C-d":
        this.#change({ ...remove(before, cursor, graphemeAfter(text, cursor)), cursor });
        break;
      case "C-k":
        this.#kill(cursor, text.length, last === "kill");
        break;
      case "C-u":
        this.#kill(0, cursor, last === "kill");
        break;
      case "C-w":
        this.#kill(spaceBefore(text, cursor), cursor, last === "kill");
        break;
      case "M-backspace":
        this.#kill(wordBefore(text, cursor), cursor, last === "kill");
        break;
      case "M-d":
      case "C-delete":
        this.#kill(cursor, wordAfter(text, cursor), last === "kill");
        break;
      case "C-y":
        this.#yank(cursor, cursor, 0);
        break;
      case "M-y":
        if (last === "yank") this.#yank(this.#yanked.from, this.#yanked.to, this.#yanked.kill + 1);
        break;
      case "C-t":
        this.#change(transpose(before));
        break;
      case "M-u":
        this.#change(changeWord(before, (word) => word.toUpperCase()));
        break;
      case "M-l":
        this.#change(changeWord(before, (word) => word.toLowerCase()));
        break;
      case "M-c":
        this.#change(changeWord(before, capitalize));
        break;
      case "C-_":
        this.#edit = this.#undo.pop() ?? before;
        break;
      case "M-return":
        this.#change(insert(before, "\n"));
        break;
      default:
        if (key.text === "") this.#last = last;
        else this.#type(key.text, last === "type");
    }
    return null;
  }

  /** Lays the line out in rows. */
  render(options: LayOutOptions): LaidOut {
    const prompt = this.#search?.prompt ?? options.prompt;
    return layOut(this.#edit, { ...options, prompt });
  }

  /** Hands a key to the search; returns whether the key is still to be handled. */
  #endsSearch(search: ReverseSearch, key: Key): boolean {
    const step = search.onKey(key);
    this.#edit = step === "left" ? search.before : search.edit;
    if (step === "goes on") return false;
    this.#search = null;
    if (step === "left" || search.back === 0) return step === "taken before the key";
    const { cursor } = search.edit;
    this.#edit = { text: this.#history.goTo(search.back, search.before.text), cursor };
    return step === "taken before the key";
  }

  #remember(): void {
    if (this.#undo.at(-1) === this.#edit) return;
    this.#undo.push(this.#edit);
    if (this.#undo.length > UNDONE) this.#undo.shift();
  }

  #change(edit: Edit): void {
    if (edit.text !== this.#edit.text) this.#remember();
    this.#edit = edit;
  }

  /** Inserts typed text; a word is undone as one. */
  #type(text: string, goesOn: boolean): void {
    if (!goesOn || text === " ") this.#remember();
    this.#edit = insert(this.#edit, text);
    this.#last = "type";
  }

  #recall(line: string | null): void {
    if (line !== null) this.#edit = { text: line, cursor: line.length };
  }

  /** Kills text; kills in a row are one kill, in the order of the text. */
  #kill(from: number, to: number, goesOn: boolean): void {
    this.#last = "kill";
    if (from === to) return;
    const killed = this.#edit.text.slice(from, to);
    const kept = goesOn ? this.#kills.shift() ?? "" : "";
    this.keep(to === this.#edit.cursor ? killed + kept : kept + killed);
    this.#change(remove(this.#edit, from, to));
  }

  #yank(from: number, to: number, kill: number): void {
    if (this.#kills.length === 0) return;
    const which = kill % this.#kills.length;
    const text = this.#kills[which]!;
    this.#change(insert(remove(this.#edit, from, to), text));
    this.#yanked = { from, to: from + text.length, kill: which };
    this.#last = "yank";
  }
}
