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
  | { readonly is: "close"; readonly place: string }
  | { readonly is: "ignore" | "unignore"; readonly nick: string }
  | { readonly is: "history"; readonly limit: number | undefined }
  | { readonly is: "help" | "clear" | "topic" | "connect" }
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
  /** The sender of the newest private message; empty if there is none. */
  readonly replyTo: string;
}

const say = (fields: Readonly<Record<string, Value>>): Typed => ({
  is: "say",
  message: new Map(Object.entries(fields)),
});
const after = (rest: string, count: number): string =>
  rest.replace(new RegExp(`^(\\s*\\S+){${count}}\\s*`), "");
const wrong = (text: string): Typed => ({ is: "wrong", text });
/** A command that the page has no use for, and what to do instead. */
const instead = (names: readonly string[], text: string): PageCommand => ({
  names,
  usage: `/${names[0]}`,
  about: text,
  needs: 0,
  run: () => wrong(`/${names[0]}: ${text}`),
});
/** A command about the room that is shown. */
const here = (run: PageCommand["run"]): PageCommand["run"] => (words, rest, context) =>
  context.room.startsWith("@") ? wrong("this is no room: go to the room first") : run(words, rest, context);
const moderate = (type: string): PageCommand["run"] =>
  here(([nick = ""], rest, { room }) => {
    const text = after(rest, 1);
    return say({ type, room, nick, ...(text === "" ? {} : { text }) });
  });
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
    run: (_, nick) => say({ type: "nick", nick }),
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
    usage: "/leave [ROOM]",
    about: "leaves a room, or closes this conversation",
    needs: 0,
    run: (_words, rest, { room: here }) => {
      const room = rest || here;
      return room.startsWith("@") ? { is: "close", place: room } : say({ type: "leave", room });
    },
  },
  {
    names: ["msg", "dm", "w"],
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
    names: ["reply", "r"],
    usage: "/reply TEXT",
    about: "answers the last private message",
    needs: 1,
    run: (_, body, { replyTo: to }) =>
      to === "" ? wrong("nobody has sent you a private message yet") : { is: "post", to, body },
  },
  {
    names: ["say"],
    usage: "/say TEXT",
    about: "posts a text, whatever it begins with",
    needs: 1,
    run: (_, body) => ({ is: "post", body }),
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
    usage: "/topic [TEXT]",
    about: "shows or sets the room's topic",
    needs: 0,
    run: here((_, text, { room }) => text === "" ? { is: "topic" } : say({ type: "topic", room, text })),
  },
  {
    names: ["who", "names"],
    usage: "/who [ROOM]",
    about: "lists who is in a room",
    needs: 0,
    run: (words, rest, context) =>
      rest === ""
        ? here((_words, _rest, { room }) => say({ type: "who", room }))(words, rest, context)
        : say({ type: "who", room: rest }),
  },
  {
    names: ["rooms", "list"],
    usage: "/rooms",
    about: "lists the rooms",
    needs: 0,
    run: () => say({ type: "rooms" }),
  },
  {
    names: ["ignore"],
    usage: "/ignore NICK",
    about: "hides what somebody says from now on",
    needs: 1,
    run: (_, nick) => ({ is: "ignore", nick }),
  },
  {
    names: ["unignore"],
    usage: "/unignore NICK",
    about: "shows it again",
    needs: 1,
    run: (_, nick) => ({ is: "unignore", nick }),
  },
  {
    names: ["history"],
    usage: "/history [N]",
    about: "shows older messages",
    needs: 0,
    run: here((_, rest) => {
      const limit = rest === "" ? undefined : Number(rest);
      return limit === undefined || Number.isSafeInteger(limit) && limit > 0
        ? { is: "history", limit }
        : wrong(`/history: ${JSON.stringify(rest)} is not a number of messages`);
    }),
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
    about: "empties the view of this room; /history brings it back",
    needs: 0,
    run: () => ({ is: "clear" }),
  },
  {
    names: ["stats"],
    usage: "/stats",
    about: "shows how busy the server is",
    needs: 0,
    run: () => say({ type: "stats" }),
  },
  {
    names: ["connect"],
    usage: "/connect",
    about: "reconnects now",
    needs: 0,
    run: () => ({ is: "connect" }),
  },
  instead(["show"], "click at an object to unfold it"),
  instead(["save"], "the buttons below an object save it"),
  instead(["trace"], "your browser's developer tools show each message"),
  instead(["quit", "exit"], "close this tab to leave"),
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
    usage: "/mute NICK [TEXT]",
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
  { names: ["bans"], usage: "/bans", about: "lists the bans", needs: 0, run: () => say({ type: "bans" }) },
  {
    names: ["mutes"],
    usage: "/mutes",
    about: "lists who is muted in this room",
    needs: 0,
    run: here((_words, _rest, { room }) => say({ type: "mutes", room })),
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
 * const context = { room: "lobby", nick: "ann", replyTo: "" };
 * assertEquals(parseLine("hi", context), { is: "post", body: "hi" });
 * assertEquals(parseLine("//etc", context), { is: "post", body: "/etc" });
 * assertEquals(parseLine("/msg bob a  b", context), { is: "post", to: "bob", body: "a  b" });
 * assertEquals(parseLine("/me waves", context), { is: "post", body: "* ann waves" });
 * assertEquals(parseLine("/jion x", context).is, "wrong");
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
  if (words.length < command.needs) return wrong(`usage: ${command.usage}`);
  return command.run(words, rest.trimEnd(), context);
}

function literal(text: string): Typed {
  try {
    return { is: "post", body: parse(text) };
  } catch (error) {
    if (!(error instanceof PickleError)) throw error;
    return wrong(error.message);
  }
}
