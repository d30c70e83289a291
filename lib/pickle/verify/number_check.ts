/**
 * Checks of numbers in text. Only the forms that a pickler writes are accepted, which both of CPython's unpicklers read
 * alike: C's strtol and Python's int() disagree about octal, signs and spaces.
 *
 * @module
 */

const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/**
 * Returns whether the bytes are a decimal integer without leading zeros.
 *
 * @param digits the most digits that int() accepts, 4,300 in CPython
 */
export function isInteger(bytes: Uint8Array, from: number, to: number, digits: number): boolean {
  const first = bytes[from] === MINUS ? from + 1 : from;
  const count = to - first;
  if (count < 1 || count > digits) return false;
  for (let at = first; at < to; at++) if (!isDigit(bytes[at])) return false;
  return bytes[first] !== 0x30 || (count === 1 && first === from);
}

/** Returns whether the bytes are one to fifteen digits. */
export function isIndex(bytes: Uint8Array, from: number, to: number): boolean {
  if (to <= from || to - from > 15) return false;
  for (let at = from; at < to; at++) if (!isDigit(bytes[at])) return false;
  return true;
}

/** Returns the value of digits that {@linkcode isIndex} has accepted. */
export function readIndex(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) value = value * 10 + bytes[at]! - 0x30;
  return value;
}

/**
 * Returns whether the bytes are a float: digits with at most one point and an exponent, or inf or nan in any case. A float
 * that overflows is refused: C's unpickler raises, and Python's returns inf.
 */
export function isFloat(bytes: Uint8Array, from: number, to: number): boolean {
  let at = bytes[from] === MINUS || bytes[from] === PLUS ? from + 1 : from;
  const start = at;
  while (isDigit(bytes[at]) && at < to) at++;
  let digits = at - start;
  if (bytes[at] === POINT && at < to) {
    const fraction = ++at;
    while (isDigit(bytes[at]) && at < to) at++;
    digits += at - fraction;
  }
  if (digits === 0) return at === start && isWord(bytes, start, to);
  if (at < to) {
    if ((bytes[at++]! | 0x20) !== 0x65) return false;
    if (at < to && (bytes[at] === MINUS || bytes[at] === PLUS)) at++;
    const exponent = at;
    while (isDigit(bytes[at]) && at < to) at++;
    if (at !== to || at === exponent) return false;
  } else if (digits < 300) {
    return true;
  }
  return Number.isFinite(Number(asciiText(bytes, from, to)));
}

function isWord(bytes: Uint8Array, from: number, to: number): boolean {
  const length = to - from;
  if (length !== 3 && length !== 8) return false;
  const word = asciiText(bytes, from, to).toLowerCase();
  return word === "inf" || word === "nan" || word === "infinity";
}

/** Returns ASCII bytes as a string. */
export function asciiText(bytes: Uint8Array, from: number, to: number): string {
  let text = "";
  for (let at = from; at < to; at += 4096) {
    text += String.fromCharCode.apply(
      null,
      bytes.subarray(at, Math.min(at + 4096, to)) as unknown as number[],
    );
  }
  return text;
}
