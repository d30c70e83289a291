import { PickleError, toldAs } from "../values/errors.ts";

/** What may stand between the tokens of a literal: blanks, line ends, a backslash before a line end, comments. */
const SPACE = /[ \t\f\r\n]+|\\\r?\n|#[^\r\n]*/y;

const HASH = 0x23;
const BACKSLASH = 0x5C;

/** What may stand between the tokens of JSON. */
const JSON_SPACE = /[ \t\r\n]+/y;

/** The characters of a dotted name; whether it is a good one is seen after. */
const NAME = /[\p{ID_Start}_][\p{ID_Continue}.]*/uy;

/** A place in a text that moves on as tokens are taken. */
export class Scanner {
  readonly text: string;
  readonly #subject: string;
  /** The offset of the next character, in UTF-16 code units. */
  at = 0;

  /**
   * @param text The text.
   * @param subject What cannot be parsed, in errors.
   */
  constructor(text: string, subject = "the literal") {
    this.text = text;
    this.#subject = subject;
  }

  /** Moves past what a literal allows between tokens, and returns the character that follows; "" at the end. */
  next(): string {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      // Most often nothing stands between two tokens, or one blank.
      if (code === 0x20) this.at++;
      else if (code > 0x20 && code !== HASH && code !== BACKSLASH || this.match(SPACE) === "") {
        return this.text.charAt(this.at);
      }
    }
  }

  /** Moves past what JSON allows between tokens, and returns the character that follows; "" at the end. */
  nextInJson(): string {
    this.match(JSON_SPACE);
    return this.text.charAt(this.at);
  }

  /** Moves past blanks and then the given character, if it follows. */
  take(character: string): boolean {
    if (this.next() !== character) return false;
    this.at++;
    return true;
  }

  /** Moves past what a sticky pattern matches here, and returns it; "" where it does not match. */
  match(sticky: RegExp): string {
    sticky.lastIndex = this.at;
    const found = sticky.exec(this.text)?.[0] ?? "";
    this.at += found.length;
    return found;
  }

  /** Moves past a name, dots in it included, and returns it; "" where none stands. */
  name(): string {
    return this.match(NAME);
  }

  /** Makes the error that says what is wrong with the text and where, by default at the next character. */
  error(problem: string, at = this.at): PickleError {
    return new PickleError("syntax", `Cannot parse ${this.#subject}: ${problem}`, this.#place(at));
  }

  /** Makes the error of a limit that was reached at an offset. */
  limit(limit: string, { problem, at }: { problem: string; at: number }): PickleError {
    const place = { limit, ...this.#place(at) };
    return new PickleError("limit", `Cannot parse ${this.#subject}: ${problem}`, place);
  }

  /** Makes an error with a place in the text out of one without. */
  placed(cause: PickleError, at: number): PickleError {
    return toldAs(cause, `Cannot parse ${this.#subject}`, this.#place(at));
  }

  /** Describes what stands at the next character, for an error. */
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
