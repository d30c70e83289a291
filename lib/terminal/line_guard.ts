/** The lines of a piped input, as long as they are no longer than a post may be. */

// @ts-types="../types/text_line_stream.d.ts"
import { TextLineStream } from "@std/streams/text-line-stream";

const NEWLINE = 0x0a;

/** The options of a {@linkcode LineGuard}. */
export interface LineGuardOptions {
  /** How many bytes a line may have at this moment, without its newline. */
  readonly limit: () => number;
  /** Is told of a line that was longer: which one, from 1, and how many bytes it had. */
  readonly skipped: (line: number, bytes: number) => void;
}

/**
 * Passes on whole lines only, as text, and skips those that are too long without keeping them.
 *
 * Invalid UTF-8 becomes U+FFFD. As it works on bytes, it does not matter where they are split.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { LineGuard } from "./line_guard.ts";
 *
 * const input = ReadableStream.from([new TextEncoder().encode("hi\nfar too long\nho")]);
 * const guard = new LineGuard({ limit: () => 4, skipped: (line) => assertEquals(line, 2) });
 * assertEquals(await Array.fromAsync(input.pipeThrough(guard)), ["hi\n", "ho"]);
 * ```
 */
export class LineGuard extends TransformStream<Uint8Array, string> {
  constructor(options: LineGuardOptions) {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    const { limit, skipped } = options;
    /** The line that has begun: its parts, unless it is too long already, and its size. */
    let parts: Uint8Array[] = [];
    let size = 0;
    let tooLong = false;
    let line = 1;

    const keep = (part: Uint8Array) => {
      size += part.length;
      tooLong ||= size > limit();
      if (tooLong) parts = [];
      else parts.push(part);
    };
    const end = (ending: string): string => {
      const text = tooLong ? "" : decoder.decode(joined(parts, size)) + ending;
      if (tooLong) skipped(line, size);
      parts = [];
      size = 0;
      tooLong = false;
      line++;
      return text;
    };
    const whole = (bytes: Uint8Array): string => {
      let text = "";
      let from = 0;
      let at = 0;
      // Almost always no line here is too long, and then all of them are decoded at once.
      for (let next = bytes.indexOf(NEWLINE); next !== -1; next = bytes.indexOf(NEWLINE, at)) {
        if (next - at > limit()) {
          text += decoder.decode(bytes.subarray(from, at));
          skipped(line, next - at);
          from = next + 1;
        }
        at = next + 1;
        line++;
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
        if (size === 0) return;
        const text = end("");
        if (text !== "") controller.enqueue(text);
      },
    });
  }
}

function joined(parts: Uint8Array[], size: number): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * Reads an input line by line.
 *
 * @param input Bytes of UTF-8. It is read as its lines are taken, and at most a few chunks ahead.
 * @returns The lines without their "\n" or "\r\n"; the last one may lack it.
 */
export function linesOf(
  input: ReadableStream<Uint8Array>,
  options: LineGuardOptions,
): ReadableStreamDefaultReader<string> {
  return input.pipeThrough(new LineGuard(options)).pipeThrough(new TextLineStream()).getReader();
}
