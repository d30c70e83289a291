/** Sign, mantissa and exponent of binary floats of every size that numpy has. */

/** A float as sign, mantissa and exponent: ±mantissa × 2^exponent. */
export interface FloatBits {
  readonly kind: "finite" | "inf" | "nan";
  readonly negative: boolean;
  readonly mantissa: bigint;
  readonly exponent: number;
  /** Whether the next smaller float is nearer than the next larger one, as for a power of two. */
  readonly unequal: boolean;
  /** The value, rounded to a number. */
  readonly value: number;
  /** The size in bytes. */
  readonly size: number;
}

/** The place and format of a float. */
export interface FloatPlace {
  readonly view: DataView;
  readonly offset: number;
  /** 2, 4, 8, or 16 for the 80 bits of x86's long double. */
  readonly size: number;
  readonly littleEndian: boolean;
}

/** The numbers of stored bits of mantissa and exponent, by the size in bytes. */
const FORMATS: Readonly<Record<number, { mantissa: number; exponent: number }>> = {
  2: { mantissa: 10, exponent: 5 },
  4: { mantissa: 23, exponent: 8 },
  8: { mantissa: 52, exponent: 11 },
  16: { mantissa: 63, exponent: 15 },
};

/** Reads the parts of a float. */
export function readFloat({ view, offset, size, littleEndian }: FloatPlace): FloatBits {
  const format = FORMATS[size]!;
  const bits = readBits({ view, offset, size, littleEndian });
  const isLong = size === 16;
  // The long double of x86 stores its leading 1; the other formats do not.
  const stored = isLong ? 64 : format.mantissa;
  const fraction = bits & ((1n << BigInt(format.mantissa)) - 1n);
  const biased = Number((bits >> BigInt(stored)) & ((1n << BigInt(format.exponent)) - 1n));
  const negative = ((bits >> BigInt(stored + format.exponent)) & 1n) === 1n;
  if (biased === 2 ** format.exponent - 1) {
    const kind = fraction === 0n ? "inf" : "nan";
    const value = kind === "nan" ? NaN : negative ? -Infinity : Infinity;
    return { kind, negative, mantissa: 0n, exponent: 0, unequal: false, value, size };
  }
  const leading = isLong ? (bits >> 63n) & 1n : biased === 0 ? 0n : 1n;
  const mantissa = fraction | (leading << BigInt(format.mantissa));
  const bias = 2 ** (format.exponent - 1) - 1 + format.mantissa;
  const exponent = Math.max(biased, 1) - bias;
  const unequal = fraction === 0n && biased > 1;
  return {
    kind: "finite",
    negative,
    mantissa,
    exponent,
    unequal,
    value: approximate(negative, mantissa, exponent),
    size,
  };
}

function readBits({ view, offset, size, littleEndian }: FloatPlace): bigint {
  if (size === 2) return BigInt(view.getUint16(offset, littleEndian));
  if (size === 4) return BigInt(view.getUint32(offset, littleEndian));
  if (size === 8) return view.getBigUint64(offset, littleEndian);
  const [low, high] = littleEndian ? [offset, offset + 8] : [offset + 8, offset];
  return ((view.getBigUint64(high, littleEndian) & 0xFFFFn) << 64n) | view.getBigUint64(low, littleEndian);
}

function approximate(negative: boolean, mantissa: bigint, exponent: number): number {
  let value = Number(mantissa);
  // In steps, since a single power of two may be out of range where the product is not.
  for (let left = exponent; left !== 0;) {
    const step = Math.max(-1000, Math.min(1000, left));
    value *= 2 ** step;
    left -= step;
  }
  // A long double out of the range of numbers becomes the nearest finite number other than 0.
  if (value === 0 && mantissa !== 0n) value = Number.MIN_VALUE;
  return Math.min(value, Number.MAX_VALUE) * (negative ? -1 : 1);
}
