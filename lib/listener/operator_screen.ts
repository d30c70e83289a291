/** The operator's screen at the listener's terminal, which also shows the log. */

import type { Duplex } from "../connection/duplex.ts";
import type { Clock } from "../base/clock.ts";
import type { Log, LogEvent } from "../log/log.ts";
import { lossyLog } from "../log/lossy.ts";
import { RoomNotes } from "./room_notes.ts";
import type { OwnCommand, OwnCommands } from "../terminal/command_runner.ts";
import { openScreen } from "../terminal/open_screen.ts";
import type { View } from "../view/view.ts";
import type { ListenerIo } from "./io.ts";
import { seatOperator } from "./operator.ts";

/** The operator's first nick; they may change it. */
const OPERATOR = "operator";

/** The options of {@linkcode OperatorScreen.seat}. */
interface Seating {
  readonly io: ListenerIo;
  readonly log: Log;
  /** The operator's nick; "operator" if not given. */
  readonly nick?: string | undefined;
}

/** The screen of the operator at the listener's terminal. */
export class OperatorScreen {
  readonly #view: View;
  #notes: RoomNotes | null = null;
  readonly #gone = Promise.withResolvers<void>();
  /** Whether the screen shows log notes now. */
  isOpen = true;

  /** Lines for /help about how others join. */
  readonly invitations: string[] = [];
  /** How somebody else becomes an operator, which only this screen shows; empty until the listener listens. */
  #promotion: readonly string[] = [];
  /** `/op`, which shows that again: the operator here needs no token. */
  readonly #op: OwnCommand = {
    usage: "",
    about: "shows how somebody else becomes an operator",
    run: () => this.#promotion.forEach((line) => void this.note(line)),
  };

  private constructor(view: View) {
    this.#view = view;
  }

  /** Opens a screen on the terminal. The terminal is not changed until the operator is seated. */
  static async open(
    { stdin, stdout, env, clock, suspension }: ListenerIo,
    { interrupt, ownCommands }: { interrupt: () => void; ownCommands: () => OwnCommands },
  ): Promise<OperatorScreen> {
    const screen: OperatorScreen = new OperatorScreen(
      await openScreen({
        clock,
        color: "auto",
        bell: "mention",
        plainScreen: false,
        hosts: true,
        helpNotes: () => [...screen.invitations, ...screen.#promotion],
        suspend: () => suspension?.dispatchEvent(new Event("suspend")),
        input: stdin.readable,
        output: stdout,
        env,
        interrupt,
        ownCommands: () => new Map([...ownCommands(), ["op", screen.#op]]),
      }),
    );
    return screen;
  }

  /** Resolves when the screen is closed and the terminal restored. */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  /**
   * Returns a log whose events become notes on the screen, except those that a room there shows too.
   * @param textOf Returns the line of an event.
   */
  logOn(clock: Clock, textOf: (event: LogEvent) => string): Log {
    const notes = this.#notes = new RoomNotes(clock, lossyLog((event) => this.note(textOf(event))));
    return (event) => void notes.log(event);
  }

  /** Shows a line above the input line. */
  note(text: string): Promise<void> | void {
    const full = this.#view.show({ kind: "note", text });
    this.#view.flush().catch(() => {});
    return full;
  }

  /**
   * Greets the operator, and says how to make somebody else an operator.
   *
   * @param token The random token; undefined if the environment sets the token.
   */
  welcome(token: string | undefined): void {
    this.note("you are the operator: /help shows what you can do, /quit ends the chat");
    const secret = token === undefined ? "/op and the token of CHAT_OPERATOR_TOKEN" : `/op ${token}`;
    this.#promotion = [`to make someone else an operator, give them: ${secret}`];
    this.#op.run("");
  }

  /** Seats the operator until they leave or lose the terminal. Leaving ends the listener; losing the terminal does not. */
  async seat(duplex: Duplex, { io, log, nick = OPERATOR }: Seating): Promise<void> {
    const { clock, random, ending, stdin } = io;
    const how = await seatOperator(duplex, {
      view: this.#watched,
      nick,
      client: "chat",
      session: random(16).toHex(),
      clock,
      signal: ending.signal,
      closing: () => this.#close(),
    }).finally(() => {
      this.#close();
      this.#gone.resolve();
    });
    if (how === "ended") return;
    // A terminal that hangs up looks like the end of the input, but the operator has not left.
    if (stdin.isTerminal()) ending.abort();
    else log({ event: "unattended" });
  }

  /** The view, wrapped so that the notes of the log learn what its rooms show. */
  get #watched(): View {
    const view = this.#view;
    return {
      start: (controls) => view.start?.(controls),
      show: (event) => {
        if (event.kind === "told") this.#notes?.shown(event.message);
        return view.show(event);
      },
      flush: () => view.flush(),
      next: () => view.next(),
      limitLine: (bytes) => view.limitLine?.(bytes),
      close: () => view.close(),
    };
  }

  #close(): void {
    this.isOpen = false;
    this.#notes?.stop();
  }
}
