/** The connector: one end of a conversation, from the first connection to the exit status. */

import type { ConnectCommand } from "./cli.ts";
import type { Clock } from "./clock.ts";
import { Caller } from "./caller.ts";
import { Conversation } from "./conversation/conversation.ts";
import { afterLoss, nextStep, type Standing } from "./conversation/departure.ts";
import {
  type Ending,
  endingOf,
  isOfTheSystem,
  type Loss,
  lossByBye,
  lossByEnd,
  lossByUselessness,
  messageOf,
} from "./conversation/ending.ts";
import { Errand } from "./conversation/errand.ts";
import { Link } from "./conversation/link.ts";
import { Patience } from "./conversation/patience.ts";
import { Pump } from "./conversation/pump.ts";
import { Talk } from "./conversation/talk.ts";
import { formatAddress } from "./dial.ts";
import { EXIT, Exit } from "./errors.ts";
import { LAST_ANSWERS_MS, LAST_WRITE_MS, MAX_RECEIVED, PLAIN_SILENCE_MS } from "./limits.ts";
import { openView } from "./terminal/open_view.ts";
import { Output, type Sink } from "./terminal/output.ts";
import { Stage } from "./terminal/stage.ts";
import { Trace } from "./terminal/trace.ts";
import type { ChatEvent, View } from "./terminal/view.ts";
import { clean } from "./text.ts";

/** The world around a connector. `Deno.stdin`, `Deno.stdout` and `Deno.stderr` fit. */
export interface Io {
  readonly stdin: { readonly readable: ReadableStream<Uint8Array>; isTerminal(): boolean };
  readonly stdout: Sink & { isTerminal(): boolean };
  readonly stderr: Sink & { isTerminal(): boolean };
  /** Gives an environment variable. */
  readonly env: (name: string) => string | undefined;
  /**
   * Ends everything at once: at a signal, with the exit status (130 or 143) as the reason, or at a fault that nobody
   * caught, with the error.
   */
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
  const view = await openView(command, {
    ...io,
    interrupt: () => interrupted.resolve({ status: EXIT.interrupted }),
  });
  const connector = new Connector(command, io, view);
  interrupted.promise.then((ending) => connector.end(ending));
  return await connector.run();
}

/** One end of a conversation, with what shows it. */
export class Connector {
  readonly #command: ConnectCommand;
  readonly #io: Io;
  readonly #where: string;
  readonly #errand: Errand;
  readonly #view: View;
  readonly #stage: Stage;
  readonly #conversation: Conversation;
  readonly #pump: Pump;
  readonly #caller: Caller;
  readonly #trace: Output | undefined;
  readonly #ended: Promise<Ending>;
  /** Ends everything, with how the first call says. */
  readonly end: (ending: Ending) => void;
  /** Calls off whatever is under way, once all is over. */
  readonly #over = new AbortController();
  #link: Link | null = null;
  #talk: Talk | null = null;
  #wantsToLeave = false;
  /** Whether the goodbye is under way, and whether this direction of a plain conversation has ended. */
  #leaving = false;
  #halfClosed = false;
  /** Why the last connection is no more, and why this end gave it up, where it did. */
  #loss: Loss | null = null;
  #gaveUp: Loss | null = null;
  /** What is to be called off at the end. */
  readonly #watches: { stop(): void }[] = [];

