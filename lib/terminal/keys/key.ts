/** A pressed key, and the names that keys have. */

import type { Background } from "../style/palette.ts";

/** A key that was pressed. */
export interface Key {
  /** Its name in Emacs' notation: "C-a", "M-b", "left", "C-left", "return"; "" for a key that types text. */
  readonly name: string;
  /** The text that it types; "" for a key that types none. */
  readonly text: string;
}

/** One input: a key, a pasted text as a whole, the terminal's answer about its background, or whether its window has the focus. */
export type Typed =
  | Key
  | { readonly pasted: string }
  | { readonly background: Background }
  | { readonly isFocused: boolean };

/** The modifiers of a key as bits: xterm's parameter less one. Shift is 1; the locks above 32 change no key. */
export const ALT = 2;
export const CTRL = 4;
const SHIFT = 1;
const SUPER_OR_HYPER = 8 | 16;
const META = 32;

/** Names that mean the same as another one. */
const SAME: ReadonlyMap<string, string> = new Map([["C-backspace", "M-backspace"], ["S-tab", "backtab"]]);

/** Keys that Shift changes to another key. For all others it is ignored. */
const SHIFTED = new Set(["tab", "return"]);

/** The control characters of Ctrl with a character, where they differ from the low five bits of the character. */
const CONTROLS: ReadonlyMap<string, number> = new Map([[" ", 0], ["/", 0x1F], ["?", 0x7F]]);

/**
 * Returns the key for a name and its modifiers; null if Super or Hyper makes it a key of the desktop.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { CTRL, namedKey } from "./key.ts";
 *
 * assertEquals(namedKey("left", CTRL), { name: "C-left", text: "" });
 * ```
 */
export function namedKey(name: string, modifiers = 0): Key | null {
  if ((modifiers & SUPER_OR_HYPER) !== 0) return null;
  const prefix = ((modifiers & CTRL) !== 0 ? "C-" : "") + ((modifiers & (ALT | META)) !== 0 ? "M-" : "") +
    ((modifiers & SHIFT) !== 0 && SHIFTED.has(name) ? "S-" : "");
  // Enter with any modifier that the terminal reports is a new line.
  if (name === "return" && prefix !== "") return { name: "M-return", text: "" };
  const full = prefix + name;
  return { name: SAME.get(full) ?? full, text: "" };
}

/**
 * Gives the key of a control character, U+0000 to U+001F or U+007F. ^H is what some terminals send for Backspace.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { controlKey } from "./key.ts";
 *
 * assertEquals(controlKey(0x01), { name: "C-a", text: "" });
 * ```
 */
export function controlKey(code: number, modifiers = 0): Key | null {
  switch (code) {
    case 0x08:
    case 0x7F:
      return namedKey("backspace", modifiers);
    case 0x09:
      return namedKey("tab", modifiers);
    case 0x0A:
    case 0x0D:
      return namedKey("return", modifiers);
    case 0x1B:
      return namedKey("escape", modifiers);
  }
  return namedKey(String.fromCharCode(code + 0x40).toLowerCase(), modifiers | CTRL);
}

/**
 * Gives the key of a character with its modifiers: without Ctrl and Alt it types the character.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ALT, charKey } from "./key.ts";
 *
 * assertEquals(charKey("漢"), { name: "", text: "漢" });
 * assertEquals(charKey("B", ALT), { name: "M-b", text: "" });
 * ```
 */
export function charKey(char: string, modifiers = 0): Key | null {
  if ((modifiers & (CTRL | ALT | META | SUPER_OR_HYPER)) === 0) {
    return /\p{Cc}/u.test(char) ? null : { name: "", text: char };
  }
  if ((modifiers & CTRL) === 0) return namedKey(char.toLowerCase(), modifiers);
  const control = CONTROLS.get(char) ?? (/^[@-_a-z]$/.test(char) ? char.charCodeAt(0) & 0x1F : undefined);
  return control === undefined
    ? namedKey(char.toLowerCase(), modifiers)
    : controlKey(control, modifiers & ~CTRL);
}
