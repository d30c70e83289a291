/** The screen on a real terminal: reads keys, and writes what the screen draws, at most once a frame. */

import { isSystemError } from "../base/errors.ts";
import type { Clock } from "../base/clock.ts";
import type { Typed } from "./keys/key.ts";
import { readKeys } from "./keys/read_keys.ts";
import { type Bell, NOT_SENT } from "./transcript.ts";
import { RawTerminal } from "./raw_terminal.ts";
import type { OwnCommands } from "./command_runner.ts";
import { Screen } from "./screen.ts";
import { saveFile } from "./save_file.ts";
import { setTitle } from "./title.ts";
import type { Style } from "./style/style.ts";
import type { ColourDepth } from "../view/half_blocks.ts";
import type { Action, ChatEvent, Controls, View } from "../view/view.ts";

/** The options of a {@linkcode ScreenView}. */
export interface ScreenViewOptions {
  readonly clock: Clock;
  readonly style: Style;
  /** Whether the terminal opens links; false if left out. */
  readonly opensLinks?: boolean;
  /** Whether the terminal is to be asked for its background. */
  readonly asksBackground: boolean;
  /** Whether the terminal has a window with a title. */
  readonly setsTitle: boolean;
  readonly bell: Bell;
  /** The requested nick; undefined if none was requested. */
  readonly nick?: string | undefined;
  /** Whether the chat ends for everybody when this person leaves. */
  readonly hosts: boolean;
  /** Returns the terminal's input. It is called after the first prompt is shown. */
  readonly input: () => ReadableStream<Uint8Array>;
  /** Called at the second Ctrl-C: the program ends with status 130. */
  readonly interrupt: () => void;
  /** Called at Ctrl-Z, which then does not suspend the program. */
  readonly suspend?: (() => void) | undefined;
  /** Returns lines that /help shows at its end. */
  readonly helpNotes?: () => readonly string[];
  /** The folder of the person, for `~` in the names of files. */
  readonly home?: string | undefined;
  /** Returns the commands that the owner of the screen adds. */
  readonly ownCommands?: (() => OwnCommands) | undefined;
  /** Returns the colours for images, or null if the terminal has too few. */
  readonly imageColours?: () => ColourDepth | null;
}

/** The number of waiting UTF-16 code units above which reading pauses. */
const HIGH_WATER = 1 << 18;
/** The number of waiting UTF-16 code units above which the next write does not wait for more. */
const MUCH = 1 << 14;
/** The least time between two writes, except for typed text. A person cannot see more frames. */
const FRAME_MS = 16;
/** The time after a resize at which the width counts as settled: tmux reports the next one up to 250 ms late. */
const SETTLED_MS = 300;
/** The time after the first prompt at which keys are read: streams take a while to load, and a room is entered sooner. */
const KEYS_AFTER_MS = 50;

/** The screen on the terminal of standard input and output. */
export class ScreenView implements View {
  readonly #screen: Screen;
  readonly #terminal: RawTerminal;
  readonly #clock: Clock;
  readonly #input: () => ReadableStream<Uint8Array>;
  readonly #asksBackground: boolean;
  readonly #suspend: (() => void) | undefined;
  readonly #actions: Action[] = [];
  #wanted: ((action: Action | null) => void) | null = null;
  #controls: Controls | null = null;
  #writing: Promise<void> | null = null;
  /** Cancels the next write; null if none waits. */
  #cancelWrite: (() => void) | null = null;
  #cancelSettling = () => {};
  #cancelKeys = () => {};
  /** Cancels the next change of the dock by itself. */
  #cancelTick = () => {};
  /** The request that came while a write was under way. */
  #next: "urgent" | "later" | undefined;
  #wrote = -Infinity;
  readonly #setsTitle: boolean;
  /** The title of the window as it was set last. */
  #title = "";
  #drained: (() => void)[] = [];
  #open = false;
  #ended = false;

