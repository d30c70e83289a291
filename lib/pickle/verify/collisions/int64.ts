/** Arithmetic on 64 bits in two halves, modulo 2^64, as C does it on unsigned words. */

/** A word; each method changes it in place. */
export class Int64 {
  /** The halves as signed numbers. */
  constructor(public high: number, public low: number) {}

  set(high: number, low: number): void {
    this.high = high | 0;
    this.low = low | 0;
  }

  plus(high: number, low: number): void {
    const sum = (this.low >>> 0) + (low >>> 0);
    this.high = this.high + high + (sum > 0xffffffff ? 1 : 0) | 0;
    this.low = sum | 0;
  }

  times(high: number, low: number): void {
    const a0 = this.low & 0xffff, a1 = this.low >>> 16, b0 = low & 0xffff, b1 = low >>> 16;
    // Each of these sums is exact: it stays far below 2^53.
    const lowest = a0 * b0;
    const middle = a1 * b0 + Math.floor(lowest / 0x10000);
    const crossed = a0 * b1 + (middle & 0xffff);
    const carried = a1 * b1 + Math.floor(middle / 0x10000) + Math.floor(crossed / 0x10000);
    this.high = (carried | 0) + Math.imul(this.low, high) + Math.imul(this.high, low) | 0;
    this.low = Math.imul(this.low, low);
  }

  /** Rotates the bits to the left by `count`, from 1 to 31. */
  rotate(count: number): void {
    const { high, low } = this;
    this.high = high << count | low >>> 32 - count;
    this.low = low << count | high >>> 32 - count;
  }
}
