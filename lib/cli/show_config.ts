/** The page of `chat --show-config`: the settings in effect, and the source of each. */

import type { Settings } from "./config.ts";
import { type End, type Option, OPTIONS } from "./options.ts";

/** A section of the page. */
export interface ShownSection {
  /** `connect`, `serve`, or `host.NAME`. */
  readonly name: string;
  readonly end: Extract<End, "serve" | "connect">;
  readonly settings: Settings;
  /** Whether options that have their default are shown too, as comments. */
  readonly defaults: boolean;
}

/**
 * Formats settings as TOML, each followed by its source.
 *
 * @param file The configuration file, or the path at which there is none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatConfig } from "./show_config.ts";
 *
 * const settings = new Map([["nick", { values: ["ann"], source: "CHAT_NICK" }]]);
 * const page = formatConfig({ missing: "/home/ann/.config/chat/config.toml" }, [{ name: "connect", end: "connect", settings, defaults: false }]);
 * assertEquals(page, '# no configuration file: /home/ann/.config/chat/config.toml\n\n[connect]\nnick = "ann"  # CHAT_NICK');
 * ```
 */
export function formatConfig(
  file: { readonly path: string } | { readonly missing: string | undefined },
  sections: readonly ShownSection[],
): string {
  const none = "# no configuration file";
  const head = "path" in file
    ? `# ${file.path}`
    : file.missing === undefined
    ? none
    : `${none}: ${file.missing}`;
  return [head, ...sections.map(formatSection)].join("\n\n");
}

function formatSection({ name, end, settings, defaults }: ShownSection): string {
  const title = name.startsWith("host.") ? `[host.${keyOf(name.slice("host.".length))}]` : `[${name}]`;
  const lines: string[] = [];
  const place = settings.get("host");
  if (name.startsWith("host.") && place !== undefined) {
    lines.push(lineOf({ name: "host", argument: "HOST" }, place));
  }
  for (const option of OPTIONS) {
    if (option.typedOnly || option.end !== end && option.end !== "both") continue;
    const setting = settings.get(option.name);
    if (setting !== undefined) lines.push(lineOf(option, setting));
    else if (defaults && option.default !== undefined) lines.push(`# ${option.name}: ${option.default}`);
  }
  return [title, ...lines].join("\n");
}

function lineOf(
  { name, argument, repeatable }: Pick<Option, "name" | "argument" | "repeatable">,
  { values, source = "the command line" }: {
    readonly values: readonly string[];
    readonly source?: string | undefined;
  },
): string {
  const words = values.map((value) => argument === undefined ? "true" : valueOf(value));
  return `${name} = ${repeatable ? `[${words.join(", ")}]` : words[0]}  # ${source}`;
}

/** Returns a text as a TOML string. Every JSON string is also a TOML string. */
function valueOf(value: string): string {
  return /^(?:0|[1-9]\d{0,14})$/.test(value) ? value : JSON.stringify(value).replaceAll("\x7f", "\\u007f");
}

function keyOf(name: string): string {
  return /^[\w-]+$/.test(name) ? name : JSON.stringify(name);
}
