/** The thin part of the screen: raw mode, keys, sizes, and when to write. */

import { isOfTheSystem } from "../conversation/ending.ts";
import { readKeys } from "./keyboard.ts";
import { type Bell, NOT_SENT } from "./narrator.ts";
import type { Typed } from "./paste.ts";
import { Screen } from "./screen.ts";
import { Style } from "./style.ts";
import type { Action, ChatEvent, Controls, View } from "./view.ts";

/** How the screen is to be. */
export interface TerminalOptions {
  readonly colour: boolean;
  readonly bell: Bell;
  /** Gives what the terminal sends. It is asked for once the first prompt stands. */
  readonly input: () => ReadableStream<Uint8Array>;
  /** Is called where Ctrl-C was pressed twice: the program ends with status 130. */
  readonly interrupt: () => void;
  /** Whether the terminal wraps its rows anew when it is made narrower; almost all do, the Linux console does not. */
  readonly reflows?: boolean;
}

/** Above this many UTF-16 code units that wait, nothing more is to be read. */
const HIGH_WATER = 1 << 18;
/** Above this many the next write need not wait for more. */
const MUCH = 1 << 14;
/** How long after a write the next may begin, but for what was typed: a person sees no more. */
const FRAME_MS = 16;

/** Windows stops no program, and tells of no size: it is seen at the next write. */
const HAS_SIGNALS = Deno.build.os !== "windows";

/** How long after Ctrl-Z the program is stopped or will not be: where nobody controls jobs, nothing comes of it. */
const STOPPED_MS = 100;

const BRACKETED_PASTE = "\x1b[?2004h";
/** Brings back whatever a crash may have left: pasting, wrapping, the end of an update. */
const RESTORE = "\x1b[?2004l\x1b[?7h\x1b[?2026l";

/** The screen on the terminal that standard input and output are. */
export class Terminal implements View {
  readonly #screen: Screen;
  readonly #input: () => ReadableStream<Uint8Array>;
  readonly #encoder = new TextEncoder();
  readonly #actions: Action[] = [];
  #wanted: ((action: Action | null) => void) | null = null;
  #controls: Controls | null = null;
  #writing: Promise<void> | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** What was asked for while a write was under way. */
  #next: "urgent" | "later" | undefined;
  #wrote = -Infinity;
  #drained: (() => void)[] = [];
  #open = false;
  #ended = false;
  /** Whether the terminal is in raw mode by this program, and whether it is the shell's for now. */
  #taken = false;
  #away = false;

