/** The keys of control sequences: xterm's, rxvt's, the Linux console's, and the keyboard protocol of kitty. */

import { charKey, controlKey, CTRL, type Key, namedKey } from "./key.ts";

/** A control sequence that is complete. */
export interface Sequence {
  /** The parameters, bytes 0x30 to 0x3F, as text. */
  readonly parameters: string;
  /** The final byte as text. */
  readonly final: string;
  /** Modifiers in addition to those in its parameters. */
  readonly modifiers: number;
}

/** Keys by the final byte of `CSI A`, `CSI 1 ; 5 A` and `SS3 A`. */
const BY_LETTER: ReadonlyMap<string, string> = new Map([
  ["A", "up"],
  ["B", "down"],
  ["C", "right"],
  ["D", "left"],
  ["E", "clear"],
  ["F", "end"],
  ["H", "home"],
  ["P", "f1"],
  ["Q", "f2"],
  ["R", "f3"],
  ["S", "f4"],
]);

/** rxvt's arrows: with Shift as CSI, with Ctrl as SS3. */
const RXVT_ARROWS: ReadonlyMap<string, string> = new Map([
  ["a", "up"],
  ["b", "down"],
  ["c", "right"],
  ["d", "left"],
]);

/** Keys by the number of `CSI 3 ~`. */
const BY_NUMBER: ReadonlyMap<number, string> = new Map([
  ...["home", "insert", "delete", "end", "pageup", "pagedown", "home", "end"].map(numberedFrom(1)),
  ...["f1", "f2", "f3", "f4", "f5"].map(numberedFrom(11)),
  ...["f6", "f7", "f8", "f9", "f10"].map(numberedFrom(17)),
  ...["f11", "f12", "f13", "f14"].map(numberedFrom(23)),
  ...["f15", "f16"].map(numberedFrom(28)),
  ...["f17", "f18", "f19", "f20"].map(numberedFrom(31)),
]);

/** The text of the keypad's keys in its application mode, by the final byte of `SS3 p`. */
const KEYPAD: ReadonlyMap<string, string> = new Map([
  [" ", " "],
  ["X", "="],
  ..."*+,-./0123456789".split("").map((text, at) => [String.fromCharCode(0x6A + at), text] as const),
]);

/** kitty's numbers of the keypad's keys: those that type, then those that move. */
const KITTY_KEYPAD_TEXT = 57399;
const KITTY_KEYPAD_NAMES = 57417;
const KEYPAD_TEXTS = "0123456789./*-+";
const KEYPAD_NAMES = ["left", "right", "up", "down", "pageup", "pagedown", "home", "end", "insert", "delete"];
const KITTY_KEYPAD_ENTER = 57414;
const KITTY_KEYPAD_MORE: ReadonlyMap<number, string> = new Map([[57415, "="], [57416, ","]]);
/** The range in which kitty numbers keys that have no character. */
const FUNCTIONAL = [0xE000, 0xF8FF] as const;

/** The event type of a key that is released. */
const RELEASED = 3;

/** rxvt's final bytes for `CSI 3 ~` with Shift, Ctrl, and both. */
const RXVT_FINALS: ReadonlyMap<string, number> = new Map([["$", 0], ["^", CTRL], ["@", CTRL]]);

function numberedFrom(first: number): (name: string, index: number) => readonly [number, string] {
  return (name, index) => [first + index, name];
}

/** Returns whether `CSI parameters $` is a complete sequence of rxvt, in which "$" is not an intermediate byte. */
export function isRxvtShift(parameters: string): boolean {
  return /^\d\d?$/.test(parameters) && BY_NUMBER.has(Number(parameters));
}

/**
 * Gives the key of a control sequence without intermediate bytes, or null if it is not a key: a terminal's answer, the
 * mouse, the release of a key, or an unknown sequence.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { csiKey } from "./sequences.ts";
 *
 * assertEquals(csiKey({ parameters: "1;5", final: "D", modifiers: 0 }), { name: "C-left", text: "" });
 * assertEquals(csiKey({ parameters: "?62;22", final: "c", modifiers: 0 }), null);
 * ```
 */
