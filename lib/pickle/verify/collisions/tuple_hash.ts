/** CPython's hash of a tuple, computed from the hashes of its items. */
import { Int64 } from "./int64.ts";
import { type PythonHash, Salt } from "./python_hash.ts";
import { mixed } from "./secret_hash.ts";

// The primes of xxHash: 11400714785074694791, 14029467366897019727, 2870177450012600261.
const PRIME_1 = [0x9e3779b1, 0x85ebca87] as const;
const PRIME_2 = [0xc2b2ae3d, 0x27d4eb4f] as const;
const PRIME_5 = [0x27d4eb2f, 0x165667c5] as const;
const FORM_FACTOR = 0x01000193;
const LENGTH_MASK = 3527539;
const MINUS_ONE = [0, 1546275796] as const;

/** Computes the hash of a tuple: a simple form of xxHash. */
export class TupleHash {
  readonly #sum = new Int64(PRIME_5[0], PRIME_5[1]);
  readonly #lane = new Int64(0, 0);
  #mark = 0;
  #form = 0;
  #length = 0;

  /** Adds the next item. */
  add({ high, low, mark, form }: PythonHash): void {
    const sum = this.#sum, lane = this.#lane;
    lane.set(high, low);
    lane.times(PRIME_2[0], PRIME_2[1]);
    sum.plus(lane.high, lane.low);
    sum.rotate(31);
    sum.times(PRIME_1[0], PRIME_1[1]);
    this.#mark = mixed(this.#mark, mark);
    this.#form = Math.imul(this.#form, FORM_FACTOR) + form | 0;
    this.#length++;
  }

  /** Sets the hash of the tuple. */
  end(hash: PythonHash): void {
    const sum = this.#sum;
    sum.plus(PRIME_5[0], this.#length ^ PRIME_5[1] ^ LENGTH_MASK);
    const mark = mixed(this.#mark, Salt.TUPLE), form = mixed(this.#form, Salt.TUPLE);
    if (sum.high === -1 && sum.low === -1) hash.set(...MINUS_ONE, mark, form);
    else hash.set(sum.high, sum.low, mark, form);
  }
}
