/**
 * A session: the run of a connector over one or more connections. It dials, talks, reconnects, and leaves when
 * everything is done.
 */

import type { ConnectCommand } from "../cli/mod.ts";
import { formatTime } from "../cli/units.ts";
import type { Clock } from "../base/clock.ts";
import { Client, type ClientOwner } from "../conversation/client.ts";
import { Departure } from "../conversation/departure.ts";
import { OneShot } from "../conversation/one_shot.ts";
import {
  type Loss,
  lossByBye,
  lossByEnd,
  lossByUselessness,
  type Outcome,
  outcomeOf,
  outcomeOfOutput,
} from "../conversation/outcome.ts";
import { formatEndpoint } from "../base/address.ts";
import { EXIT, Exit, isSystemError, messageOf } from "../base/errors.ts";
import type { ListenerMessage } from "../protocol/message.ts";
import { Output, type Sink } from "../view/output.ts";
import type { Value } from "../pickle/values/values.ts";
import type { Action, ChatEvent, View } from "../view/view.ts";
import { Dialer } from "./dialer.ts";
import { Lines } from "./lines.ts";
import type { Line } from "../private/access.ts";
import { HandshakeError } from "../private/handshake_error.ts";

/** The command of a session, after the sources of its posts have been read. */
export type SessionCommand = Omit<ConnectCommand, "send"> & { readonly send: readonly Value[] };

type Bye = Extract<ListenerMessage, { type: "bye" }>;

/** The streams and the environment of a session. */
export interface SessionWorld {
  /** Whether a person sits at the input. They see refusals, so a refusal does not count as a failure. */
  readonly stdin: { isTerminal(): boolean };
  /** The output for a trace. */
  readonly stderr: Sink & { isTerminal?(): boolean };
  readonly clock: Clock;
  /** Returns the given number of random bytes. */
  readonly random: (size: number) => Uint8Array;
  /** Returns an environment variable. */
  readonly env: (name: string) => string | undefined;
}

/** One session, shown by a view. */
export class Session implements ClientOwner {
  readonly #command: SessionCommand;
  readonly #world: SessionWorld;
  readonly #view: View;
  readonly #oneShot: OneShot;
  /** The actions in place of the input, or null where the input is read. */
  readonly #actions: Action[] | null;
  readonly #trace: Output | undefined;
  readonly #client: Client;
  readonly #dialer: Dialer;
  readonly #lines: Lines;
  readonly #departure: Departure;
  readonly #outcome = Promise.withResolvers<Outcome>();
  /** Aborts dialling, once all is over. */
  readonly #over = new AbortController();
  #work: Promise<void> = Promise.resolve();
  #isEnding = false;
  #stopTimeout = () => {};
  /** The reason why the input could not be read, if so. */
  #inputError: string | undefined;