  constructor(options: TerminalOptions) {
    this.#input = options.input;
    this.#screen = new Screen({
      ...sizeOfTerminal(),
      style: new Style(options.colour),
      bell: options.bell,
      now: Date.now,
      ...(options.reflows === undefined ? {} : { reflows: options.reflows }),
      hooks: {
        act: (action) => this.#act(action),
        leave: () => {
          this.#end();
          this.#controls?.leave("acked");
        },
        interrupt: options.interrupt,
        retry: () => this.#controls?.retry(),
      },
    });
  }

  start(controls: Controls): void {
    this.#controls = controls;
    this.#open = true;
    this.#takeTerminal();
    this.#listen(true);
    this.#soon(true);
    // The first prompt goes before: it does not need to know of keys.
    this.#writing?.then(() => this.#open ? readKeys(this.#input(), this.#onKey) : undefined)
      .catch((error) => isOfTheSystem(error) ? undefined : this.#fail(error))
      .then(this.#end);
  }

  show(event: ChatEvent): Promise<void> | void {
    this.#screen.show(event);
    this.#soon(false);
    if (this.#screen.pending > HIGH_WATER) return this.flush();
  }

  flush(): Promise<void> {
    // Lines that will be seen within a frame are as good as written; only a slow terminal holds up the other end.
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
    this.#open = false;
    clearTimeout(this.#timer);
    this.#end();
    await this.#writing;
    this.#writing = this.#write(this.#screen.end()).catch(() => {});
    await this.#writing;
    this.#writing = null;
    this.#leaveTerminal();
    this.#listen(false);
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
    if (!this.#open || this.#away) return;
    if ("name" in typed && typed.name === "C-z") return this.#stop();
    this.#screen.type(typed);
    this.#soon(true);
  };

  readonly #onSize = (): void => this.#soon(true);

  /** Gives the terminal back and stops the program, as Ctrl-Z does anywhere. */
  #stop(): void {
    if (!HAS_SIGNALS) return;
    this.#away = true;
    const stopped = async () => {
      await this.#writing;
      if (!this.#open) return;
      this.#leaveTerminal(this.#screen.end());
      Deno.kill(Deno.pid, "SIGTSTP");
      // Here it is stopped. Twice, so that the signal by which it goes on is seen first where it came.
      await sleep(STOPPED_MS);
      await sleep(STOPPED_MS);
      if (this.#away) this.#onReturn();
    };
    stopped().catch(this.#fail);
  }

  /** Takes the terminal again: a shell has used it since, and left it as shells do. */
  readonly #onReturn = (): void => {
    if (!this.#open) return;
    this.#away = false;
    try {
      this.#takeTerminal();
    } catch {
      return this.#lost();
    }
    this.#screen.resume();
    this.#soon(true);
  };

  #measure(): void {
    const { columns, rows } = sizeOfTerminal();
    this.#screen.resize(columns, rows);
  }

  /** Writes at once what was typed, and everything else at most once a frame. */
  #soon(urgent: boolean): void {
    if (!this.#open || this.#away) return;
    if (this.#writing !== null) {
      this.#next = urgent ? "urgent" : this.#next ?? "later";
      return;
    }
    const wait = urgent ? 0 : this.#wrote + FRAME_MS - performance.now();
    if (wait <= 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      // What else comes in this turn is written with it.
      this.#writing = Promise.resolve().then(() => this.#writeOne()).catch(this.#fail);
      return;
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#soon(true);
    }, wait);
  }

  async #writeOne(): Promise<void> {
    this.#next = undefined;
    // The signal may be late: what is drawn for another width would leave a copy behind.
    this.#measure();
    const text = this.#screen.take();
    try {
      await this.#write(text);
    } catch {
      this.#lost();
    }
    this.#wrote = performance.now();
    this.#writing = null;
    const { pending } = this.#screen;
    if (pending <= HIGH_WATER) this.#release();
    // Much that waits goes on at once; a little waits for the next frame, to be written with what comes until then.
    if (this.#next !== undefined || pending > 0) this.#soon(this.#next === "urgent" || pending > MUCH);
  }

  /** The terminal is gone: what remains is to leave. */
  #lost(): void {
    if (!this.#open) return;
    this.#open = false;
    clearTimeout(this.#timer);
    this.#end();
    this.#release();
    this.#controls?.leave("now");
  }

  async #write(text: string): Promise<void> {
    const bytes = this.#encoder.encode(text);
    for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
  }

  #release(): void {
    for (const resolve of this.#drained.splice(0)) resolve();
  }

  #takeTerminal(): void {
    this.#taken = true;
    Deno.stdin.setRaw(true);
    writeAllSync(this.#encoder.encode(BRACKETED_PASTE));
  }

  /** Leaves the terminal as it was found. Where there is none any more there is nothing to bring back. */
  #leaveTerminal(last = ""): void {
    if (!this.#taken) return;
    this.#taken = false;
    try {
      Deno.stdin.setRaw(false);
      // A terminal that takes nothing would hold up the exit for ever.
      if (this.#writing === null) writeAllSync(this.#encoder.encode(last + RESTORE));
    } catch {
      // It is gone.
    }
  }

  /** Does so on the way out of a crash. */
  readonly #restore = (): void => {
    this.#open = false;
    if (this.#taken) this.#leaveTerminal(this.#screen.end());
  };

  readonly #fail = (error: unknown): void => this.#controls?.fail(error);

  #listen(on: boolean): void {
    const forEvent = on ? addEventListener : removeEventListener;
    for (const event of ["error", "unhandledrejection", "unload"]) forEvent(event, this.#restore);
    if (!HAS_SIGNALS) return;
    const forSignal = on ? Deno.addSignalListener : Deno.removeSignalListener;
    forSignal("SIGWINCH", this.#onSize);
    forSignal("SIGCONT", this.#onReturn);
  }
}

function sizeOfTerminal(): { columns: number; rows: number } {
  try {
    const { columns, rows } = Deno.consoleSize();
    if (columns > 0 && rows > 0) return { columns, rows };
  } catch {
    // Some terminals do not tell.
  }
  return { columns: 80, rows: 24 };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function writeAllSync(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}
