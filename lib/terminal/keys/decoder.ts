/** The decoder of a terminal's input: bytes go in, keys and pastes come out. */

import { backgroundIn, isAnswerBegun } from "./background_answer.ts";
import { ALT, charKey, controlKey, type Key, namedKey, type Typed } from "./key.ts";
import { consoleKey, csiKey, isRxvtShift, ss3Key } from "./sequences.ts";

/** The time after which an escape is the Esc key, as in a shell. */
const ESCAPE_MS = 500;
/** The silence after which an incomplete sequence or paste is given up. */
const SILENCE_MS = 1000;
/** The silence after which a Ctrl-C inside a paste is a pressed key, and ends the paste. */
const INTERRUPT_MS = 100;
/** The silence after which what may be the late rest of an answer is typed text. */
const REST_MS = 100;
/** The most bytes of parameters that a known sequence has. */
const MAX_PARAMETERS = 64;
/** A paste above this many UTF-16 code units is given in pieces. */
const MAX_PASTE = 1 << 24;

const ESC = 0x1B;
const BEL = 0x07;
const CTRL_C = 0x03;
/** The second character of ST, which ends a string. */
const ST = "\\";
/** The final characters of the reports that the window got or lost the focus. */
const FOCUS_IN = "I";
const FOCUS_OUT = "O";
const PASTE_END = "\x1b[201~";

/** The introducers of sequences: each follows an escape, or forms one C1 control character with it. */
const INTRODUCED: ReadonlyMap<string, "csi" | "ss3" | "string"> = new Map([
  ["[", "csi"],
  ["O", "ss3"],
  ["P", "string"],
  ["X", "string"],
  ["]", "string"],
  ["^", "string"],
  ["_", "string"],
]);

/** The number of characters after sequences such as `CSI M` without parameters: mouse positions in xterm's first format. */
const MOUSE: ReadonlyMap<string, number> = new Map([["M", 3], ["t", 2], ["T", 6]]);

type State = "ground" | "utf8" | "escape" | "csi" | "ss3" | "string" | "mouse" | "console" | "paste" | "rest";

/**
 * Decodes the input from a terminal by the grammar of ECMA-48. Each sequence is taken as a whole, even if it arrives in
 * pieces. Unknown sequences are dropped and never typed. Memory is limited except for a paste, which is returned in
 * pieces of 16 MiB.
 *
 * It has no clock. After each `push` the caller waits for `patience`, and calls `expire` if nothing has come.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { KeyDecoder } from "./decoder.ts";
 *
 * const decoder = new KeyDecoder();
 * const push = (text: string) => decoder.push(new TextEncoder().encode(text));
 * assertEquals(push("a\x1b[<64;50;15M\x1b["), [{ name: "", text: "a" }]);
 * assertEquals(push("D\x1b[200~two\rlines\x1b[201~"), [{ name: "left", text: "" }, { pasted: "two\nlines" }]);
 * ```
 */
export class KeyDecoder {
  #state: State = "ground";
  /** ALT if the sequence began with two escapes, as rxvt and PuTTY send Alt. */
  #modifiers = 0;
  #parameters = "";
  /** Whether the sequence is unknown because it has intermediate bytes, or more parameters than any key. */
  #isUnknown = false;
  /** The bytes of a character, and how many it has, or those of a mouse position, or of the late rest of an answer. */
  #char: number[] = [];
  #length = 0;
  /** The last byte. */
  #before = 0;
  #paste = "";
  #pasteDecoder = new TextDecoder();
  /** The number of last bytes that match the beginning of the end of a paste. */
  #matched = 0;
  #out: Typed[] = [];

  /** Decodes bytes and returns the keys and pastes that they complete. */
  push(bytes: Uint8Array): Typed[] {
    for (let at = 0; at < bytes.length;) {
      if (this.#state === "paste") at = this.#inPaste(bytes, at);
      else this.#take(bytes[at++]!);
    }
    return this.#taken();
  }

  /** The time to wait for more bytes before `expire`, in ms; undefined where no sequence is under way. */
  get patience(): number | undefined {
    switch (this.#state) {
      case "ground":
        return undefined;
      case "escape":
        return ESCAPE_MS;
      case "paste":
        return this.#before === CTRL_C ? INTERRUPT_MS : SILENCE_MS;
      case "rest":
        return this.#char.length === 0 ? undefined : REST_MS;
      default:
        return SILENCE_MS;
    }
  }

  /** Ends the sequence or paste under way and returns its keys. */
  expire(): Typed[] {
    const state = this.#state;
    this.#state = "ground";
    if (state === "utf8") this.#emit(charKey("\uFFFD", this.#modifiers));
    else if (state === "escape") this.#emit(namedKey("escape", this.#modifiers));
    else if (state === "paste") this.#endPaste(this.#matched);
    else if (state === "rest") this.#typeRest();
    else if (state === "string" && !this.#isUnknown && isAnswerBegun(this.#parameters)) {
      this.#state = "rest";
      this.#char = [];
    }
    return this.#taken();
  }

  #taken(): Typed[] {
    const out = this.#out;
    this.#out = [];
    return out;
  }

