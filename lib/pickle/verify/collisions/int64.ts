/** Arithmetic on 64 bits in two halves, modulo 2^64, as C does it on unsigned words. */

/** The upper half of what {@linkcode multiply} or {@linkcode plus} gave last. */
export let upper = 0;

/** Adds two words and gives the lower half of the sum as a signed number. */
export function plus(high: number, low: number, otherHigh: number, otherLow: number): number {
  const sum = (low >>> 0) + (otherLow >>> 0);
  upper = high + otherHigh + (sum > 0xffffffff ? 1 : 0) | 0;
  return sum | 0;
}

/** Multiplies two words and gives the lower half of the product as a signed number. */
export function multiply(high: number, low: number, otherHigh: number, otherLow: number): number {
  const a0 = low & 0xffff, a1 = low >>> 16, b0 = otherLow & 0xffff, b1 = otherLow >>> 16;
  // Each of these sums is exact: it stays far below 2^53.
  const lowest = a0 * b0;
  const middle = a1 * b0 + Math.floor(lowest / 0x10000);
  const crossed = a0 * b1 + (middle & 0xffff);
  const carried = a1 * b1 + Math.floor(middle / 0x10000) + Math.floor(crossed / 0x10000);
  upper = (carried | 0) + Math.imul(low, otherHigh) + Math.imul(high, otherLow) | 0;
  return Math.imul(low, otherLow);
}
