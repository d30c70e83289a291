/** The long double of x86, 80 bits in 16 bytes, from decimal text. */

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,5}))?$/i;

const MANTISSA_BITS = 64;
const BIAS = 16_383;

/** The exponent of the smallest long doubles. */
const LEAST_EXPONENT = 1 - BIAS - (MANTISSA_BITS - 1);

/**
 * Gives the nearest long double to a decimal number, half to even.
 *
 * @param text The number, or nan, inf, -inf.
 * @returns Its sixteen bytes, the lowest first; undefined for what is no number.
 */
export function longDouble(text: string): Uint8Array | undefined {
  if (/^[+-]?(?:nan|inf)$/i.test(text)) {
    const mantissa = (1n << 63n) | (/nan/i.test(text) ? 1n << 62n : 0n);
    return packed(text.startsWith("-"), { exponent: 2 * BIAS + 1, mantissa });
  }
  const [, sign, whole = "", part = "", power = "0"] = DECIMAL.exec(text) ?? [];
  if (sign === undefined || whole + part === "") return undefined;
  const digits = BigInt(whole + part);
  const exponent = Number(power) - part.length;
  const ten = 10n ** BigInt(Math.abs(exponent));
  const [top, bottom] = exponent >= 0 ? [digits * ten, 1n] : [digits, ten];
  return packed(sign === "-", rounded(top, bottom));
}

/** The biased exponent and the mantissa of a fraction. */
function rounded(top: bigint, bottom: bigint): { exponent: number; mantissa: bigint } {
  if (top === 0n) return { exponent: 0, mantissa: 0n };
  let power = Math.max(LEAST_EXPONENT, bitLength(top) - bitLength(bottom) - MANTISSA_BITS);
  let mantissa = divided(top, bottom, power);
  // The estimate is one too low where the quotient has a bit more.
  if (bitLength(mantissa) > MANTISSA_BITS) mantissa = divided(top, bottom, ++power);
  if (bitLength(mantissa) > MANTISSA_BITS) [mantissa, power] = [mantissa >> 1n, power + 1];
  const exponent = bitLength(mantissa) < MANTISSA_BITS ? 0 : power + BIAS + MANTISSA_BITS - 1;
  if (exponent > 2 * BIAS) return { exponent: 2 * BIAS + 1, mantissa: 1n << 63n };
  return { exponent, mantissa };
}

/** A fraction over a power of two, as an integer. */
function divided(top: bigint, bottom: bigint, power: number): bigint {
  const [dividend, divisor] = power >= 0 ? [top, bottom << BigInt(power)] : [top << BigInt(-power), bottom];
  const quotient = dividend / divisor;
  const twice = 2n * (dividend - quotient * divisor);
  return twice > divisor || twice === divisor && (quotient & 1n) === 1n ? quotient + 1n : quotient;
}

function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

function packed(
  negative: boolean,
  { exponent, mantissa }: { exponent: number; mantissa: bigint },
): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, mantissa, true);
  view.setUint16(8, exponent | (negative ? 0x8000 : 0), true);
  return bytes;
}
