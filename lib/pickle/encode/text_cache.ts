const SLOTS = 64;

/** So many strings of a pickle are written before it is worth to look for repetitions. */
const FIRST = 16;
/** So many strings pass between two trials where one has shown that hardly any comes again. */
const PAUSE = 4096;
/** So many strings that were not found end a trial in which none was. */
const TRIAL = 96;
/** How many collisions a string outlives that came again. */
const MOST_LIVES = 3;

/** The answers of {@linkcode TextCache.find} that are no memo entry. */
export const WRITE = -1;
export const WRITE_AND_KEEP = -2;

/**
 * Finds the short strings that come again and again, such as the keys of records, for less than what writing them takes.
 * Where they do not come again it stays out of the way.
 */
export class TextCache {
  readonly #texts: string[] = new Array(SLOTS).fill("");
  readonly #numbers = new Int32Array(SLOTS);
  readonly #lives = new Uint8Array(SLOTS);
  #skip = FIRST;
  #misses = 0;
  #slot = 0;
  #used = false;

  /** The memo entry of a string, or whether it is to be written only, or also kept with {@linkcode TextCache.keep}. */
  find(text: string): number {
    if (this.#skip > 0) {
      this.#skip--;
      return WRITE;
    }
    const { length } = text;
    const slot = (length * 5 + text.charCodeAt(0) * 7 + text.charCodeAt(length - 1) * 3) & SLOTS - 1;
    if (this.#texts[slot] === text) {
      this.#lives[slot] = MOST_LIVES;
      return this.#numbers[slot] as number;
    }
    return this.#miss(text, slot);
  }

  #miss(text: string, slot: number): number {
    if (++this.#misses > TRIAL) {
      this.#misses = 0;
      if (this.#lives.every((lives) => lives === 0)) {
        this.#skip = PAUSE;
        return WRITE;
      }
    }
    const lives = this.#lives[slot] as number;
    if (lives > 0) {
      this.#lives[slot] = lives - 1;
      return WRITE;
    }
    this.#slot = slot;
    this.#texts[slot] = text;
    return WRITE_AND_KEEP;
  }

  /** Notes the memo entry of the string that was to be kept. */
  keep(number: number): void {
    this.#used = true;
    this.#numbers[this.#slot] = number;
  }

  /** Forgets all strings. */
  clear(): void {
    this.#skip = FIRST;
    this.#misses = 0;
    if (!this.#used) return;
    this.#used = false;
    this.#texts.fill("");
    this.#lives.fill(0);
  }
}
