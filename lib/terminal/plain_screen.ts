/** The screen without any cursor movement, for TERM=dumb and for screen readers. */

import { linesOf } from "./line_guard.ts";
import { type Bell, Narrator } from "./narrator.ts";
import { Output, type Sink } from "./output.ts";
import { Steering } from "./steering.ts";
import { Style } from "./style.ts";
import type { Action, ChatEvent, Controls, View } from "./view.ts";

/** What a {@linkcode PlainScreen} reads and writes, and how. */
export interface PlainScreenOptions {
  readonly input: ReadableStream<Uint8Array>;
  readonly output: Sink;
  readonly colour: boolean;
  readonly bell: Bell;
  /** Gives the time in ms since 1970; the clock's if left out. */
  readonly now?: () => number;
}

/**
 * Shows what the screen shows and takes the commands that it takes, line by line: the terminal itself edits the line.
 *
 * Nothing is written but text, colour where it is wanted, and the bell.
 */
export class PlainScreen implements View {
  readonly #output: Output;
  readonly #narrator: Narrator;
  readonly #steering: Steering;
  readonly #input: ReadableStream<Uint8Array>;
  readonly #actions: Action[] = [];
  #lines: ReadableStreamDefaultReader<string> | null = null;
  #controls: Controls | null = null;
  #longest = Infinity;
  /** Whether the person has left, and whether all is over. */
  #left = false;
  #closed = false;

  constructor(options: PlainScreenOptions) {
    const { colour, bell, now = Date.now } = options;
    this.#input = options.input;
    this.#output = new Output(options.output);
    this.#narrator = new Narrator({ style: new Style(colour), bell, now });
    this.#steering = new Steering(this.#narrator, {
      act: (action) => this.#actions.push(action),
      leave: () => {
        this.#left = true;
        this.#controls?.leave("acked");
      },
      interrupt: () => this.#controls?.leave("now"),
      retry: () => this.#controls?.retry(),
      // There is nothing to clear: what was written stays.
      clear: () => {},
    });
  }

  start(controls: Controls): void {
    this.#controls = controls;
  }

  show(event: ChatEvent): Promise<void> | void {
    // The terminal has shown what was typed.
    if (event.kind === "posted") return;
    return this.#write(this.#narrator.tell(event));
  }

  flush(): Promise<void> {
    return this.#output.flush();
  }

  limitLine(bytes: number): void {
    this.#longest = bytes;
  }

  async next(): Promise<Action | null> {
    this.#lines ??= linesOf(this.#input, {
      limit: () => this.#longest,
      skipped: (_line, bytes) => {
        const text = `the line has ${bytes} bytes, more than the other end takes: it was skipped`;
        this.#write(this.#narrator.say(text, "red"));
      },
    });
    while (!this.#closed) {
      const action = this.#actions.shift();
      if (action !== undefined) return action;
      if (this.#left) return null;
      const { done, value } = await this.#lines.read();
      if (done) return null;
      if (value === "") {
        if (this.#narrator.link?.is === "lost") this.#controls?.retry();
        continue;
      }
      await this.#write(this.#steering.run(value));
      await this.#output.flush();
    }
    return null;
  }

  async close(): Promise<void> {
    this.#closed = true;
    // A read of standard input that is under way may never end, so nobody waits for it.
    this.#lines?.cancel().catch(() => {});
    await this.#output.flush().catch(() => {});
  }

  #write(lines: readonly string[]): Promise<void> | void {
    let full: Promise<void> | void = undefined;
    for (const line of lines) full = this.#output.line(line);
    return full;
  }
}
