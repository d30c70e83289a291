/**
 * Strings out of a pickle's bytes, fast. A call of TextDecoder takes 100 to 200 ns, more than all else that a short string
 * costs, so one call serves many: it turns a window of the bytes, the top bit of each cleared, into one string, out of which
 * every str that is ASCII is a slice. A slice of 13 characters or more keeps what it was cut from alive, so windows are small.
 */
import { decodeUtf8 } from "./text.ts";
import type { CodePoints } from "../values/values.ts";

/** Bytes of a window: what a string that lives long keeps alive at most. */
const WINDOW = 8_192;
/** Strings from here on get a TextDecoder call of their own. */
const LONG = 1_024;
/** Smaller pickles have too few strings for a window to pay. */
const SMALL = 512;
/** V8 copies slices that are shorter. */
const COPIED = 13;
/** Units up to which strings other than ASCII are decoded by hand. */
const BY_HAND = 64;

const cleared = new Uint8Array(WINDOW);
const clearedWords = new Uint32Array(cleared.buffer);
const decoder = new TextDecoder();
const units = new Uint16Array(BY_HAND);

/** Strings that come again and again, most often keys. The words of an entry are its bytes and its length. */
const SLOTS = 1_024;
const again: string[] = new Array(SLOTS).fill("");
const words = new Int32Array(SLOTS * 4);
/** Misses after which a pickle's strings are looked up no more, unless half of them were found. */
const PATIENCE = 32;

const NO_BYTES = new Uint8Array();

/** The strings of one pickle. */
export class TextWindow {
  #bytes: Uint8Array = NO_BYTES;
  #start = 0;
  #end = 0;
  #text = "";
  #misses = 0;

  /** Makes ready for other bytes. */
  open(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#end = 0;
    this.#misses = 0;
  }

  /** Lets go of the bytes. */
  close(): void {
    this.open(NO_BYTES);
    this.#text = "";
  }

  /**
   * Gives the str in so many bytes of UTF-8, surrogates passing.
   *
   * @returns null where they are no UTF-8
   */
  read(start: number, length: number): string | CodePoints | null {
    const bytes = this.#bytes;
    const end = start + length;
    if (length > LONG) return decodeUtf8(bytes, start, end);
    if (length < COPIED && this.#misses < PATIENCE) {
      // Up to twelve bytes are three words: enough to find a string by, and to know that it is the same.
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

/** Decodes a str of few bytes; what is not plain goes the long way. */
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
      // Surrogates may have to be kept apart.
      if ((second | third) > 0x3f || unit < 0x800 || (unit & 0xf800) === 0xd800) {
        return decodeUtf8(bytes, start, end);
      }
      units[length++] = unit;
      pos += 3;
    } else return decodeUtf8(bytes, start, end);
  }
  return fromUnits(length);
}

/** Makes a string of the first units. A call with a few arguments is several times as fast as `apply` with an array. */
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
