/** The thin part of the screen: raw mode, keys, sizes, and when to write. */

import process from "node:process";
import { emitKeypressEvents } from "node:readline";
import type { DecodedKey } from "./key.ts";
import type { Bell } from "./narrator.ts";
import { PasteReader } from "./paste.ts";
import { Screen } from "./screen.ts";
import { Style } from "./style.ts";
import type { Action, ChatEvent, Controls, View } from "./view.ts";

/** How the screen is to be. */
export interface TerminalOptions {
  readonly colour: boolean;
  readonly bell: Bell;
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

const BRACKETED_PASTE = "\x1b[?2004h";
/** Brings back whatever a crash may have left: pasting, wrapping, the end of an update. */
const RESTORE = "\x1b[?2004l\x1b[?7h\x1b[?2026l";

/** The screen on the terminal that standard input and output are. */
export class Terminal implements View {
  readonly #screen: Screen;
  readonly #paste = new PasteReader();
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

  constructor(options: TerminalOptions) {
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
    emitKeypressEvents(process.stdin);
    process.stdin.setRawMode(true);
    process.stdin.on("keypress", this.#onKey);
    process.stdin.on("end", this.#end);
    process.stdin.resume();
    listenForSize("addSignalListener", this.#onSize);
    listenForReturn("addSignalListener", this.#onReturn);
    for (const event of ["error", "unhandledrejection", "unload"]) addEventListener(event, this.#restore);
    writeAllSync(this.#encoder.encode(BRACKETED_PASTE));
    this.#soon(true);
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
    if (!this.#open) return;
    this.#open = false;
    clearTimeout(this.#timer);
    this.#end();
    await this.#writing?.catch(() => {});
    await this.#write(this.#screen.end()).catch(() => {});
    this.#leaveTerminal();
    this.#release();
  }

  #act(action: Action): void {
    if (this.#wanted === null) return void this.#actions.push(action);
    this.#wanted(action);
    this.#wanted = null;
  }

  readonly #end = (): void => {
    this.#ended = true;
    this.#wanted?.(null);
    this.#wanted = null;
  };

  readonly #onKey = (_text: string | undefined, key: DecodedKey): void => {
    const typed = this.#paste.take(key);
    if (typed === null || !this.#open) return;
    this.#screen.type(typed);
    this.#soon(true);
  };

  readonly #onSize = (): void => {
    this.#measure();
    this.#soon(true);
  };

  /** A shell that stopped it has used the terminal since, and left it as shells do. */
  readonly #onReturn = (): void => {
    try {
      process.stdin.setRawMode(true);
      writeAllSync(this.#encoder.encode(BRACKETED_PASTE));
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
    if (!this.#open) return;
    if (this.#writing !== null) {
      this.#next = urgent ? "urgent" : this.#next ?? "later";
      return;
    }
    const wait = urgent ? 0 : this.#wrote + FRAME_MS - performance.now();
    if (wait <= 0) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      // What else comes in this turn is written with it.
      this.#writing = Promise.resolve().then(() => this.#writeOne());
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
    try {
      await this.#write(this.#screen.take());
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
    this.#detach();
    this.#controls?.leave("now");
  }

  async #write(text: string): Promise<void> {
    const bytes = this.#encoder.encode(text);
    for (let at = 0; at < bytes.length;) at += await Deno.stdout.write(bytes.subarray(at));
  }

  #release(): void {
    for (const resolve of this.#drained.splice(0)) resolve();
  }

  #leaveTerminal(): void {
    this.#detach();
    try {
      writeAllSync(this.#encoder.encode(RESTORE));
      process.stdin.setRawMode(false);
    } catch {
      // Where there is no terminal any more there is nothing to bring back.
    }
  }

  /** Listens to nothing more. */
  #detach(): void {
    process.stdin.off("keypress", this.#onKey);
    process.stdin.off("end", this.#end);
    process.stdin.pause();
    listenForSize("removeSignalListener", this.#onSize);
    listenForReturn("removeSignalListener", this.#onReturn);
    for (const event of ["error", "unhandledrejection", "unload"]) removeEventListener(event, this.#restore);
  }

  /** Leaves the terminal as it was found, on the way out of a crash. */
  readonly #restore = (): void => {
    if (!this.#open) return;
    this.#open = false;
    try {
      writeAllSync(this.#encoder.encode(this.#screen.end()));
    } catch {
      // Nobody sees it any more.
    }
    this.#leaveTerminal();
  };
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

function listenForSize(how: "addSignalListener" | "removeSignalListener", listener: () => void): void {
  if (Deno.build.os !== "windows") return Deno[how]("SIGWINCH", listener);
  process.stdout[how === "addSignalListener" ? "on" : "off"]("resize", listener);
}

function listenForReturn(how: "addSignalListener" | "removeSignalListener", listener: () => void): void {
  if (Deno.build.os !== "windows") Deno[how]("SIGCONT", listener);
}

function writeAllSync(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}
