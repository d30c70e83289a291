/** An operator at a listener in a terminal. */

import { TestPeer } from "./listening.ts";
import { Tmux } from "./tmux.ts";

/** The program, from source. */
export const MAIN = new URL("../../main.ts", import.meta.url).pathname;
/** The size of the terminal if no other is given. */
export const SIZE = { columns: 70, rows: 18 };

/** What starts a listener on a free port of loopback. */
export const SERVE = [
  ...[Deno.execPath(), "run", "--no-prompt", "--allow-net", "--allow-read", "--allow-write"],
  ...["--allow-env=NO_COLOR,TERM,TZ,CHAT_OPERATOR_TOKEN", "--allow-sys=osUptime,networkInterfaces", MAIN],
  ...["--serve", "--host", "127.0.0.1", "--port", "0", "--goodbye", "50ms"],
];

/** An operator who sits at a listener. */
export class Operator implements AsyncDisposable {
  private constructor(readonly tmux: Tmux, readonly port: number) {}

  static async sit(command: readonly string[] = SERVE, size = SIZE): Promise<Operator> {
    const tmux = await Tmux.startInShell(command, size);
    const screen = await tmux.until((rows) => rows.some((row) => /^\S+@lobby>/.test(row)));
    return new Operator(tmux, portOn(screen));
  }

  async enter(nick: string): Promise<TestPeer> {
    const peer = new TestPeer(await Deno.connect({ hostname: "127.0.0.1", port: this.port }));
    peer.send({ type: "hello", nick });
    await this.tmux.patiently(peer.until("replay"));
    return peer;
  }

  async types(line: string): Promise<void> {
    await this.tmux.type(line);
    await this.tmux.press("Enter");
  }

  sees(text: string): Promise<string[]> {
    return this.tmux.until((rows) => rows.some((row) => row.includes(text)));
  }

  /** Waits until the listener has ended; gives its status, and whether the terminal is as it was. */
  async ended(): Promise<{ status: number; restored: boolean }> {
    const lines = await this.tmux.until((rows) => rows.some((row) => /^-?icanon/.test(row)), {
      scrollback: true,
    });
    const status = Number(lines.find((row) => row.startsWith("status "))?.slice(7));
    return { status, restored: lines.includes("icanon") };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const pid = await this.tmux.pid().catch(() => undefined);
    await this.tmux[Symbol.asyncDispose]();
    if (pid !== undefined) end(pid);
  }
}

export function portOn(screen: string[]): number {
  return Number(/listening on 127\.0\.0\.1:(\d+)/.exec(screen.join("\n"))![1]);
}

/** Ends a listener that outlived its terminal, as it is meant to. */
export function end(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}
