/** How many objects are looked for one by one before a Map is worth its making. */
const FEW = 8;

/** Which objects were written already, and as which memo entry. Objects are told apart by identity. */
export class MemoTable {
  /** How many entries the memo has, those of strings and names among them. */
  count = 0;
  readonly #few: object[] = [];
  readonly #fewNumbers: number[] = [];
  #many: Map<object, number> | undefined;

  /** The number of an object's entry, or -1. */
  find(object: object): number {
    if (this.#many !== undefined) return this.#many.get(object) ?? -1;
    const at = this.#few.indexOf(object);
    return at < 0 ? -1 : this.#fewNumbers[at] as number;
  }

  /** Gives an object the next entry. */
  add(object: object): number {
    const number = this.count++;
    if (this.#many !== undefined) {
      this.#many.set(object, number);
    } else if (this.#few.length < FEW) {
      this.#few.push(object);
      this.#fewNumbers.push(number);
    } else {
      this.#many = new Map(this.#few.map((each, at) => [each, this.#fewNumbers[at] as number]));
      this.#many.set(object, number);
    }
    return number;
  }

  /** Takes an object's entry back; its number is not given again. */
  forget(object: object): void {
    this.#many?.delete(object);
    const at = this.#few.indexOf(object);
    if (at >= 0) this.#few[at] = this;
  }

  /** Forgets all, so that nothing is kept alive. */
  clear(): void {
    this.count = 0;
    this.#few.length = 0;
    this.#fewNumbers.length = 0;
    this.#many = undefined;
  }
}
