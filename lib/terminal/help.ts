/** The text of /help. */

import { aliasesOf, COMMANDS, KEYS_TOPIC } from "./commands.ts";

/** A command as the help shows it. */
interface Shown {
  readonly usage: string;
  readonly about: string;
  readonly operator?: true;
}

/** The commands in groups by purpose. A command in no group comes at the end. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  "Talking": ["msg", "reply", "me", "say", "send"],
  "Rooms": ["join", "part", "rooms", "names", "topic", "history", "search"],
  "People": ["nick", "ignore", "unignore"],
  "Objects": ["show", "save"],
  "This screen": ["help", "clear", "trace", "stats", "connect", "quit"],
  "Operators": ["op", "kick", "mute", "unmute", "mutes", "ban", "unban", "bans"],
};

const KEYS = [
  "Tab completes; Up and Down go through what you sent; Ctrl-Y brings back what was cut or not sent",
  "Alt-Enter begins a new line; Ctrl-R searches what you sent; Ctrl-L draws the screen anew",
  "Alt-1 … Alt-9 switch rooms; Alt-a goes to the next with news",
  "Ctrl-C clears the line, twice it leaves; // posts a line that begins with a slash",
];
/** The same for a screen without cursor movement, where the terminal itself edits the line. */
const KEYS_OF_TERMINAL = [
  "the terminal has the keys; Ctrl-C leaves; // posts a line that begins with a slash",
];

/** The screen that the help is for. */
export interface HelpSpace {
  /** Its width; on a narrow one a group is one line, of commands without what they do. */
  readonly columns?: number | undefined;
  /** Whether it has keys of its own; true if left out. */
  readonly hasKeys?: boolean;
}

/** The columns below which what a command does would take rows of its own. */
const NARROW = 60;

/**
 * Returns the help on all commands in groups, with the keys, or on one of them.
 *
 * @param only A command, or "keys".
 * @param own Commands that the owner of the screen adds.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { helpText } from "./help.ts";
 *
 * assertEquals(helpText("join"), "/join ROOM                  enters a room, or switches to it (also /j)");
 * ```
 */
export function helpText(
  only: string | undefined,
  own: ReadonlyMap<string, Shown> = new Map(),
  { columns = Infinity, hasKeys = true }: HelpSpace = {},
): string {
  const keys = hasKeys ? KEYS : KEYS_OF_TERMINAL;
  if (only === KEYS_TOPIC) return keys.join("\n");
  const all = new Map<string, Shown>([...Object.entries(COMMANDS), ...own]);
  const row = (name: string) => {
    const command = all.get(name);
    return command === undefined ? [] : [rowOf(name, command)];
  };
  if (only !== undefined) return row(only).join("\n");
  const grouped = new Set(Object.values(GROUPS).flat());
  const others = [...all.keys()].filter((name) => !grouped.has(name));
  const groups = Object.entries({ ...GROUPS, "More": others });
  const shown = groups.filter(([, names]) => names.length > 0);
  if (columns < NARROW) {
    const usages = (names: readonly string[]) =>
      names.flatMap((name) => all.has(name) ? [`/${name} ${all.get(name)!.usage}`.trimEnd()] : []).join(", ");
    return [
      "/help COMMAND says what it does",
      ...shown.map(([title, names]) => `${title}: ${usages(names)}`),
      "Keys:",
      ...keys,
    ].join("\n");
  }
  return [...shown.flatMap(([title, names]) => [`${title}:`, ...names.flatMap(row)]), "Keys:", ...keys].join(
    "\n",
  );
}

function rowOf(name: string, { usage, about, operator }: Shown): string {
  const aliases = aliasesOf(name);
  const also = aliases.length === 0 ? "" : ` (also /${aliases.join(", /")})`;
  const isMarked = operator && !GROUPS.Operators!.includes(name);
  return `/${name} ${usage}`.padEnd(28) + about + (isMarked ? " (operators)" : "") + also;
}
