/** The pipe: the view that reads and writes lines of text, used when no person sits at a screen. */

import { format } from "../pickle/repr/format.ts";
import type { Value } from "../pickle/values/values.ts";
import { clean } from "../base/text.ts";
import { actionOf } from "./action_text.ts";
import type { Clock } from "../base/clock.ts";
import { figureLines } from "./figures.ts";
import { InputLines, type LeftOut } from "./input_lines.ts";
import { notice } from "./notice.ts";
import { Output, type Sink } from "./output.ts";
import { CountedInput, Progress } from "./progress.ts";
import { type Action, bodyOf, type ChatEvent, type View } from "./view.ts";

/** The options of a {@linkcode Pipe}. */
export interface PipeOptions {
  readonly input: ReadableStream<Uint8Array>;
  readonly output: Sink;
  /** The output for notices. */
  readonly errors: Sink;
  /** Whether a person types the lines. Then empty lines are not posted. */
  readonly typed: boolean;
  /** Whether only the bodies of messages are written: texts as they are, unless a terminal shows them. */
  readonly bodies?: "as they are" | "cleaned" | undefined;
  /** The clock for progress lines on `errors`. If not given, there are none. */
  readonly progress?: Clock | undefined;
}

/**
 * Converts lines of text to posts, and messages to lines of text: `alice: hi`.
 *
 * A message is always one line. Notices go to standard error.
 */
export class Pipe implements View {
  readonly #options: PipeOptions;
  readonly #output: Output;
  readonly #errors: Output;
  readonly #lines: InputLines;
  readonly #progress: Progress | undefined;

  constructor(options: PipeOptions) {
    this.#options = options;
    const { progress } = options;
    const input = progress === undefined ? null : new CountedInput(options.input);
    this.#lines = new InputLines(input?.readable ?? options.input);
    this.#progress = progress && new Progress({
      clock: progress,
      total: () => input?.lines,
      tell: (line) => {
        this.#errors.line(`chat: ${line}`);
        this.#errors.flush().catch(() => {});
      },
    });
    this.#output = new Output(options.output);
    this.#errors = new Output(options.errors);
  }

  show(event: ChatEvent): Promise<void> | void {
    if (event.kind === "posted") this.#progress?.posted();
    if (event.kind === "acked" || event.kind === "refused") this.#progress?.answered();
    const { bodies } = this.#options;
    const body = bodies === undefined ? undefined : bodyOf(event);
    if (body !== undefined) {
      const text = format(body, { style: "print" });
      return this.#output.line(bodies === "cleaned" ? clean(text, { newlines: true }) : text);
    }
    if (event.kind === "message") {
      const { from, body, to } = event.message;
      if (to === undefined && actionOf(from, body) !== null) return this.#output.line(shown(body));
      const name = to === undefined ? from : `${from} (private)`;
      return this.#output.line(`${clean(name)}: ${shown(body)}`);
    }
    if (event.kind === "told" && event.message.type === "stats") {
      for (const line of figureLines(event.message.stats)) this.#output.line(line);
      return;
    }
    if (event.kind === "object") return this.#output.line(shown(event.value));
    // A note may be a question to the person at the input, such as for the code of a private chat.
    const text = event.kind === "note" && this.#options.typed ? clean(event.text) : notice(event);
    if (text !== null) return this.#errors.line(text);
  }

  async flush(): Promise<void> {
    await this.#output.flush();
    await this.#errors.flush();
  }

  limitLine(bytes: number): void {
    this.#lines.longest = bytes;
  }

  async next(): Promise<Action | null> {
    let line = await this.#lines.next();
    while (line === "" && this.#options.typed) line = await this.#lines.next();
    if (line === null) return null;
    return typeof line === "string" ? { kind: "post", body: line } : leftOut(line);
  }

  async close(): Promise<void> {
    this.#progress?.stop();
    this.#lines.close();
    await this.flush();
  }
}

/** The action for a line that was skipped. */
export function leftOut({ line, why, code }: LeftOut): Action {
  return { kind: "wrong", code, text: `Cannot post line ${line}: ${why}` };
}

/** Returns a body or an object on one line: text as it is, anything else as Python's print shows it. */
function shown(value: Value): string {
  return clean(format(value, { style: "print" }));
}
