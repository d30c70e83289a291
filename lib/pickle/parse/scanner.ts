/** Scanner of the tokens of a literal. */
import { PickleError, restate } from "../values/errors.ts";

/** Space between the tokens of a literal: blanks, line ends, a backslash before a line end, comments. */
const SPACE = /[ \t\f\r\n]+|\\\r?\n|#[^\r\n]*/y;

const HASH = 0x23;
const BACKSLASH = 0x5C;

/** Space between the tokens of JSON. */
const JSON_SPACE = /[ \t\r\n]+/y;

/** The characters of a dotted name. */
const NAME = /[\p{ID_Start}_][\p{ID_Continue}.]*/uy;

/** A text and a position that advances as tokens are read. */
export class Scanner {
  readonly text: string;
  readonly #subject: string;
  /** The offset of the next character, in UTF-16 code units. */
  at = 0;

  /**
   * @param text The text.
   * @param subject The name of the text in errors.
   */
  constructor(text: string, subject = "the literal") {
    this.text = text;
    this.#subject = subject;
  }

  /** Skips the space between tokens of a literal, and returns the next character; "" at the end. */
  next(): string {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      // Usually there is no space between two tokens, or one blank.
      if (code === 0x20) this.at++;
      else if (code > 0x20 && code !== HASH && code !== BACKSLASH || this.match(SPACE) === "") {
        return this.text.charAt(this.at);
      }
    }
  }

  /** Skips the space between tokens of JSON, and returns the next character; "" at the end. */
  nextInJson(): string {
    this.match(JSON_SPACE);
    return this.text.charAt(this.at);
  }

  /** Skips space and then the given character; returns false where another one follows. */
  take(character: string): boolean {
    if (this.next() !== character) return false;
    this.at++;
    return true;
  }

  /** Reads the match of a sticky pattern at the position; "" without a match. */
  match(sticky: RegExp): string {
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.text)?.[0] ?? "";
    this.at += found.length;
    return found;
  }

  /** Reads a dotted name; "" where there is none. */
  name(): string {
    return this.match(NAME);
  }

  /** Makes an error of syntax with a position, by default that of the next character. */
  error(problem: string, at = this.at): PickleError {
    return new PickleError("syntax", `Cannot parse ${this.#subject}: ${problem}`, this.#place(at));
  }

  /** Makes the error of a limit that is exceeded at an offset. */
  limit(limit: string, { problem, at }: { problem: string; at: number }): PickleError {
    const place = { limit, ...this.#place(at) };
    return new PickleError("limit", `Cannot parse ${this.#subject}: ${problem}`, place);
  }

  /** Adds a position in the text to an error. */
  placed(cause: PickleError, at: number): PickleError {
    return restate(cause, `Cannot parse ${this.#subject}`, this.#place(at));
  }

  /** Describes the next character for an error. */
  found(): string {
    const point = this.text.codePointAt(this.at);
    return point === undefined ? "the end" : JSON.stringify(String.fromCodePoint(point));
  }

  #place(at: number): { line: number; column: number } {
    let line = 1;
    let start = 0;
    for (let end = this.text.indexOf("\n"); end >= 0 && end < at; end = this.text.indexOf("\n", start)) {
      line++;
      start = end + 1;
    }
    let column = 1;
    for (const _ of this.text.slice(start, at)) column++;
    return { line, column };
  }
}
