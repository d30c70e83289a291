/**
 * Numbers modulo 2^61 − 1, which is how CPython hashes any number, and modulo a secret prime, by which two numbers of one
 * hash are told apart.
 *
 * @module
 */

const LIMB = 2 ** 21;
/** The third limb is shorter: what stands above it is a multiple of 2^61, which is 1. */
const TOP_LIMB = 2 ** 19;
const CHUNK_DIGITS = 14;
/** Powers up to this are kept. */
const KEPT_POWER = 1100;

/** Nobody outside knows it, so nobody can choose two numbers that are equal modulo both. Products of two stay exact. */
const SECRET_PRIME = secretPrime();
const RECIPROCAL = 1 / SECRET_PRIME;

function secretPrime(): number {
  const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
  let candidate = 2 ** 25 + (random >>> 8) * 2 + 1;
  while (!isPrime(candidate)) candidate += 2;
  return candidate;
}

function isPrime(odd: number): boolean {
  for (let divisor = 3; divisor * divisor <= odd; divisor += 2) if (odd % divisor === 0) return false;
  return true;
}

// V8's % of what is no small integer takes five times as long. The quotient may be one off.
function reduced(value: number): number {
  const rest = value - Math.floor(value * RECIPROCAL) * SECRET_PRIME;
  return rest < 0 ? rest + SECRET_PRIME : rest >= SECRET_PRIME ? rest - SECRET_PRIME : rest;
}

/** A number by its two residues. Each method changes it in place and gives it back. */
export class Residue {
  // The residue modulo 2^61 − 1 is low + middle · 2^21 + top · 2^42.
  #low = 0;
  #middle = 0;
  #top = 0;
  /** The residue modulo the secret prime. */
  secret = 0;

  /** Gives the residue of a whole number, from 0 to 2^53, modulo the secret prime. */
  static secretOf(value: number): number {
    return reduced(value);
  }

  /** Sets it to a whole number from 0 to 2^53. */
  set(value: number): this {
    const upper = Math.floor(value / LIMB);
    this.#low = value - upper * LIMB;
    this.#top = Math.floor(upper / LIMB);
    this.#middle = upper - this.#top * LIMB;
    this.secret = reduced(value);
    return this;
  }

  /** Sets it to what another is. */
  copy(other: Residue): this {
    this.#low = other.#low;
    this.#middle = other.#middle;
    this.#top = other.#top;
    this.secret = other.secret;
    return this;
  }

  /** Adds a whole number from 0 to 2^50. */
  add(value: number): this {
    const upper = Math.floor(value / LIMB);
    this.#carry(this.#low + value - upper * LIMB, this.#middle + upper, this.#top);
    this.secret = reduced(this.secret + value);
    return this;
  }

  /** Multiplies it. */
  times(other: Residue): this {
    this.#multiply(other);
    this.secret = reduced(this.secret * other.secret);
    return this;
  }

  /** Turns it into its inverse; 0 stays 0. */
  invert(): this {
    const secret = powerOf(this.secret, SECRET_PRIME - 2);
    const base = new Residue().copy(this), half = new Residue();
    // To the power of 2^61 − 3, by Fermat. Of x to the power of 2^n − 1 squarings make that of 2^2n − 1; so on to n = 59.
    for (let bits = 1, rest = 4; rest >= 0; rest--) {
      half.copy(this);
      for (let i = 0; i < bits; i++) this.#multiply(this);
      this.#multiply(half);
      bits *= 2;
      if ((59 >> rest & 1) === 0) continue;
      this.#multiply(this);
      this.#multiply(base);
      bits++;
    }
    this.#multiply(this);
    this.#multiply(this);
    this.#multiply(base);
    this.secret = secret;
    return this;
  }

