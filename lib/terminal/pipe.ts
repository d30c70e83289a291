/** Lines in, lines out: the view where no person sits at a screen. */

import { format } from "../pickle/format.ts";
import type { Value } from "../pickle/values.ts";
import { clean } from "../text.ts";
import { figureLines } from "./figures.ts";
import { linesOf } from "./line_guard.ts";
import { notice } from "./notice.ts";
import { Output, type Sink } from "./output.ts";
import type { Action, ChatEvent, View } from "./view.ts";

/** What a pipe reads and writes, and how. */
export interface PipeOptions {
  readonly input: ReadableStream<Uint8Array>;
  readonly output: Sink;
  /** Where it says what is no message. */
  readonly errors: Sink;
  /** Whether the lines are typed by a person: then an empty one is nothing to post. */
  readonly typed: boolean;
}

/**
 * Turns lines of text into posts and messages into lines of text: `alice: hi`.
 *
 * A message is one line whatever is in it; notices go to the errors.
 */
export class Pipe implements View {
  readonly #options: PipeOptions;
  readonly #output: Output;
  readonly #errors: Output;
  #lines: ReadableStreamDefaultReader<string> | null = null;
  #longest = Infinity;
  #closed = false;

  constructor(options: PipeOptions) {
    this.#options = options;
    this.#output = new Output(options.output);
    this.#errors = new Output(options.errors);
  }

  show(event: ChatEvent): Promise<void> | void {
    if (event.kind === "message") {
      const { from, body, to } = event.message;
      const name = to === undefined ? from : `${from} (private)`;
      return this.#output.line(`${clean(name)}: ${shown(body)}`);
    }
    if (event.kind === "told" && event.message.type === "stats") {
      for (const line of figureLines(event.message.stats)) this.#output.line(line);
      return;
    }
    if (event.kind === "object") return this.#output.line(shown(event.value));
    const text = notice(event);
    if (text !== null) return this.#errors.line(text);
  }

  async flush(): Promise<void> {
    await this.#output.flush();
    await this.#errors.flush();
  }

  limitLine(bytes: number): void {
    this.#longest = bytes;
  }

  async next(): Promise<Action | null> {
    this.#lines ??= linesOf(this.#options.input, {
      limit: () => this.#longest,
      skipped: (line, bytes) => this.#skipped(line, bytes),
    });
    while (!this.#closed) {
      const { done, value } = await this.#lines.read();
      if (done) return null;
      if (value !== "" || !this.#options.typed) return { kind: "post", body: value };
    }
    return null;
  }

  async close(): Promise<void> {
    this.#closed = true;
    // A read of standard input that is under way may never end, so nobody waits for it.
    this.#lines?.cancel().catch(() => {});
    await this.flush().catch(() => {});
  }

  #skipped(line: number, bytes: number): void {
    this.show({
      kind: "problem",
      text:
        `Cannot post line ${line}: its ${bytes} bytes are above the limit of ${this.#longest}, so it was skipped`,
    });
  }
}

/** A body or an object on one line: text as it is, anything else as Python's print shows it. */
function shown(value: Value): string {
  return clean(format(value, { style: "print" }));
}
