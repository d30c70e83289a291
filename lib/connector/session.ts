/** A session: what survives the loss of a connection. It calls, talks, comes back, and leaves when all is done. */

import { Dialer } from "./dialer.ts";
import type { ConnectCommand } from "../cli/mod.ts";
import type { Clock } from "../base/clock.ts";
import { Conversation } from "../conversation/conversation.ts";
import { afterLoss, nextStep, type Standing } from "../conversation/departure.ts";
import {
  type Loss,
  lossByBye,
  lossByEnd,
  lossByUselessness,
  type Outcome,
  outcomeOf,
} from "../conversation/outcome.ts";
import { OneShot } from "../conversation/one_shot.ts";
import { Goodbye } from "../conversation/goodbye.ts";
import { LastWait } from "../conversation/last_wait.ts";
import { Link } from "../conversation/link.ts";
import { Pump } from "../conversation/pump.ts";
import { Talk } from "../conversation/talk.ts";
import { formatEndpoint } from "../base/address.ts";
import { EXIT, Exit, isSystemError, messageOf } from "../base/errors.ts";
import { MAX_RECEIVED } from "../base/limits.ts";
import { Output, type Sink } from "../view/output.ts";
import { PacedView } from "../view/paced_view.ts";
import { Trace } from "../view/trace.ts";
import type { Action, ChatEvent, View } from "../view/view.ts";

/** What a session needs of the world. */
export interface SessionWorld {
  /** Whether somebody sits at the input: they see what is refused, and it is no failure. */
  readonly stdin: { isTerminal(): boolean };
  /** Where a trace goes. */
  readonly stderr: Sink;
  readonly clock: Clock;
  /** Gives so many random bytes. */
  readonly random: (size: number) => Uint8Array;
}

/** One session, shown by a view. */
export class Session {
  readonly #command: ConnectCommand;
  readonly #world: SessionWorld;
  readonly #where: string;
  readonly #oneShot: OneShot;
  readonly #view: View;
  readonly #paced: PacedView;
  readonly #conversation: Conversation;
  readonly #pump: Pump;
  readonly #dialer: Dialer;
  readonly #trace: Output | undefined;
  readonly #lastWait: LastWait;
  readonly #goodbye: Goodbye;
  readonly #ending = Promise.withResolvers<Outcome>();
  /** Calls off whatever is under way, once all is over. */
  readonly #over = new AbortController();
  #work: Promise<void> = Promise.resolve();
  #link: Link | null = null;
  #talk: Talk | null = null;
  #wantsToLeave = false;
  /** Why this end gave the connection up, where it did. */
  #gaveUp: Loss | null = null;

