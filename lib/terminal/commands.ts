/** Commands of the input line: their names, words and help. */

import type { PeerMessage } from "../protocol/message.ts";
import { parse } from "../pickle/parse/parse.ts";
import type { Value } from "../pickle/values/values.ts";
import { nearest } from "../base/nearest.ts";
import { FOUND } from "./last_search.ts";
import type { Partner } from "./private_talks.ts";

/** The meaning of a typed line. */
export type Command =
  | { readonly is: "post"; readonly body: Value; readonly to?: string }
  | { readonly is: "say"; readonly message: PeerMessage }
  /** Switch to a room, and enter it first if this end is not in it. */
  | { readonly is: "go"; readonly room: string }
  | { readonly is: "ignore" | "unignore"; readonly nick: string }
  /** Show a page of a message, counted from 1. */
  | { readonly is: "show"; readonly id: string; readonly page: number }
  | { readonly is: "save"; readonly id: string; readonly file: string }
  /** Show a page of the help on all commands, counted from 1, or the help on one. */
  | { readonly is: "help"; readonly about?: string; readonly page?: number }
  | { readonly is: "topic" | "clear" | "trace" | "connect" | "quit" }
  /** A line that cannot be run, and the reason. */
  | {
    readonly is: "wrong";
    readonly text: string;
    /** Whether the line had a text to send. */
    readonly unsent?: true;
  };

/** The state that commands refer to. */
export interface CommandContext {
  readonly room: string;
  /** This end's nick; "" if it has none. */
  readonly nick: string;
  /** The person whom /reply answers. */
  readonly partner: Partner | undefined;
  /** The oldest message of the room that was shown. */
  readonly oldest: number | undefined;
  /** The last search in the room, where it found something, to go on with; undefined if left out. */
  readonly found?: { readonly words: string; readonly before: number } | undefined;
}

interface Entry {
  readonly usage: string;
  readonly about: string;
  /** The least number of words. */
  readonly needs?: number;
  /** Whether it is for operators only. */
  readonly operator?: true;
  run(rest: string, context: CommandContext): Command;
}

/** A slash and a word after blanks, visible or not. */
const BEHIND_BLANKS = /^[\s\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]+\/([^\s/]+)(?!\S)/u;

