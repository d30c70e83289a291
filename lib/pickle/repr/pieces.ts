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
