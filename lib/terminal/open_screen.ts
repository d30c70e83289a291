import type { Bell } from "./transcript.ts";
import type { Sink } from "../view/output.ts";
import type { View } from "../view/view.ts";

/** What a person chose, and where the screen is to be. */
export interface OpenScreenOptions {
  readonly color: "auto" | "always" | "never";
  readonly bell: Bell;
  readonly plainScreen: boolean;
  readonly input: ReadableStream<Uint8Array>;
  readonly output: Sink;
  /** Gives an environment variable: TERM and NO_COLOR are asked for. */
  readonly env: (name: string) => string | undefined;
  /** Is called where Ctrl-C was pressed twice: everything ends, with status 130. */
  readonly interrupt: () => void;
}

/**
 * Picks the screen for a terminal, and loads no other: one without cursor movement where it was asked for or TERM is "dumb" or unset.
 *
 * NO_COLOR (no-color.org) and a dumb terminal mean no colour, unless that was asked for by `--color always`.
 *
 * @returns The view. The terminal is left as it is until the view's `start`.
 */
export async function openScreen(options: OpenScreenOptions): Promise<View> {
  const { color, bell, output, env, interrupt } = options;
  const term = env("TERM");
  // Windows' terminals have cursor movement and set no TERM.
  const dumb = term === "dumb" || !term && Deno.build.os !== "windows";
  const wanted = color === "auto" ? !dumb && !env("NO_COLOR") : color === "always";
  if (dumb || options.plainScreen) {
    const { PlainScreen } = await import("./plain_screen.ts");
    return new PlainScreen({ input: options.input, output, colour: wanted, bell });
  }
  const { ScreenView } = await import("./screen_view.ts");
  return new ScreenView({
    colour: wanted,
    bell,
    input: () => options.input,
    interrupt,
  });
}
