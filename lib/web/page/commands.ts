/** The commands of the page: a line that begins with a slash. */

import { PickleError } from "../../pickle/values/errors.ts";
import { parse } from "../../pickle/parse/parse.ts";
import type { Value } from "../../pickle/values/values.ts";

/** The meaning of a typed line. */
export type Typed =
  | { readonly is: "post"; readonly body: Value; readonly to?: string }
  | { readonly is: "say"; readonly message: Map<Value, Value> }
  | { readonly is: "go"; readonly room: string }
  | { readonly is: "show"; readonly place: string }
  | { readonly is: "search"; readonly words: string }
  | { readonly is: "help" | "clear" }
  | { readonly is: "wrong"; readonly text: string };

/** A command, as /help shows it. */
export interface PageCommand {
  readonly names: readonly string[];
  readonly usage: string;
  readonly about: string;
  /** How many words it needs. */
  readonly needs: number;
  readonly run: (words: readonly string[], rest: string, context: LineContext) => Typed;
}

/** The room and the person that a line comes from. */
export interface LineContext {
  readonly room: string;
  /** The nick of the person. */
  readonly nick: string;
}

const say = (fields: Readonly<Record<string, Value>>): Typed => ({
  is: "say",
  message: new Map(Object.entries(fields)),
});
const after = (rest: string, count: number): string =>
  rest.replace(new RegExp(`^(\\s*\\S+){${count}}\\s*`), "");
const moderate = (type: string): PageCommand["run"] => ([nick = ""], rest, { room }) => {
  const text = after(rest, 1);
  return say({ type, room, nick, ...(text === "" ? {} : { text }) });
};
const bar = (type: string): PageCommand["run"] => ([who = ""], rest) => {
  const text = after(rest, 1);
  return say({ type, [/^[\d.]+$|:/.test(who) ? "address" : "nick"]: who, ...(text === "" ? {} : { text }) });
};

/** All commands, in the order of /help. */
export const COMMANDS: readonly PageCommand[] = [
  { names: ["help"], usage: "/help", about: "shows this", needs: 0, run: () => ({ is: "help" }) },
  {
    names: ["nick"],
    usage: "/nick NAME",
    about: "changes your name",
    needs: 1,
    run: ([nick = ""]) => say({ type: "nick", nick }),
  },
  {
    names: ["join", "j"],
    usage: "/join ROOM",
    about: "goes to a room",
    needs: 1,
    run: (_, rest) => ({ is: "go", room: rest.replace(/^#/, "") }),
  },
  {
    names: ["leave", "part"],
    usage: "/leave",
    about: "leaves this room",
    needs: 0,
    run: (_words, _rest, { room }) => say({ type: "leave", room }),
  },
  {
    names: ["msg", "dm"],
    usage: "/msg NICK TEXT",
    about: "writes to one person",
    needs: 2,
    run: ([to = ""], rest) => ({ is: "post", to, body: after(rest, 1) }),
  },
  {
    names: ["query", "q"],
    usage: "/query NICK",
    about: "opens a conversation with one person",
    needs: 1,
    run: ([nick = ""]) => ({ is: "show", place: `@${nick}` }),
  },
  {
    names: ["me"],
    usage: "/me TEXT",
    about: "says what you do: * alice waves",
    needs: 1,
    // Posted in the same form as at the screen of a terminal.
    run: (_, rest, { nick }) => ({ is: "post", body: `* ${nick} ${rest}` }),
  },
  {
    names: ["send"],
    usage: "/send OBJECT",
    about: "posts a Python literal or JSON",
    needs: 1,
    run: (_, rest) => literal(rest),
  },
  {
    names: ["topic"],
    usage: "/topic TEXT",
    about: "sets the room's topic",
    needs: 1,
    run: (_, text, { room }) => say({ type: "topic", room, text }),
  },
  {
    names: ["who", "names"],
    usage: "/who",
    about: "updates the list of people",
    needs: 0,
    run: (_words, _rest, { room }) => say({ type: "who", room }),
  },
  {
    names: ["rooms", "list"],
    usage: "/rooms",
    about: "lists the rooms",
    needs: 0,
    run: () => say({ type: "rooms" }),
  },
  {
    names: ["search"],
    usage: "/search WORDS",
    about: 'finds messages of this room: words, wor*, "two words"',
    needs: 1,
    run: (_, words) => ({ is: "search", words }),
  },
  {
    names: ["clear"],
    usage: "/clear",
    about: "empties the view of this room",
    needs: 0,
    run: () => ({ is: "clear" }),
  },
  {
    names: ["op"],
    usage: "/op TOKEN",
    about: "makes you an operator",
    needs: 1,
    run: ([token = ""]) => say({ type: "op", token }),
  },
  {
    names: ["kick"],
    usage: "/kick NICK [TEXT]",
    about: "disconnects somebody",
    needs: 1,
    run: moderate("kick"),
  },
  {
    names: ["mute"],
    usage: "/mute NICK",
    about: "forbids posting in this room",
    needs: 1,
    run: moderate("mute"),
  },
  { names: ["unmute"], usage: "/unmute NICK", about: "allows it again", needs: 1, run: moderate("unmute") },
  {
    names: ["ban"],
    usage: "/ban NICK|ADDRESS [TEXT]",
    about: "bans a nick or an address",
    needs: 1,
    run: bar("ban"),
  },
  {
    names: ["unban"],
    usage: "/unban NICK|ADDRESS",
    about: "lifts a ban",
    needs: 1,
    run: bar("unban"),
  },
];

/**
 * Reads what was typed: a command, or a text to post. `//` begins a text with one slash.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseLine } from "./commands.ts";
 *
 * assertEquals(parseLine("hi", { room: "lobby", nick: "ann" }), { is: "post", body: "hi" });
 * assertEquals(parseLine("//etc", { room: "lobby", nick: "ann" }), { is: "post", body: "/etc" });
 * assertEquals(parseLine("/msg bob a  b", { room: "lobby", nick: "ann" }), { is: "post", to: "bob", body: "a  b" });
 * assertEquals(parseLine("/me waves", { room: "lobby", nick: "ann" }), { is: "post", body: "* ann waves" });
 * assertEquals(parseLine("/jion x", { room: "lobby", nick: "ann" }).is, "wrong");
 * ```
 */
export function parseLine(text: string, context: LineContext): Typed {
  const line = text.trimStart();
  if (line.startsWith("//")) return { is: "post", body: line.slice(1) };
  if (!line.startsWith("/")) return { is: "post", body: text };
  const [, name = "", rest = ""] = /^\/(\S*)\s*([^]*)$/.exec(line) ?? [];
  const command = COMMANDS.find(({ names }) => names.includes(name.toLowerCase()));
  if (command === undefined) {
    const shown = name.slice(0, 20);
    return {
      is: "wrong",
      text: `there is no command /${shown}: /help lists them; to post this, begin with //`,
    };
  }
  const words = rest.split(/\s+/).filter((word) => word !== "");
  if (words.length < command.needs) return { is: "wrong", text: `usage: ${command.usage}` };
  return command.run(words, rest.trimEnd(), context);
}

function literal(text: string): Typed {
  try {
    return { is: "post", body: parse(text) };
  } catch (error) {
    if (!(error instanceof PickleError)) throw error;
    return { is: "wrong", text: error.message };
  }
}
