/** The choice of the screen for a terminal. */

import type { Clock } from "../base/clock.ts";
import type { OwnCommands } from "./command_runner.ts";
import { backgroundOf } from "./style/palette.ts";
import { opensLinks } from "./rows/links.ts";
import { Style } from "./style/style.ts";
import type { Bell } from "./transcript.ts";
import type { ColourDepth } from "../view/half_blocks.ts";
import type { Sink } from "../view/output.ts";
import type { View } from "../view/view.ts";

/** The options of {@linkcode openScreen}. */
export interface OpenScreenOptions {
  readonly clock: Clock;
  readonly color: "auto" | "always" | "never";
  readonly bell: Bell;
  /** The requested nick; undefined if none was requested. */
  readonly nick?: string | undefined;
  readonly plainScreen: boolean;
  readonly input: ReadableStream<Uint8Array>;
  readonly output: Sink;
  /** Returns an environment variable; TERM, COLORTERM, COLORFGBG, NO_COLOR, HOME and what terminals name themselves by are read. */
  readonly env: (name: string) => string | undefined;
  /** Whether the chat ends for everybody when this person leaves; false if left out. */
  readonly hosts?: boolean;
  /** Called at Ctrl-Z, which then does not suspend the program. */
  readonly suspend?: () => void;
  /** Returns lines that /help shows at its end. */
  readonly helpNotes?: () => readonly string[];
  /** Called at the second Ctrl-C: the program ends with status 130. */
  readonly interrupt: () => void;
  /** Returns the commands that the owner of the screen adds. */
  readonly ownCommands?: (() => OwnCommands) | undefined;
}

/**
 * Opens the screen for a terminal and loads no other: one without cursor movement if `plainScreen` is set, or TERM is
 * "dumb" or unset.
 *
 * NO_COLOR (no-color.org) means no colour, and a dumb terminal no styles, unless `--color always` was given. Nicks are
 * coloured where the terminal tells its background.
 *
 * @returns The view. The terminal is left as it is until the view's `start`.
 */
export async function openScreen(options: OpenScreenOptions): Promise<View> {
  const { color, bell, nick, output, env, interrupt, ownCommands, helpNotes = () => [] } = options;
  const term = env("TERM");
  // Windows' terminals have cursor movement and set no TERM.
  const dumb = term === "dumb" || !term && Deno.build.os !== "windows";
  const wanted = color === "auto" ? !dumb && !env("NO_COLOR") : color === "always";
  const colours = wanted ? coloursOf(term, env("COLORTERM")) : null;
  const background = backgroundOf(env("COLORFGBG"));
  const level = color === "never" || dumb && !wanted ? "none" : wanted ? "colour" : "monochrome";
  // A terminal of few colours has those of its theme alone, which may be anything.
  const isPoor = color === "auto" && colours === null;
  const style = new Style(level === "colour" && isPoor ? "monochrome" : level, { background });
  if (dumb || options.plainScreen) {
    const { PlainScreen } = await import("./plain_screen.ts");
    return new PlainScreen({
      input: options.input,
      output,
      style,
      bell,
      nick,
      home: env("HOME"),
      ownCommands,
      helpNotes,
    });
  }
  const { ScreenView } = await import("./screen_view.ts");
  return new ScreenView({
    clock: options.clock,
    style,
    opensLinks: opensLinks(env),
    asksBackground: style.level === "colour" && background === undefined,
    // The console of Linux has no window, and older ones would print the title.
    setsTitle: term !== "linux",
    bell,
    nick,
    hosts: options.hosts ?? false,
    input: () => options.input,
    interrupt,
    suspend: options.suspend,
    helpNotes,
    imageColours: () => colours,
    home: env("HOME"),
    ownCommands,
  });
}

/** Returns the colours of a terminal according to its environment, or null if they are too few for an image. */
function coloursOf(term = "", colorTerm = ""): ColourDepth | null {
  if (/^(?:truecolor|24bit)$/i.test(colorTerm)) return "24-bit";
  return /256color|kitty|alacritty|foot|ghostty/.test(term) ? "256" : null;
}
