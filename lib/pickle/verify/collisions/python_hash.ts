/**
 * Hash of a key as CPython 3.8 to 3.13 computes it on 64-bit machines. CPython hashes text and bytes with a secret of its
 * own, and this module with another: collisions that an attacker has arranged without knowing the secret show under both.
 *
 * @module
 */
import { mixed } from "./secret_hash.ts";

const NONE_HASH = 0xfca86420 | 0;
const INFINITY = 314159;
/** Ints below this have the form of a number, larger ones that of a long int. */
const SMALL = 2 ** 47;
/** Ints below this are their own mark. */
const TINY = 2 ** 31;
const WORD = 2 ** 32;
const TOO_LARGE = 2 ** 64;
/** The upper half of 2^61 − 1. */
const TOP = 0x1fffffff;
const BITS = 61;

/** The kinds of keys, mixed into the marks so that those of different kinds differ. */
export const Salt = {
  NUMBER: 1,
  LONG: 2,
  NAN: 3,
  INFINITE: 4,
  NONE: 5,
  TEXT: 6,
  BYTES: 7,
  TUPLE: 8,
  NAME: 9,
  DATE: 10,
  FLOAT: 11,
} as const;

/** Properties of a hash or its key that matter for comparisons; bits of {@linkcode PythonHash.traits}. */
export const HashTrait = {
  /** The hash depends on a secret: it is of a text, or an address. */
  SECRET: 1,
  /** The hash differs between the versions of CPython, or depends too much on the secret. */
  DOUBTFUL: 2,
  /** The key is or holds a number of numpy, which is safely compared only with its own kind. */
  NUMPY: 4,
} as const;

const view = new DataView(new ArrayBuffer(8));

/** A hash that is set anew for each key. */
export class PythonHash {
  /** Its upper and lower 32 bits. */
  high = 0;
  low = 0;
  /** A number that is the same for equal keys, and for others only by chance. */
  mark = 0;
  /** A number that is the same for keys of the same kinds, item by item. */
  form = 0;
  /** Properties of the key, in bits of {@linkcode HashTrait}. */
  traits = 0;
  /** The number of numbers in the key whose own hashes have more than 32 bits. */
  wide = 0;

  /** Begins another key. */
  begin(): void {
    this.traits = 0;
    this.wide = 0;
  }

  /** Sets a hash. CPython replaces −1 by −2. */
  set(high: number, low: number, mark: number, form: number): void {
    this.high = high;
    this.low = high === -1 && low === -1 ? -2 : low;
    this.mark = mark;
    this.form = form;
  }

  /** Sets the hash of None, which before CPython 3.12 is an address. */
  setNone(): void {
    this.traits |= HashTrait.SECRET;
    this.set(0, NONE_HASH, mixed(0, Salt.NONE), Salt.NONE);
  }

  /** Sets the hash of a key that CPython hashes with a secret, from our own hash of it. */
  setSecret(hash: number, salt: number): void {
    this.traits |= HashTrait.SECRET;
    this.set(mixed(hash, 1), mixed(hash, 2), mixed(hash, salt), salt);
  }

  /** Sets the hash of text or bytes, from our own hash and the length. CPython hashes an empty one to 0. */
  setText(hash: number, length: number, salt: number): void {
    if (length === 0) this.set(0, 0, mixed(0, salt), salt);
    else this.setSecret(hash, salt);
  }

  /** Sets the hash of an int that is a safe integer. */
  setInt(value: number): void {
    if (value < TINY && value > -TINY) {
      this.high = value < 0 ? -1 : 0;
      this.low = value === -1 ? -2 : value;
      this.mark = value;
      this.form = Salt.NUMBER;
      return;
    }
    const magnitude = Math.abs(value);
    this.setWords(Math.floor(magnitude / WORD), magnitude % WORD, value < 0);
  }

  /** Sets the hash of an int, from the upper and lower 32 bits of its magnitude, unsigned. */
  setWords(high: number, low: number, negative: boolean): void {
    if (high === 0 && low < TINY) return this.setInt(negative ? -low : low);
    if (high !== 0) this.wide++;
    const mark = mixed(high, low | 0);
    const form = high * WORD + low < SMALL ? Salt.NUMBER : Salt.LONG;
    // Modulo 2^61 − 1, the upper three bits count as the lowest.
    let lower = low + (high >>> 29), upper = high & TOP;
    if (lower >= WORD) {
      lower -= WORD;
      upper++;
    }
    if (upper > TOP) [upper, lower] = [0, lower + 1];
    this.#setResidue(upper, lower, negative);
    this.mark = negative ? ~mark : mark;
    this.form = form;
  }

  /** Sets the hash of a float. */
  setFloat(value: number): void {
    const magnitude = Math.abs(value), negative = value < 0;
    if (magnitude < TOO_LARGE && Math.floor(value) === value) {
      this.setWords(Math.floor(magnitude / WORD), magnitude % WORD, negative);
      this.form = Salt.NUMBER;
      return;
    }
    if (Number.isNaN(value)) {
      // The hash of NaN is 0 up to CPython 3.9, and later an address.
      this.traits |= HashTrait.DOUBTFUL;
      return this.set(0, 0, mixed(0, Salt.NAN), Salt.NUMBER);
    }
    if (magnitude === Infinity) {
      const mark = mixed(negative ? 1 : 0, Salt.INFINITE);
      return this.set(negative ? -1 : 0, negative ? -INFINITY : INFINITY, mark, Salt.NUMBER);
    }
    view.setFloat64(0, magnitude);
    const top = view.getInt32(0), low = view.getInt32(4);
    const exponent = top >>> 20;
    const high = (top & 0xfffff) + (exponent === 0 ? 0 : 2 ** 20);
    this.wide++;
    this.#setRotated(high, low, (Math.max(exponent, 1) - 1075 + 2 * 61 * BITS) % BITS, negative);
    const mark = mixed(mixed(top, low), Salt.FLOAT);
    this.mark = negative ? ~mark : mark;
    this.form = Salt.NUMBER;
  }

  // Multiplication by a power of two modulo 2^61 − 1 is a rotation.
  #setRotated(high: number, low: number, count: number, negative: boolean): void {
    if (count >= 32) {
      [high, low] = [low & TOP, high << 3 | low >>> 29];
      count -= 32;
    }
    if (count > 0) {
      const out = count <= 29 ? high >>> 29 - count : high << count - 29 | low >>> 61 - count;
      [high, low] = [(high << count | low >>> 32 - count) & TOP, low << count | out];
    }
    this.#setResidue(high, low >>> 0, negative);
  }

  #setResidue(high: number, low: number, negative: boolean): void {
    if (high === TOP && low === WORD - 1) high = low = 0;
    if (negative) this.set(~high + (low === 0 ? 1 : 0), -low | 0, 0, 0);
    else this.set(high, low | 0, 0, 0);
  }
}
