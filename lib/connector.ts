/** The connector: one end of a conversation, from the first connection to the exit status. */

import type { ConnectCommand } from "./cli.ts";
import type { Clock } from "./clock.ts";
import { Backoff } from "./conversation/backoff.ts";
import { Conversation } from "./conversation/conversation.ts";
import { type Ending, endingOf, type Loss, lossByBye, lossByEnd, messageOf } from "./conversation/ending.ts";
import { Errand } from "./conversation/errand.ts";
import { Link } from "./conversation/link.ts";
import { Talk } from "./conversation/talk.ts";
import { dial, formatAddress } from "./dial.ts";
import { EXIT, Exit } from "./errors.ts";
import { MAX_RECEIVED } from "./limits.ts";
import { Output, type Sink } from "./terminal/output.ts";
import { Stage } from "./terminal/stage.ts";
import { Trace } from "./terminal/trace.ts";
import type { Action, ChatEvent, View } from "./terminal/view.ts";
import { clean } from "./text.ts";

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
export async function connect(command: ConnectCommand, io: Io): Promise<number> {
  const interrupted = Promise.withResolvers<Ending>();
  const view = await openView(command, io, () => interrupted.resolve({ status: EXIT.interrupted }));
  const connector = new Connector(command, io, view);
  interrupted.promise.then((ending) => connector.end(ending));
  return await connector.run();
}

/** Picks what shows the conversation: the screen where a person sits at it, else lines. What is not picked is not loaded. */
async function openView(command: ConnectCommand, io: Io, interrupt: () => void): Promise<View> {
  const { stdin, stdout, stderr, env } = io;
  const { color, bell, plainScreen, json, send, receive, last, stats, trace } = command;
  const typed = stdin.isTerminal();
  const streams = { input: stdin.readable, output: stdout, errors: stderr };
  if (json) return new (await import("./terminal/json_lines.ts")).JsonLines(streams);
  const errand = send.length > 0 || receive !== undefined || last !== undefined || stats;
  if (!typed || !stdout.isTerminal() || errand) {
    return new (await import("./terminal/pipe.ts")).Pipe({ ...streams, typed });
  }
  const { openScreen } = await import("./terminal/open_screen.ts");
  return openScreen({
    color,
    bell,
    // A trace is lines on the same terminal, which would tear a screen that draws.
    plainScreen: plainScreen || trace,
    input: stdin.readable,
    output: stdout,
    env,
    interrupt,
  });
}

class Connector {
  readonly #command: ConnectCommand;
  readonly #io: Io;
  readonly #where: string;
  readonly #errand: Errand;
  readonly #view: View;
  readonly #stage: Stage;
  readonly #conversation: Conversation;
  readonly #trace: Output | undefined;
  readonly #backoff: Backoff;
  readonly #ended: Promise<Ending>;
  /** Ends everything, with how the first call says. */
  readonly end: (ending: Ending) => void;
  /** Calls off whatever is under way, once all is over. */
  readonly #over = new AbortController();
  #link: Link | null = null;
  #talk: Talk | null = null;
  #wake: (() => void) | null = null;
  #retryNow: (() => void) | null = null;
  /** Whether the view is asked for an action right now, whether it has no more, and whether there was any. */
  #isAsking = false;
  #inputEnded = false;
  #posted = false;
  #halfClosed = false;
  #wantsToLeave = false;
  #leaving = false;
  /** Why the last connection is no more, and why this end gave it up, where it did. */
  #loss: Loss | null = null;
  #gaveUp: string | null = null;
  #stopGoodbye: (() => void) | null = null;

