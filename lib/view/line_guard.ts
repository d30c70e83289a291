/** The lines of a piped input, as long as they are no longer than a post may be. */

// @ts-types="./text_line_stream.d.ts"
import { TextLineStream } from "@std/streams/text-line-stream";
import { joined } from "../base/bytes.ts";

const NEWLINE = 0x0a;

/** Stands before the size of a line that was left out. Decoded text has no lone surrogate, so no line looks like it. */
const LEFT_OUT = "\ud800";

/**
 * Passes on whole lines only, as text. One that is too long is not kept; in its place goes a line that says so.
 *
 * Invalid UTF-8 becomes U+FFFD. As it works on bytes, it does not matter where they are split.
 */
class LineGuard extends TransformStream<Uint8Array, string> {
  /** @param limit Gives how many bytes a line may have at this moment, without its newline. */
  constructor(limit: () => number) {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    /** The line that has begun: its parts, unless it is too long already, and its size. */
    let parts: Uint8Array[] = [];
    let size = 0;
    let tooLong = false;

    const keep = (part: Uint8Array) => {
      size += part.length;
      tooLong ||= size > limit();
      if (tooLong) parts = [];
      else parts.push(part);
    };
    const end = (ending: string): string => {
      const text = (tooLong ? LEFT_OUT + size : decoder.decode(joined(parts, size))) + ending;
      parts = [];
      size = 0;
      tooLong = false;
      return text;
    };
    const whole = (bytes: Uint8Array): string => {
      let text = "";
      let from = 0;
      let at = 0;
      // Almost always no line here is too long, and then all of them are decoded at once.
      for (let next = bytes.indexOf(NEWLINE); next !== -1; next = bytes.indexOf(NEWLINE, at)) {
        if (next - at > limit()) {
          text += decoder.decode(bytes.subarray(from, at)) + LEFT_OUT + (next - at) + "\n";
          from = next + 1;
        }
        at = next + 1;
      }
      return text + decoder.decode(bytes.subarray(from));
    };

    super({
      transform(chunk, controller) {
        const first = chunk.indexOf(NEWLINE);
        if (first === -1) return keep(chunk);
        let text = "";
        let rest = chunk;
        if (size > 0) {
          keep(chunk.subarray(0, first));
          text = end("\n");
          rest = chunk.subarray(first + 1);
        }
        const last = rest.lastIndexOf(NEWLINE);
        text += whole(rest.subarray(0, last + 1));
        if (last + 1 < rest.length) keep(rest.subarray(last + 1));
        if (text !== "") controller.enqueue(text);
      },
      flush(controller) {
        if (size > 0) controller.enqueue(end(""));
      },
    });
  }
}

/** A line that was longer than it may be. */
export interface LeftOut {
  /** Which line of the input it was, from 1. */
  readonly line: number;
  readonly bytes: number;
}

/**
 * The lines of an input, one after the other, without their "\n" or "\r\n"; the last one may lack it.
 *
 * The input is read as its lines are taken, and at most a few chunks ahead.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Lines } from "./line_guard.ts";
 *
 * const lines = new Lines(ReadableStream.from([new TextEncoder().encode("hi\nfar too long\nho")]));
 * lines.longest = 4;
 * assertEquals(await lines.next(), "hi");
 * assertEquals(await lines.next(), { line: 2, bytes: 12 });
 * assertEquals(await lines.next(), "ho");
 * assertEquals(await lines.next(), null);
 * ```
 */
export class Lines {
  readonly #input: ReadableStream<Uint8Array>;
  #reader: ReadableStreamDefaultReader<string> | null = null;
  #line = 0;
  #closed = false;
  /** How many bytes a line may have from now on. */
  longest = Infinity;

  /** @param input Bytes of UTF-8; nothing of it is read before a line is asked for. */
  constructor(input: ReadableStream<Uint8Array>) {
    this.#input = input;
  }

  /** Gives the next line, or null where there are no more. */
  async next(): Promise<string | LeftOut | null> {
    if (this.#closed) return null;
    this.#reader ??= this.#input
      .pipeThrough(new LineGuard(() => this.longest))
      .pipeThrough(new TextLineStream())
      .getReader();
    const { done, value } = await this.#reader.read();
    if (done) return null;
    this.#line++;
    return value.startsWith(LEFT_OUT) ? { line: this.#line, bytes: Number(value.slice(1)) } : value;
  }

  /** Reads no more: whoever waits for a line gets null. */
  close(): void {
    this.#closed = true;
    // A read of standard input that is under way may never end, so nobody waits for it.
    this.#reader?.cancel().catch(() => {});
  }
}
