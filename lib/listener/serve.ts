/** `chat --serve`, from the first address to the exit status: the listener, its log, and the operator at its terminal. */

import type { ServeCommand } from "../cli/mod.ts";
import type { Clock } from "../base/clock.ts";
import type { Duplex } from "../connection/duplex.ts";
import { EXIT } from "../base/errors.ts";
import { serve, TERMINAL } from "../listener.ts";
import { type Log, type LogEvent, logLine, logText } from "../log/log.ts";
import { patientLog } from "../log/lines.ts";
import { Output, type Sink } from "../view/output.ts";
import type { View } from "../view/view.ts";

/** The world around a listener. `Deno.stdin`, `Deno.stdout` and `Deno.stderr` fit. */
export interface ListenerIo {
  readonly stdin: { readonly readable: ReadableStream<Uint8Array>; isTerminal(): boolean };
  readonly stdout: Sink & { isTerminal(): boolean };
  readonly stderr: Sink & { isTerminal(): boolean };
  /** Gives an environment variable. */
  readonly env: (name: string) => string | undefined;
  /** Ends the listener: a signal aborts it from outside, and the operator who leaves from inside. */
  readonly ending: AbortController;
  readonly clock: Clock;
  /** Gives so many random bytes. */
  readonly random: (size: number) => Uint8Array;
  readonly version: string;
}

/** What the operator at the terminal is called; they may rename themselves. */
const OPERATOR = "operator";

/** How long the last lines of the log may take. */
const LAST_OUTPUT_MS = 250;

/** Of 32 letters and digits that nobody takes for another: five bits each. */
const TOKEN_DIGITS = "abcdefghijkmnpqrstuvwxyz23456789";
const TOKEN_LENGTH = 16;

/**
 * Runs a listener until it is ended. Where a person sits at its terminal, and `--quiet` was not given, they are its
 * operator, at the screen that a connector has; otherwise it says what happens on standard error.
 *
 * @returns The exit status.
 * @throws {Exit} Where it cannot listen, or cannot open its history.
 */
export async function runListener(command: ServeCommand, io: ListenerIo): Promise<number> {
  const { stdin, stdout, env, ending } = io;
  const errors = new Output(io.stderr);
  let status: number = EXIT.done;
  const attended = !command.quiet && stdin.isTerminal() && stdout.isTerminal();
  const desk = !attended ? undefined : await Desk.open(io, () => {
    status = EXIT.interrupted;
    ending.abort();
  });
  const log = logTo(errors, { command, io, desk });
  const given = env("CHAT_OPERATOR_TOKEN") || undefined;
  // One that is made up is of use only where somebody is told of it, and a log is no place for that.
  const operatorToken = given ?? (desk && makeToken(io.random));
  try {
    await serve({
      ...command,
      version: io.version,
      operatorToken,
      log,
      signal: ending.signal,
      onListening: () => desk?.welcome(given === undefined ? operatorToken : undefined),
      ...(desk === undefined ? {} : { seat: (duplex: Duplex) => desk.seat(duplex, { io, log }) }),
    });
  } finally {
    await lastLines(errors, io.clock);
  }
  return status;
}

/** Writes the log where it is read: at the operator's screen, and on standard error unless that is the same terminal. */
function logTo(errors: Output, { command, io, desk }: Logging): Log {
  const lineOf = (event: LogEvent) =>
    logLine(event, { json: command.logJson, time: new Date(io.clock.now()) });
  const isTorn = desk !== undefined && io.stderr.isTerminal();
  const written = patientLog((event) => {
    const full = errors.line(lineOf(event));
    const flush = () => void errors.flush().catch(() => {});
    // The first line below a screen comes when that is erased.
    if (isTorn) desk.gone.then(flush);
    else flush();
    return full;
  });
  if (desk === undefined) return written;
  const noted = patientLog((event) => desk.note(command.logJson ? lineOf(event) : logText(event)));
  return (event) => {
    if (desk.isOpen && isNews(event)) noted(event);
    if (!desk.isOpen || !isTorn) written(event);
  };
}

interface Logging {
  readonly command: ServeCommand;
  readonly io: ListenerIo;
  readonly desk: Desk | undefined;
}

/** Whether an event tells the operator something: what they did themselves, and who has not said a word yet, does not. */
function isNews(event: LogEvent): boolean {
  return event.event !== "accepted" && !("address" in event && event.address === TERMINAL);
}

/** The operator's place: a view, and whether it is there. */
class Desk {
  readonly #view: View;
  readonly #gone = Promise.withResolvers<void>();
  isOpen = true;

  private constructor(view: View) {
    this.#view = view;
  }

  /** Opens a screen on the terminal; it is left as it is until the operator is seated. */
  static async open({ stdin, stdout, env }: ListenerIo, interrupt: () => void): Promise<Desk> {
    const { openScreen } = await import("../terminal/open_screen.ts");
    return new Desk(
      await openScreen({
        color: "auto",
        bell: "mention",
        plainScreen: false,
        input: stdin.readable,
        output: stdout,
        env,
        interrupt,
      }),
    );
  }

  /** Resolves when it is not there any more, and nothing of it is left on the terminal. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  /** Shows a line above the one that is typed. */
  note(text: string): Promise<void> | void {
    const full = this.#view.show({ kind: "note", text });
    this.#view.flush().catch(() => {});
    return full;
  }

  /** Tells the operator what they are and, where nobody but the listener knows the token, what that is. */
  welcome(token: string | undefined): void {
    this.note("you are the operator: /help shows what you can do, /quit ends the chat");
    this.note(
      token === undefined
        ? "another operator is who types /op and the token of CHAT_OPERATOR_TOKEN"
        : `another operator is who types /op ${token}`,
    );
  }

  /** Seats the operator. Their leaving ends the listener; the loss of the terminal does not. */
  async seat(duplex: Duplex, { io, log }: { io: ListenerIo; log: Log }): Promise<void> {
    const { clock, random, ending, stdin } = io;
    const { seatOperator } = await import("./operator.ts");
    const how = await seatOperator(duplex, {
      view: this.#view,
      nick: OPERATOR,
      client: "chat",
      session: random(16).toHex(),
      clock,
      signal: ending.signal,
      closing: () => this.isOpen = false,
    }).finally(() => {
      this.isOpen = false;
      this.#gone.resolve();
    });
    if (how === "ended") return;
    // A terminal that hangs up looks like the end of the input, but nobody has asked for anything.
    if (stdin.isTerminal()) ending.abort();
    else log({ event: "unattended" });
  }
}

function makeToken(random: (size: number) => Uint8Array): string {
  const digits = Array.from(random(TOKEN_LENGTH), (byte) => TOKEN_DIGITS[byte % TOKEN_DIGITS.length]);
  return digits.join("").replace(/.{4}(?=.)/g, "$&-");
}

/** Writes what is left of the log, unless nobody reads it. */
async function lastLines(errors: Output, clock: Clock): Promise<void> {
  const time = Promise.withResolvers<void>();
  const stop = clock.after(LAST_OUTPUT_MS, time.resolve);
  await Promise.race([time.promise, errors.flush().catch(() => {})]);
  stop();
}