  /** Sets it to the magnitude of an int that stands as little-endian two's complement. */
  setBytes(bytes: Uint8Array, start: number, end: number): this {
    const negative = end > start && bytes[end - 1]! > 0x7f;
    const flip = negative ? 0xffffff : 0;
    this.set(0);
    let at = end;
    for (; (at - start) % 3 !== 0; at--) this.times(BYTE).add((bytes[at - 1]! ^ flip) & 0xff);
    for (; at > start; at -= 3) {
      this.times(THREE_BYTES).add((bytes[at - 1]! << 16 | bytes[at - 2]! << 8 | bytes[at - 3]!) ^ flip);
    }
    return negative ? this.add(1) : this;
  }

  /** Sets it to the number that decimal digits say; no digits say 0. */
  setDigits(digits: string): this {
    const first = digits.length % CHUNK_DIGITS;
    this.set(Number(digits.slice(0, first)));
    for (let at = first; at < digits.length; at += CHUNK_DIGITS) {
      this.times(CHUNK).add(Number(digits.slice(at, at + CHUNK_DIGITS)));
    }
    return this;
  }

  /** Multiplies it by a power of two or ten; the exponent may be negative. */
  shift(base: 2 | 10, exponent: number): this {
    return exponent === 0 ? this : this.times(power(base, exponent));
  }

  /** Whether it is 0 modulo 2^61 − 1. */
  get isZero(): boolean {
    return this.low === 0 && this.high === 0;
  }

  /** The lower 32 bits of the residue modulo 2^61 − 1, as a signed number. */
  get low(): number {
    this.#settle();
    return this.#low + (this.#middle & 0x7ff) * LIMB | 0;
  }

  /** The upper 29 bits of the residue modulo 2^61 − 1. */
  get high(): number {
    this.#settle();
    return (this.#middle >>> 11) + this.#top * 2 ** 10;
  }

  #multiply(other: Residue): void {
    const low = this.#low, middle = this.#middle, top = this.#top;
    // 2^63, where the products of the outer limbs stand, is 4.
    this.#carry(
      low * other.#low + 4 * (middle * other.#top + top * other.#middle),
      low * other.#middle + middle * other.#low + 4 * top * other.#top,
      low * other.#top + middle * other.#middle + top * other.#low,
    );
  }

  // Brings sums of products back into three limbs; the middle one may stay a little above its own.
  #carry(low: number, middle: number, top: number): void {
    let over = Math.floor(low / LIMB);
    low -= over * LIMB;
    middle += over;
    over = Math.floor(middle / LIMB);
    middle -= over * LIMB;
    top += over;
    over = Math.floor(top / TOP_LIMB);
    top -= over * TOP_LIMB;
    low += over;
    over = Math.floor(low / LIMB);
    this.#low = low - over * LIMB;
    this.#middle = middle + over;
    this.#top = top;
  }

  #settle(): void {
    while (this.#middle >= LIMB) this.#carry(this.#low, this.#middle, this.#top);
    const isModulus = this.#low === LIMB - 1 && this.#middle === LIMB - 1 && this.#top === TOP_LIMB - 1;
    if (isModulus) this.#low = this.#middle = this.#top = 0;
  }
}

const BYTE = new Residue().set(2 ** 8);
const THREE_BYTES = new Residue().set(2 ** 24);
const CHUNK = new Residue().set(10 ** CHUNK_DIGITS);
const powers: Record<2 | 10, (Residue | undefined)[]> = { 2: [], 10: [] };

function power(base: 2 | 10, exponent: number): Residue {
  const kept = powers[base][exponent + KEPT_POWER];
  if (kept !== undefined) return kept;
  const result = new Residue().set(1), square = new Residue().set(base);
  for (let rest = Math.abs(exponent); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result.times(square);
    square.times(square);
  }
  if (exponent < 0) result.invert();
  if (Math.abs(exponent) <= KEPT_POWER) powers[base][exponent + KEPT_POWER] = result;
  return result;
}

function powerOf(base: number, exponent: number): number {
  let result = 1;
  for (let rest = exponent, square = base; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = reduced(result * square);
    square = reduced(square * square);
  }
  return result;
}
