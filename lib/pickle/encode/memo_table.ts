/** Memo of the objects and texts that a pickle contains. */

/** The number of keys up to which a linear search is faster than making a Set. */
const FEW = 8;

/**
 * Memo of the objects and texts that were written: objects by identity, texts by content.
 *
 * In most values nothing occurs twice. Until the first repetition the keys are in a Set, which takes half the time of a Map;
 * then it becomes a Map from keys to indices.
 */
export class MemoTable {
  /** The number of memo entries. */
  count = 0;
  readonly #few: (object | string | null)[] = new Array(FEW).fill(null);
  #used = 0;
  #set: Set<object | string> | null = null;
  #map: Map<object | string, number> | null = null;
  /** The index of each key in order of insertion, until there is a Map. */
  readonly #numbers: number[] = [];

  /** Returns the index of a key's entry, or -1. */
  find(key: object | string): number {
    if (this.#map !== null) return this.#map.get(key) ?? -1;
    if (this.#set !== null) return this.#set.has(key) ? this.#toMap().get(key) ?? -1 : -1;
    return this.#findFew(key);
  }

  /** Assigns the next entry to a new key, and returns its index. */
  add(key: object | string): number {
    const number = this.count++;
    if (this.#map !== null) {
      this.#map.set(key, number);
    } else {
      this.#note(key, number);
    }
    return number;
  }

  /** Returns the index of a key's entry; or assigns the next entry to the key and returns -1. */
  findOrAdd(key: object | string): number {
    const set = this.#set;
    if (set === null) {
      const found = this.find(key);
      if (found < 0) this.add(key);
      return found;
    }
    const size = set.size;
    set.add(key);
    if (set.size === size) return this.#toMap().get(key) ?? -1;
    this.#numbers.push(this.count++);
    return -1;
  }

  /** Removes a key's entry; its index is not reused. */
  forget(key: object | string): void {
    (this.#map ?? this.#toMap()).delete(key);
  }

  /** Removes all entries, so that no value is kept alive. */
  clear(): void {
    this.count = 0;
    while (this.#used > 0) this.#few[--this.#used] = null;
    if (this.#numbers.length > FEW) this.#numbers.length = 0;
    this.#set = null;
    this.#map = null;
  }

  #findFew(key: object | string): number {
    const few = this.#few;
    for (let at = this.#used - 1; at >= 0; at--) {
      if (few[at] === key) return this.#numbers[at] as number;
    }
    return -1;
  }

  #note(key: object | string, number: number): void {
    if (this.#set === null && this.#used < FEW) {
      this.#numbers[this.#used] = number;
      this.#few[this.#used++] = key;
      return;
    }
    this.#set ??= new Set(this.#few as (object | string)[]);
    this.#numbers[this.#set.size] = number;
    this.#set.add(key);
  }

  #toMap(): Map<object | string, number> {
    const map = new Map<object | string, number>();
    const keys = this.#set ?? this.#few.slice(0, this.#used) as (object | string)[];
    let at = 0;
    for (const key of keys) map.set(key, this.#numbers[at++] as number);
    this.#set = null;
    this.#map = map;
    return map;
  }
}
