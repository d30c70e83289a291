/** Seeded randomness for tests: `randomOf(seed)(n)` gives whole numbers from 0 to n − 1, the same ones for a seed. */
export function randomOf(seed: number): (n: number) => number {
  let state = (seed * 2654435761 + 1) >>> 0;
  return (n) => {
    // mulberry32: small, and good enough to pick sizes and bytes.
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000 * n);
  };
}