  constructor(options: ScreenViewOptions) {
    this.#clock = options.clock;
    this.#input = options.input;
    this.#asksBackground = options.asksBackground;
    this.#suspend = options.suspend;
    this.#setsTitle = options.setsTitle;
    this.#terminal = new RawTerminal({
      last: () => this.#screen.end(),
      resized: () => this.#soon(true),
      returned: () => {
        this.#title = "";
        this.#screen.resume();
        this.#soon(true);
      },
      lost: () => this.#lost(),
    });
    this.#screen = new Screen({
      ...this.#terminal.size,
      style: options.style,
      bell: options.bell,
      nick: options.nick,
      opensLinks: options.opensLinks ?? false,
      hosts: options.hosts,
      now: Date.now,
      ...options.imageColours ? { imageColours: options.imageColours } : {},
      hooks: {
        save: (file, bytes) => saveFile(file, bytes, options.home),
        act: (action) => this.#act(action),
        leave: () => {
          this.#end();
          this.#controls?.leave("acked");
        },
        interrupt: options.interrupt,
        ownCommands: options.ownCommands,
        retry: () => this.#controls?.retry(),
        ...options.helpNotes ? { helpNotes: options.helpNotes } : {},
      },
    });
  }

  start(controls: Controls): void {
    this.#controls = controls;
    this.#open = true;
    this.#terminal.take();
    this.#soon(true);
    this.#cancelKeys = this.#clock.after(KEYS_AFTER_MS, () => this.#readKeys());
  }

  /** A terminal that can no longer be read counts as the end of the input. */
  #readKeys(): void {
    if (this.#asksBackground) {
      this.#screen.askBackground();
      this.#soon(true);
    }
    readKeys(this.#input(), { clock: this.#clock, take: this.#onKey })
      .catch((error) => isSystemError(error) ? undefined : this.#fail(error))
      .then(this.#end);
  }

  show(event: ChatEvent): Promise<void> | void {
    this.#screen.show(event);
    // What the prompt says about the connection is seldom news, and is waited for.
    this.#soon(event.kind === "link");
    if (this.#screen.pending > HIGH_WATER) return this.flush();
  }

  flush(): Promise<void> {
    // Lines that are shown within a frame count as written; only a slow terminal slows down the other end.
    if (this.#screen.pending <= HIGH_WATER || !this.#open) return Promise.resolve();
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  next(): Promise<Action | null> {
    const action = this.#actions.shift();
    if (action !== undefined) return Promise.resolve(action);
    if (this.#ended) return Promise.resolve(null);
    return new Promise((resolve) => this.#wanted = resolve);
  }

  async close(): Promise<void> {
    this.#stop();
    await this.#writing;
    await this.#terminal.write(this.#screen.end()).catch(() => {});
    this.#terminal.giveBack();
    this.#release();
  }

  #act(action: Action): void {
    if (this.#ended) return this.#screen.show({ kind: "problem", text: NOT_SENT });
    if (this.#wanted === null) return void this.#actions.push(action);
    this.#wanted(action);
    this.#wanted = null;
  }

  readonly #end = (): void => {
    this.#ended = true;
    this.#wanted?.(null);
    this.#wanted = null;
  };

  readonly #onKey = (typed: Typed): void => {
    if (!this.#open || this.#terminal.isAway) return;
    if ("name" in typed && typed.name === "C-z") {
      if (this.#suspend !== undefined) return this.#suspend();
      this.#terminal.stop(this.#writing).catch(this.#fail);
      return;
    }
    this.#screen.type(typed);
    this.#soon(true);
  };

  /** Writes typed text at once, and everything else at most once a frame. */
  #soon(urgent: boolean): void {
    if (!this.#open || this.#terminal.isAway) return;
    if (this.#writing !== null) {
      this.#next = urgent ? "urgent" : this.#next ?? "later";
      return;
    }
    const wait = urgent ? 0 : this.#wrote + FRAME_MS - performance.now();
    if (wait <= 0) {
      this.#cancelWrite?.();
      this.#cancelWrite = null;
      // Whatever else comes in this turn is written with it.
      this.#writing = Promise.resolve().then(() => this.#writeOne()).catch(this.#fail);
      return;
    }
    this.#cancelWrite ??= this.#clock.after(wait, () => {
      this.#cancelWrite = null;
      this.#soon(true);
    });
  }

  async #writeOne(): Promise<void> {
    this.#next = undefined;
    // The signal may be late, and a dock of the old width would leave a copy behind.
    const { columns, rows } = this.#terminal.size;
    if (this.#screen.resize(columns, rows)) this.#settleLater();
    const text = this.#newTitle() + this.#screen.take();
    try {
      await this.#terminal.write(text);
    } catch {
      this.#lost();
    }
    this.#wrote = performance.now();
    this.#writing = null;
    this.#tickLater();
    const { pending } = this.#screen;
    if (pending <= HIGH_WATER) this.#release();
    // A large rest is written at once; a small one waits for the next frame, together with what comes until then.
    if (this.#next !== undefined || pending > 0) this.#soon(this.#next === "urgent" || pending > MUCH);
  }

  /** Returns the text that sets the title of the window, or "" if it has not changed. */
  #newTitle(): string {
    const { title } = this.#screen;
    if (!this.#setsTitle || title === this.#title) return "";
    this.#title = title;
    return setTitle(title);
  }

  #settleLater(): void {
    this.#cancelSettling();
    this.#cancelSettling = this.#clock.after(SETTLED_MS, () => {
      this.#screen.settle();
      this.#soon(true);
    });
  }

  /** Handles the loss of the terminal by leaving. */
  #lost(): void {
    if (!this.#open) return;
    this.#stop();
    this.#release();
    this.#controls?.leave("now");
  }

  #stop(): void {
    this.#open = false;
    this.#cancelWrite?.();
    for (const cancel of [this.#cancelKeys, this.#cancelSettling, this.#cancelTick]) cancel();
    this.#end();
  }

  #tickLater(): void {
    this.#cancelTick();
    const ms = this.#screen.changesIn;
    if (ms === null || !this.#open) return;
    this.#cancelTick = this.#clock.after(ms, () => {
      this.#screen.tick();
      this.#soon(true);
    });
  }

  #release(): void {
    for (const resolve of this.#drained.splice(0)) resolve();
  }

  readonly #fail = (error: unknown): void => this.#controls?.fail(error);
}
