/** Colours and other styles of text. */

/** The styles, as parameters of SGR. */
const SGR = {
  dim: "2",
  bold: "1",
  grey: "90",
  red: "31",
  mention: "1;33",
} as const;

/** Colours that are legible on light and dark: no black, white or grey, and not the yellow of a mention. */
const NICK_COLOURS = [
  "31",
  "32",
  "34",
  "35",
  "36",
  "91",
  "92",
  "94",
  "95",
  "96",
  "38;5;130",
  "38;5;67",
] as const;

/** Styles texts, or leaves them as they are. */
export class Style {
  constructor(readonly colour: boolean) {}

  /** Returns a text in a style. */
  as(name: keyof typeof SGR, text: string): string {
    return this.colour ? `\x1b[${SGR[name]}m${text}\x1b[0m` : text;
  }

  /** Returns a nick in its colour, which is always the same. */
  nick(nick: string): string {
    if (!this.colour) return nick;
    let hash = 0;
    for (const char of nick.toLowerCase()) hash = (Math.imul(hash, 31) + char.codePointAt(0)!) >>> 0;
    return `\x1b[${NICK_COLOURS[hash % NICK_COLOURS.length]}m${nick}\x1b[0m`;
  }
}
