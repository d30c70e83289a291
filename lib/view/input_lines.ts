/** The lines of an input of text. */

import { joined } from "../base/bytes.ts";

const NEWLINE = 0x0a;
const UTF_8_MARK = [0xef, 0xbb, 0xbf];
const UTF_16_MARKS = [[0xff, 0xfe], [0xfe, 0xff]];

/** A line that was skipped. */
export interface LeftOut {
  /** The number of the line in the input, from 1. */
  readonly line: number;
  /** The reason why it cannot be posted, for people. */
  readonly why: string;
  readonly code: "too-large" | "bad-message";
}

/**
 * The lines of an input, one after the other, without their "\n" or "\r\n"; the last one may lack it.
 *
 * A line that is too long or not UTF-8 is skipped, and takes no memory. A byte order mark at the very beginning is
 * dropped. The input is read only as fast as its lines are taken.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { InputLines } from "./input_lines.ts";
 *
 * const lines = new InputLines(ReadableStream.from([new TextEncoder().encode("hi\nfar too long\nho")]));
 * lines.longest = 4;
 * assertEquals(await lines.next(), "hi");
 * const why = "its 12 bytes are above the limit of 4, so it was skipped";
 * assertEquals(await lines.next(), { line: 2, code: "too-large", why });
 * assertEquals(await lines.next(), "ho");
 * assertEquals(await lines.next(), null);
 * ```
 */
export class InputLines {
  readonly #input: ReadableStream<Uint8Array>;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  /** The lines that were read and not taken yet. The next one is the last. */
  #ready: (string | LeftOut)[] = [];
  /** The line that has begun: its parts, unless it is already too long, and its size. */
  #parts: Uint8Array[] = [];
  #size = 0;
  #isTooLong = false;
  /** The number of lines read. */
  #count = 0;
  #hasEnded = false;
  /** The most bytes that a line may have from now on. */
  longest = Infinity;

  /** @param input Bytes of UTF-8; the first read is made when the first line is asked for. */
  constructor(input: ReadableStream<Uint8Array>) {
    this.#input = input;
  }

  /** Returns the next line, or null if there are no more. */
  async next(): Promise<string | LeftOut | null> {
    while (this.#ready.length === 0 && !this.#hasEnded) {
      this.#reader ??= this.#input.getReader();
      const { value } = await this.#reader.read();
      if (value === undefined) this.#end();
      else this.#add(value);
      this.#ready.reverse();
    }
    return this.#ready.pop() ?? null;
  }

  /** Stops reading; the next line is null. */
  close(): void {
    this.#hasEnded = true;
    this.#ready = [];
    // A read of standard input that is under way may never end, so it is not awaited.
    this.#reader?.cancel().catch(() => {});
  }

  #end(): void {
    if (this.#size > 0 && !this.#hasEnded) this.#endLine(false);
    this.#hasEnded = true;
  }

  #add(chunk: Uint8Array): void {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    let hasTried = false;
    for (let at = 0; at < chunk.length && !this.#hasEnded;) {
      // Not for the first line, which may begin with a byte order mark, nor for a line that began in the previous
      // chunk.
      if (!hasTried && this.#count > 0 && this.#size === 0 && at < end) {
        hasTried = true;
        if (this.#addLines(chunk.subarray(at, end - 1))) {
          at = end;
          continue;
        }
      }
      const next = chunk.indexOf(NEWLINE, at);
      this.#keep(chunk.subarray(at, next === -1 ? chunk.length : next));
      if (next === -1) return;
      this.#endLine(true);
      at = next + 1;
    }
  }

  /** Adds many lines at once, separated by newlines. Returns whether all of them are valid. */
  #addLines(bytes: Uint8Array): boolean {
    if (bytes.length > this.longest) return false;
    try {
      const lines = this.#decoder.decode(bytes).split("\n");
      for (const line of lines) this.#ready.push(line.endsWith("\r") ? line.slice(0, -1) : line);
      this.#count += lines.length;
      return true;
    } catch {
      return false;
    }
  }

  /** Keeps a part of a line, unless the line is too long. */
  #keep(part: Uint8Array): void {
    this.#size += part.length;
    this.#isTooLong ||= this.#size > this.longest;
    if (this.#isTooLong) this.#parts = [];
    else this.#parts.push(part);
  }

  /** Adds the line that was kept. */
  #endLine(hasNewline: boolean): void {
    const [size, parts, isTooLong] = [this.#size, this.#parts, this.#isTooLong];
    [this.#size, this.#parts, this.#isTooLong] = [0, [], false];
    const isFirst = this.#count++ === 0;
    if (isTooLong) {
      const why = `its ${size} bytes are above the limit of ${this.longest}, so it was skipped`;
      return this.#leaveOut("too-large", why);
    }
    const bytes = joined(parts, size);
    if (isFirst && UTF_16_MARKS.some((mark) => beginsWith(bytes, mark))) {
      this.#hasEnded = true;
      return this.#leaveOut("bad-message", "the input is UTF-16 and is not read; convert it to UTF-8");
    }
    try {
      const text = this.#decoder.decode(isFirst && beginsWith(bytes, UTF_8_MARK) ? bytes.subarray(3) : bytes);
      this.#ready.push(hasNewline && text.endsWith("\r") ? text.slice(0, -1) : text);
    } catch {
      this.#leaveOut("bad-message", "it is not UTF-8, so it was skipped; convert the input to UTF-8");
    }
  }

  #leaveOut(code: LeftOut["code"], why: string): void {
    this.#ready.push({ line: this.#count, code, why });
  }
}

function beginsWith(bytes: Uint8Array, mark: readonly number[]): boolean {
  return mark.every((byte, index) => bytes[index] === byte);
}
