/**
 * Decimal digits of a float: the fewest that distinguish it from its neighbours, within bounds, as numpy's arrays show them
 * (the Dragon4 algorithm of Steele & White: exact, in integers).
 */
import type { FloatBits } from "./float_bits.ts";

/** Decimal digits, and the power of ten of the first. */
export interface Digits {
  readonly digits: string;
  readonly exponent: number;
}

/** Bounds on the digits. */
export interface DigitBounds {
  /** The power of ten of the last possible digit. */
  readonly last?: number | undefined;
  /** The most digits. */
  readonly most?: number | undefined;
  /** The fewest digits. */
  readonly least?: number | undefined;
}

/**
 * Returns the digits of a finite float; the last is rounded, half to even.
 *
 * @param bits The float; its sign is ignored.
 * @param bounds The bounds on the digits.
 */
export function shortestDigits(bits: FloatBits, bounds: DigitBounds = {}): Digits {
  if (bits.mantissa === 0n) return { digits: "0", exponent: 0 };
  let { rest, scale, low, high } = fractionOf(bits);
  const exponent = leadingPower(rest, scale);
  const ten = 10n ** BigInt(Math.abs(exponent));
  if (exponent >= 0) scale *= ten;
  else [rest, low, high] = [rest * ten, low * ten, high * ten];
  const even = (bits.mantissa & 1n) === 0n;
  const last = Math.max(bounds.last ?? -Infinity, exponent + 1 - (bounds.most ?? Infinity));
  const needed = exponent + 1 - (bounds.least ?? 0);
  let digits = "";
  for (let power = exponent;; power--) {
    const digit = rest / scale;
    rest %= scale;
    const under = even ? rest <= low : rest < low;
    const over = even ? rest + high >= scale : rest + high > scale;
    if ((under || over) && power <= needed || power === last) {
      const half = 2n * rest - scale;
      const down = under !== over ? under : half < 0n || half === 0n && (digit & 1n) === 0n;
      return down ? { digits: digits + digit, exponent } : roundUp(digits + digit, exponent);
    }
    digits += digit;
    [rest, low, high] = [rest * 10n, low * 10n, high * 10n];
  }
}

/** Returns the float as rest / scale, with half the distances to its neighbours on the same scale. */
function fractionOf(
  { mantissa, exponent, unequal }: FloatBits,
): Record<"rest" | "scale" | "low" | "high", bigint> {
  const power = 1n << BigInt(Math.abs(exponent));
  const [unit, scale] = exponent >= 0 ? [power, 4n] : [1n, 4n * power];
  return { rest: mantissa * 4n * unit, scale, low: unequal ? unit : 2n * unit, high: 2n * unit };
}

/** Returns the power of ten of the first digit of a fraction. */
function leadingPower(rest: bigint, scale: bigint): number {
  const bits = rest.toString(16).length - scale.toString(16).length;
  let power = Math.floor(bits * 4 * Math.LOG10E * Math.LN2) - 2;
  let [top, bottom] = power >= 0
    ? [rest, scale * 10n ** BigInt(power)]
    : [rest * 10n ** BigInt(-power), scale];
  for (; top >= bottom * 10n; power++) bottom *= 10n;
  for (; top < bottom; power--) top *= 10n;
  return power;
}

function roundUp(digits: string, exponent: number): Digits {
  const kept = digits.replace(/9+$/, "");
  if (kept === "") return { digits: "1", exponent: exponent + 1 };
  return { digits: kept.slice(0, -1) + (Number(kept.at(-1)) + 1), exponent };
}
