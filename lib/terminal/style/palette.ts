/** Palette of legible colours for a light or a dark background, from those of the 256 colours that no theme changes. */

/** The kind of background that a terminal has. */
export type Background = "light" | "dark";

/** The colours for one kind of background, as numbers of xterm's cube, 16 to 231. */
export interface Palette {
  readonly error: number;
  readonly nicks: readonly number[];
}

/**
 * The colours for each kind of background: each has a contrast of at least 4.5:1 (WCAG 2.2, 1.4.3) on white and
 * Solarized light, or on black and Solarized dark. No colour has it on all four: where the background is not known,
 * there are none.
 */
export const PALETTES: Readonly<Record<Background, Palette>> = {
  light: { error: 124, nicks: [94, 58, 22, 23, 25, 27, 92, 126, 161, 90, 56, 88] },
  dark: { error: 210, nicks: [214, 184, 148, 113, 43, 45, 75, 141, 177, 207, 205, 216] },
};

/**
 * Returns the background according to COLORFGBG, which is "15;0" for white on black; undefined if it has none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { backgroundOf } from "./palette.ts";
 *
 * assertEquals(backgroundOf("15;0"), "dark");
 * assertEquals(backgroundOf("0;default;15"), "light");
 * assertEquals(backgroundOf(undefined), undefined);
 * ```
 */
export function backgroundOf(colorFgBg: string | undefined): Background | undefined {
  const index = /;(\d{1,2})$/.exec(colorFgBg ?? "")?.[1];
  if (index === undefined) return undefined;
  return Number(index) === 7 || Number(index) > 8 ? "light" : "dark";
}

/**
 * Returns the kind of a background colour as a terminal reports it: `rgb:` and three hexadecimal numbers of one to four
 * digits; undefined for anything else.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { backgroundReported } from "./palette.ts";
 *
 * assertEquals(backgroundReported("rgb:fdfd/f6f6/e3e3"), "light");
 * assertEquals(backgroundReported("rgb:00/2b/36"), "dark");
 * assertEquals(backgroundReported("teal"), undefined);
 * ```
 */
export function backgroundReported(colour: string): Background | undefined {
  const digits = /^rgba?:([\da-f]{1,4})\/([\da-f]{1,4})\/([\da-f]{1,4})(?:\/[\da-f]{1,4})?$/i.exec(colour);
  if (digits === null) return undefined;
  const [red, green, blue] = digits.slice(1, 4).map((hex) => parseInt(hex, 16) / (16 ** hex.length - 1));
  const luma = 0.299 * red! + 0.587 * green! + 0.114 * blue!;
  return luma > 0.5 ? "light" : "dark";
}
