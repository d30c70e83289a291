/** Cache of short strings that repeat in a pickle. */
const SLOTS = 64;

/** The number of strings that are written before the cache is used. */
const FIRST = 16;
/** The number of strings for which the cache is not used after a trial without hits. */
const PAUSE = 4096;
/** The number of misses after which a trial ends. */
const TRIAL = 96;
/** The number of collisions after which a string with hits is replaced. */
const MOST_LIVES = 3;

/** The results of {@linkcode TextCache.find} that are not a memo index. */
export const WRITE = -1;
export const WRITE_AND_KEEP = -2;

/**
 * Cache of short strings that repeat, such as the keys of records, which is faster than writing them again. For pickles without
 * repetitions it turns itself off.
 */
export class TextCache {
  readonly #texts: string[] = new Array(SLOTS).fill("");
  readonly #numbers = new Int32Array(SLOTS);
  readonly #lives = new Uint8Array(SLOTS);
  #skip = FIRST;
  #misses = 0;
  #slot = 0;
  #used = false;

  /** Returns the memo index of a string, WRITE, or WRITE_AND_KEEP for one to write and then {@linkcode TextCache.keep}. */
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

  /** Stores the memo index of the string to keep. */
  keep(number: number): void {
    this.#used = true;
    this.#numbers[this.#slot] = number;
  }

  /** Releases all strings. */
  clear(): void {
    this.#skip = FIRST;
    this.#misses = 0;
    if (!this.#used) return;
    this.#used = false;
    this.#texts.fill("");
    this.#lives.fill(0);
  }
}
