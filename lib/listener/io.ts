/** The world around a listener: terminal, environment, clock and randomness. */

import type { Clock } from "../base/clock.ts";
import type { Sink } from "../view/output.ts";

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
  /** Has an event "suspend" where somebody wants to suspend the listener, as by Ctrl-Z; it goes on. */
  readonly suspension?: EventTarget;
  /** Gives the addresses of the machine's interfaces. */
  readonly interfaces?: () => readonly string[];
  readonly version: string;
}
