/** Decoders of text: UTF-8 with surrogates, Latin-1, ASCII, and the escapes of protocol 0. */
import { CodePoints } from "../values/values.ts";

/** The length up to which a loop is faster than TextDecoder. */
const SHORT = 48;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Decodes UTF-8 as Python's codec with the error handler "surrogatepass", which accepts surrogates of three bytes.
 *
 * @returns null where the bytes are not such text
 */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string | CodePoints | null {
  if (end - start <= FEW_UNITS) {
    let text = "";
    let at = start;
    for (; at < end && (bytes[at] as number) < 0x80; at++) text += String.fromCharCode(bytes[at] as number);
    if (at === end) return text;
  } else if (end - start > SHORT) {
    try {
      return utf8.decode(bytes.subarray(start, end));
    } catch {
      // It may contain surrogates, which TextDecoder refuses.
    }
  }
  return decodeByHand(bytes, start, end);
}

function decodeByHand(bytes: Uint8Array, start: number, end: number): string | CodePoints | null {
  const units = new Uint16Array(end - start);
  let length = 0;
  let fuses = false;
  for (let pos = start; pos < end;) {
    const lead = bytes[pos] as number;
    const size = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (size === 0 || pos + size > end) return null;
    let point = size === 1 ? lead : lead & (0xff >> (size + 1));
    for (let i = 1; i < size; i++) {
      const byte = bytes[pos + i] as number;
      if ((byte & 0xc0) !== 0x80) return null;
      point = (point << 6) | (byte & 0x3f);
    }
    if (size === 3 ? point < 0x800 : size === 4 && (point < 0x10000 || point > 0x10ffff)) return null;
    if (point > 0xffff) {
      units[length++] = 0xd7c0 + (point >> 10);
      units[length++] = 0xdc00 | (point & 0x3ff);
    } else {
      // Two adjacent surrogates that were encoded separately would fuse in a string.
      if (isLow(point) && length > 0 && isHigh(units[length - 1] as number)) fuses = true;
      units[length++] = point;
    }
    pos += size;
  }
  return fuses ? pointsOfUtf8(bytes, start, end) : fromUnits(units, length);
}

function pointsOfUtf8(bytes: Uint8Array, start: number, end: number): CodePoints {
  const points: number[] = [];
  for (let pos = start; pos < end;) {
    const lead = bytes[pos] as number;
    const size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    let point = size === 1 ? lead : lead & (0xff >> (size + 1));
    for (let i = 1; i < size; i++) point = (point << 6) | ((bytes[pos + i] as number) & 0x3f);
    points.push(point);
    pos += size;
  }
  return new CodePoints(points);
}

function isHigh(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}

function isLow(unit: number): boolean {
  return (unit & 0xfc00) === 0xdc00;
}

/** The length up to which appending characters one by one is faster than making an array of them. */
const FEW_UNITS = 24;

/** A number of arguments that a call can safely have. */
const CHUNK = 4096;

function fromUnits(units: Uint16Array, length: number): string {
  if (length <= FEW_UNITS) {
    let text = "";
    for (let i = 0; i < length; i++) text += String.fromCharCode(units[i] as number);
    return text;
  }
  if (length <= CHUNK) {
    return String.fromCharCode.apply(null, units.subarray(0, length) as unknown as number[]);
  }
  const parts: string[] = [];
  for (let at = 0; at < length; at += CHUNK) {
    const part = units.subarray(at, Math.min(at + CHUNK, length));
    parts.push(String.fromCharCode.apply(null, part as unknown as number[]));
  }
  return parts.join("");
}

/** Makes a str of code points: a string, or {@linkcode CodePoints} where two surrogates would fuse. */
export function fromCodePoints(points: readonly number[]): string | CodePoints {
  const parts: string[] = [];
  for (let i = 0; i < points.length; i++) {
    const point = points[i] as number;
    if (isLow(point) && isHigh(points[i - 1] ?? 0)) return new CodePoints([...points]);
    parts.push(String.fromCodePoint(point));
  }
  return parts.join("");
}

