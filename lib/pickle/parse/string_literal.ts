/** Literals of str and bytes. */
import { Pieces } from "../repr/text_out.ts";
import type { Scanner } from "./scanner.ts";
import { latin1Bytes } from "../values/eight_bits.ts";
import { CodePoints } from "../values/values.ts";

/** A prefix and the opening quotes. */
const OPENING = /[A-Za-z]{0,2}(?:'''|"""|'|")/y;

const PREFIX = /^(?:r|u|b|br|rb)?["']/i;

const ESCAPED: ReadonlyMap<string, string> = new Map([
  ["\n", ""],
  ["\\", "\\"],
  ["'", "'"],
  ['"', '"'],
  ["a", "\x07"],
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["v", "\v"],
]);

/** The number of hexadecimal digits of each escape. */
const DIGITS: ReadonlyMap<string, number> = new Map([["x", 2], ["u", 4], ["U", 8]]);

const OCTAL = /[0-7]{1,3}/y;

/** A builder of a str, which records where two surrogates meet that are not one character. */
class StrParts {
  readonly #pieces = new Pieces();
  /** Whether the last unit is a high surrogate. */
  #high = false;
  readonly #joints: number[] = [];

  append(part: string): void {
    if (part === "") return;
    const first = part.charCodeAt(0);
    if (this.#high && first >= 0xDC00 && first < 0xE000) this.#joints.push(this.#pieces.length);
    const last = part.charCodeAt(part.length - 1);
    this.#high = last >= 0xD800 && last < 0xDC00;
    this.#pieces.push(part);
  }

  finish(): string | CodePoints {
    const text = this.#pieces.join();
    if (this.#joints.length === 0) return text;
    const points: number[] = [];
    let start = 0;
    for (const end of [...this.#joints, text.length]) {
      for (const character of text.slice(start, end)) points.push(character.codePointAt(0)!);
      start = end;
    }
    return new CodePoints(points);
  }
}

/**
 * Reads a str or bytes literal and the literals that follow it directly, which are concatenated as in Python.
 *
 * @param scanner A scanner at the start of the literal.
 * @returns The value; undefined where the text there is not such a literal.
 * @throws {PickleError} With code "syntax" for a literal without end or with an invalid escape.
 */
export function readStringLiteral(scanner: Scanner): string | CodePoints | Uint8Array | undefined {
  let opening = scanner.match(OPENING);
  if (opening === "") return undefined;
  const isBytes = /b/i.test(opening);
  const parts = new StrParts();
  while (opening !== "") {
    if (!PREFIX.test(opening)) {
      throw scanner.error(`${opening}… is not a literal`, scanner.at - opening.length);
    }
    if (/b/i.test(opening) !== isBytes) {
      throw scanner.error("bytes and str cannot be mixed", scanner.at - opening.length);
    }
    readBody(scanner, opening, parts);
    scanner.next();
    opening = scanner.match(OPENING);
  }
  const text = parts.finish();
  return isBytes && typeof text === "string" ? latin1Bytes(text)! : text;
}

/** Reads the text between the quotes, and the closing quotes. */
function readBody(scanner: Scanner, opening: string, parts: StrParts): void {
  const start = scanner.at;
  const quotes = opening.replace(/^[a-z]+/i, "");
  const isBytes = /b/i.test(opening);
  const isRaw = /r/i.test(opening);
  const stops = stopsOf(quotes);
  for (;;) {
    const from = scanner.at;
    stops.lastIndex = from;
    const stop = stops.exec(scanner.text);
    if (stop === null || stop[0] === "\n" || stop[0] === "\r") {
      throw scanner.error("the string does not end", start - opening.length);
    }
    appendPlain(scanner, { from, to: stop.index, isBytes }, parts);
    scanner.at = stop.index + stop[0].length;
    if (stop[0] === quotes) return;
    if (isRaw) appendRaw(scanner, { isBytes }, parts);
    else parts.append(readEscape(scanner, isBytes));
  }
}

/** Makes the pattern for the end of plain text: the closing quotes, a backslash, and a line end where that is not allowed. */
function stopsOf(quotes: string): RegExp {
  return new RegExp(quotes.length === 3 ? `${quotes}|\\\\` : `${quotes}|\\\\|[\\r\\n]`, "g");
}

function appendPlain(
  scanner: Scanner,
  { from, to, isBytes }: { from: number; to: number; isBytes: boolean },
  parts: StrParts,
): void {
  if (from === to) return;
  const plain = scanner.text.slice(from, to);
  const stray = isBytes ? plain.search(/[^\0-\x7f]/) : -1;
  if (stray >= 0) throw scanner.error("bytes can only have ASCII characters in a literal", from + stray);
  parts.append(plain.includes("\r") ? plain.replace(/\r\n?/g, "\n") : plain);
}

/** Appends a backslash of a raw literal and the character after it, which may be a quote. */
function appendRaw(scanner: Scanner, { isBytes }: { isBytes: boolean }, parts: StrParts): void {
  parts.append("\\");
  const point = scanner.text.codePointAt(scanner.at);
  if (point === undefined) throw scanner.error("the string does not end");
  const length = scanner.text.startsWith("\r\n", scanner.at) ? 2 : String.fromCodePoint(point).length;
  appendPlain(scanner, { from: scanner.at, to: scanner.at + length, isBytes }, parts);
  scanner.at += length;
}

/** Reads an escape after its backslash, and returns its text. */
function readEscape(scanner: Scanner, isBytes: boolean): string {
  const begin = scanner.at - 1;
  const octal = scanner.match(OCTAL);
  if (octal !== "") {
    const code = Number.parseInt(octal, 8);
    // CPython takes the lowest eight bits in bytes.
    return String.fromCharCode(isBytes ? code & 0xFF : code);
  }
  if (scanner.text.startsWith("\r", scanner.at)) {
    scanner.at += scanner.text.startsWith("\r\n", scanner.at) ? 2 : 1;
    return "";
  }
  const letter = scanner.text.charAt(scanner.at);
  const escaped = ESCAPED.get(letter);
  if (escaped !== undefined) {
    scanner.at++;
    return escaped;
  }
  const digits = isBytes && letter !== "x" ? undefined : DIGITS.get(letter);
  if (digits !== undefined) {
    const code = scanner.text.slice(scanner.at + 1, scanner.at + 1 + digits);
    const point = Number.parseInt(code, 16);
    if (!/^[0-9a-f]+$/i.test(code) || code.length !== digits || point > 0x10FFFF) {
      throw scanner.error(`\\${letter} is followed by ${digits} hexadecimal digits of a character`, begin);
    }
    scanner.at += 1 + digits;
    return String.fromCodePoint(point);
  }
  if (letter === "N" && !isBytes) {
    throw scanner.error(
      "\\N{…} is not supported, since it needs the names of Unicode: write the character or its code",
      begin,
    );
  }
  return "\\";
}
