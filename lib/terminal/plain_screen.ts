/** The screen without cursor movement, for dumb terminals and screen readers. */

import { InputLines } from "../view/input_lines.ts";
import { type Bell, NOT_SENT, Transcript } from "./transcript.ts";
import { unwrapped } from "./rows/wrap.ts";
import { Output, type Sink } from "../view/output.ts";
import { CommandRunner, type OwnCommands } from "./command_runner.ts";
import { saveFile } from "./save_file.ts";
import type { Style } from "./style/style.ts";
import type { Action, ChatEvent, Controls, View } from "../view/view.ts";

/** The options of a {@linkcode PlainScreen}. */
export interface PlainScreenOptions {
  readonly input: ReadableStream<Uint8Array>;
  readonly output: Sink;
  readonly style: Style;
  readonly bell: Bell;
  /** The requested nick; undefined if none was requested. */
  readonly nick?: string | undefined;
  /** Returns lines that /help shows at its end. */
  readonly helpNotes?: () => readonly string[];
  /** Returns the time in ms since 1970; the system's if left out. */
  readonly now?: () => number;
  /** The folder of the person, for `~` in the names of files. */
  readonly home?: string | undefined;
  /** Returns the commands that the owner of the screen adds. */
  readonly ownCommands?: (() => OwnCommands) | undefined;
}

/**
 * Shows the same lines as the screen and takes the same commands, line by line: the terminal itself edits the line.
 *
 * It writes only text, colours if wanted, and the bell.
 */
export class PlainScreen implements View {
  readonly #output: Output;
  readonly #transcript: Transcript;
  readonly #runner: CommandRunner;
  readonly #lines: InputLines;
  readonly #actions: Action[] = [];
  #controls: Controls | null = null;
  #left = false;

  constructor(options: PlainScreenOptions) {
    const { style, bell, nick, now = Date.now } = options;
    this.#lines = new InputLines(options.input);
    this.#output = new Output(options.output);
    this.#transcript = new Transcript({ style, bell, nick, now });
    this.#runner = new CommandRunner(this.#transcript, {
      act: (action) => this.#actions.push(action),
      leave: () => {
        this.#left = true;
        this.#controls?.leave("acked");
      },
      interrupt: () => this.#controls?.leave("now"),
      retry: () => this.#controls?.retry(),
      ...options.helpNotes ? { helpNotes: options.helpNotes } : {},
      save: (file, bytes) => saveFile(file, bytes, options.home),
      // Nothing can be cleared without cursor movement.
      clear: () => {},
      ownCommands: options.ownCommands,
    });
  }

  start(controls: Controls): void {
    this.#controls = controls;
  }

  show(event: ChatEvent): Promise<void> | void {
    const lines = [...this.#transcript.tell(event), ...this.#transcript.settle()];
    // The terminal has echoed the typed line.
    const isEcho = event.kind === "posted" || event.kind === "acked";
    return this.#write(isEcho ? lines.slice(0, -1) : lines);
  }

  flush(): Promise<void> {
    return this.#output.flush();
  }

  limitLine(bytes: number): void {
    this.#lines.longest = bytes;
  }

  async next(): Promise<Action | null> {
    for (;;) {
      const action = this.#actions.shift();
      if (action !== undefined) return action;
      if (this.#left) {
        this.#waitToLeave();
        return null;
      }
      const line = await this.#lines.next();
      if (line === null) return null;
      if (typeof line !== "string") {
        await this.#write(this.#transcript.say(`not sent: line ${line.line}: ${line.why}`, "error"));
      } else if (line !== "") {
        await this.#write(this.#runner.run(line));
      } else if (this.#transcript.link?.is === "lost") this.#controls?.retry();
      await this.#output.flush();
    }
  }

  async close(): Promise<void> {
    this.#lines.close();
    await this.#output.flush().catch(() => {});
  }

  /** Refuses lines that are typed while the last posts wait for their acks; a second /quit leaves at once. */
  async #waitToLeave(): Promise<void> {
    for (let line = await this.#lines.next(); line !== null; line = await this.#lines.next()) {
      if (line === "/quit") this.#controls?.leave("acked");
      else this.#write(this.#transcript.say(NOT_SENT, "error"));
      this.#output.flush().catch(() => {});
    }
  }

  #write(lines: readonly string[]): Promise<void> | void {
    let full: Promise<void> | void = undefined;
    for (const line of lines) full = this.#output.line(unwrapped(line));
    return full;
  }
}