  constructor(command: ConnectCommand, io: Io, view: View) {
    this.#command = command;
    this.#io = io;
    this.#view = view;
    this.#where = formatAddress(command);
    this.#errand = new Errand(command);
    this.#trace = command.trace ? new Output(io.stderr) : undefined;
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
    const { actions } = this.#errand;
    this.#pump = new Pump({
      next: () => actions === null ? this.#nextOfView() : Promise.resolve(actions.shift() ?? null),
      hasRoom: () => this.#conversation.hasRoom && (this.#link?.hasRoom ?? true),
      isOver: () => this.#isDeaf,
      act: (action) => this.#conversation.act(action),
    });
    this.#caller = new Caller(command, {
      clock: io.clock,
      random: () => io.random(1)[0]! / 255,
      signal: this.#over.signal,
      told: (state) => this.#show({ kind: "link", state }),
    });
  }

  /** Whether it takes the other end for a chat before that has said so. */
  get #greets(): boolean {
    return this.#command.nick !== undefined || this.#command.room !== undefined || this.#errand.needsChat;
  }

  get #isDeaf(): boolean {
    return this.#leaving || this.#over.signal.aborted;
  }

  get #standing(): Standing {
    const { mode, wasChat, settled } = this.#conversation;
    const { ended: inputEnded, took } = this.#pump;
    const wantsToLeave = this.#wantsToLeave;
    return { errand: this.#errand, mode, wasChat, settled, inputEnded, took, wantsToLeave };
  }

  /**
   * Runs to the end, and leaves everything as it was found.
   *
   * @returns The exit status.
   */
  async run(): Promise<number> {
    const { interrupted } = this.#io;
    const interrupt = Promise.withResolvers<void>();
    const onInterrupted = () => {
      const { reason } = interrupted;
      this.end(typeof reason === "number" ? { status: reason } : endingOf(reason));
      this.#watches.push({ stop: this.#io.clock.after(LAST_OUTPUT_MS, interrupt.resolve) });
    };
    if (interrupted.aborted) onInterrupted();
    else interrupted.addEventListener("abort", onInterrupted, { once: true });
    this.#view.start?.({
      leave: (how) => this.#askToLeave(how),
      retry: () => this.#caller.retryNow(),
      fail: (error) => this.end(endingOf(error)),
    });
    this.#view.limitLine?.(this.#conversation.longestText);
    this.#watch();
    const fault = (error: unknown) => this.end(endingOf(error));
    const work = this.#work().catch(fault);
    this.#pump.run().then(() => this.#changed()).catch(fault);

    const ending = await this.#ended;
    this.#over.abort();
    this.#talk?.end();
    this.#pump.wake();
    // Output that nobody reads must not hold up who wants it to end at once.
    await Promise.race([interrupt.promise, this.#close(ending).then(() => work)]);
    interrupted.removeEventListener("abort", onInterrupted);
    for (const watch of this.#watches) watch.stop();
    return typeof interrupted.reason === "number" ? interrupted.reason : ending.status;
  }

  /** Leaves everything as it was found, and then says what went wrong. */
  async #close({ text }: Ending): Promise<void> {
    await this.#view.close();
    await this.#trace?.flush().catch(() => {});
    if (text === undefined) return;
    const line = new Output(this.#io.stderr);
    line.line(`chat: ${clean(text)}`);
    await line.flush().catch(() => {});
  }

  /** Connects and talks, again and again where it may come back. */
  async #work(): Promise<void> {
    let conn = await this.#caller.call();
    while (conn !== null) {
      const ending = await this.#talkOn(conn);
      if (ending !== null) return this.end(ending);
      conn = await this.#caller.callAgain(this.#loss?.text ?? "");
    }
  }

  /** Talks on a connection until it ends. Gives how everything ends, or null where it is to come back. */
  async #talkOn(conn: Deno.TcpConn): Promise<Ending | null> {
    const conversation = this.#conversation;
    const trace = this.#trace && new Trace(this.#trace);
    const link = this.#link = new Link(conn, { maxPayload: MAX_RECEIVED, trace });
    link.onRoom = () => this.#pump.wake();
    this.#talk = new Talk(link, {
      conversation,
      stage: this.#stage,
      clock: this.#io.clock,
      trace: this.#trace,
      isDeaf: () => this.#isDeaf,
      useless: (how) => {
        this.#gaveUp = lossByUselessness(this.#where, how);
        link.close();
      },
    });
    this.#show({ kind: "link", state: { is: "open", address: this.#where } });
    const broken = await this.#talk.run();
    this.#link = this.#talk = null;
    const { farewell, mode, wasChat } = conversation;
    this.#loss = farewell !== undefined
      ? lossByBye(this.#where, farewell)
      : this.#gaveUp ?? lossByEnd(this.#where, broken, { unknown: mode === undefined && !wasChat });
    const clean = broken === null && farewell === undefined && this.#gaveUp === null;
    this.#gaveUp = null;
    if (mode === "chat" && !this.#loss.mayRepeat) this.#caller.succeeded();
    conversation.closed();
    return this.#whatNow(this.#loss, clean);
  }

  /** Decides what the loss of a connection means: an ending, or null to come back. */
  #whatNow(loss: Loss, clean: boolean): Ending | null {
    if (this.#leaving) return this.#success();
    const { reconnect } = this.#command;
    const meaning = afterLoss(loss, this.#standing, { clean, greets: this.#greets, reconnect });
    if (meaning === "come back") return null;
    return meaning === "done" ? this.#success() : { status: loss.status, text: loss.text };
  }

  async #nextOfView() {
    try {
      return await this.#view.next();
    } catch (error) {
      if (!isOfTheSystem(error)) throw error;
      throw new Exit(EXIT.failed, `cannot read the input: ${messageOf(error)}`, { cause: error });
    }
  }

  #show(event: ChatEvent): void {
    if (event.kind === "link" && event.state.is === "ready" && event.state.mode === "chat") this.#entered();
    this.#stage.show(event);
    if (this.#errand.done) this.#changed();
  }

  /** Takes that a chat has let this end in. */
  #entered(): void {
    this.#view.limitLine?.(this.#conversation.longestText);
  }

  /** Watches over what might never come once this end is to leave. */
  #watch(): void {
    const { clock } = this.#io;
    const where = this.#where;
    const lost = (text: string) => this.end({ status: EXIT.lost, text });
    const conversation = this.#conversation;
    this.#watches.push(
      new Patience(clock, {
        ms: LAST_ANSWERS_MS,
        mark: () => {
          const isToLeave = this.#wantsToLeave || this.#pump.ended && !this.#errand.stays;
          return isToLeave && !conversation.settled ? conversation.answers : null;
        },
        lost: () => {
          const { unanswered } = conversation;
          lost(
            `${where} answers nothing: ${
              unanswered === 1 ? "1 post was" : `${unanswered} posts were`
            } not acked`,
          );
        },
      }),
      new Patience(clock, {
        ms: PLAIN_SILENCE_MS,
        mark: () => this.#halfClosed && this.#link?.isReading ? this.#link.taken : null,
        lost: () => lost(`${where} neither says anything nor ends the connection, though all was sent`),
      }),
      new Patience(clock, {
        ms: LAST_WRITE_MS,
        mark: () =>
          this.#wantsToLeave || this.#leaving || this.#errand.onlySends ? this.#link?.writing ?? null : null,
        lost: () => lost(`${where} takes nothing more, and not all was sent`),
      }),
    );
  }

  #outputFailed(error: unknown): void {
    // Whoever read the output has seen enough.
    if (error instanceof Deno.errors.BrokenPipe) this.end({ status: EXIT.done });
    else if (!isOfTheSystem(error)) this.end(endingOf(error));
    else this.end({ status: EXIT.failed, text: `cannot write the output: ${messageOf(error)}` });
  }

  /** Looks whether it is time to leave. */
  #changed(): void {
    this.#pump.wake();
    if (this.#isDeaf) return;
    const { turnedAway } = this.#conversation;
    if (turnedAway !== undefined) {
      return this.end({ status: EXIT.failed, text: `the listener refuses the name: ${turnedAway}` });
    }
    const step = nextStep(this.#standing);
    if (step === "leave") this.#leave();
    else if (step === "half-close") this.#halfClose();
    else if (step === "fail") {
      this.end({ status: EXIT.failed, text: `${this.#where} does not answer what was asked` });
    }
  }

  /** Ends this direction of a plain conversation; the other one is read to its end. */
  #halfClose(): void {
    if (this.#halfClosed) return;
    this.#halfClosed = true;
    this.#link?.finish().then(() => this.#errand.onlySends && this.#endSoon());
  }

  #askToLeave(how: "acked" | "now"): void {
    if (how === "now" || this.#wantsToLeave) return this.end(this.#success());
    this.#wantsToLeave = true;
    this.#changed();
    const { unanswered } = this.#conversation;
    if (this.#isDeaf || unanswered === 0) return;
    const text = `waiting until ${unanswered} of what you sent is answered; once more leaves at once`;
    this.#show({ kind: "note", text });
  }

  /** Says goodbye: ends this direction, and waits a little for the other end to do so too. */
  #leave(): void {
    this.#leaving = true;
    this.#pump.wake();
    const link = this.#link;
    const isPlain = this.#conversation.mode === "plain";
    if (link === null || isPlain && !this.#pump.took) return this.end(this.#success());
    const finished = link.finish();
    // A chat has acked everything; elsewhere it may still be on its way.
    if (isPlain) finished.then(() => this.#endSoon());
    else this.#endSoon();
  }

  #endSoon(): void {
    this.#watches.push({ stop: this.#io.clock.after(GOODBYE_MS, () => this.end(this.#success())) });
  }

  #success(): Ending {
    const failed = this.#conversation.refused > 0 && !this.#io.stdin.isTerminal();
    return { status: failed ? EXIT.failed : EXIT.done };
  }
}