  constructor(command: ConnectCommand, world: SessionWorld, view: View) {
    const { clock, random } = world;
    this.#command = command;
    this.#world = world;
    this.#view = view;
    this.#where = formatEndpoint(command);
    this.#oneShot = new OneShot(command);
    this.#trace = command.trace ? new Output(world.stderr) : undefined;
    this.#paced = new PacedView(view, {
      wants: (event) => !this.#isDeaf && this.#oneShot.wants(event),
      failed: (error) => this.#outputFailed(error),
    });
    this.#conversation = new Conversation({
      nick: command.nick,
      room: command.room,
      replay: this.#oneShot.replay,
      greet: this.#greets,
      client: "chat",
      session: random(16).toHex(),
      // Of the 53 bits that an int may have, 20 are left to count with.
      firstRef: parseInt(random(4).toHex(), 16) * 2 ** 20,
    }, { show: (event) => this.#show(event), changed: () => this.#changed() });
    const { actions } = this.#oneShot;
    this.#pump = new Pump({
      next: () => actions === null ? this.#nextOfView() : Promise.resolve(actions.shift() ?? null),
      hasRoom: () => this.#conversation.hasRoom && (this.#link?.hasRoom ?? true),
      isOver: () => this.#isDeaf,
      act: (action) => this.#conversation.act(action),
    });
    this.#dialer = new Dialer(command, {
      clock,
      random: () => random(1)[0]! / 255,
      signal: this.#over.signal,
      told: (state) => this.#show({ kind: "link", state }),
    });
    this.#goodbye = new Goodbye({
      clock,
      link: () => this.#link,
      onlySends: this.#oneShot.onlySends,
      over: () => this.end(this.#success()),
    });
    this.#lastWait = new LastWait(clock, {
      where: this.#where,
      conversation: this.#conversation,
      link: () => this.#link,
      awaitsAnswers: () => this.#wantsToLeave || this.#pump.ended && !this.#oneShot.stays,
      awaitsEnd: () => this.#goodbye.isHalfClosed,
      awaitsWrites: () => this.#wantsToLeave || this.#goodbye.isUnderWay || this.#oneShot.onlySends,
      lost: (text) => this.end({ status: EXIT.lost, text }),
    });
  }

  /** How it ended: resolves once it is over, whatever is still to be put away. */
  get ended(): Promise<Outcome> {
    return this.#ending.promise;
  }

  /** Begins to call, and to take what there is to do. */
  begin(): void {
    const fault = (error: unknown) => this.end(outcomeOf(error));
    this.#view.limitLine?.(this.#conversation.longestText);
    this.#work = this.#callAndTalk().catch(fault);
    this.#pump.run().then(() => this.#changed()).catch(fault);
  }

  /** Ends it, with how the first call says. */
  end(ending: Outcome): void {
    this.#ending.resolve(ending);
  }

  /** Calls off whatever is under way; resolves when nothing is any more. */
  async stop(): Promise<void> {
    this.#over.abort();
    this.#talk?.end();
    this.#pump.wake();
    this.#lastWait.stop();
    this.#goodbye.stop();
    await this.#work;
    await this.#trace?.flush().catch(() => {});
  }

  /** Leaves: once all is answered, or at once. Asked again, at once. */
  leave(how: "acked" | "now"): void {
    if (how === "now" || this.#wantsToLeave) return this.end(this.#success());
    this.#wantsToLeave = true;
    this.#changed();
    const { unanswered } = this.#conversation;
    if (this.#isDeaf || unanswered === 0) return;
    const text = `waiting until ${unanswered} of what you sent is answered; once more leaves at once`;
    this.#show({ kind: "note", text });
  }

  /** Calls at once, where it waits to call again. */
  retry(): void {
    this.#dialer.retryNow();
  }

  /** Whether it takes the other end for a chat before that has said so. */
  get #greets(): boolean {
    return this.#command.nick !== undefined || this.#command.room !== undefined || this.#oneShot.needsChat;
  }

  /** Whether what comes and what is to be done is of no interest any more. */
  get #isDeaf(): boolean {
    return this.#goodbye.isUnderWay || this.#over.signal.aborted;
  }

  get #standing(): Standing {
    const { mode, wasChat, settled } = this.#conversation;
    const { ended: inputEnded, took } = this.#pump;
    const wantsToLeave = this.#wantsToLeave;
    return { oneShot: this.#oneShot, mode, wasChat, settled, inputEnded, took, wantsToLeave };
  }

  /** Connects and talks, again and again where it may come back. */
  async #callAndTalk(): Promise<void> {
    let conn = await this.#dialer.call();
    while (conn !== null) {
      if (this.#over.signal.aborted) return conn.close();
      const loss = await this.#talkOn(conn);
      const ending = this.#goodbye.isUnderWay ? this.#success() : this.#endingBy(loss);
      if (ending !== null) return this.end(ending);
      conn = await this.#dialer.callAgain(loss.text);
    }
  }

  /** Talks on a connection until it ends, and tells why it did. */
  async #talkOn(conn: Deno.TcpConn): Promise<Loss & { readonly clean: boolean }> {
    const conversation = this.#conversation;
    const trace = this.#trace && new Trace(this.#trace);
    const link = this.#link = new Link(conn, { maxPayload: MAX_RECEIVED, trace });
    link.onRoom = () => this.#pump.wake();
    this.#talk = new Talk(link, {
      conversation,
      paced: this.#paced,
      clock: this.#world.clock,
      trace: this.#trace,
      isDeaf: () => this.#isDeaf,
      waiting: () => this.#show({ kind: "link", state: { is: "greeting", address: this.#where } }),
      useless: (how) => {
        this.#gaveUp = lossByUselessness(this.#where, how, conversation);
        link.close();
      },
    });
    this.#show({ kind: "link", state: { is: "open", address: this.#where } });
    const broken = await this.#talk.run();
    this.#link = this.#talk = null;
    const { farewell, mode, wasChat } = conversation;
    const gaveUp = this.#gaveUp;
    this.#gaveUp = null;
    const loss = farewell !== undefined
      ? lossByBye(this.#where, farewell)
      : gaveUp ?? lossByEnd(this.#where, broken, { unknown: mode === undefined && !wasChat });
    if (mode === "chat" && !loss.mayRepeat) this.#dialer.succeeded();
    conversation.closed();
    return { ...loss, clean: broken === null && farewell === undefined && gaveUp === null };
  }

  /** Decides what the loss of a connection means: an ending, or null to come back. */
  #endingBy(loss: Loss & { readonly clean: boolean }): Outcome | null {
    const { clean, status, text } = loss;
    const { reconnect } = this.#command;
    const meaning = afterLoss(loss, this.#standing, { clean, greets: this.#greets, reconnect });
    if (meaning === "come back") return null;
    return meaning === "done" ? this.#success() : { status, text };
  }

  async #nextOfView(): Promise<Action | null> {
    try {
      return await this.#view.next();
    } catch (error) {
      if (!isSystemError(error)) throw error;
      throw new Exit(EXIT.failed, `cannot read the input: ${messageOf(error)}`, { cause: error });
    }
  }

  #show(event: ChatEvent): void {
    // Each listener has a limit of its own.
    if (event.kind === "link" && event.state.is === "ready") {
      this.#view.limitLine?.(this.#conversation.longestText);
    }
    this.#paced.show(event);
    if (this.#oneShot.done) this.#changed();
  }

  #outputFailed(error: unknown): void {
    // Whoever read the output has seen enough.
    if (error instanceof Deno.errors.BrokenPipe) this.end({ status: EXIT.done });
    else if (!isSystemError(error)) this.end(outcomeOf(error));
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
    if (step === "leave") {
      this.#goodbye.say({ isPlain: this.#conversation.mode === "plain", saidAnything: this.#pump.took });
      this.#pump.wake();
    } else if (step === "half-close") this.#goodbye.halfClose();
    else if (step === "fail") {
      this.end({ status: EXIT.failed, text: `${this.#where} does not answer what was asked` });
    }
  }

  #success(): Outcome {
    const failed = this.#conversation.refused > 0 && !this.#world.stdin.isTerminal();
    return { status: failed ? EXIT.failed : EXIT.done };
  }
}