const words = (rest: string): [string, string] => {
  const [, first = "", after = ""] = /^(\S*)\s*([^]*)$/.exec(rest) ?? [];
  return [first, after];
};
const orNone = (text: string) => text === "" ? undefined : text;
const say = (message: PeerMessage): Command => ({ is: "say", message });
const local = (is: "topic" | "clear" | "trace" | "connect") => (): Command => ({ is });
const about = (type: "kick" | "mute" | "unmute") => (rest: string, { room }: CommandContext): Command => {
  const [nick, text] = words(rest);
  return say({ type, room, nick, text: orNone(text) });
};
const barring = (type: "ban" | "unban") => (rest: string): Command => {
  const [whom, text] = words(rest);
  const named = /^[\d.]+$|:/.test(whom) ? { address: whom } : { nick: whom };
  return say({ type, ...named, text: orNone(text) });
};
const help: Entry["run"] = (rest) => {
  if (rest === "") return { is: "help" };
  if (/^[1-9]\d{0,3}$/.test(rest)) return { is: "help", page: Number(rest) };
  const typed = rest.replace(/^\//, "");
  if (typed.toLowerCase() === KEYS_TOPIC) return { is: "help", about: KEYS_TOPIC };
  const found = commandOf(typed, `there is no command /${typed}: /help lists all`);
  return typeof found === "string" ? { is: "help", about: found } : found;
};
/** The topic of /help that is not a command: the keys. */
export const KEYS_TOPIC = "keys";
/** In some chats /q begins a private conversation, so /q with words after it does not end this one. */
const QUIT_TAKES_NO_WORDS: Command = {
  is: "wrong",
  text: "/quit takes no words: nothing was done (a private message is /msg NICK TEXT)",
};
const names: Entry["run"] = (rest, { room }) => say({ type: "who", room: orNone(rest) ?? room });
/** The text itself names the person who acts, so that it reads the same on a screen, in a program and in a pipe. */
const act: Entry["run"] = (rest, { nick }) => ({
  is: "post",
  body: nick === "" ? `* ${rest}` : `* ${nick} ${rest}`,
});
const reply: Entry["run"] = (rest, { partner }) => {
  if (partner === undefined) return { is: "wrong", text: "nobody has sent you a private message yet" };
  const { nick, isGone } = partner;
  if (!isGone) return { is: "post", body: rest, to: nick };
  // The answer would reach whoever took the name.
  return {
    is: "wrong",
    unsent: true,
    text:
      `not sent: the ${nick} who wrote to you is gone; /msg ${nick} TEXT writes to whoever has the name now`,
  };
};

/** All commands, in the order in which /help shows them. */
export const COMMANDS: Readonly<Record<string, Entry>> = {
  help: { usage: "[COMMAND|keys|PAGE]", about: "shows this", run: help },
  nick: { usage: "NAME", about: "changes your name", needs: 1, run: (nick) => say({ type: "nick", nick }) },
  msg: {
    usage: "NICK TEXT",
    about: "sends a private message",
    needs: 2,
    run: (rest) => ({ is: "post", to: words(rest)[0], body: words(rest)[1] }),
  },
  reply: { usage: "TEXT", about: "answers the last private message", needs: 1, run: reply },
  me: { usage: "TEXT", about: "says what you do: * alice waves", needs: 1, run: act },
  join: {
    usage: "ROOM",
    about: "enters a room, or switches to it",
    needs: 1,
    run: (room) => ({ is: "go", room }),
  },
  part: {
    usage: "[ROOM]",
    about: "leaves a room",
    run: (rest, { room }) => say({ type: "leave", room: orNone(rest) ?? room }),
  },
  rooms: { usage: "", about: "lists the rooms", run: () => say({ type: "rooms" }) },
  names: { usage: "[ROOM]", about: "lists who is in a room", run: names },
  topic: {
    usage: "[TEXT]",
    about: "shows or sets the topic of the room",
    run: (text, { room }) => text === "" ? { is: "topic" } : say({ type: "topic", room, text }),
  },
  ignore: {
    usage: "NICK",
    about: "hides what somebody says",
    needs: 1,
    run: (nick) => ({ is: "ignore", nick }),
  },
  unignore: { usage: "NICK", about: "shows it again", needs: 1, run: (nick) => ({ is: "unignore", nick }) },
  clear: { usage: "", about: "clears the screen", run: local("clear") },
  history: {
    usage: "[N]",
    about: "shows older messages",
    run: (rest, { room, oldest }) => {
      const limit = rest === "" ? undefined : Number(rest);
      if (limit !== undefined && !(Number.isSafeInteger(limit) && limit > 0)) {
        return { is: "wrong", text: `/history: ${JSON.stringify(rest)} is not a number of messages` };
      }
      return say({ type: "history", room, before: oldest, limit });
    },
  },
  search: {
    usage: "[WORDS]",
    about: 'finds messages: words, wor*, "two words"; alone, older ones',
    run: (words, { room, found }) => {
      if (words !== "") return say({ type: "search", room, words, limit: FOUND });
      return found === undefined
        ? { is: "wrong", text: "/search WORDS: nothing was found here yet that /search could go on with" }
        : say({ type: "search", room, ...found, limit: FOUND });
    },
  },
  send: {
    usage: "OBJECT",
    about: "posts a Python object, such as {'x': [1, 2.5]}",
    needs: 1,
    run: (rest) => {
      if (rest.startsWith("@")) {
        const text =
          `/send takes an object; a file is posted from a shell: chat --connect HOST --send ${rest}`;
        return { is: "wrong", text };
      }
      try {
        return { is: "post", body: parse(rest) };
      } catch (error) {
        return { is: "wrong", text: error instanceof Error ? error.message : String(error) };
      }
    },
  },
  show: {
    usage: "ID [PAGE]",
    about: "shows a message in full, a screenful at a time",
    needs: 1,
    run: (rest) => ({
      is: "show",
      id: words(rest)[0],
      page: Math.max(1, Number.parseInt(words(rest)[1]) || 1),
    }),
  },
  save: {
    usage: "ID FILE",
    about: "saves a message: bytes, text, .npy or pickle",
    needs: 2,
    run: (rest) => ({ is: "save", id: words(rest)[0], file: words(rest)[1] }),
  },
  trace: { usage: "", about: "shows each message as it comes, or stops that", run: local("trace") },
  stats: { usage: "", about: "shows how busy the server is", run: () => say({ type: "stats" }) },
  connect: { usage: "", about: "reconnects now", run: local("connect") },
  quit: { usage: "", about: "leaves", run: (rest) => rest === "" ? { is: "quit" } : QUIT_TAKES_NO_WORDS },
  op: {
    usage: "TOKEN",
    about: "makes you an operator",
    needs: 1,
    run: (token) => say({ type: "op", token }),
  },
  say: {
    usage: "TEXT",
    about: "posts a text, whatever it begins with",
    needs: 1,
    run: (body) => ({ is: "post", body }),
  },
  kick: { usage: "NICK [TEXT]", about: "disconnects somebody", needs: 1, operator: true, run: about("kick") },
  mute: {
    usage: "NICK [TEXT]",
    about: "forbids posting in this room",
    needs: 1,
    operator: true,
    run: about("mute"),
  },
  unmute: { usage: "NICK", about: "allows it again", needs: 1, operator: true, run: about("unmute") },
  ban: {
    usage: "NICK|ADDRESS [TEXT]",
    about: "bans a nick or an address",
    needs: 1,
    operator: true,
    run: barring("ban"),
  },
  unban: { usage: "NICK|ADDRESS", about: "lifts a ban", needs: 1, operator: true, run: barring("unban") },
  bans: { usage: "", about: "lists the bans", needs: 0, operator: true, run: () => say({ type: "bans" }) },
  mutes: {
    usage: "",
    about: "lists who is muted in this room",
    needs: 0,
    operator: true,
    run: (_, { room }) => say({ type: "mutes", room }),
  },
};

/** Other names of commands, which people are used to from other chats. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ["dm", "msg"],
  ["exit", "quit"],
  ["j", "join"],
  ["leave", "part"],
  ["list", "rooms"],
  ["q", "quit"],
  ["query", "msg"],
  ["r", "reply"],
  ["w", "msg"],
  ["who", "names"],
]);

/** The names of all commands, without the slash. */
export const COMMAND_NAMES: readonly string[] = Object.keys(COMMANDS);

/** Returns whether a line, typed as far as its words, answers a private message. */
export function isAnswer(line: string): boolean {
  const name = /^\/(\S+)\s/.exec(line)?.[1]?.toLowerCase() ?? "";
  return (ALIASES.get(name) ?? name) === "reply";
}

/** Returns the other names of a command. */
export function aliasesOf(command: string): string[] {
  return [...ALIASES].flatMap(([alias, name]) => name === command ? [alias] : []);
}

/**
 * Reads a typed line. One slash begins a command; two begin a text with one slash.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readLine } from "./commands.ts";
 *
 * const context = { room: "lobby", nick: "alice", partner: undefined, oldest: undefined };
 * assertEquals(readLine("//etc", context), { is: "post", body: "/etc" });
 * assertEquals(readLine("/me waves", context), { is: "post", body: "* alice waves" });
 * assertEquals(readLine("/jion ops", context), { is: "wrong", text: "there is no /jion; did you mean /join?" });
 * ```
 */
export function readLine(line: string, context: CommandContext): Command {
  const misplaced = behindBlanks(line);
  if (misplaced !== null) {
    return {
      is: "wrong",
      text: `did you mean /${misplaced}? nothing was sent: type it without blanks before it, ` +
        "or post it as text with /say",
    };
  }
  if (!line.startsWith("/") || line.startsWith("//")) {
    return { is: "post", body: line.startsWith("//") ? line.slice(1) : line };
  }
  const [typed, rest] = words(line.slice(1).trimEnd());
  const name = commandOf(typed);
  if (typeof name !== "string") return name;
  const entry = COMMANDS[name]!;
  const needs = entry.needs ?? 0;
  const given = rest === "" ? 0 : words(rest)[1] === "" ? 1 : 2;
  if (given < needs) return { is: "wrong", text: `/${name} ${entry.usage}: ${entry.about}` };
  return entry.run(rest, context);
}

/**
 * Returns the command after leading blanks, which may come from copying; null if there is none. Such a line is not
 * posted, because it may contain a secret.
 */
function behindBlanks(line: string): string | null {
  const [, typed] = BEHIND_BLANKS.exec(line) ?? [];
  if (typed === undefined) return null;
  const name = commandOf(typed);
  return typeof name === "string" ? name : nearest(typed.toLowerCase(), COMMAND_NAMES) ?? null;
}

/**
 * Returns the name of the command that was typed, or the error.
 *
 * @param none The text of the error if no command is similar.
 */
function commandOf(
  typed: string,
  none = `there is no command /${typed} (see /help); to post this, begin with //`,
): string | Extract<Command, { is: "wrong" }> {
  const name = typed.toLowerCase();
  if (Object.hasOwn(COMMANDS, name)) return name;
  const alias = ALIASES.get(name);
  if (alias !== undefined) return alias;
  const meant = nearest(name, COMMAND_NAMES);
  if (meant !== undefined) return { is: "wrong", text: `there is no /${typed}; did you mean /${meant}?` };
  return { is: "wrong", text: none };
}
