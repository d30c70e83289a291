/** Colours and other styles of text. */

import { nameKey } from "../../base/text.ts";
import { type Background, PALETTES } from "./palette.ts";

/** The styles that a terminal is given: none, those without colour (NO_COLOR), or all. */
export type StyleLevel = "none" | "monochrome" | "colour";

/** The styles, as parameters of SGR that need no colour. */
const SGR = {
  /** Notes, times, and what one said oneself. */
  dim: "2",
  bold: "1",
  error: "1",
  reverse: "7",
  /** A message that names this person; its line has a mark as well. */
  mention: "1",
} as const;

/** Styles texts, or leaves them as they are. */
export class Style {
  /** The background of the terminal; undefined while it is not known: then there are no colours. */
  background: Background | undefined;

  constructor(readonly level: StyleLevel, options: { readonly background?: Background | undefined } = {}) {
    this.background = options.background;
  }

  /** Returns a text in a style. */
  as(name: keyof typeof SGR, text: string): string {
    if (this.level === "none") return text;
    const colour = name === "error" && this.#palette ? `;38;5;${this.#palette.error}` : "";
    return `\x1b[${SGR[name]}${colour}m${text}\x1b[0m`;
  }

  /** Returns a nick in its colour, which is the same in any case of its letters; without colours it is bold. */
  nick(nick: string): string {
    if (this.level === "none") return nick;
    const palette = this.#palette;
    if (palette === undefined) return this.as("bold", nick);
    let hash = 0;
    for (const char of nameKey(nick)) hash = (Math.imul(hash, 31) + char.codePointAt(0)!) >>> 0;
    return `\x1b[38;5;${palette.nicks[hash % palette.nicks.length]}m${nick}\x1b[0m`;
  }

  get #palette() {
    return this.level === "colour" && this.background !== undefined ? PALETTES[this.background] : undefined;
  }
}