  constructor(command: ConnectCommand, io: Io, view: View) {
    this.#command = command;
    this.#io = io;
    this.#view = view;
    this.#where = formatAddress(command);
    this.#errand = new Errand(command);
    this.#trace = command.trace ? new Output(io.stderr) : undefined;
    this.#backoff = new Backoff(() => io.random(1)[0]! / 255);
    const settled = Promise.withResolvers<Ending>();
    this.#ended = settled.promise;
    this.end = settled.resolve;
    this.#stage = new Stage(view, {
      wants: (event) => !this.#isDeaf && this.#errand.wants(event),
      failed: (error) => this.#outputFailed(error),
    });
    this.#conversation = new Conversation({
      nick: command.nick,
      room: command.room,
      replay: this.#errand.replay,
      greet: this.#greets,
      client: "chat",
      session: io.random(16).toHex(),
      // Of the 53 bits that an int may have, 20 are left to count with.
      firstRef: parseInt(io.random(4).toHex(), 16) * 2 ** 20,
    }, { show: (event) => this.#show(event), changed: () => this.#changed() });
  }

  /** Whether it takes the other end for a chat before that has said so. */
  get #greets(): boolean {
    return this.#command.nick !== undefined || this.#command.room !== undefined || this.#errand.needsChat;
  }

  get #isDeaf(): boolean {
    return this.#leaving || this.#over.signal.aborted;
  }

  async run(): Promise<number> {
    const { interrupted, stderr } = this.#io;
    const onSignal = () => {
      const { reason } = interrupted;
      this.end({ status: typeof reason === "number" ? reason : EXIT.interrupted });
    };
    if (interrupted.aborted) onSignal();
    else interrupted.addEventListener("abort", onSignal, { once: true });
    this.#view.start?.({
      leave: (how) => this.#askToLeave(how),
      retry: () => this.#retryNow?.(),
      fail: (error) => this.end(endingOf(error)),
    });
    this.#view.limitLine?.(this.#conversation.longestText);
    const work = this.#work().catch((error) => this.end(endingOf(error)));
    const pump = this.#pump().catch((error) => this.end(endingOf(error)));

    const { status, text } = await this.#ended;
    interrupted.removeEventListener("abort", onSignal);
    this.#over.abort();
    this.#link?.close();
    this.#stopGoodbye?.();
    this.#wake?.();
    // Output that nobody reads must not hold up who wants it to end at once.
    const closed = this.#close().then(() => Promise.all([work, pump]));
    if (interrupted.aborted) await this.#within(LAST_OUTPUT_MS, closed);
    else await closed;
    if (text !== undefined) {
      await stderr.write(new TextEncoder().encode(`chat: ${clean(text)}\n`)).catch(() => 0);
    }
    return status;
  }

  async #close(): Promise<void> {
    await this.#view.close();
    await this.#trace?.flush().catch(() => {});
  }

  /** Connects and talks, again and again where it may come back. */
  async #work(): Promise<void> {
    let conn = await this.#dial();
    while (conn !== null) {
      const ending = await this.#talkOn(conn);
      if (ending !== null) return this.end(ending);
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
    let reason = this.#loss?.text ?? "";
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
  async #talkOn(conn: Deno.TcpConn): Promise<Ending | null> {
    const conversation = this.#conversation;
    const trace = this.#trace && new Trace(this.#trace);
    const link = this.#link = new Link(conn, { maxPayload: MAX_RECEIVED, trace });
    link.onRoom = () => this.#wake?.();
    this.#talk = new Talk(link, {
      conversation,
      stage: this.#stage,
      clock: this.#io.clock,
      trace: this.#trace,
      isDeaf: () => this.#isDeaf,
      unwelcome: () => this.#unwelcome(),
      lifeless: () => this.#giveUp(`there is no sign of life from ${this.#where}`),
    });
    this.#show({ kind: "link", state: { is: "open", address: this.#where } });
    const broken = await this.#talk.run();
    this.#link = this.#talk = null;
    const unknown = conversation.mode === undefined && !conversation.wasChat;
    const { farewell } = conversation;
    const ended = lossByEnd(this.#where, broken, { unknown });
    this.#loss = farewell === undefined ? ended : lossByBye(this.#where, farewell);
    if (this.#gaveUp !== null) this.#loss = { ...ended, text: this.#gaveUp };
    this.#gaveUp = null;
    conversation.closed();
    return this.#whatNow(this.#loss, broken === null && farewell === undefined);
  }

  /** Decides what the loss of a connection means: an ending, or null to come back. */
  #whatNow({ text, status, mayReturn }: Loss, clean: boolean): Ending | null {
    if (this.#leaving) return this.#success();
    const { onlySends, isDefinite, done, stays } = this.#errand;
    const { wasChat, settled, mode } = this.#conversation;
    if (!wasChat) {
      const met = onlySends ? this.#inputEnded : !isDefinite || done;
      return clean && met && (mode === "plain" || !this.#greets) ? this.#success() : { status, text };
    }
    if (mayReturn && this.#inputEnded && settled && !stays) return this.#success();
    return mayReturn && this.#command.reconnect && !isDefinite ? null : { status, text };
  }

  /** Takes the actions one by one, each when there is room for it. */
  async #pump(): Promise<void> {
    const actions = this.#errand.actions;
    const next = actions === null ? () => this.#view.next() : () => Promise.resolve(actions.shift() ?? null);
    for (;;) {
      await this.#room();
      if (this.#isDeaf) return;
      this.#isAsking = true;
      const action: Action | null = await next();
      this.#isAsking = false;
      if (this.#isDeaf) return;
      if (action === null) break;
      this.#posted = true;
      this.#conversation.act(action);
    }
    this.#inputEnded = true;
    this.#changed();
  }

  async #room(): Promise<void> {
    while (!this.#isDeaf && !(this.#conversation.hasRoom && (this.#link?.hasRoom ?? true))) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  #show(event: ChatEvent): void {
    if (event.kind === "link" && event.state.is === "ready" && event.state.mode === "chat") this.#entered();
    this.#stage.show(event);
    if (this.#errand.done) this.#changed();
  }

  /** Takes that a chat has let this end in. */
  #entered(): void {
    if (!this.#loss?.mayRepeat) this.#backoff.reset();
    this.#view.limitLine?.(this.#conversation.longestText);
    this.#talk?.watch();
  }

  #giveUp(why: string): void {
    this.#gaveUp = why;
    this.#link?.close();
  }

  #unwelcome(): void {
    const text = `${this.#where} does not say welcome: perhaps it is no chat`;
    if (this.#conversation.wasChat || this.#errand.isDefinite) return this.#giveUp(text);
    this.#show({ kind: "problem", text: `${text}; connect without --nick and --room to talk plainly` });
  }

  #outputFailed(error: unknown): void {
    // Whoever read the output has seen enough.
    if (error instanceof Deno.errors.BrokenPipe) this.end({ status: EXIT.done });
    else this.end({ status: EXIT.failed, text: `cannot write the output: ${messageOf(error)}` });
  }

  /** Looks whether it is time to leave. */
  #changed(): void {
    this.#wake?.();
    if (this.#isDeaf) return;
    const { turnedAway, mode, settled, wasChat } = this.#conversation;
    const { done, stays } = this.#errand;
    if (turnedAway !== undefined) {
      return this.end({ status: EXIT.failed, text: `the listener refuses the name: ${turnedAway}` });
    }
    if (this.#inputEnded && mode === "plain") this.#halfClose();
    // Who wants to leave has said all once nothing is left to be taken.
    const saidAll = this.#inputEnded || this.#isAsking || mode === undefined && !wasChat;
    if (done || this.#wantsToLeave && saidAll && settled) this.#leave();
    else if (this.#inputEnded && mode !== "plain" && !stays && settled) this.#leave();
  }

  /** Ends this direction of a plain conversation; the other one is read to its end. */
  #halfClose(): void {
    if (this.#halfClosed || this.#command.follow || this.#errand.stays && !this.#posted) return;
    this.#halfClosed = true;
    this.#link?.finish().then(() => this.#errand.onlySends && this.#endSoon());
  }

  #askToLeave(how: "acked" | "now"): void {
    if (how === "now" || this.#wantsToLeave) return this.end(this.#success());
    this.#wantsToLeave = true;
    this.#changed();
  }

  /** Says goodbye: ends this direction, and waits a little for the other end to do so too. */
  #leave(): void {
    this.#leaving = true;
    this.#wake?.();
    const link = this.#link;
    if (link === null || this.#conversation.mode === "plain" && !this.#posted) {
      return this.end(this.#success());
    }
    link.finish();
    this.#endSoon();
  }

  #endSoon(): void {
    this.#stopGoodbye ??= this.#io.clock.after(GOODBYE_MS, () => this.end(this.#success()));
  }

  #success(): Ending {
    const failed = this.#conversation.refused > 0 && !this.#io.stdin.isTerminal();
    return { status: failed ? EXIT.failed : EXIT.done };
  }

  /** Waits for a promise, and no longer than so many milliseconds, and no longer than all goes on. */
  async #within(ms: number, promise: Promise<unknown>): Promise<void> {
    const time = Promise.withResolvers<void>();
    const stop = this.#io.clock.after(ms, time.resolve);
    const over = this.#over.signal;
    if (!over.aborted) over.addEventListener("abort", () => time.resolve(), { once: true });
    await Promise.race([time.promise, promise]);
    stop();
  }
}
