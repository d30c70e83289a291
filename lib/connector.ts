/** The connector: a session and its view, from the command line to the exit status. */

import type { ConnectCommand } from "./cli/mod.ts";
import { Source } from "./cli/sources.ts";
import { type Outcome, outcomeOf, outcomeOfOutput } from "./conversation/outcome.ts";
import { afterName, EXIT } from "./base/errors.ts";
import { Session, type SessionCommand, type SessionWorld } from "./connector/session.ts";
import type { SourceWorld } from "./connector/sources.ts";
import { openView } from "./connector/open_view.ts";
import { Output, type Sink } from "./view/output.ts";
import type { View } from "./view/view.ts";
import { clean } from "./base/text.ts";
import type { Value } from "./pickle/values/values.ts";

/** The streams and the environment of a connector: `Deno.stdin`, and the descriptors of lib/base/descriptor.ts. */
export interface Io extends SessionWorld, Pick<SourceWorld, "openFile"> {
  readonly stdin: { readonly readable: ReadableStream<Uint8Array>; isTerminal(): boolean };
  readonly stdout: Sink & { isTerminal(): boolean };
  /** Returns an environment variable. */
  readonly env: (name: string) => string | undefined;
  /**
   * Ends the connector at once. The reason is the exit status (129, 130 or 143) after a signal, or the error after an
   * uncaught fault.
   */
  readonly interrupted: AbortSignal;
}

/** The time that the last output may take when the connector ends at once. */
const LAST_OUTPUT_MS = 250;

/**
 * Connects, runs the session until there is a reason to leave, and writes a failure as one line to standard error.
 *
 * @returns The exit status.
 */
export async function connect(given: ConnectCommand, io: Io): Promise<number> {
  const command = { ...given, send: await readPosts(given, io) };
  const interrupted = Promise.withResolvers<Outcome>();
  const view = await openView(command, {
    ...io,
    interrupt: () => interrupted.resolve({ status: EXIT.interrupted }),
  });
  return await converse(command, io, { view, interrupted: interrupted.promise });
}

/** Reads the files that are to be posted. */
async function readPosts({ send }: ConnectCommand, io: Io): Promise<Value[]> {
  const posts: Value[] = [];
  for (const post of send) {
    if (!(post instanceof Source)) posts.push(post);
    else posts.push(await (await import("./connector/sources.ts")).readSource(post, io));
  }
  return posts;
}

/**
 * Runs a connector with a view that is already open.
 *
 * @param options The view, which is closed at the end; `interrupted` resolves if the person ends the program in it.
 */
export async function converse(
  command: SessionCommand,
  io: Io,
  options: { readonly view: View; readonly interrupted?: Promise<Outcome> },
): Promise<number> {
  const { view } = options;
  const session = new Session(command, io, view);
  options.interrupted?.then((ending) => session.end(ending));
  const interruption = new Interruption(io, (ending) => session.end(ending));
  view.start?.({
    leave: (how) => session.leave(how),
    retry: () => session.retry(),
    fail: (error) => session.end(outcomeOf(error)),
  });
  session.begin();
  const ending = await session.ended;
  const stopped = session.stop();
  // The session may wait for the view, so the view is closed first.
  const closed = close(view, io.stderr, ending).then(async (status) => {
    await stopped;
    return status;
  });
  // If nobody reads the output, that must not delay the end after a signal.
  const status = await Promise.race([closed, interruption.waited]);
  return interruption.stop() ?? status ?? ending.status;
}

/** Closes the view, then reports the failure of the session or of the last output, and returns the exit status. */
async function close(view: View, stderr: Sink, ending: Outcome): Promise<number> {
  const lost = await view.close().then(() => null, outcomeOfOutput);
  const { status, text } = ending.status === EXIT.done && lost !== null ? lost : ending;
  if (text === undefined) return status;
  const errors = new Output(stderr);
  errors.line(`chat: ${afterName(clean(text))}`);
  await errors.flush().catch(() => {});
  return status;
}

/** An interruption from outside: a signal, or an uncaught fault. */
class Interruption {
  readonly #io: Io;
  readonly #end: (ending: Outcome) => void;
  readonly #waited = Promise.withResolvers<void>();
  #stopWaiting = () => {};

  constructor(io: Io, end: (ending: Outcome) => void) {
    this.#io = io;
    this.#end = end;
    if (io.interrupted.aborted) this.#happens();
    else io.interrupted.addEventListener("abort", this.#happens, { once: true });
  }

  /** Resolves when the interruption has come and the time for the last output has passed. */
  get waited(): Promise<void> {
    return this.#waited.promise;
  }

  /** Stops waiting, and returns the exit status if a signal came. */
  stop(): number | undefined {
    const { interrupted } = this.#io;
    interrupted.removeEventListener("abort", this.#happens);
    this.#stopWaiting();
    return typeof interrupted.reason === "number" ? interrupted.reason : undefined;
  }

  readonly #happens = (): void => {
    const { interrupted, clock } = this.#io;
    const { reason } = interrupted;
    this.#end(typeof reason === "number" ? { status: reason } : outcomeOf(reason));
    this.#stopWaiting = clock.after(LAST_OUTPUT_MS, this.#waited.resolve);
  };
}
