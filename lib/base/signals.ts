/** Signals of the operating system, as both ends of `chat` handle them. */

import { EXIT } from "./errors.ts";

/** The actions at signals. */
export interface SignalActions {
  /** Ends the program. It is called at each SIGINT and SIGTERM, with the exit status. */
  readonly end: (status: number) => void;
  /** Called at SIGHUP, the end of a terminal; without it SIGHUP is ignored. */
  readonly hangUp?: (() => void) | undefined;
  /** Called at SIGTSTP, Ctrl-Z at a terminal, which then does not suspend the program; it does if not given. */
  readonly suspend?: () => void;
}

/**
 * Handles signals from now on.
 *
 * The runtime has handlers of its own for SIGHUP, SIGINT and SIGTERM before it runs any code, so a program cannot tell
 * whether they were ignored when it was started, by `nohup` or as a shell script ignores SIGINT for a command with `&`.
 *
 * SIGXFSZ is ignored: a write beyond the limit on file sizes (`ulimit -f`) then fails, as it does on a full disk.
 */
export function handleSignals({ end, hangUp, suspend }: SignalActions): void {
  listenTo("SIGINT", () => end(EXIT.interrupted));
  listenTo("SIGTERM", () => end(EXIT.terminated));
  listenTo("SIGHUP", hangUp ?? (() => {}));
  listenTo("SIGXFSZ", () => {});
  if (suspend) listenTo("SIGTSTP", suspend);
}

function listenTo(signal: Deno.Signal, then: () => void): void {
  try {
    Deno.addSignalListener(signal, then);
  } catch {
    // Windows does not have all of them.
  }
}