  #emit(key: Key | null): void {
    this.#state = "ground";
    if (key !== null) this.#out.push(key);
  }

  #take(byte: number): void {
    const before = this.#before;
    this.#before = byte;
    switch (this.#state) {
      case "ground":
        return this.#inGround(byte);
      case "utf8":
        return this.#inCharacter(byte);
      case "escape":
        return this.#inEscape(byte);
      case "string":
        return this.#inString(byte, before);
      case "mouse":
        return this.#inMouse(byte, before);
      case "rest":
        return this.#inRest(byte);
    }
    // The other sequences contain no control character and nothing beyond ASCII, so such a character begins something else.
    if (byte < 0x20 || byte >= 0x7F) return this.#inGround(byte);
    const char = String.fromCharCode(byte);
    if (this.#state === "csi") return this.#inCsi(byte, char);
    if (this.#state === "console") return this.#emit(consoleKey(char));
    if (byte >= 0x30 && byte < 0x40) return this.#addParameter(char);
    this.#emit(this.#isUnknown ? null : ss3Key(this.#sequence(char)));
  }

  #inGround(byte: number): void {
    this.#modifiers = 0;
    if (byte === ESC) this.#state = "escape";
    else this.#begin(byte);
  }

  /** Takes the first byte of a character. */
  #begin(byte: number): void {
    if (byte < 0x20 || byte === 0x7F) return this.#emit(controlKey(byte, this.#modifiers));
    if (byte < 0x80) return this.#emit(charKey(String.fromCharCode(byte), this.#modifiers));
    if (byte < 0xA0) return this.#control(byte);
    this.#length = byte < 0xC2 || byte > 0xF4 ? 0 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    if (this.#length === 0) return this.#emit(charKey("\uFFFD", this.#modifiers));
    this.#char = [byte];
    this.#state = "utf8";
  }

  #inCharacter(byte: number): void {
    if ((byte & 0xC0) !== 0x80) {
      this.#emit(charKey("\uFFFD", this.#modifiers));
      return this.#inGround(byte);
    }
    this.#char.push(byte);
    if (this.#char.length < this.#length) return;
    const char = new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(this.#char));
    const point = char.codePointAt(0)!;
    if (point >= 0x80 && point < 0xA0) return this.#control(point);
    // An invalid sequence, such as a surrogate, becomes one replacement character, not one for each byte.
    this.#emit(charKey(point === 0xFFFD ? "\uFFFD" : char, this.#modifiers));
  }

  /** Takes a C1 control character, which stands for an escape and a character. */
  #control(code: number): void {
    this.#introduce(INTRODUCED.get(String.fromCharCode(code - 0x40)) ?? "ground");
  }

  #inEscape(byte: number): void {
    if (byte === ESC) {
      this.#modifiers = ALT;
      return;
    }
    const char = String.fromCharCode(byte);
    if (char === ST) return this.#emit(null);
    const introduced = INTRODUCED.get(char);
    if (introduced !== undefined) return this.#introduce(introduced);
    this.#modifiers = ALT;
    this.#begin(byte);
  }

  #introduce(state: State): void {
    this.#state = state;
    this.#parameters = "";
    this.#isUnknown = false;
  }

  #addParameter(char: string): void {
    if (this.#parameters.length < MAX_PARAMETERS) this.#parameters += char;
    else this.#isUnknown = true;
  }

  #sequence(final: string) {
    return { parameters: this.#parameters, final, modifiers: this.#modifiers };
  }

  #inCsi(byte: number, char: string): void {
    if (byte >= 0x30 && byte < 0x40) return this.#addParameter(char);
    if (byte < 0x30) {
      if (char === "$" && !this.#isUnknown && isRxvtShift(this.#parameters)) {
        return this.#emit(csiKey(this.#sequence(char)));
      }
      this.#isUnknown = true;
      return;
    }
    if (this.#isUnknown) return this.#emit(null);
    if (this.#parameters === "") {
      const length = MOUSE.get(char);
      if (length !== undefined) {
        this.#length = length;
        this.#state = "mouse";
        return;
      }
      if (char === "[") {
        this.#state = "console";
        return;
      }
      if (char === FOCUS_IN || char === FOCUS_OUT) {
        this.#out.push({ isFocused: char === FOCUS_IN });
        return this.#emit(null);
      }
    }
    if (char === "~" && this.#parameters === "200") return this.#beginPaste();
    this.#emit(csiKey(this.#sequence(char)));
  }

  /** A string goes up to ST or BEL. One alone is of use: the answer about the background, OSC 11. */
  #inString(byte: number, before: number): void {
    // An escape without a "\" after it begins something else, and so does Ctrl-C, which a person may press.
    if (byte === ESC || byte === CTRL_C) {
      if (byte === ESC) this.#report();
      return this.#inGround(byte);
    }
    // ST as one character: in UTF-8, or as a byte that continues nothing.
    const ends = byte === BEL || byte === 0x9C && (before < 0x80 || before === 0xC2);
    if (!ends) return this.#addParameter(String.fromCharCode(byte));
    this.#report();
    this.#state = "ground";
  }

  #report(): void {
    const background = this.#isUnknown ? undefined : backgroundIn(this.#parameters);
    if (background !== undefined) this.#out.push({ background });
  }

  /**
   * An answer was cut by a silence. What goes on with it is held for a moment: it is dropped if it completes the answer, else
   * somebody has typed it.
   */
  #inRest(byte: number): void {
    const text = this.#parameters + String.fromCharCode(byte);
    if (isAnswerBegun(text) && text.length <= MAX_PARAMETERS) {
      this.#parameters = text;
      this.#char.push(byte);
      return;
    }
    const isWhole = (byte === BEL || byte === ESC) && backgroundIn(this.#parameters) !== undefined;
    if (isWhole) this.#report();
    else this.#typeRest();
    this.#state = "ground";
    if (!isWhole || byte === ESC) this.#inGround(byte);
  }

  #typeRest(): void {
    const typed = this.#char;
    this.#char = [];
    for (const byte of typed) this.#inGround(byte);
    this.#state = "ground";
  }

  /** The positions are bytes, or in the mode 1005 characters of UTF-8. */
  #inMouse(byte: number, before: number): void {
    if (byte < 0x20 && byte !== 0) return this.#inGround(byte);
    const isLead = byte >= 0xC2 && byte < 0xE0;
    const continues = before >= 0xC2 && before < 0xE0 && (byte & 0xC0) === 0x80;
    // After the last one, only the rest of its character may come.
    if (!continues && this.#length-- === 0) return this.#inGround(byte);
    if (this.#length === 0 && !isLead) this.#state = "ground";
  }

  #beginPaste(): void {
    this.#state = "paste";
    this.#paste = "";
    this.#matched = 0;
    this.#pasteDecoder = new TextDecoder("utf-8", { ignoreBOM: true });
  }

  /** Takes bytes up to the end of the paste, and returns the index of the next byte. */
  #inPaste(bytes: Uint8Array, from: number): number {
    let at = from;
    while (at < bytes.length && this.#matched < PASTE_END.length) {
      const byte = bytes[at++]!;
      this.#before = byte;
      if (byte === PASTE_END.charCodeAt(this.#matched)) this.#matched++;
      else this.#matched = byte === ESC ? 1 : 0;
    }
    this.#paste += this.#pasteDecoder.decode(bytes.subarray(from, at), { stream: true });
    if (this.#matched === PASTE_END.length) this.#endPaste(this.#matched);
    else if (this.#paste.length > MAX_PASTE && this.#matched === 0) this.#givePaste(this.#paste);
    return at;
  }

  /**
   * Ends a paste whose last `end` characters are its terminator. Each Ctrl-C after a paste without a terminator was
   * pressed.
   */
  #endPaste(ending: number): void {
    const text = this.#paste.slice(0, this.#paste.length - ending) + this.#pasteDecoder.decode();
    let end = text.length;
    while (ending === 0 && text.charCodeAt(end - 1) === CTRL_C) end--;
    this.#givePaste(text.slice(0, end));
    this.#state = "ground";
    for (let pressed = end; pressed < text.length; pressed++) this.#emit(controlKey(CTRL_C));
  }

  #givePaste(text: string): void {
    // For each end of a line, terminals send the same as for Enter.
    this.#out.push({ pasted: text.replace(/\r\n?/g, "\n") });
    this.#paste = "";
  }
}
