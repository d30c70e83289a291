/** Counts of what is in use. */

/** Counts what is in use, by name. */
export class Counts {
  readonly #counts = new Map<string, number>();

  /** Whether there is one of that name. */
  has(name: string): boolean {
    return this.#counts.has(name);
  }

  /** Adds one; the function that it returns takes that one away again, once. */
  add(name: string): () => void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
    let isGone = false;
    return () => {
      if (isGone) return;
      isGone = true;
      const left = this.#counts.get(name)! - 1;
      if (left > 0) this.#counts.set(name, left);
      else this.#counts.delete(name);
    };
  }
}
