/** How CPython puts the hashes of items together: in order for a tuple, in any order for a frozenset. */
import { multiply, plus, upper } from "./int64.ts";
import { mixed } from "./secret_hash.ts";
import { HashTrait, type PythonHash, Salt } from "./python_hash.ts";

// The primes of xxHash: 11400714785074694791, 14029467366897019727, 2870177450012600261.
const PRIME_1 = [0x9e3779b1, 0x85ebca87] as const;
const PRIME_2 = [0xc2b2ae3d, 0x27d4eb4f] as const;
const PRIME_5 = [0x27d4eb2f, 0x165667c5] as const;
const FORM_FACTOR = 0x01000193;
const LENGTH_MASK = 3527539;
const MINUS_ONE = [0, 1546275796] as const;

/** The hash of a tuple, from those of its items: a simple form of xxHash. */
export class TupleHash {
  #high = PRIME_5[0] | 0;
  #low = PRIME_5[1] | 0;
  #mark = 0;
  #form = 0;
  #length = 0;

  /** Takes the next item. */
  add({ high, low, mark, form }: PythonHash): void {
    const product = multiply(high, low, PRIME_2[0], PRIME_2[1]);
    const sum = plus(this.#high, this.#low, upper, product), sumHigh = upper;
    this.#low = multiply(sumHigh << 31 | sum >>> 1, sum << 31 | sumHigh >>> 1, PRIME_1[0], PRIME_1[1]);
    this.#high = upper;
    this.#mark = mixed(this.#mark, mark);
    this.#form = Math.imul(this.#form, FORM_FACTOR) + form | 0;
    this.#length++;
  }

  /** Sets the hash of the whole. */
  end(hash: PythonHash, salt: number): void {
    const low = plus(this.#high, this.#low, PRIME_5[0], this.#length ^ PRIME_5[1] ^ LENGTH_MASK),
      high = upper;
    const mark = mixed(this.#mark, salt), form = mixed(this.#form, salt);
    if (high === -1 && low === -1) hash.set(...MINUS_ONE, mark, form);
    else hash.set(high, low, mark, form);
  }
}

const SHUFFLE_MASK = 89869747;
const SHUFFLE_FACTOR = 3644798167;
const SIZE_FACTOR = 1927868237;
const FACTOR = 69069;
const ADDEND = 907133923;

/** The hash of a frozenset, from those of its members, each once. */
export class FrozenSetHash {
  #high = 0;
  #low = 0;
  #mark = 0;
  #size = 0;

  /** Takes the next member. */
  add({ high, low, mark }: PythonHash): void {
    const shiftedHigh = high << 16 | low >>> 16, shiftedLow = low << 16;
    this.#low ^= multiply(high ^ shiftedHigh, low ^ SHUFFLE_MASK ^ shiftedLow, 0, SHUFFLE_FACTOR);
    this.#high ^= upper;
    this.#mark = this.#mark + mixed(mark, Salt.FROZENSET) | 0;
    this.#size++;
  }

  /** Sets the hash of the whole. */
  end(hash: PythonHash): void {
    const sizeLow = multiply(0, this.#size + 1, 0, SIZE_FACTOR);
    let high = this.#high ^ upper, low = this.#low ^ sizeLow;
    const by11 = low >>> 11 | high << 21, by25 = low >>> 25 | high << 7;
    low ^= by11 ^ by25;
    high ^= high >>> 11 ^ high >>> 25;
    low = multiply(high, low, 0, FACTOR);
    low = plus(upper, low, 0, ADDEND);
    high = upper;
    const mark = mixed(this.#mark, this.#size);
    // Two that hold scalars of numpy are never of one form: nobody knows which members would be compared.
    const form = (hash.traits & HashTrait.NUMPY) !== 0 ? mark : Salt.FROZENSET;
    if (high === -1 && low === -1) hash.set(0, 590923713, mark, form);
    else hash.set(high, low, mark, form);
  }
}
