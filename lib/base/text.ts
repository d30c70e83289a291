/**
 * Cleaning of text from the network before it is shown: characters that a terminal would obey, hide or pile up become
 * visible. An allow-list of Unicode's general categories passes (letters, marks, numbers, punctuation, symbols, spaces);
 * everything else is shown as Python's repr shows it: `\x1b`, `\u202e`, `\n`.
 */

import { MAX_NAME_LENGTH } from "./limits.ts";

/** The most marks that a letter may carry. No script needs more, and many marks would overlap the lines above and below. */
const MAX_MARKS = 6;

/** The most pictographs that may be joined into one emoji. The longest emoji in use has four. */
const MAX_JOINED = 8;

/** Hangul vowels and finals: they have no width of their own and belong to the syllable before them, as marks do. */
const JAMO = String.raw`\u1160-\u11FF\uD7B0-\uD7FB`;

/** Controls, formats, surrogates, private and unassigned code points, line separators, and what Unicode says to hide. */
const UNSEEN = String.raw`\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}`;

const PICTURE = String.raw`\p{Extended_Pictographic}(?:[\uFE0E\uFE0F]|\p{Emoji_Modifier})?`;

/** A whole emoji: a flag made of tags, a keycap, or joined pictographs. */
const EMOJI = String.raw`(?:\p{RGI_Emoji_Tag_Sequence}|[0-9#*]\uFE0F\u20E3|` +
  String.raw`${PICTURE}(?:\u200D${PICTURE}){0,${MAX_JOINED - 1}})`;

/** Matches a text that may need cleaning. */
const SUSPECT = new RegExp(String.raw`[${UNSEEN}${JAMO}]|\p{M}{${MAX_MARKS + 1}}|^\p{M}`, "v");

/** The scripts in which a joiner between or after letters changes how they are written: Persian, Hindi, Sinhala … */
const JOINING_SCRIPTS =
  "Arab Syrc Nkoo Mong Deva Beng Guru Gujr Orya Taml Telu Knda Mlym Sinh Khmr Mymr Tibt Bali Java"
    .replace(/\w+ ?/g, (script) => `\\p{scx=${script.trim()}}`);

/** The sequences of a letter and a variation selector that have a meaning; those of emoji are part of an emoji. */
const VARIED = [
  /^\p{sc=Han}[\uFE00-\uFE02\u{E0100}-\u{E01EF}]$/u,
  /^[\p{sc=Mymr}\p{sc=Phag}]\uFE00$/u,
  /^\p{sc=Mong}[\u180B-\u180D\u180F]$/u,
];

const HIDDEN_MARK = /\p{Default_Ignorable_Code_Point}/v;
const HANGUL = /^\p{sc=Hang}$/v;
const IS_JOINER = /^[\u200C\u200D]/;

/** The expressions for cleaning. They are built at the first use, because building them takes longer than drawing a screen. */
const EXPRESSIONS = once(() => ({
  /** A whole emoji, or one code point that must be made visible. No part of the expression repeats without bound. */
  token: new RegExp(String.raw`${EMOJI}|[${UNSEEN}${JAMO}\p{M}]`, "gv"),
  startsEmoji: new RegExp(`^${EMOJI}`, "v"),
  /** Characters that belong to the letter before them: marks, vowels and finals of Hangul, joiners of some scripts. */
  carried: new RegExp(String.raw`^[\p{M}\u200C\u200D${JAMO}]$`, "v"),
  joining: new RegExp(String.raw`^[[${JOINING_SCRIPTS}]&&[\p{L}\p{M}]]`, "v"),
  jamo: new RegExp(`[${JAMO}]`, "v"),
}));

/** A name: visible characters with their marks, without spaces and without the braille and musical blanks. */
const NAME = once(() =>
  new RegExp(
    String.raw`^(?:[[\p{L}\p{N}\p{P}\p{S}]--[\u2800\u{1D159}\p{Default_Ignorable_Code_Point}${JAMO}]]` +
      String.raw`[\p{M}--\p{Default_Ignorable_Code_Point}]{0,${MAX_MARKS}}){1,${MAX_NAME_LENGTH}}$`,
    "v",
  )
);

/**
 * The longest name before NFKC, in UTF-16 code units. NFKC turns one character into at most 18, and shortens a text to
 * no less than a third.
 */
const LONGEST_NAME = MAX_NAME_LENGTH * (MAX_MARKS + 1) * 4;

/** Returns a function that makes a value at its first call and returns the same value later. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => made ??= make();
}

/** Options of {@linkcode clean}. */
export interface CleanOptions {
  /** Whether newlines stay; a tab then becomes four spaces. */
  newlines?: boolean;
}

/**
 * Makes text from the network safe for a terminal or a line of output.
 *
 * Controls (C0, DEL, C1), bidirectional controls, zero-width and other invisible characters, line separators, lone
 * surrogates, private and unassigned code points become visible marks. Whether a character stays depends on its
 * context: joiners, selectors and tags stay inside whole emoji, joiners stay in scripts that are written with them, and
 * selectors stay if they have a meaning. More than six marks on a letter are not drawn (`\u0301…`); a mark without a
 * letter is shown by its number. The result has one line, unless `newlines` allows more.
 *
 * A backslash stays as it is, so the result cannot be read back; {@linkcode cleanJson} is exact.
 *
 * @param text Any string.
 * @param options Whether newlines stay.
 * @returns The cleaned text; the same string if it was clean.
 *
 * @example
 * ```ts
 * import { clean } from "./text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(clean("hi\nbob: \x1b[2Jgone"), String.raw`hi\nbob: \x1b[2Jgone`);
 * assertEquals(clean("👩‍👩‍👧 می‌خواهم"), "👩‍👩‍👧 می‌خواهم");
 * ```
 */
