/** The screen, independent of a terminal: it takes events, keys and sizes, and returns the text to write. */

import { clean } from "../base/text.ts";
import { Scrollback } from "./scrollback.ts";
import { titleOf } from "./title.ts";
import { columnsOfText, cutToColumns } from "./width.ts";
import { COMMAND_NAMES, isAnswer } from "./commands.ts";
import { Completer } from "./input/complete.ts";
import { Dock, type StatusRow } from "./dock/dock.ts";
import { DockContent } from "./dock/content.ts";
import type { Place } from "./known_rooms.ts";
import type { Key, Typed } from "./keys/key.ts";
import { InputLine } from "./input/line.ts";
import type { Bell } from "./transcript.ts";
import { Transcript } from "./transcript.ts";
import { pasteChoice, pastedLines, pasteQuestion } from "./input/paste.ts";
import { CommandRunner, type Hooks } from "./command_runner.ts";
import type { Style } from "./style/style.ts";
import type { ColourDepth } from "../view/half_blocks.ts";
import type { Action, ChatEvent } from "../view/view.ts";

/** The options of a {@linkcode Screen}. */
export interface ScreenOptions {
  readonly columns: number;
  readonly rows: number;
  readonly style: Style;
  readonly bell: Bell;
  /** The requested nick; undefined if none was requested. */
  readonly nick?: string | undefined;
  /** Returns the time in ms since 1970. */
  readonly now: () => number;
  /** Whether the chat ends for everybody when this person leaves; false if left out. */
  readonly hosts?: boolean;
  /** Returns the colours for images, or null if the terminal has too few. */
  readonly imageColours?: () => ColourDepth | null;
  /** Whether the terminal opens links. */
  readonly opensLinks?: boolean;
  readonly hooks: Omit<Hooks, "clear" | "keep">;
}

/** The part of the screen in which the newest lines are repeated below older messages: a third. */
const REPEATED_PART = 3;

/** The columns before each further row of a message, and the most rows of an object in it. */
const MARGIN = 8;
const OBJECT_ROWS = 12;

/** The least width of the dock while the terminal is being resized. It is a quarter of the terminal's width if that is more. */
const SHORT_ROW = 8;
/** Asks for the background colour: OSC 11, which the terminal answers in its input. */
const ASK_BACKGROUND = "\x1b]11;?\x07";
/** The rows of the terminal that pending posts leave to the input line and to messages. */
const INPUT_ROWS = 4;

/**
 * The screen of a chat. It uses no terminal: `take` returns the text to write.
 *
 * Messages go to the terminal's own scrollback; the input line is in the {@linkcode Dock} below them.
 */
export class Screen {
  readonly transcript: Transcript;
  readonly #runner: CommandRunner;
  readonly #hooks: Omit<Hooks, "clear" | "keep">;
  readonly #line = new InputLine();
  readonly #completer = new Completer();
  readonly #dock = new Dock();
  readonly #style: Style;
  readonly #hosts: boolean;
  readonly #content: DockContent;
  #columns: number;
  #rows: number;
  /** Whether the width has just changed. */
  #isResizing = false;
  readonly #scrollback = new Scrollback();
  /** The paste that the question is about. */
  #question: { readonly text: string; readonly typed: boolean } | null = null;
  #interrupted = false;
  #wipe: "no" | "clear" | "redraw" = "no";
  #changed = true;
  #isAsking = false;
  #shownDock = "";
  /** The newest lines before older messages that were asked for. They are repeated below those. */
  #newest: string[] = [];

