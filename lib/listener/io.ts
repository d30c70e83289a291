/** The inputs and outputs of a listener: terminal, environment, clock and randomness. */

import type { Clock } from "../base/clock.ts";
import type { Sink } from "../view/output.ts";

/** The inputs and outputs of a listener. `Deno.stdin`, `Deno.stdout` and `Deno.stderr` fit. */
export interface ListenerIo {
  readonly stdin: { readonly readable: ReadableStream<Uint8Array>; isTerminal(): boolean };
  readonly stdout: Sink & { isTerminal(): boolean };
  readonly stderr: Sink & { isTerminal(): boolean };
  /** Returns an environment variable. */
  readonly env: (name: string) => string | undefined;
  /** Ends the listener. It is aborted by a signal, or when the operator leaves. */
  readonly ending: AbortController;
  readonly clock: Clock;
  /** Returns the given number of random bytes. */
  readonly random: (size: number) => Uint8Array;
  /** Emits the event "suspend" when somebody tries to suspend the listener, as with Ctrl-Z. The listener is not suspended. */
  readonly suspension?: EventTarget;
  /** Returns the addresses of the machine's interfaces. */
  readonly interfaces?: () => readonly string[];
  readonly version: string;
}
