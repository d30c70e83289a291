/** Texts that are put together of many pieces, without and with a limit. */

/** How many pieces are joined at a time. */
const BATCH = 1024;

/** A text put together of many pieces: to add them up one by one would keep a node of 32 bytes for each. */
export class Pieces {
  readonly #joined: string[] = [];
  #batch: string[] = [];
  #length = 0;

  /** How many UTF-16 code units there are. */
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

  /** Returns all of it. */
  join(): string {
    return this.#joined.join("") + this.#batch.join("");
  }
}

const ELLIPSIS = "…";

/** Text that grows up to a limit; what is written beyond is dropped and leaves an ellipsis at the end. */
export class TextOut {
  readonly #limit: number;
  readonly #pieces = new Pieces();

  /** @param limit The most characters (UTF-16 code units) of the finished text, the ellipsis among them. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many characters will still be kept: those that can be seen, and one that tells that there were too many. */
  get room(): number {
    return this.#limit - this.#pieces.length + 1;
  }

  /** Whether more was written than the limit allows, so that nothing more will be seen. */
  get full(): boolean {
    return this.#pieces.length > this.#limit;
  }

  /** Appends a text. */
  write(text: string): void {
    const room = this.room;
    if (room <= 0) return;
    this.#pieces.push(text.length > room ? text.slice(0, room) : text);
  }

  /** Returns what was written, or its beginning and an ellipsis; no surrogate pair is cut in two. */
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