  constructor(command: SessionCommand, world: SessionWorld, view: View) {
    const { clock, random } = world;
    const { nick, room, greet, trace, reconnect } = command;
    this.#command = command;
    this.#world = world;
    this.#view = view;
    const isPipe = !world.stdin.isTerminal();
    const oneShot = this.#oneShot = new OneShot({ ...command, isPipe });
    this.#actions = oneShot.actions;
    this.#trace = trace ? new Output(world.stderr) : undefined;
    const greets = greet || oneShot.needsChat || oneShot.addressesPerson;
    this.#client = new Client({
      view,
      clock,
      trace: this.#trace,
      conversation: {
        nick,
        room,
        replay: oneShot.replay,
        quiet: oneShot.isQuiet,
        greet: greets,
        client: "chat",
        session: random(16).toHex(),
        // An int may have 53 bits. 20 of them are left for counting.
        firstRef: parseInt(random(4).toHex(), 16) * 2 ** 20,
      },
    }, this);
    this.#dialer = new Dialer(command.hosts, {
      clock,
      random: () => random(1)[0]! / 255,
      signal: this.#over.signal,
      told: (state) => this.#client.show({ kind: "link", state }),
    });
    this.#lines = new Lines(command, {
      clock,
      random,
      env: world.env,
      ask: (refusal) => this.#askForCode(refusal),
      redial: () => this.#dialer.again(),
    });
    this.#departure = new Departure({
      clock,
      client: this.#client,
      oneShot,
      where: () => this.#where,
      reconnect,
      success: () => this.#success(),
      end: (outcome) => this.end(outcome),
    });
  }

  /** The address of the host that was dialled last. */
  get #where(): string {
    return formatEndpoint(this.#dialer.host);
  }

  /** Resolves with the outcome. Call {@linkcode Session.stop} after that. */
  get ended(): Promise<Outcome> {
    return this.#outcome.promise;
  }

  /** Starts dialling and taking actions. */
  begin(): void {
    const { timeout } = this.#command;
    if (timeout !== undefined) {
      const text = `timed out after ${formatTime(timeout)} (--timeout)`;
      this.#stopTimeout = this.#world.clock.after(timeout, () => this.end({ status: EXIT.lost, text }));
    }
    const failed = (error: unknown) => this.end(outcomeOf(error));
    this.#work = this.#dialAndTalk().catch(failed);
    this.#client.begin(failed);
  }

  /**
   * Ends the session. The outcome of the first call counts. If it has a text, the text also names the posts that were
   * not sent.
   */
  end(outcome: Outcome): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#client.finish();
    if (outcome.text === undefined) return this.#outcome.resolve(outcome);
    this.#client.unsent({ mayHaveRead: false }).then((unsent) => {
      this.#outcome.resolve(withUnsent(outcome, unsent));
    });
  }

  /** Stops everything that is under way; resolves when it has stopped. */
  async stop(): Promise<void> {
    this.#over.abort();
    this.#client.finish();
    this.#client.close();
    this.#departure.stop();
    this.#stopTimeout();
    await this.#work;
    await this.#trace?.flush().catch(() => {});
  }

  /** Leaves when everything is answered, or at once. A second call leaves at once. */
  leave(how: "acked" | "now"): void {
    this.#departure.leave(how);
  }

  /** Dials at once if it is waiting to dial again. */
  retry(): void {
    this.#dialer.retryNow();
  }

  wants(event: ChatEvent): boolean {
    return this.#oneShot.wants(event);
  }

  shown(): void {
    if (this.#oneShot.mayBeDone) this.#departure.review();
  }

  async next(): Promise<Action | null> {
    if (this.#actions !== null) return this.#actions.shift() ?? null;
    try {
      return await this.#view.next();
    } catch (error) {
      if (!isSystemError(error)) throw error;
      if (this.#mayLackInput && !(error instanceof Deno.errors.IsADirectory)) return null;
      this.#inputError = `cannot read the input: ${messageOf(error)}`;
      // Lines that were read before the failure are still sent.
      this.#departure.leave("acked");
      return null;
    }
  }

  /**
   * Whether an input that cannot be read counts as empty, because the connector does not need it to post. `nohup`, for
   * example, opens a write-only /dev/null for a program in the background.
   */
  get #mayLackInput(): boolean {
    const { json } = this.#command;
    return !this.#client.input.took && (json !== false || this.#oneShot.stays);
  }

  changed(): void {
    this.#departure.review();
  }

  outputFailed(error: unknown): void {
    const { unacked } = this.#client.conversation.posts;
    const outcome = outcomeOfOutput(error);
    const isFailure = outcome.status !== EXIT.done || unacked.count === 0;
    this.end(isFailure ? outcome : { status: EXIT.failed, text: "the output was closed" });
  }

  greetingTakesLong(): void {
    this.#client.show({ kind: "link", state: { is: "greeting", address: this.#where } });
  }

  /** Connects and talks, repeatedly if it may reconnect. */
  async #dialAndTalk(): Promise<void> {
    let conn = await this.#dialer.dial();
    while (conn !== null) {
      if (this.#over.signal.aborted) return conn.close();
      const loss = await this.#talkOn(conn);
      if (loss === "called off") return this.end({ status: EXIT.done });
      if (loss === "with a code") {
        conn = await this.#dialer.again();
        continue;
      }
      const outcome = this.#departure.afterLoss(loss);
      if (outcome !== null && !this.#mayEnterElsewhere(loss, outcome)) {
        return await this.#endAfter(loss, outcome);
      }
      const { wasChat } = this.#client.conversation;
      conn = await (wasChat ? this.#dialer.redial(loss.text) : this.#dialer.dial(loss.text));
    }
  }

  /** Whether another host, not tried yet, may let this end in after one has refused it. */
  #mayEnterElsewhere(loss: Loss, { status }: Outcome): boolean {
    if (status === EXIT.done || !this.#dialer.hasOther) return false;
    return loss.mayEnterElsewhere === true || loss.mayReturn && !this.#client.conversation.wasChat;
  }

  /** Asks for the code of a private chat, if a person sits at the input and the input is not in use. */
  async #askForCode(refusal?: string): Promise<string | null> {
    const { json } = this.#command;
    if (this.#client.input.isAsking) {
      throw new Exit(EXIT.refused, `${this.#where} is a private chat: connect again with --private`);
    }
    const { askForCode } = await import("./ask_for_code.ts");
    const hasPerson = this.#world.stdin.isTerminal() && this.#actions === null && !json;
    return await askForCode(this.#where, { view: this.#view, hasPerson, refusal });
  }

  /** Ends the session after a loss. For a plain peer that is no failure, if everything was sent. */
  async #endAfter({ text, status }: Loss, outcome: Outcome): Promise<void> {
    if (outcome.status !== EXIT.done || this.#client.isFinished) return this.end(outcome);
    this.#isEnding = true;
    this.#client.finish();
    const unsent = await this.#client.unsent({ mayHaveRead: true });
    this.#outcome.resolve(unsent === "" ? outcome : withUnsent({ text, status }, unsent));
  }

  /** Talks on a connection until it ends, and returns the reason. */
  async #talkOn(conn: Deno.TcpConn): Promise<Loss | "called off" | "with a code"> {
    const { conversation } = this.#client;
    let line: Line | null;
    try {
      line = await this.#lines.open(conn, this.#dialer.host);
    } catch (error) {
      if (!(error instanceof HandshakeError)) throw error;
      return { text: error.message, status: EXIT.lost, mayReturn: true, isClean: false, mayRepeat: true };
    }
    if (line === null) return "called off";
    const isPrivate = line.credentials !== undefined;
    this.#client.show({ kind: "link", state: { is: "open", address: this.#where, isPrivate } });
    const { broken, gaveUp, head } = await this.#client.talk(line.duplex, line.credentials);
    if (broken instanceof Exit) throw broken;
    const { farewell, mode, wasChat, peer, greeting } = conversation;
    const next = farewell === undefined || wasChat ? "none" : await this.#afterRefusal(line, farewell);
    if (next !== "none") {
      conversation.closed();
      return next;
    }
    const loss = farewell !== undefined
      ? lossByBye(this.#where, farewell)
      : gaveUp !== null
      ? lossByUselessness(this.#where, gaveUp, { wasChat: wasChat || this.#command.hosts.length > 1 })
      : lossByEnd(this.#where, { broken, head, peer, greeting });
    if (mode === "chat" && !loss.mayRepeat) this.#dialer.succeeded();
    conversation.closed();
    return loss;
  }

  /** Finds a code if the listener's bye asks for one. */
  async #afterRefusal(
    line: Line,
    { code, text, certificate }: Bye,
  ): Promise<"with a code" | "called off" | "none"> {
    if (line.credentials === undefined) {
      if (certificate === undefined) return "none";
      return await this.#lines.learn(certificate, this.#dialer.host) ? "with a code" : "called off";
    }
    const next = code === "not-allowed" ? await this.#lines.replaceKey(text, this.#dialer.host) : "none";
    return next === "replaced" ? "with a code" : next;
  }

  #success(): Outcome {
    if (this.#inputError !== undefined) return { status: EXIT.failed, text: this.#inputError };
    const { posts, plain } = this.#client.conversation;
    const failed = plain.isUnreadable || posts.refused > 0 && !this.#world.stdin.isTerminal();
    return { status: failed ? EXIT.failed : EXIT.done };
  }
}

function withUnsent(outcome: Outcome, unsent: string): Outcome {
  return unsent === "" ? outcome : { ...outcome, text: `${outcome.text}; ${unsent}` };
}
