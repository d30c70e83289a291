/**
 * Choice of the view: the screen if a person sits at the terminal, else lines of text or JSON. Only the chosen view is
 * loaded.
 */

import type { Clock } from "../base/clock.ts";
import type { SessionCommand } from "./session.ts";
import type { Sink } from "../view/output.ts";
import type { View } from "../view/view.ts";

/** The streams and the environment of a view. */
export interface Surroundings {
  readonly stdin: { readonly readable: ReadableStream<Uint8Array>; isTerminal(): boolean };
  readonly stdout: Sink & { isTerminal(): boolean };
  readonly stderr: Sink & { isTerminal?(): boolean };
  readonly clock: Clock;
  /** Returns an environment variable. */
  readonly env: (name: string) => string | undefined;
  /** Called when Ctrl-C was pressed twice. */
  readonly interrupt: () => void;
}

/** Opens the view that a command line asks for. */
export async function openView(command: SessionCommand, surroundings: Surroundings): Promise<View> {
  const { stdin, stdout, stderr, clock, env, interrupt } = surroundings;
  const { nick, color, bell, plainScreen, json, bodies, send, receive, last, stats, trace } = command;
  const typed = stdin.isTerminal();
  // Streams take a while to load, and the screen needs its own only after the first prompt.
  const streams = {
    get input() {
      return stdin.readable;
    },
    output: stdout,
    errors: stderr,
  };
  if (json) return new (await import("../view/json_lines.ts")).JsonLines({ ...streams, style: json, bodies });
  const oneShot = send.length > 0 || receive !== undefined || last !== undefined || stats;
  if (!typed || !stdout.isTerminal() || oneShot || bodies) {
    return new (await import("../view/pipe.ts")).Pipe({
      ...streams,
      typed,
      // A person who waits for a long input sees its progress.
      progress: !typed && !oneShot && stderr.isTerminal?.() ? clock : undefined,
      bodies: !bodies ? undefined : stdout.isTerminal() ? "cleaned" : "as they are",
    });
  }
  const { openScreen } = await import("../terminal/open_screen.ts");
  return await openScreen({
    clock,
    color,
    bell,
    nick,
    // A trace prints lines on the same terminal, which would garble a drawn screen.
    plainScreen: plainScreen || trace,
    get input() {
      return stdin.readable;
    },
    output: stdout,
    env,
    interrupt,
  });
}
