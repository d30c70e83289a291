/**
 * Fast decoder of short strings. A call of TextDecoder takes 100 to 200 ns, more than all other work on a short string, so one
 * call decodes a window of the bytes with their top bits cleared, and every ASCII str in the window is a slice of the result.
 * A slice of 13 characters or more keeps the whole window alive, so windows are small.
 */
import { decodeUtf8 } from "./text.ts";
import type { CodePoints } from "../values/values.ts";

/** Bytes of a window, the most that one long-lived string keeps alive. */
const WINDOW = 8_192;
/** The length above which a string gets a call of TextDecoder of its own. */
const LONG = 1_024;
/** The size of a pickle below which a window does not pay. */
const SMALL = 512;
/** The length below which V8 copies a slice. */
const COPIED = 13;
/** The length up to which other strings than ASCII are decoded by a loop. */
const BY_HAND = 64;

const cleared = new Uint8Array(WINDOW);
const clearedWords = new Uint32Array(cleared.buffer);
const decoder = new TextDecoder();
const units = new Uint16Array(BY_HAND);

/** A cache of strings that occur again and again, such as keys. The words of an entry are its bytes and its length. */
const SLOTS = 1_024;
const again: string[] = new Array(SLOTS).fill("");
const words = new Int32Array(SLOTS * 4);
/** The number of misses after which the cache is not used for the rest of a pickle, unless half of the look-ups hit. */
const PATIENCE = 32;

const NO_BYTES = new Uint8Array();

/** The decoder of the strings of one pickle. */
export class TextWindow {
  #bytes: Uint8Array = NO_BYTES;
  #start = 0;
  #end = 0;
  #text = "";
  #misses = 0;

  /** Starts with the bytes of another pickle. */
  open(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#end = 0;
    this.#misses = 0;
  }

  /** Releases the bytes. */
  close(): void {
    this.open(NO_BYTES);
    this.#text = "";
  }

  /**
   * Decodes a str of a given length in bytes: UTF-8 with surrogates.
   *
   * @returns null where the bytes are not UTF-8
   */
  read(start: number, length: number): string | CodePoints | null {
    const bytes = this.#bytes;
    const end = start + length;
    if (length > LONG) return decodeUtf8(bytes, start, end);
    if (length < COPIED && this.#misses < PATIENCE) {
      // Up to twelve bytes are three words, which find a string and prove that it is the same.
      const first = Math.min(start + 4, end);
      const second = Math.min(start + 8, end);
      let a = 0, b = 0, c = 0, all = 0, pos = start;
      for (; pos < first; pos++) {
        all |= bytes[pos] as number;
        a = (a << 8) | (bytes[pos] as number);
      }
      for (; pos < second; pos++) {
        all |= bytes[pos] as number;
        b = (b << 8) | (bytes[pos] as number);
      }
      for (; pos < end; pos++) {
        all |= bytes[pos] as number;
        c = (c << 8) | (bytes[pos] as number);
      }
      if (all < 0x80) {
        const hash = Math.imul(a ^ Math.imul(b ^ Math.imul(c, 0x85ebca6b), 0xc2b2ae35), 0x9e3779b1) + length;
        const at = ((hash >>> 20) & (SLOTS - 1)) << 2;
        if (words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === length) {
          if (this.#misses > -PATIENCE) this.#misses--;
          return again[at >> 2] as string;
        }
        this.#misses++;
        words[at] = a;
        words[at + 1] = b;
        words[at + 2] = c;
        words[at + 3] = length;
        return again[at >> 2] = this.#slice(start, length);
      }
    } else {
      let all = 0;
      for (let i = start; i < end; i++) all |= bytes[i] as number;
      if (all < 0x80) return this.#slice(start, length);
    }
    return length > BY_HAND ? decodeUtf8(bytes, start, end) : decodeShort(bytes, start, end);
  }

  #slice(start: number, length: number): string {
    if (start >= this.#start && start + length <= this.#end) {
      return this.#text.slice(start - this.#start, start - this.#start + length);
    }
    const bytes = this.#bytes;
    if (bytes.length < SMALL) {
      if (length >= BY_HAND) return decoder.decode(bytes.subarray(start, start + length));
      for (let i = 0; i < length; i++) units[i] = bytes[start + i] as number;
      return fromUnits(length);
    }
    this.#move(start);
    return this.#text.slice(0, length);
  }

  #move(start: number): void {
    const end = Math.min(start + WINDOW, this.#bytes.length);
    cleared.set(start === 0 && end === this.#bytes.length ? this.#bytes : this.#bytes.subarray(start, end));
    const words = (end - start + 3) >> 2;
    for (let i = 0; i < words; i++) (clearedWords[i] as number) &= 0x7f7f7f7f;
    this.#text = decoder.decode(end - start === WINDOW ? cleared : cleared.subarray(0, end - start));
    this.#start = start;
    this.#end = end;
  }
}

/** Decodes a short str by a loop; surrogates and code points above U+FFFF are left to decodeUtf8. */
function decodeShort(bytes: Uint8Array, start: number, end: number): string | CodePoints | null {
  let length = 0;
  for (let pos = start; pos < end;) {
    const lead = bytes[pos] as number;
    if (lead < 0x80) {
      units[length++] = lead;
      pos += 1;
    } else if (lead >= 0xc2 && lead < 0xe0 && pos + 1 < end) {
      const second = (bytes[pos + 1] as number) ^ 0x80;
      if (second > 0x3f) return null;
      units[length++] = ((lead & 0x1f) << 6) | second;
      pos += 2;
    } else if ((lead & 0xf0) === 0xe0 && pos + 2 < end) {
      const second = (bytes[pos + 1] as number) ^ 0x80;
      const third = (bytes[pos + 2] as number) ^ 0x80;
      const unit = ((lead & 0x0f) << 12) | (second << 6) | third;
      // Adjacent surrogates must not fuse.
      if ((second | third) > 0x3f || unit < 0x800 || (unit & 0xf800) === 0xd800) {
        return decodeUtf8(bytes, start, end);
      }
      units[length++] = unit;
      pos += 3;
    } else return decodeUtf8(bytes, start, end);
  }
  return fromUnits(length);
}

/** Makes a string of the first units. Calls with a few arguments are several times as fast as `apply` with an array. */
function fromUnits(length: number): string {
  let text = eightUnits(0, Math.min(length, 8));
  for (let at = 8; at < length; at += 8) text += eightUnits(at, Math.min(length - at, 8));
  return text;
}

function eightUnits(at: number, count: number): string {
  const a = units[at] as number,
    b = units[at + 1] as number,
    c = units[at + 2] as number,
    d = units[at + 3] as number;
  if (count === 1) return String.fromCharCode(a);
  if (count === 2) return String.fromCharCode(a, b);
  if (count === 3) return String.fromCharCode(a, b, c);
  if (count === 4) return String.fromCharCode(a, b, c, d);
  const e = units[at + 4] as number,
    f = units[at + 5] as number,
    g = units[at + 6] as number,
    h = units[at + 7] as number;
  if (count === 5) return String.fromCharCode(a, b, c, d, e);
  if (count === 6) return String.fromCharCode(a, b, c, d, e, f);
  if (count === 7) return String.fromCharCode(a, b, c, d, e, f, g);
  return count === 0 ? "" : String.fromCharCode(a, b, c, d, e, f, g, h);
}