export function csiKey({ parameters, final, modifiers: more }: Sequence): Key | null {
  const fields = numbersOf(parameters);
  if (fields === null) return null;
  const [number = NaN] = fields[0] ?? [];
  const [told = NaN, event] = fields[1] ?? [];
  if (event === RELEASED) return null;
  const modifiers = more | (told > 0 ? told - 1 : 0);
  const letter = BY_LETTER.get(final) ?? RXVT_ARROWS.get(final);
  if (letter !== undefined) return number > 1 ? null : namedKey(letter, modifiers);
  switch (final) {
    case "Z":
      return namedKey("backtab", modifiers);
    case "u":
      return codeKey(fields, modifiers);
    case "~":
      if (number === 27) return codeKey([[fields[2]?.[0] ?? NaN]], modifiers);
  }
  const name = BY_NUMBER.get(number);
  const rxvt = final === "~" ? 0 : RXVT_FINALS.get(final);
  return name === undefined || rxvt === undefined ? null : namedKey(name, modifiers | rxvt);
}

/**
 * Gives the key of `SS3 parameters final`, or null if it is not a known key.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ss3Key } from "./sequences.ts";
 *
 * assertEquals(ss3Key({ parameters: "", final: "A", modifiers: 0 }), { name: "up", text: "" });
 * ```
 */
export function ss3Key({ parameters, final, modifiers: more }: Sequence): Key | null {
  const told = numbersOf(parameters)?.at(-1)?.[0] ?? NaN;
  const modifiers = more | (told > 0 ? told - 1 : 0);
  const name = BY_LETTER.get(final);
  if (name !== undefined) return namedKey(name, modifiers);
  const arrow = RXVT_ARROWS.get(final);
  if (arrow !== undefined) return namedKey(arrow, modifiers | CTRL);
  if (final === "M") return namedKey("return", modifiers);
  if (final === "I") return namedKey("tab", modifiers);
  const text = KEYPAD.get(final);
  return text === undefined ? null : charKey(text, modifiers);
}

/** Gives the key of the Linux console's `CSI [ A` to `CSI [ E`. */
export function consoleKey(final: string): Key | null {
  const number = "ABCDE".indexOf(final);
  return number < 0 ? null : namedKey(`f${number + 1}`);
}

/** A key by its character's code: `CSI code : shifted : base ; modifiers ; text u`. */
function codeKey(fields: readonly (readonly number[])[], modifiers: number): Key | null {
  const [code = NaN, shifted = NaN] = fields[0] ?? [];
  if (!isCharacter(code)) return null;
  if (code >= FUNCTIONAL[0] && code <= FUNCTIONAL[1]) return functionalKey(code, modifiers);
  if (code < 0x20 || code === 0x7F) return controlKey(code, modifiers);
  const text = String.fromCodePoint(...(fields[2] ?? []).filter(isCharacter));
  if (text !== "" && charKey("a", modifiers)?.text === "a") return charKey(text, modifiers);
  const char = String.fromCodePoint(code);
  if ((modifiers & 1) === 0) return charKey(char, modifiers);
  return charKey(isCharacter(shifted) ? String.fromCodePoint(shifted) : char.toUpperCase(), modifiers);
}

function functionalKey(code: number, modifiers: number): Key | null {
  if (code === KITTY_KEYPAD_ENTER) return namedKey("return", modifiers);
  const text = KITTY_KEYPAD_MORE.get(code) ?? KEYPAD_TEXTS[code - KITTY_KEYPAD_TEXT];
  if (text !== undefined) return charKey(text, modifiers);
  const name = KEYPAD_NAMES[code - KITTY_KEYPAD_NAMES];
  return name === undefined ? null : namedKey(name, modifiers);
}

/** Returns whether a code point may occur in a text. */
function isCharacter(code: number): boolean {
  return code > 0 && code <= 0x10FFFF && !(code >= 0xD800 && code <= 0xDFFF);
}

/**
 * Returns the fields between ";" with their parts between ":". A part that is left out is NaN. Returns null for private
 * parameters.
 */
function numbersOf(parameters: string): number[][] | null {
  if (!/^[\d;:]*$/.test(parameters)) return null;
  return parameters.split(";").map((field) =>
    field.split(":").map((part) => part === "" ? NaN : Number(part))
  );
}
