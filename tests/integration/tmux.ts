/** A real terminal to test in: tmux, which runs a program, types keys and tells what is on the screen. */

/** Whether there is a tmux. */
export const HAS_TMUX = hasTmux();

function hasTmux(): boolean {
  try {
    return new Deno.Command("tmux", { args: ["-V"] }).outputSync().success;
  } catch {
    return false;
  }
}

/** How long something may take to be seen before the test gives up. */
const PATIENCE_MS = 20_000;

/** A tmux of one pane, of its own server. */
export class Tmux implements AsyncDisposable {
  readonly #folder: string;
  readonly #socket: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.#socket = `${folder}/socket`;
  }

  /** Runs a program with its arguments in a pane of a size; the pane stays when it ends. */
  static async start(
    command: readonly string[],
    size: { columns: number; rows: number },
  ): Promise<Tmux> {
    const tmux = new Tmux(await Deno.makeTempDir());
    const config = `${tmux.#folder}/tmux.conf`;
    await Deno.writeTextFile(
      config,
      "set -g remain-on-exit on\nset -g history-limit 20000\nset -g status off\n",
    );
    const words = ["-x", String(size.columns), "-y", String(size.rows), "--", ...command];
    await tmux.#run("-f", config, "new-session", "-d", ...words);
    return tmux;
  }

  /** Runs a program in a shell's place, and then shows its status and what it left of the terminal. */
  static startInShell(
    command: readonly string[],
    size: { columns: number; rows: number },
  ): Promise<Tmux> {
    const script = String
      .raw`sh -c 'echo pid $$; exec "$@"' sh "$@"; echo "status $?"; stty -a | grep -o -- '-\?icanon'`;
    return Tmux.start(["sh", "-c", script, "sh", ...command], size);
  }

  /** The process that was started in a shell's place. */
  async pid(): Promise<number> {
    const screen = await this.until((rows) => rows.some((row) => row.startsWith("pid ")), {
      scrollback: true,
    });
    return Number(screen.find((row) => row.startsWith("pid "))!.slice(4));
  }

  /** Closes the terminal under whoever runs in it. */
  async hangUp(): Promise<void> {
    await this.#run("kill-server");
  }

  /** Presses keys by tmux's names. */
  async press(...keys: string[]): Promise<void> {
    await this.#run("send-keys", ...keys);
  }

  /** Types a text. */
  async type(text: string): Promise<void> {
    await this.#run("send-keys", "-l", "--", text);
  }

  /** Pastes a text in brackets, as a terminal does. */
  async paste(text: string): Promise<void> {
    await this.#run("set-buffer", "--", text);
    await this.#run("paste-buffer", "-p");
  }

  /** Splits the window, side by side or one above the other; the new pane holds nothing and is not looked at. */
  async split(how: "-h" | "-v"): Promise<void> {
    // A pane that has no room for another one stays whole.
    await this.#run("split-window", how, "-d", "sleep 1000").catch(() => {});
  }

  /** Closes all panes but the first. */
  async unsplit(): Promise<void> {
    await this.#run("kill-pane", "-a", "-t", "0");
  }

  async resize(columns: number, rows: number): Promise<void> {
    await this.#run("resize-window", "-x", String(columns), "-y", String(rows));
  }

  /** The rows of the screen, or with the scrollback the lines that were written. */
  async screen(options: { scrollback?: boolean } = {}): Promise<string[]> {
    const more = options.scrollback ? ["-S", "-", "-J"] : [];
    return (await this.#run("capture-pane", "-p", ...more)).split("\n").map((row) => row.trimEnd());
  }

  /** The rows of the screen with their colours, as SGR sequences. */
  async colouredScreen(): Promise<string[]> {
    return (await this.#run("capture-pane", "-p", "-e")).split("\n");
  }

  /** What tmux knows: `#{cursor_x}`. */
  async tell(format: string): Promise<string> {
    return (await this.#run("display-message", "-p", format)).trim();
  }

  /** Waits until the screen is as it should be, and gives it. */
  async until(is: (screen: string[]) => boolean, options: { scrollback?: boolean } = {}): Promise<string[]> {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const screen = await this.screen(options);
      if (is(screen)) return screen;
      if (performance.now() > end) throw new Error(`it was never seen; the screen is\n${screen.join("\n")}`);
    }
  }

  /** Waits for something else than the screen, as long as for that, and shows the screen where it does not come. */
  async patiently<T>(promise: Promise<T>): Promise<T> {
    const timeout = Promise.withResolvers<never>();
    const timer = setTimeout(() => timeout.reject(new Error("it never came")), PATIENCE_MS);
    try {
      return await Promise.race([promise, timeout.promise]);
    } catch (error) {
      throw new Error(`the screen is\n${(await this.screen()).join("\n")}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  async #run(...args: string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command("tmux", {
      args: ["-S", this.#socket, ...args],
      env: { LC_ALL: "C.UTF-8", TMUX: "" },
    }).output();
    if (!success) throw new Error(`tmux ${args[0]}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#run("kill-server").catch(() => {});
    await Deno.remove(this.#folder, { recursive: true });
  }
}
