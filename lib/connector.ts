/** The connector: a session and its view, from the command line to the exit status. */

import type { ConnectCommand } from "./cli/mod.ts";
import { Source } from "./cli/sources.ts";
import { type Outcome, outcomeOf, outcomeOfOutput } from "./conversation/outcome.ts";
import { EXIT } from "./base/errors.ts";
import { Session, type SessionCommand, type SessionWorld } from "./connector/session.ts";
import type { SourceWorld } from "./connector/sources.ts";
import { openView } from "./connector/open_view.ts";
import { Output, type Sink } from "./view/output.ts";
import type { View } from "./view/view.ts";
import { clean } from "./base/text.ts";
import type { Value } from "./pickle/values/values.ts";

/** The world around a connector: `Deno.stdin`, and the descriptors of lib/base/descriptor.ts. */
export interface Io extends SessionWorld, Pick<SourceWorld, "openFile"> {
  readonly stdin: { readonly readable: ReadableStream<Uint8Array>; isTerminal(): boolean };
  readonly stdout: Sink & { isTerminal(): boolean };
  /** Gives an environment variable. */
  readonly env: (name: string) => string | undefined;
  /**
   * Ends everything at once: at a signal, with the exit status (129, 130 or 143) as the reason, or at a fault that nobody
   * caught, with the error.
   */
  readonly interrupted: AbortSignal;
}

/** How long the last output may take where everything is to end at once. */
const LAST_OUTPUT_MS = 250;

/**
 * Connects, talks until there is a reason to leave, and writes what went wrong as one line to standard error.
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
 * Does the same with a view that is open already.
 *
 * @param options The view, which is closed at the end; `interrupted` resolves where the person ends everything in it.
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
  // Output that nobody reads must not delay the end at a signal.
  const status = await Promise.race([closed, interruption.waited]);
  return interruption.stop() ?? status ?? ending.status;
}

/** Closes the view, and then writes what went wrong, the last output included; gives the exit status. */
async function close(view: View, stderr: Sink, ending: Outcome): Promise<number> {
  const lost = await view.close().then(() => null, outcomeOfOutput);
  const { status, text } = ending.status === EXIT.done && lost !== null ? lost : ending;
  if (text === undefined) return status;
  const errors = new Output(stderr);
  errors.line(`chat: ${clean(text)}`);
  await errors.flush().catch(() => {});
  return status;
}

/** An interruption from outside: a signal, or a fault that nobody caught. */
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

  /** Resolves when it has come and the last output had its time. */
  get waited(): Promise<void> {
    return this.#waited.promise;
  }

  /** Stops waiting; gives the exit status where a signal came. */
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
