/** Reading the text of a decimal.Decimal, and writing it as `str` does. */

const DECIMAL = /^([+-]?)(?:(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,18}))?|inf(?:inity)?|(s?nan)(\d*))$/i;

/** The parts of a Decimal. A finite one is the digits times ten to the power of the exponent. */
export interface DecimalParts {
  readonly kind: "finite" | "Infinity" | "NaN" | "sNaN";
  readonly sign: "" | "-";
  /** Decimal digits without leading zeros, "0" for zero; of a NaN its payload, which may be empty. */
  readonly digits: string;
  readonly exponent: number;
}

/** Reads the text of a Decimal in linear time; undefined where Python's Decimal refuses it. */
export function decimalParts(text: string): DecimalParts | undefined {
  const match = DECIMAL.exec(text.trim());
  if (match === null) return undefined;
  const [, plus = "", whole, fraction = "", power = "0", nan, payload = ""] = match;
  const sign = plus === "-" ? "-" : "";
  if (nan !== undefined) {
    const kind = nan.length === 4 ? "sNaN" : "NaN";
    return { kind, sign, digits: payload.replace(/^0+/, ""), exponent: 0 };
  }
  if (whole === undefined) return { kind: "Infinity", sign, digits: "", exponent: 0 };
  if (whole === "" && fraction === "") return undefined;
  const all = whole + fraction;
  const digits = all.startsWith("0") ? all.replace(/^0+(?=\d)/, "") : all;
  return { kind: "finite", sign, digits, exponent: Number(power) - fraction.length };
}

/**
 * Returns the text that `str` shows for a Decimal made from a text: `1e5` becomes `1E+5` (the General Decimal Arithmetic's
 * to-scientific-string).
 *
 * @param text The argument of Decimal.
 * @returns The text; undefined where it is no decimal number.
 *
 * @example
 * ```ts
 * import { decimalText } from "./decimal.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(["1e5", "007.50", ".000000001", "inf"].map(decimalText), ["1E+5", "7.50", "1E-9", "Infinity"]);
 * ```
 */
export function decimalText(text: string): string | undefined {
  const parts = decimalParts(text);
  if (parts === undefined) return undefined;
  const { kind, sign, digits, exponent } = parts;
  return sign + (kind === "finite" ? scientific(digits, exponent) : kind + digits);
}

/** Writes a coefficient and an exponent, in positional notation where that needs few zeros. */
function scientific(digits: string, exponent: number): string {
  const left = digits.length + exponent;
  if (exponent <= 0 && left > -6) {
    if (exponent === 0) return digits;
    const padded = left > 0 ? digits : "0".repeat(1 - left) + digits;
    return `${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
  }
  const power = left - 1;
  const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
  return `${mantissa}E${power < 0 ? "-" : "+"}${Math.abs(power)}`;
}
