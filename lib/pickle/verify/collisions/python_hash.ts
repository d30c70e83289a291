/**
 * The hash that CPython gives a key, bit by bit where the pickle decides about it. Text and bytes are hashed with a secret
 * there, and with another one here: what a stranger can arrange without knowing the one shows with the other as well.
 * Holds for CPython 3.8 to 3.13 where a word has 64 bits.
 *
 * @module
 */
import { multiply, plus, upper } from "./int64.ts";
import { Residue } from "./residue.ts";
import { mixed } from "./secret_hash.ts";

const NONE_HASH = 0xfca86420 | 0;
const INFINITY = 314159;
/** Ints up to this are their own hash; larger ones are found to be so, or not, by their residue. */
const SMALL = 2 ** 47;
/** Ints below this are their own residue modulo the secret prime as well. */
const TINY = 2 ** 25;
const WORD = 2 ** 32;
const IMAGINARY = 1000003;

/** The kinds of keys: what keeps the marks of different ones apart that have the same hash. */
export const Salt = {
  NUMBER: 1,
  LONG: 2,
  COMPLEX: 3,
  NAN: 4,
  INFINITE: 5,
  NONE: 6,
  TEXT: 7,
  BYTES: 8,
  TUPLE: 9,
  FROZENSET: 10,
  NAME: 11,
  UUID: 12,
  RANGE: 13,
  DATE: 14,
  TIME: 15,
  DATETIME: 16,
  TIMEDELTA: 17,
  TIMEZONE: 18,
  POSIX_PATH: 19,
  WINDOWS_PATH: 20,
  DECIMAL: 21,
  FRACTION: 22,
  DOUBTFUL: 23,
} as const;

/** What a hash, or its key, takes care of. */
export const HashTrait = {
  /** It depends on what a stranger cannot know: the hash of a text, or an address. */
  SECRET: 1,
  /** It is not known here, or differs between the versions of CPython. */
  DOUBTFUL: 2,
  /** The key is or holds a scalar of numpy, which is safely compared only with its own kind. */
  NUMPY: 4,
  /** Comparing the key may take microseconds. */
  SLOW: 8,
  /** The key is or holds a Decimal; or a long int, which to compare with one takes much longer still. */
  DECIMAL: 16,
  LONG: 32,
} as const;

const view = new DataView(new ArrayBuffer(8));

/** A hash that is set anew for each key. */
export class PythonHash {
  /** Its upper and lower 32 bits. */
  high = 0;
  low = 0;
  /** The same for keys that are equal; by chance only for others. */
  mark = 0;
  /** The same for keys that are of the same kinds, item by item. */
  form = 0;
  /** What it is or holds, in bits of {@linkcode HashTrait}. */
  traits = 0;
  /** The numbers in it whose own hash has more than 32 bits. */
  wide = 0;
  readonly #number = new Residue();

  /** Forgets what was told of the key before. */
  begin(): void {
    this.traits = 0;
    this.wide = 0;
  }

  /** Sets a hash; −1 is none in CPython. */
  set(high: number, low: number, mark: number, form: number): void {
    this.high = high;
    this.low = high === -1 && low === -1 ? -2 : low;
    this.mark = mark;
    this.form = form;
  }

  /** Sets the hash of None: an address before CPython 3.12. */
  setNone(): void {
    this.traits |= HashTrait.SECRET;
    this.set(0, NONE_HASH, mixed(0, Salt.NONE), Salt.NONE);
  }

  /** Sets the hash of something that is hashed with a secret, by our own hash of it. */
  setSecret(hash: number, salt: number): void {
    this.traits |= HashTrait.SECRET;
    this.set(mixed(hash, 1), mixed(hash, 2), mixed(hash, salt), salt);
  }

  /** Sets the hash of text or bytes, by our own hash of it and its length: CPython hashes all that is empty as 0. */
  setText(hash: number, length: number, salt: number): void {
    if (length === 0) this.set(0, 0, mixed(0, salt), salt);
    else this.setSecret(hash, salt);
  }

  /** Sets the hash of something of which only this is known: a number that is its own. */
  setDoubtful(identity: number): void {
    this.traits |= HashTrait.DOUBTFUL;
    this.setSecret(identity, Salt.DOUBTFUL);
  }

  /** Makes it the key of a kind whose hash may be that of another kind, but which never equals it. */
  salt(salt: number): void {
    this.mark = mixed(this.mark, salt);
    this.form = salt;
  }

  /** Sets the hash of an int that is a safe integer. */
  setInt(value: number): void {
    if (value < TINY && value > -TINY) {
      this.high = value < 0 ? -1 : 0;
      this.low = value === -1 ? -2 : value;
      // As below, but needs no arithmetic: the secret prime is larger.
      this.mark = value < 0 ? ~-value : value;
      this.form = Salt.NUMBER;
      return;
    }
    const magnitude = Math.abs(value);
    if (magnitude >= SMALL) return this.setNumber(this.#number.set(magnitude), value < 0);
    if (magnitude >= WORD) this.wide++;
    const mark = markOf(Residue.secretOf(magnitude), value < 0);
    this.set(Math.floor(value / WORD), value | 0, mark, Salt.NUMBER);
  }

  /** Sets the hash of a number whose magnitude is known by its residues. */
  setNumber(magnitude: Residue, negative: boolean): void {
    const { high, low } = magnitude;
    if (high !== 0) this.wide++;
    const mark = markOf(magnitude.secret, negative);
    if (high === 0 && low === 0 && magnitude.secret === 0) this.set(0, 0, 0, Salt.LONG);
    else if (negative) this.set(~high + (low === 0 ? 1 : 0), -low | 0, mark, Salt.LONG);
    else this.set(high, low, mark, Salt.LONG);
  }

  /** Sets the hash of a float. */
  setFloat(value: number): void {
    if (Math.abs(value) < SMALL && Math.floor(value) === value) return this.setInt(value);
    if (Number.isNaN(value)) {
      // 0 up to CPython 3.9, an address from then on.
      this.traits |= HashTrait.DOUBTFUL;
      return this.set(0, 0, mixed(0, Salt.NAN), Salt.NUMBER);
    }
    if (!Number.isFinite(value)) return this.setInfinite(value < 0);
    view.setFloat64(0, Math.abs(value));
    const high = view.getUint32(0);
    const exponent = high >>> 20;
    const mantissa = (high & 0xfffff) * WORD + view.getUint32(4) + (exponent === 0 ? 0 : 2 ** 52);
    this.setNumber(this.#number.set(mantissa).shift(2, Math.max(exponent, 1) - 1075), value < 0);
    this.form = Salt.NUMBER;
  }

  /** Sets the hash of an infinite number. */
  setInfinite(negative: boolean): void {
    const mark = mixed(negative ? 1 : 0, Salt.INFINITE);
    this.set(negative ? -1 : 0, negative ? -INFINITY : INFINITY, mark, Salt.NUMBER);
  }

  /** Sets the hash of a complex number. */
  setComplex(real: number, imaginary: number): void {
    this.setFloat(imaginary);
    const mark = this.mark;
    const low = multiply(this.high, this.low, 0, IMAGINARY), high = upper;
    this.setFloat(real);
    const sum = plus(this.high, this.low, high, low);
    this.set(upper, sum, imaginary === 0 ? this.mark : mixed(this.mark, mark), Salt.COMPLEX);
  }
}

function markOf(secret: number, negative: boolean): number {
  return negative ? ~secret : secret;
}
