/** Constructors of numbers and ranges in literals: `complex(1, 2)`, `range(0, 3)`, `Fraction(1, 2)`, `Decimal('1.5')`. */
import type { Constructor } from "./constructor.ts";
import { decimalText } from "../values/decimal.ts";
import { Complex, Decimal, Fraction, Range, Slice } from "../values/known.ts";
import { floatValue, intValue, isInt, realOf } from "../values/number.ts";
import type { Value } from "../values/values.ts";

const NAMED_FLOATS: ReadonlyMap<Value | undefined, number> = new Map<Value | undefined, number>([
  ["nan", NaN],
  ["inf", Infinity],
  ["-inf", -Infinity],
]);

const PLAIN: readonly [string, Constructor][] = [
  ["float", {
    names: [""],
    make: ([text]) => {
      const value = NAMED_FLOATS.get(text);
      return value === undefined ? undefined : floatValue(value);
    },
  }],
  ["complex", {
    names: ["real", "imag"],
    make: ([real = 0, imag = 0]) => {
      const parts = [realOf(real), realOf(imag)];
      return parts[0] === undefined || parts[1] === undefined ? undefined : new Complex(parts[0], parts[1]);
    },
  }],
  ["range", { names: ["", "", ""], make: makeRange }],
  ["slice", {
    names: ["", "", ""],
    make: ([start, stop, step = null]) => {
      if (start === undefined) return undefined;
      return stop === undefined ? new Slice(null, start, null) : new Slice(start, stop, step);
    },
  }],
];

const FRACTION: Constructor = { names: ["numerator", "denominator"], make: makeFraction };
const DECIMAL: Constructor = {
  names: [""],
  make: ([text]) => {
    const canonical = typeof text === "string" ? decimalText(text) : undefined;
    return canonical === undefined ? undefined : new Decimal(canonical);
  },
};

/** The constructors of numbers by name; those of modules by their full name too. */
export const NUMBER_CONSTRUCTORS: readonly [string, Constructor][] = [
  ...PLAIN,
  ["Fraction", FRACTION],
  ["fractions.Fraction", FRACTION],
  ["Decimal", DECIMAL],
  ["decimal.Decimal", DECIMAL],
];

function makeRange([first, second, step = 1]: readonly (Value | undefined)[]): Value | undefined {
  const [start, stop] = second === undefined ? [0, first] : [first, second];
  return isInt(start) && isInt(stop) && isInt(step) && step !== 0 ? new Range(start, stop, step) : undefined;
}

function makeFraction([top, bottom = 1]: readonly (Value | undefined)[]): Value | undefined {
  if (!isInt(top) || !isInt(bottom) || bottom === 0) return undefined;
  const sign = bottom < 0 ? -1n : 1n;
  let [divisor, rest] = [BigInt(top), BigInt(bottom)];
  while (rest !== 0n) [divisor, rest] = [rest, divisor % rest];
  const whole = sign * (divisor < 0n ? -divisor : divisor);
  return new Fraction(intValue(BigInt(top) / whole), intValue(BigInt(bottom) / whole));
}
