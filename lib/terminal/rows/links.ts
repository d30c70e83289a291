/** URLs in texts as links that a terminal opens (OSC 8). */

/** A URL of visible ASCII, without the punctuation that ends a sentence or closes a bracket around it. */
const URL = /https?:\/\/[!-~]*[\w/#=&~+%-]/g;

/** Environment variables that are set by terminals that open links. */
const KNOWN: readonly [name: string, value: RegExp][] = [
  ["TERM_PROGRAM", /^(?:iTerm\.app|WezTerm|vscode|ghostty)$/],
  ["VTE_VERSION", /^(?:[5-9]\d{3}|\d{5,})$/],
  ["WT_SESSION", /./],
  ["TERM", /^(?:xterm-kitty|xterm-ghostty|foot|alacritty)/],
];

/**
 * Returns whether the terminal is one that opens links. tmux and screen hide which terminal is used.
 *
 * @param env Returns an environment variable.
 */
export function opensLinks(env: (name: string) => string | undefined): boolean {
  if (/^(?:tmux|screen)/.test(env("TERM") ?? "")) return false;
  return KNOWN.some(([name, value]) => value.test(env(name) ?? ""));
}

/**
 * Converts the URLs in a text to links.
 *
 * @param text Text that is cleaned for a terminal.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { linked } from "./links.ts";
 *
 * const url = "https://a.example/b";
 * assertEquals(linked(`see ${url}.`), `see \x1b]8;;${url}\x1b\\${url}\x1b]8;;\x1b\\.`);
 * ```
 */
export function linked(text: string): string {
  return text.replace(URL, (url) => `\x1b]8;;${url}\x1b\\${url}\x1b]8;;\x1b\\`);
}