  constructor(options: ScreenOptions) {
    this.#columns = options.columns;
    this.#rows = options.rows;
    this.#style = options.style;
    this.#hosts = options.hosts ?? false;
    this.#hooks = options.hooks;
    this.transcript = new Transcript({
      ...options,
      room: () => ({
        screen: this.#columns,
        width: Math.max(1, this.#columns - MARGIN),
        rows: OBJECT_ROWS,
        widthOf: columnsOfText,
      }),
    });
    this.#content = new DockContent(this.transcript, options.now);
    this.#runner = new CommandRunner(this.transcript, {
      ...options.hooks,
      act: (action) => this.#act(action),
      clear: () => this.#clear(),
      keep: (line) => this.#line.keep(line),
      room: () => ({
        width: this.#columns,
        rows: this.#rows,
        widthOf: columnsOfText,
        colours: options.imageColours?.() ?? null,
      }),
    });
  }

  /** The time in ms after which the dock changes by itself; null if it does not. */
  get changesIn(): number | null {
    return this.#content.changesIn();
  }

  /** Records that time has passed: see `changesIn`. */
  tick(): void {
    if (this.#content.all(this.#columns) !== this.#shownDock) this.#changed = true;
  }

  /** The number of UTF-16 code units of lines that wait to be written. */
  get pending(): number {
    return this.#scrollback.size;
  }

  /** Handles an event. */
  show(event: ChatEvent): void {
    if (event.kind === "replay" && event.asked && event.words === undefined && event.count > 0) {
      const rows = Math.floor(this.#rows / REPEATED_PART);
      this.#newest = this.#scrollback.newest({ columns: this.#columns, rows });
    }
    const lines = this.transcript.tell(event);
    this.#add(lines);
    if (event.kind === "replayed") this.#scrollback.add(this.#newest.splice(0));
    if (this.transcript.isCrowded) this.#scrollback.add(this.transcript.settle());
    if (event.kind === "refused" && typeof event.dict.get("body") === "string") {
      this.#line.keep(event.dict.get("body") as string);
    }
    // An event without a line can change only the dock.
    if (lines.length === 0 && this.#content.all(this.#columns) !== this.#shownDock) this.#changed = true;
  }

  /** Asks the terminal for its background with the next write. */
  askBackground(): void {
    this.#isAsking = true;
    this.#changed = true;
  }

  /** The title of the terminal's window. */
  get title(): string {
    return titleOf(this.transcript.rooms);
  }

  /** Handles a key, a paste, or what the terminal reports. */
  type(typed: Typed): void {
    // Whoever types looks at the screen.
    this.transcript.rooms.isWatched = !("isFocused" in typed) || typed.isFocused;
    if ("isFocused" in typed) return;
    if ("background" in typed) {
      this.#style.background = typed.background;
      return;
    }
    this.#changed = true;
    this.#type(typed);
    this.transcript.rooms.talks.isAnswering = isAnswer(this.#line.text);
  }

  #type(typed: Key | { readonly pasted: string }): void {
    // Alt-a goes to what is unread.
    if (!("name" in typed) || typed.name !== "M-a") this.transcript.rooms.talks.seen(this.#isShown());
    if ("pasted" in typed) return this.#paste(typed.pasted);
    if (this.#question !== null) return this.#answer(typed);
    const place = this.#placeOf(typed.name);
    if (place === null) return;
    if (place !== undefined) return this.#add(this.transcript.goTo(place, this.#isShown()));
    const event = this.#line.onKey(typed);
    const twice = this.#interrupted;
    this.#interrupted = false;
    if (event === null) return;
    switch (event.is) {
      case "send":
        return this.#send(event.text);
      case "interrupt":
        // The second of two in a row leaves, even if the first cleared a line. Before the first connection, one is enough.
        if (twice || event.empty && this.transcript.mode === null) return this.#hooks.interrupt();
        this.#interrupted = true;
        if (event.empty) this.#add(this.transcript.say(this.#leaveHint("Ctrl-C")));
        return;
      case "end":
        if (twice || !this.#hosts || this.#others === 0) return this.#hooks.leave();
        this.#interrupted = true;
        this.#add(this.transcript.say(this.#leaveHint("Ctrl-D")));
        return;
      case "redraw":
        this.#wipe = "redraw";
        return;
      case "complete":
        return this.#complete(event.back);
    }
  }

  /**
   * Sets the size of the terminal. Until `settle` is called the dock is one short row, which the next widths are
   * unlikely to wrap, because dragging a window's edge resizes it many times.
   *
   * @returns Whether the width has changed.
   */
  resize(columns: number, rows: number): boolean {
    if (columns === this.#columns && rows === this.#rows) return false;
    const isOther = columns !== this.#columns;
    if (isOther) {
      this.#dock.resize(columns);
      this.#isResizing = true;
    }
    this.#columns = columns;
    this.#rows = rows;
    this.#changed = true;
    return isOther;
  }

  /** Records that the terminal has settled on its width. */
  settle(): void {
    this.#isResizing = false;
    this.#changed = true;
  }

  /** Records that another program used the terminal, so that the drawn text is no longer where it was. */
  resume(): void {
    this.#dock.forget();
    this.#changed = true;
  }

  /** Returns the text to write next, or "" if the terminal shows everything. */
  take(): string {
    if (!this.#changed && this.#scrollback.size === 0) return "";
    const status = this.#status();
    const line = this.#layOut(status.length);
    const wiped = this.#wipe === "no" ? "" : this.#dock.clear();
    const again = this.#wipe === "redraw"
      ? this.#scrollback.again({
        columns: this.#columns,
        rows: this.#rows - status.length - line.rows.length,
      })
      : "";
    const above = again + this.#scrollback.take(this.#columns);
    this.#wipe = "no";
    this.#changed = false;
    this.#shownDock = this.#content.all(this.#columns);
    const asked = this.#isAsking ? ASK_BACKGROUND : "";
    this.#isAsking = false;
    return asked + wiped +
      this.#dock.draw(above, { status, line, style: (prompt) => this.#style.as("bold", prompt) });
  }

  /** Returns the text to write so that only the messages are left. */
  end(): string {
    this.#scrollback.add(this.transcript.settle());
    return this.#dock.erase() + this.#scrollback.takeAll(this.#columns).replaceAll("\n", "\r\n");
  }

  /** Adds lines above the input line, below what was shown in the dock until now. */
  #add(lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.#scrollback.add(this.transcript.settle());
    this.#scrollback.add(lines);
  }

  /** Returns a function that tells whether a line above the input line is on the screen. */
  #isShown(): (line: string) => boolean {
    // This is asked about unread private messages only, so most keys do not lay out the status.
    let shown: Set<string> | undefined;
    return (line) => (shown ??= this.#shown()).has(line);
  }

  #shown(): Set<string> {
    const rows = this.#rows - 1 - this.#status().length;
    return new Set(this.#scrollback.newest({ columns: this.#columns, rows }));
  }

  /** The number of people besides this one whom the screen knows. */
  get #others(): number {
    return this.transcript.rooms.nicks.filter((nick) => nick !== this.transcript.nick).length;
  }

  #leaveHint(key: string): string {
    if (!this.#hosts) return `${key} again leaves`;
    const others = this.#others;
    return `${key} again ends the chat${others === 0 ? "" : ` for all ${others + 1}`}`;
  }

  /** Returns the place that a key goes to: Alt-1 to Alt-9, and Alt-a for the next with news; null for none. */
  #placeOf(key: string): Place | null | undefined {
    const { rooms } = this.transcript;
    if (key === "M-a") return rooms.nextWithNews ?? null;
    if (!/^M-[1-9]$/.test(key)) return undefined;
    const room = rooms.names[Number(key.slice(2)) - 1];
    return room === undefined || room === rooms.here ? null : { room };
  }

  #act(action: Action): void {
    this.#hooks.act(action);
    // A chat reports when a post has its place in the queue; other programs do not.
    if (this.transcript.mode !== "plain" || action.kind !== "post") return;
    this.#add(
      this.transcript.tell({ kind: "posted", ref: 0, dict: new Map([["body", action.body]]) }),
    );
  }

  #clear(): void {
    this.#wipe = "clear";
    this.#scrollback.forget();
    this.transcript.rooms.cleared();
  }

  /** The rows between the messages and the input line: none while the terminal is being resized, or is too low. */
  #status(): StatusRow[] {
    const rows = this.#isResizing ? [] : this.#content.texts();
    const fitting = rows.slice(0, Math.max(0, this.#rows - INPUT_ROWS)).map((text) =>
      cutToColumns(text, this.#columns - 1)
    );
    return fitting.map((text) => ({ text: this.#style.as("dim", text), columns: columnsOfText(text) }));
  }

  #layOut(statusRows: number) {
    const options = this.#isResizing
      ? { columns: Math.min(this.#columns, Math.max(SHORT_ROW, this.#columns >> 2)), maxRows: 1 }
      : { columns: this.#columns, maxRows: Math.max(1, this.#rows - 1 - statusRows) };
    if (this.#question === null) {
      const prompt = this.#content.prompt((options.columns - 1) >> 1);
      return this.#line.render({ ...options, prompt, show: (grapheme) => clean(grapheme) });
    }
    const question = new InputLine();
    question.set(pasteQuestion(pastedLines(this.#question.text)));
    return question.render({ ...options, prompt: "" });
  }

  #send(text: string): void {
    if (text === "") {
      if (this.transcript.link?.is === "lost") this.#hooks.retry();
      return;
    }
    this.#add(this.#runner.run(text));
  }

  #complete(back: boolean): void {
    const { rooms } = this.transcript;
    const completions = {
      commands: [...COMMAND_NAMES, ...this.#hooks.ownCommands?.().keys() ?? []],
      nicks: rooms.nicks.filter((nick) => nick !== this.transcript.nick),
      rooms: rooms.known,
    };
    const done = this.#completer.next(this.#line, { completions, back });
    if (done !== null) this.#line.set(done.text, done.cursor);
  }

  #paste(pasted: string): void {
    if (this.#question !== null) {
      // The question is about the first paste. This one is kept for Ctrl-Y.
      this.#line.keep(pasted);
      this.#add(this.transcript.say("answer first; Ctrl-Y brings back what was pasted meanwhile"));
      return;
    }
    if (pastedLines(pasted).length === 1) return this.#line.insert(pasted.replace(/\n+$/, ""));
    const { text, cursor } = this.#line;
    this.#question = {
      text: text.slice(0, cursor) + pasted + text.slice(cursor),
      typed: text !== "",
    };
    // After a no, the paste can be yanked.
    this.#line.keep(pasted);
  }

  /** Handles the answer about a paste. The text typed before it may be a command; the pasted lines are not. */
  #answer(key: Key): void {
    const { text, typed } = this.#question!;
    this.#question = null;
    const choice = pasteChoice(key);
    if (choice === "no") return this.#add(this.transcript.say("not sent; Ctrl-Y brings it back"));
    this.#line.set(text);
    const whole = this.#line.take();
    const posts = choice === "one" ? [pastedLines(whole).join("\n")] : pastedLines(whole);
    for (const [index, post] of posts.entries()) {
      if (post === "") continue;
      this.#add(index === 0 && typed ? this.#runner.run(post) : this.#runner.post(post));
    }
  }
}
