const DECIMAL = /^([+-]?)(?:(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,18}))?|inf(?:inity)?|(s?nan)(\d*))$/i;

/**
 * Gives the text that `str` shows for a Decimal made of a text: `1e5` becomes `1E+5` (the General Decimal Arithmetic's
 * to-scientific-string).
 *
 * @param text What Decimal is called with.
 * @returns The text; undefined where it is no decimal number.
 *
 * @example
 * ```ts
 * import { decimalText } from "./decimal_text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(["1e5", "007.50", ".000000001", "inf"].map(decimalText), ["1E+5", "7.50", "1E-9", "Infinity"]);
 * ```
 */
export function decimalText(text: string): string | undefined {
  const match = DECIMAL.exec(text.trim());
  if (match === null) return undefined;
  const [, plus = "", whole, part = "", power = "0", nan, payload = ""] = match;
  const sign = plus === "-" ? "-" : "";
  if (nan !== undefined) {
    return sign + (nan.length === 4 ? "sNaN" : "NaN") + payload.replace(/^0+/, "");
  }
  if (whole === undefined) return sign + "Infinity";
  if (whole === "" && part === "") return undefined;
  const digits = (whole + part).replace(/^0+(?=\d)/, "");
  const exponent = Number(power) - part.length;
  return sign + scientific(digits, exponent);
}

/** Writes a coefficient and an exponent, with a point alone where that needs few zeros. */
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
