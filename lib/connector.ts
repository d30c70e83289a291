/** The connector: one end of a conversation, from the first connection to the exit status. */

import type { Clock } from "./clock.ts";
import { Backoff } from "./conversation/backoff.ts";
import { Conversation } from "./conversation/conversation.ts";
import { Errand } from "./conversation/errand.ts";
import { Link } from "./conversation/link.ts";
import { Pulse } from "./conversation/pulse.ts";
import { dial, formatAddress } from "./dial.ts";
import { EXIT, Exit, FrameError } from "./errors.ts";
import { CONNECT_TIMEOUT_MS, MAX_RECEIVED, PLAIN_AFTER_MS } from "./limits.ts";
import { BYE_CODES, type ByeCode } from "./message.ts";
import { decode } from "./pickle/decode.ts";
import { PickleError } from "./pickle/errors.ts";
import type { Value } from "./pickle/values.ts";
import { JsonLines } from "./terminal/json_lines.ts";
import { openScreen } from "./terminal/open_screen.ts";
import { Output, type Sink } from "./terminal/output.ts";
import { Pipe } from "./terminal/pipe.ts";
import { Trace } from "./terminal/trace.ts";
import type { Action, ChatEvent, View } from "./terminal/view.ts";
import { clean } from "./text.ts";

/** What the command line asks of a connector. */
export interface ConnectCommand {
  readonly host: string;
  readonly port: number;
  readonly nick?: string | undefined;
  readonly room?: string | undefined;
  readonly send: readonly Value[];
  readonly receive?: number | undefined;
  readonly last?: number | undefined;
  readonly stats: boolean;
  readonly follow: boolean;
  readonly json: boolean;
  readonly trace: boolean;
  readonly reconnect: boolean;
  readonly color: "auto" | "always" | "never";
  readonly bell: "off" | "mention" | "all";
  readonly plainScreen: boolean;
}

/** The world around a connector. `Deno.stdin`, `Deno.stdout` and `Deno.stderr` fit. */
export interface Io {
  readonly stdin: { readonly readable: ReadableStream<Uint8Array>; isTerminal(): boolean };
  readonly stdout: Sink & { isTerminal(): boolean };
  readonly stderr: Sink & { isTerminal(): boolean };
  /** Gives an environment variable. */
  readonly env: (name: string) => string | undefined;
  /** Aborts at a signal, with the exit status (130 or 143) as the reason: everything ends at once. */
  readonly interrupted: AbortSignal;
  readonly clock: Clock;
  /** Gives so many random bytes. */
  readonly random: (size: number) => Uint8Array;
}

/** How long a goodbye may take, and how long the last output where a signal ends everything. */
const GOODBYE_MS = 1_000;
const LAST_OUTPUT_MS = 250;

/**
 * Connects, talks until there is a reason to leave, and says what went wrong in one line on standard error.
 *
 * @returns The exit status.
 */
export function connect(command: ConnectCommand, io: Io): Promise<number> {
  return new Connector(command, io).run();
}

interface Ending {
  readonly status: number;
  /** What to say on standard error. */
  readonly text?: string | undefined;
}

class Connector {
  readonly #command: ConnectCommand;
  readonly #io: Io;
  readonly #where: string;
  readonly #errand: Errand;
  readonly #view: View;
  readonly #conversation: Conversation;
  readonly #traceOutput: Output | undefined;
  readonly #trace: Trace | undefined;
  readonly #backoff: Backoff;
  /** Calls off a connection that is being made. */
  readonly #over = new AbortController();
  readonly #ended: Promise<Ending>;
  #end!: (ending: Ending) => void;
  #link: Link | null = null;
  #pulse: Pulse | null = null;
  #wake: (() => void) | null = null;
  #retryNow: (() => void) | null = null;
  /** What the view asked to wait for before more is read. */
  #pressure: Promise<void> | null = null;
  #reading = false;
  #inputEnded = false;
  #halfClosed = false;
  #leaving = false;
  #wantsToLeave = false;
  #posted = false;
  /** Why the last connection ended, and why this end gave it up, where it did. */
  #lost = "";
  #gaveUp: string | null = null;
  /** What to call off when all is over. */
  readonly #timers: (() => void)[] = [];
  /** Whether the last connection ended by a fault that the next one may well repeat. */
  #atFault = false;

