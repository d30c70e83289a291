/** How many keys are looked for one by one before a Set is worth its making. */
const FEW = 8;

/**
 * Which objects and texts were written already, and as which memo entry: objects by identity, texts by what they say.
 *
 * In most values nothing comes twice. So as long as nothing did, the keys stand in a Set, which takes one step a key and
 * half of a Map's time; the first that comes again turns it into a Map of the numbers.
 */
export class MemoTable {
  /** How many entries the memo has. */
  count = 0;
  readonly #few: (object | string | null)[] = new Array(FEW).fill(null);
  #used = 0;
  #set: Set<object | string> | null = null;
  #map: Map<object | string, number> | null = null;
  /** The number of each key in the order in which they came, until there is a Map. */
  readonly #numbers: number[] = [];

  /** The number of a key's entry, or -1. */
  find(key: object | string): number {
    if (this.#map !== null) return this.#map.get(key) ?? -1;
    if (this.#set !== null) return this.#set.has(key) ? this.#toMap().get(key) ?? -1 : -1;
    return this.#findFew(key);
  }

  /** Gives a key that has none the next entry, and tells its number. */
  add(key: object | string): number {
    const number = this.count++;
    if (this.#map !== null) {
      this.#map.set(key, number);
    } else {
      this.#note(key, number);
    }
    return number;
  }

  /** Does both: the number of a key's entry, or -1 and then the key has the next entry. */
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

  /** Takes a key's entry back; its number is not given again. */
  forget(key: object | string): void {
    (this.#map ?? this.#toMap()).delete(key);
  }

  /** Forgets all, so that nothing is kept alive. */
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
