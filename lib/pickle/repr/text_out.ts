/** Builders of long texts, without and with a limit. */

/** The number of pieces that are joined at a time. */
const BATCH = 1024;

/** A builder of a text from many pieces; concatenating them one by one would keep 32 bytes for each. */
export class Pieces {
  readonly #joined: string[] = [];
  #batch: string[] = [];
  #length = 0;

  /** The length in UTF-16 code units. */
  get length(): number {
    return this.#length;
  }

  /** Appends a piece. */
  push(piece: string): void {
    this.#length += piece.length;
    if (this.#batch.push(piece) < BATCH) return;
    this.#joined.push(this.#batch.join(""));
    this.#batch = [];
  }

  /** Returns the text. */
  join(): string {
    return this.#joined.join("") + this.#batch.join("");
  }
}

const ELLIPSIS = "…";

/** A builder of a text up to a limit; a longer text is cut off and ends with an ellipsis. */
export class TextOut {
  readonly #limit: number;
  readonly #pieces = new Pieces();

  /** @param limit The most characters (UTF-16 code units) of the text, including the ellipsis. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The number of characters that are still accepted: up to the limit, and one that shows that it is exceeded. */
  get room(): number {
    return this.#limit - this.#pieces.length + 1;
  }

  /** Whether the limit is exceeded, so that no further text will be shown. */
  get full(): boolean {
    return this.#pieces.length > this.#limit;
  }

  /** Appends a text. */
  write(text: string): void {
    const room = this.room;
    if (room <= 0) return;
    this.#pieces.push(text.length > room ? text.slice(0, room) : text);
  }

  /** Returns the text, or its beginning and an ellipsis; it does not split a surrogate pair. */
  finish(): string {
    const text = this.#pieces.join();
    if (!this.full) return text;
    if (this.#limit < 1) return "";
    let end = this.#limit - 1;
    const last = text.charCodeAt(end - 1);
    if (end > 0 && last >= 0xD800 && last < 0xDC00) end--;
    return text.slice(0, end) + ELLIPSIS;
  }
}
