/** Text of a float, as numpy shows it alone and in an array. */
import type { FloatBits } from "./float_bits.ts";
import { type Digits, shortestDigits } from "./shortest_digits.ts";

/** The most digits after the point that numpy shows in an array. */
const PRECISION = 8;

/** The value from which a scalar is shown with an exponent, by the size of the float in bytes. */
const SCALAR_LIMIT: Readonly<Record<number, number>> = { 2: 1e3, 4: 1e6, 8: 1e16, 16: 1e16 };

/** The value from which an array is shown with exponents, by the size of its floats in bytes. */
const ARRAY_LIMIT: Readonly<Record<number, number>> = { 2: 1e3, 4: 1e6, 8: 1e8, 16: 1e8 };

/** Shows a scalar, as `np.float32(0.1)` does in its brackets; the parts of a complex number omit `.0`. */
export function scalarFloat(bits: FloatBits, trim: "keep .0" | "bare" = "keep .0"): string {
  const sign = bits.negative && bits.kind !== "nan" ? "-" : "";
  if (bits.kind !== "finite") return sign + bits.kind;
  const size = Math.abs(bits.value);
  const digits = shortestDigits(bits);
  if (bits.mantissa === 0n || size < SCALAR_LIMIT[bits.size]! && size >= 1e-4) {
    const { whole, fraction } = positional(digits);
    return sign + whole + (fraction !== "" ? "." + fraction : trim === "bare" ? "" : ".0");
  }
  const rest = digits.digits.slice(1).replace(/0+$/, "");
  return `${sign}${digits.digits[0]}${rest === "" ? "" : "." + rest}e${exponentText(digits.exponent, 2)}`;
}

/** Makes the function that shows the floats of a column, with aligned points. */
export function columnFloat(column: readonly FloatBits[], forceSign = false): (bits: FloatBits) => string {
  const finite = column.filter(({ kind }) => kind === "finite");
  const show = usesExponent(finite) ? exponentColumn(finite, forceSign) : pointColumn(finite, forceSign);
  const infinite = column.filter(({ kind }) => kind === "inf");
  const signed = forceSign || infinite.some(({ negative }) => negative);
  const behind = show.right + 1;
  let left = show.left;
  if (finite.length < column.length) left = Math.max(left, 3 - behind, 3 + (signed ? 1 : 0) - behind);
  return (bits) => {
    if (bits.kind === "finite") return show.text(bits, left);
    const sign = bits.kind === "inf" && bits.negative ? "-" : forceSign ? "+" : "";
    return (sign + bits.kind).padStart(left + behind);
  };
}

/** The widths before and after the point, and the function that shows a finite float. */
interface Column {
  readonly left: number;
  readonly right: number;
  text(bits: FloatBits, left: number): string;
}

function usesExponent(finite: readonly FloatBits[]): boolean {
  let [least, most] = [Infinity, 0];
  for (const { value, mantissa } of finite) {
    if (mantissa === 0n) continue;
    least = Math.min(least, Math.abs(value));
    most = Math.max(most, Math.abs(value));
  }
  if (most === 0) return false;
  // numpy compares in the precision of the floats.
  const { size } = finite[0]!;
  const round = size === 2 ? Math.f16round : size === 4 ? Math.fround : (value: number) => value;
  return most >= ARRAY_LIMIT[size]! || least < round(1e-4) || round(most / least) > 1000;
}

function pointColumn(finite: readonly FloatBits[], forceSign: boolean): Column {
  const shown = (bits: FloatBits) => {
    const { whole, fraction } = positional(shortestDigits(bits, { last: -PRECISION }));
    return { whole: signOf(bits, forceSign) + whole, fraction };
  };
  const parts = finite.map(shown);
  const left = longest(parts.map(({ whole }) => whole));
  const right = longest(parts.map(({ fraction }) => fraction));
  return {
    left,
    right,
    text(bits, left) {
      const { whole, fraction } = shown(bits);
      return `${whole.padStart(left)}.${fraction.padEnd(right)}`;
    },
  };
}

function exponentColumn(finite: readonly FloatBits[], forceSign: boolean): Column {
  const all = finite.map((bits) => shortestDigits(bits, { most: PRECISION + 1 }));
  const precision = longest(all.map(({ digits }) => digits.slice(1).replace(/0+$/, "")));
  const exponents = longest(all.map(({ exponent }) => exponentText(exponent, 2))) - 1;
  const signs = finite.map((bits) => signOf(bits, forceSign) + "0");
  return {
    left: longest(signs),
    right: exponents + 2 + precision,
    text(bits, left) {
      const count = precision + 1;
      const { digits, exponent } = shortestDigits(bits, { most: count, least: count });
      const power = exponentText(exponent, exponents);
      return `${(signOf(bits, forceSign) + digits[0]).padStart(left)}.${
        digits.slice(1).padEnd(precision, "0")
      }e${power}`;
    },
  };
}

/** Places the point: at least one digit before it, no trailing zeros after it. */
function positional({ digits, exponent }: Digits): { whole: string; fraction: string } {
  const padded = exponent < 0 ? "0".repeat(-exponent) + digits : digits.padEnd(exponent + 1, "0");
  const point = Math.max(exponent, 0) + 1;
  return { whole: padded.slice(0, point), fraction: padded.slice(point).replace(/0+$/, "") };
}

function exponentText(exponent: number, width: number): string {
  return (exponent < 0 ? "-" : "+") + String(Math.abs(exponent)).padStart(width, "0");
}

function signOf({ negative }: FloatBits, force: boolean): string {
  return negative ? "-" : force ? "+" : "";
}

function longest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, text.length), 0);
}