  constructor(command: ConnectCommand, io: Io) {
    this.#command = command;
    this.#io = io;
    this.#where = formatAddress(command);
    this.#errand = new Errand(command);
    this.#view = openView(command, io, () => this.#end({ status: EXIT.interrupted }));
    this.#traceOutput = command.trace ? new Output(io.stderr) : undefined;
    this.#trace = this.#traceOutput && new Trace(this.#traceOutput);
    this.#backoff = new Backoff(() => io.random(1)[0]! / 255);
    const settled = Promise.withResolvers<Ending>();
    this.#ended = settled.promise;
    this.#end = settled.resolve;
    this.#conversation = new Conversation({
      nick: command.nick,
      room: command.room,
      replay: this.#errand.replay,
      greet: this.#greets,
      client: "chat",
      session: io.random(16).toHex(),
      // Thirteen hexadecimal digits less five are left to count with.
      firstRef: parseInt(io.random(4).toHex(), 16) * 2 ** 20,
    }, { show: (event) => this.#show(event), changed: () => this.#changed() });
  }

  /** Whether it takes the other end for a chat before that has said so. */
  get #greets(): boolean {
    return this.#command.nick !== undefined || this.#command.room !== undefined || this.#errand.needsChat;
  }

  async run(): Promise<number> {
    const { interrupted, stderr } = this.#io;
    const onSignal = () => this.#end({ status: statusOf(interrupted.reason) });
    if (interrupted.aborted) onSignal();
    else interrupted.addEventListener("abort", onSignal, { once: true });
    this.#view.start?.({ leave: (how) => this.#askToLeave(how), retry: () => this.#retryNow?.() });
    this.#view.limitLine?.(this.#conversation.longestText);
    const work = this.#work();
    const pump = this.#pump();
    const failed = (error: unknown) => this.#end(endingOf(error));
    work.catch(failed);
    pump.catch(failed);

    const { status, text } = await this.#ended;
    interrupted.removeEventListener("abort", onSignal);
    this.#over.abort();
    this.#link?.close();
    for (const stop of this.#timers) stop();
    this.#wake?.();
    const closed = this.#closeView();
    if (interrupted.aborted) await this.#within(LAST_OUTPUT_MS, closed);
    else await closed;
    await Promise.allSettled([work, pump]);
    if (text !== undefined) {
      await stderr.write(new TextEncoder().encode(`chat: ${clean(text)}\n`)).catch(() => 0);
    }
    return status;
  }

  async #closeView(): Promise<void> {
    await this.#view.close();
    await this.#traceOutput?.flush().catch(() => {});
  }

  /** Connects and talks, again and again where it may come back. */
  async #work(): Promise<void> {
    let conn = await this.#dial();
    while (conn !== null) {
      const ending = await this.#talk(conn);
      if (ending !== null) return this.#end(ending);
      conn = await this.#comeBack();
    }
  }

  #dial(): Promise<Deno.TcpConn | null> {
    return dial(this.#command, {
      clock: this.#io.clock,
      signal: this.#over.signal,
      waiting: () => this.#show({ kind: "link", state: { is: "connecting", address: this.#where } }),
    });
  }

  /** Waits and tries until there is a connection again, or null where all is over. */
  async #comeBack(): Promise<Deno.TcpConn | null> {
    let reason = this.#lost;
    while (!this.#over.signal.aborted) {
      const retryMs = this.#backoff.next();
      this.#show({ kind: "link", state: { is: "lost", reason, retryMs } });
      await this.#within(retryMs, new Promise<void>((resolve) => this.#retryNow = resolve));
      this.#retryNow = null;
      try {
        return await this.#dial();
      } catch (error) {
        if (!(error instanceof Exit)) throw error;
        reason = error.message;
      }
    }
    return null;
  }

  /** Talks on a connection until it ends. Gives how everything ends, or null where it is to come back. */
  async #talk(conn: Deno.TcpConn): Promise<Ending | null> {
    const { clock } = this.#io;
    const conversation = this.#conversation;
    const link = new Link(conn, { maxPayload: MAX_RECEIVED, trace: this.#trace });
    link.onRoom = () => this.#wake?.();
    this.#link = link;
    if (this.#over.signal.aborted) {
      link.close();
      return null;
    }
    this.#show({ kind: "link", state: { is: "open", address: this.#where } });
    conversation.opened((frame) => link.send(frame));
    const stopWaiting = conversation.greeting
      ? clock.after(CONNECT_TIMEOUT_MS, () => this.#notWelcomed())
      : clock.after(PLAIN_AFTER_MS, () => conversation.silence());
    let broken: unknown = null;
    try {
      await link.run({ payload: (payload) => this.#payload(payload), afterRead: () => this.#afterRead() });
    } catch (error) {
      broken = error;
    }
    stopWaiting();
    this.#pulse?.stop();
    this.#pulse = null;
    link.close();
    this.#link = null;
    const { farewell } = conversation;
    conversation.closed();
    return this.#whatNow(broken, farewell);
  }

  #payload(payload: Uint8Array): boolean | Promise<boolean> {
    if (this.#leaving) return true;
    this.#reading = true;
    try {
      this.#conversation.receive(decode(payload));
    } catch (error) {
      if (!(error instanceof PickleError)) throw error;
      this.#conversation.silence();
      this.#show({ kind: "problem", code: "bad-pickle", text: error.message });
    } finally {
      this.#reading = false;
    }
    const goesOn = this.#conversation.farewell === undefined && !this.#over.signal.aborted;
    if (this.#pressure === null) return goesOn;
    return this.#pressure.then(() => goesOn);
  }

  async #afterRead(): Promise<void> {
    this.#pulse?.heard();
    await this.#flush();
    await this.#traceOutput?.flush();
  }

  /** Decides what the end of a connection means. */
  #whatNow(broken: unknown, farewell: Conversation["farewell"]): Ending | null {
    const conversation = this.#conversation;
    if (this.#over.signal.aborted) return null;
    if (this.#leaving) return this.#success();
    if (farewell !== undefined) {
      const does = Object.hasOwn(BYE_CODES, farewell.code)
        ? BYE_CODES[farewell.code as ByeCode]
        : "reconnect";
      const text = `${this.#where} closed the connection: ${farewell.text} (${farewell.code})`;
      if (does === "refused") return { status: EXIT.refused, text };
      if (does === "lost") return { status: EXIT.lost, text };
      this.#atFault = farewell.code === "bad-header" || farewell.code === "too-large";
      this.#lost = text;
    } else if (this.#gaveUp !== null) {
      this.#lost = this.#gaveUp;
      this.#gaveUp = null;
    } else {
      this.#atFault = broken instanceof FrameError && broken.code !== "cut";
      this.#lost = whyLost(this.#where, broken, conversation.mode === undefined && !conversation.wasChat);
    }
    if (!conversation.wasChat) {
      const met = this.#errand.onlySends ? this.#inputEnded : !this.#errand.isDefinite || this.#errand.done;
      if (broken === null && met && conversation.mode === "plain") return this.#success();
      if (broken === null && met && !this.#greets) return this.#success();
      return { status: EXIT.lost, text: this.#lost };
    }
    if (this.#inputEnded && conversation.settled && !this.#errand.stays) return this.#success();
    if (!this.#command.reconnect || this.#errand.isDefinite) return { status: EXIT.lost, text: this.#lost };
    return null;
  }

  /** Takes the actions one by one, each when there is room for it. */
  async #pump(): Promise<void> {
    const actions = this.#errand.actions;
    const next = actions === null ? () => this.#view.next() : () => Promise.resolve(actions.shift() ?? null);
    for (;;) {
      await this.#room();
      if (this.#over.signal.aborted) return;
      const action: Action | null = await next();
      if (this.#over.signal.aborted || this.#leaving) return;
      if (action === null) break;
      this.#posted = true;
      this.#conversation.act(action);
    }
    this.#inputEnded = true;
    this.#changed();
  }

  async #room(): Promise<void> {
    while (!this.#over.signal.aborted) {
      if (this.#conversation.hasRoom && (this.#link?.hasRoom ?? true)) return;
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  #show(event: ChatEvent): void {
    if (event.kind === "link" && event.state.is === "ready" && event.state.mode === "chat") this.#entered();
    if (this.#leaving || this.#over.signal.aborted) return;
    if (this.#errand.wants(event)) this.#toView(event);
    if (this.#errand.done) this.#changed();
  }

  #toView(event: ChatEvent): void {
    const pressure = this.#view.show(event);
    if (pressure) {
      const waiting = pressure.catch((error) => this.#outputFailed(error))
        .finally(() => this.#pressure = this.#pressure === waiting ? null : this.#pressure);
      this.#pressure = waiting;
    }
    if (!this.#reading) this.#flush();
  }

  async #flush(): Promise<void> {
    try {
      await this.#view.flush();
    } catch (error) {
      this.#outputFailed(error);
    }
  }

  /** Takes that a chat has let this end in. */
  #entered(): void {
    if (!this.#atFault) this.#backoff.reset();
    this.#atFault = false;
    this.#view.limitLine?.(this.#conversation.longestText);
    this.#pulse ??= new Pulse(this.#io.clock, {
      ask: () => this.#conversation.ping(),
      lost: () => this.#giveUp("there is no sign of life"),
    });
  }

  #giveUp(why: string): void {
    this.#gaveUp = `${why} from ${this.#where}`;
    this.#link?.close();
  }

  #outputFailed(error: unknown): void {
    // Whoever read the output has seen enough.
    if (error instanceof Deno.errors.BrokenPipe) this.#end({ status: EXIT.done });
    else this.#end({ status: EXIT.failed, text: `cannot write the output: ${messageOf(error)}` });
  }

  #notWelcomed(): void {
    if (this.#conversation.mode !== undefined) return;
    const text = `${this.#where} does not say welcome: perhaps it is no chat`;
    if (this.#conversation.wasChat) this.#giveUp("there was no welcome");
    else if (this.#errand.isDefinite) this.#end({ status: EXIT.lost, text });
    else this.#show({ kind: "problem", text: `${text}; connect without --nick and --room to talk plainly` });
  }

  /** Looks whether it is time to leave. */
  #changed(): void {
    this.#wake?.();
    this.#wake = null;
    const conversation = this.#conversation;
    if (this.#leaving || this.#over.signal.aborted) return;
    if (conversation.turnedAway !== undefined) {
      return this.#end({
        status: EXIT.failed,
        text: `the listener refuses the name: ${conversation.turnedAway}`,
      });
    }
    const { done, stays } = this.#errand;
    if (this.#inputEnded && conversation.mode === "plain") this.#halfClose();
    else if (this.#inputEnded && !stays && conversation.settled) this.#leave();
    if (this.#wantsToLeave && conversation.settled || done) this.#leave();
  }

  /** Ends this direction of a plain conversation; the other one is read to its end. */
  #halfClose(): void {
    if (this.#halfClosed || this.#command.follow || this.#errand.stays && !this.#posted) return;
    this.#halfClosed = true;
    this.#link?.finish().then(() => {
      if (this.#errand.onlySends) this.#endAfterGoodbye();
    });
  }

  #askToLeave(how: "acked" | "now"): void {
    if (how === "now" || this.#wantsToLeave) return this.#end(this.#success());
    this.#wantsToLeave = true;
    this.#changed();
  }

  /** Says goodbye: ends this direction, and waits a little for the other end to do so too. */
  #leave(): void {
    if (this.#leaving) return;
    this.#leaving = true;
    if (this.#link === null || this.#conversation.mode === "plain" && !this.#posted) {
      return this.#end(this.#success());
    }
    this.#link.finish();
    this.#endAfterGoodbye();
  }

  #endAfterGoodbye(): void {
    this.#timers.push(this.#io.clock.after(GOODBYE_MS, () => this.#end(this.#success())));
  }

  #success(): Ending {
    const failed = this.#conversation.refused > 0 && !this.#io.stdin.isTerminal();
    return { status: failed ? EXIT.failed : EXIT.done };
  }

  /** Waits for a promise, and no longer than so many milliseconds, and no longer than all goes on. */
  async #within(ms: number, promise: Promise<void>): Promise<void> {
    const time = Promise.withResolvers<void>();
    const stop = this.#io.clock.after(ms, time.resolve);
    const over = this.#over.signal;
    if (!over.aborted) over.addEventListener("abort", () => time.resolve(), { once: true });
    await Promise.race([time.promise, promise]);
    stop();
  }
}

/** Picks what shows the conversation: the screen where a person sits at it, else lines. */
function openView(command: ConnectCommand, io: Io, interrupt: () => void): View {
  const { stdin, stdout, stderr, env } = io;
  const { color, bell, plainScreen, json, send, receive, last, stats, trace } = command;
  const typed = stdin.isTerminal();
  const errand = send.length > 0 || receive !== undefined || last !== undefined || stats;
  if (typed && stdout.isTerminal() && !json && !errand) {
    // A trace is lines on the same terminal, which would tear a screen that draws.
    const lines = plainScreen || trace;
    return openScreen({
      color,
      bell,
      plainScreen: lines,
      input: stdin.readable,
      output: stdout,
      env,
      interrupt,
    });
  }
  const streams = { input: stdin.readable, output: stdout, errors: stderr };
  return json ? new JsonLines(streams) : new Pipe({ ...streams, typed });
}

function whyLost(where: string, broken: unknown, first: boolean): string {
  if (broken === null) return `${where} ended the connection`;
  if (!(broken instanceof FrameError)) return `the connection to ${where} broke: ${messageOf(broken)}`;
  if (broken.code === "cut") return `${where} is gone in the middle of an object`;
  return `${where} sends no frames: ${broken.message}${first ? "; is that the right port?" : ""}`;
}

function statusOf(reason: unknown): number {
  return typeof reason === "number" ? reason : EXIT.interrupted;
}

function endingOf(error: unknown): Ending {
  if (error instanceof Exit) return { status: error.status, text: error.message };
  return { status: EXIT.failed, text: messageOf(error) };
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/ \(os error \d+\)$/, "");
}