export function clean(text: string, options: CleanOptions = {}): string {
  if (!SUSPECT.test(text)) return text;
  const newlines = options.newlines ?? false;
  let before = "";
  let end = 0;
  let carried = 0;
  const { token, startsEmoji, carried: isCarried } = EXPRESSIONS();
  return text.replace(token, (found, at: number) => {
    if (at !== end) {
      before = pointBefore(text, at);
      carried = 0;
    }
    end = at + found.length;
    if (startsEmoji.test(found)) {
      before = found;
      carried = 0;
      return found;
    }
    if (!isCarried.test(found)) {
      before = "";
      return newlines ? lineEnd(found, text[end]) ?? mark(found) : mark(found);
    }
    if (before === "") return mark(found);
    if (++carried > MAX_MARKS) return carried === MAX_MARKS + 1 ? mark(found) + "…" : "";
    before = belongs(found, before, text.slice(end, end + 2)) ? found : "";
    return before || mark(found);
  });
}

/**
 * Makes JSON text safe for a terminal without changing its value: each character that {@linkcode clean} would mark
 * becomes `\uXXXX`.
 *
 * @param json The output of `JSON.stringify`, in which such characters occur only inside strings.
 * @returns The same value as JSON, without characters that a terminal obeys or hides.
 *
 * @example
 * ```ts
 * import { cleanJson } from "./text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const line = cleanJson(JSON.stringify({ body: "\x9b2J" }));
 * assertEquals(line, String.raw`{"body":"\u009b2J"}`);
 * assertEquals(JSON.parse(line), { body: "\x9b2J" });
 * ```
 */
export function cleanJson(json: string): string {
  if (!UNSEEN_ONE().test(json)) return json;
  return json.replace(UNSEEN_ALL(), (found) => {
    let escaped = "";
    for (let i = 0; i < found.length; i++) {
      escaped += "\\u" + found.charCodeAt(i).toString(16).padStart(4, "0");
    }
    return escaped;
  });
}

const UNSEEN_ONE = once(() => new RegExp(`[${UNSEEN}]`, "v"));
const UNSEEN_ALL = once(() => new RegExp(`[${UNSEEN}]`, "gv"));

/**
 * Normalizes a nick or the name of a room.
 *
 * A name is 1 to {@linkcode MAX_NAME_LENGTH} visible characters after `normalize("NFKC")`, each with a few marks at
 * most. Spaces, control, bidirectional and zero-width characters are refused, because with them one name could be
 * mistaken for another.
 *
 * @param name The name as a person or a peer wrote it.
 * @returns The normal form; null if it is not a name.
 *
 * @example
 * ```ts
 * import { normalizeName } from "./text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(normalizeName("Ｚｏé"), "Zoé");
 * assertEquals(normalizeName("al\u200Bice"), null);
 * ```
 */
export function normalizeName(name: string): string | null {
  if (name.length > LONGEST_NAME) return null;
  const normal = name.normalize("NFKC");
  return NAME().test(normal) ? normal : null;
}

/**
 * Returns the key by which names are compared. Two names with the same key are the same name.
 *
 * @param name A name from {@linkcode normalizeName}.
 *
 * @example
 * ```ts
 * import { nameKey } from "./text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(nameKey("Alice"), nameKey("ALICE"));
 * ```
 */
export function nameKey(name: string): string {
  // A longer text is no name, so its key is never looked up.
  if (name.length > LONGEST_NAME) return name;
  return name.normalize("NFKC").toLowerCase();
}

/** The code point that ends at an index. */
function pointBefore(text: string, at: number): string {
  const pair = text.slice(Math.max(0, at - 2), at);
  return (pair.codePointAt(0) ?? 0) > 0xffff ? pair : pair.slice(-1);
}

/** The replacement of a newline, a tab, or the CR of CRLF in a text of several lines. */
function lineEnd(found: string, next: string | undefined): string | undefined {
  if (found === "\n") return found;
  if (found === "\t") return "    ";
  return found === "\r" && next === "\n" ? "" : undefined;
}

/** Returns whether a mark, joiner, selector or jamo has a meaning between its neighbours. */
function belongs(point: string, before: string, next: string): boolean {
  const { joining, jamo } = EXPRESSIONS();
  if (point === "\u200C") return joining.test(before) && joining.test(next);
  if (point === "\u200D") return joining.test(before) && !IS_JOINER.test(next);
  if (jamo.test(point)) return HANGUL.test(before) && !HIDDEN_MARK.test(point);
  return !HIDDEN_MARK.test(point) || VARIED.some((sequence) => sequence.test(before + point));
}

function mark(found: string): string {
  if (found === "\n") return "\\n";
  if (found === "\r") return "\\r";
  if (found === "\t") return "\\t";
  const code = found.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code < 0x100) return "\\x" + hex.padStart(2, "0");
  if (code < 0x10000) return "\\u" + hex.padStart(4, "0");
  return "\\U" + hex.padStart(8, "0");
}