/** Decodes Latin-1. */
export function decodeLatin1(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= FEW_UNITS) {
    let text = "";
    for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i] as number);
    return text;
  }
  const units = new Uint16Array(end - start);
  for (let i = start; i < end; i++) units[i - start] = bytes[i] as number;
  return fromUnits(units, units.length);
}

/** Decodes ASCII; null where a byte is above 0x7f. */
export function decodeAscii(bytes: Uint8Array, start: number, end: number): string | null {
  for (let i = start; i < end; i++) {
    if ((bytes[i] as number) > 0x7f) return null;
  }
  return decodeLatin1(bytes, start, end);
}

const BACKSLASH = 0x5c;

/**
 * Decodes Python's raw-unicode-escape, the text of UNICODE: Latin-1 with `\uXXXX` and `\UXXXXXXXX`. A backslash before any other
 * character stands for itself, and so does that character.
 *
 * @returns null for a malformed escape
 */
export function decodeRawUnicodeEscape(
  bytes: Uint8Array,
  start: number,
  end: number,
): string | CodePoints | null {
  const points: number[] = [];
  for (let pos = start; pos < end;) {
    const byte = bytes[pos++] as number;
    if (byte !== BACKSLASH || pos === end) {
      points.push(byte);
      continue;
    }
    const kind = bytes[pos++] as number;
    const digits = kind === 0x75 ? 4 : kind === 0x55 ? 8 : 0;
    if (digits === 0) {
      points.push(byte, kind);
      continue;
    }
    const point = hexadecimal(bytes, pos, Math.min(pos + digits, end), digits);
    if (point < 0 || point > 0x10ffff) return null;
    points.push(point);
    pos += digits;
  }
  return fromCodePoints(points);
}

/** Returns the value of a given number of hexadecimal digits, or −1. */
function hexadecimal(bytes: Uint8Array, start: number, end: number, digits: number): number {
  if (end - start !== digits) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    const digit = byte >= 0x30 && byte <= 0x39
      ? byte - 0x30
      : byte >= 0x61 && byte <= 0x66
      ? byte - 0x57
      : byte >= 0x41 && byte <= 0x46
      ? byte - 0x37
      : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

const ESCAPES: ReadonlyMap<number, number> = new Map(
  [["\\", "\\"], ["'", "'"], ['"', '"'], ["a", "\x07"], ["b", "\b"], ["f", "\f"], ["n", "\n"], ["r", "\r"], [
    "t",
    "\t",
  ], ["v", "\v"]].map(([escape = "", meaning = ""]) => [escape.charCodeAt(0), meaning.charCodeAt(0)]),
);

/**
 * Decodes the escapes of a bytes literal of Python, the text of STRING.
 *
 * @returns a view of the bytes where there is no escape; null for a malformed escape
 */
export function decodeStringEscapes(bytes: Uint8Array, start: number, end: number): Uint8Array | null {
  const view = bytes.subarray(start, end);
  if (!view.includes(BACKSLASH)) return view;
  const out = new Uint8Array(end - start);
  let length = 0;
  for (let pos = start; pos < end;) {
    const byte = bytes[pos++] as number;
    if (byte !== BACKSLASH) {
      out[length++] = byte;
      continue;
    }
    if (pos === end) return null;
    const kind = bytes[pos++] as number;
    const simple = ESCAPES.get(kind);
    if (simple !== undefined) out[length++] = simple;
    else if (kind === 0x78) {
      const value = hexadecimal(bytes, pos, Math.min(pos + 2, end), 2);
      if (value < 0) return null;
      out[length++] = value;
      pos += 2;
    } else if (kind >= 0x30 && kind <= 0x37) {
      let value = kind - 0x30;
      for (let i = 0; i < 2 && pos < end; i++) {
        const digit = (bytes[pos] as number) - 0x30;
        if (digit < 0 || digit > 7) break;
        value = value * 8 + digit;
        pos++;
      }
      out[length++] = value;
    } else if (kind !== 0x0a) {
      out[length++] = byte;
      out[length++] = kind;
    }
  }
  return out.subarray(0, length);
}
