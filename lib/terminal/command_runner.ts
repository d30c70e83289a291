/** Runner of the commands of the input line. */

import { peerDict } from "../protocol/message.ts";
import { nameKey } from "../base/text.ts";
import { type Command, readLine } from "./commands.ts";
import { helpText } from "./help.ts";
import { pageOf } from "./pages.ts";
import { rowsIn } from "./rows/wrap.ts";
import type { Transcript } from "./transcript.ts";
import { otherName, savedFile } from "../view/saved_file.ts";
import { showWhole, type WholeRoom } from "../view/show_whole.ts";
import type { Action } from "../view/view.ts";
import { columnsOfText } from "./width.ts";

/** A command that the owner of the screen adds. */
export interface OwnCommand {
  readonly usage: string;
  readonly about: string;
  /** Runs it with the words after its name. */
  readonly run: (rest: string) => void;
}

/** Commands that the owner of the screen adds, by their names. */
export type OwnCommands = ReadonlyMap<string, OwnCommand>;

/** The actions of a person that are carried out outside the screen. */
export interface Hooks {
  act(action: Action): void;
  /** Leaves when everything is sent, for /quit and Ctrl-D. */
  leave(): void;
  /** Leaves at once, for a second Ctrl-C: exit status 130. */
  interrupt(): void;
  /** Reconnects now. */
  retry(): void;
  /** Clears the screen. */
  clear(): void;
  /** Keeps a line that was not sent, so that a key brings it back. */
  keep?(line: string): void;
  /** Returns lines that /help shows at its end. */
  helpNotes?(): readonly string[];
  /** Returns the space on the screen for a whole message. */
  room?(): WholeRoom;
  /** Writes a new file. Returns the reason if it was not written, else null. */
  save?(file: string, bytes: Uint8Array): string | null;
  /** Returns the commands that the owner of the screen adds. */
  ownCommands?: (() => OwnCommands) | undefined;
}

const NO_ROOM = "you are in no room: /join one";

/** The rows of the screen below a page: the line about the remaining pages, and the prompt. */
const BELOW_PAGE = 2;

/** Runs the commands and posts of typed lines. It uses no keys and no terminal. */
export class CommandRunner {
  readonly #transcript: Transcript;
  readonly #hooks: Hooks;

  constructor(transcript: Transcript, hooks: Hooks) {
    this.#transcript = transcript;
    this.#hooks = hooks;
  }

  /** Runs a typed line and returns lines to show. */
  run(line: string): string[] {
    const [, name = "", rest = ""] = /^\/(\S+)\s*([^]*)$/.exec(line.trimEnd()) ?? [];
    const owns = this.#hooks.ownCommands?.();
    const own = owns?.get(name.toLowerCase());
    if (own !== undefined) {
      own.run(rest);
      return [];
    }
    const about = rest.replace(/^\//, "").toLowerCase();
    if (name.toLowerCase() === "help" && owns?.has(about)) return this.#transcript.say(helpText(about, owns));
    const { rooms, nick, search } = this.#transcript;
    const { target, talks: { partner } } = rooms;
    const oldest = rooms.has(target) ? rooms.of(target).oldestOnScreen : undefined;
    return this.#do(
      line,
      readLine(line, { room: target, nick, partner, oldest, found: search.older(target) }),
    );
  }

  /** Posts a text even if it begins with a slash, because a pasted line is never a command. */
  post(text: string): string[] {
    return this.#do(text, { is: "post", body: text });
  }

  #do(line: string, command: Command): string[] {
    const transcript = this.#transcript;
    if (transcript.mode === "plain" && needsChat(command)) {
      return this.#notSent(line, "the other end is not a chat, which this command needs");
    }
    switch (command.is) {
      case "post":
        return this.#post(line, command);
      case "say": {
        const dict = peerDict(command.message);
        if (dict.get("room") === "") return this.#notSent(line, NO_ROOM);
        if (command.message.type === "nick") transcript.wanted = command.message.nick;
        if (command.message.type === "search") transcript.search.asked(command.message);
        this.#hooks.act({ kind: "say", dict });
        return [];
      }
      case "go":
        return this.#go(command.room);
      case "show":
        return this.#show(command.id, command.page);
      case "save":
        return this.#save(command.id, command.file);
      case "ignore":
        transcript.ignored.add(nameKey(command.nick));
        return transcript.say(`ignoring ${command.nick}`);
      case "unignore":
        return transcript.ignored.delete(nameKey(command.nick))
          ? transcript.say(`no longer ignoring ${command.nick}`)
          : transcript.say(`${command.nick} was not ignored`, "error");
      case "topic": {
        const { here } = transcript.rooms;
        if (here === "") return this.#notSent(line, NO_ROOM);
        const { topic } = transcript.rooms.of(here);
        return transcript.say(topic === "" ? `${here} has no topic` : `${here} is about: ${topic}`);
      }
      case "trace":
        transcript.trace = !transcript.trace;
        return transcript.say(
          transcript.trace ? "tracing on: each message is shown as it comes" : "tracing off",
        );
      case "help":
        return this.#help(command);
      case "clear":
        this.#hooks.clear();
        return [];
      case "connect":
        if (transcript.link?.is === "ready") return transcript.say("already connected");
        this.#hooks.retry();
        return [];
      case "quit":
        this.#hooks.leave();
        return [];
      case "wrong":
        return command.unsent ? this.#notSent(line, command.text) : transcript.say(command.text, "error");
    }
  }

  #post(line: string, { body, to }: Extract<Command, { is: "post" }>): string[] {
    const { target } = this.#transcript.rooms;
    if (target === "" && to === undefined && this.#transcript.mode === "chat") {
      return this.#notSent(line, NO_ROOM);
    }
    this.#hooks.act({ kind: "post", body, room: to === undefined && target !== "" ? target : undefined, to });
    return [];
  }

  /** Says why a line was not sent, and keeps it. */
  #notSent(line: string, why: string): string[] {
    const { keep } = this.#hooks;
    keep?.(line);
    return this.#transcript.say(keep === undefined ? why : `${why} (Ctrl-Y brings it back)`, "error");
  }

  #go(name: string): string[] {
    const { rooms } = this.#transcript;
    const room = rooms.meant(name);
    if (!rooms.has(room)) {
      this.#hooks.act({ kind: "say", dict: peerDict({ type: "join", room }) });
      rooms.enter(room);
      return [];
    }
    return this.#transcript.switchTo(room);
  }

  #show(id: string, page: number): string[] {
    const kept = this.#transcript.kept(id);
    if (kept === undefined) return this.#notKept(id);
    const room = this.#room;
    const [head = "", ...rows] = showWhole(kept, { ...room, rows: Math.max(1, room.rows - 1 - BELOW_PAGE) });
    const above = this.#transcript.say(head.slice("-- ".length));
    return [...above, ...this.#page(rows, page, { command: `/show ${id}`, above })];
  }

  #help({ about, page = 1 }: Extract<Command, { is: "help" }>): string[] {
    const isScreen = this.#hooks.room !== undefined;
    // Without a screen the terminal itself has the keys.
    const space = { hasKeys: isScreen, columns: isScreen ? this.#room.width : undefined };
    const text = helpText(about, this.#hooks.ownCommands?.(), space);
    if (about !== undefined) return this.#transcript.say(text);
    const lines = this.#transcript.say([text, ...this.#hooks.helpNotes?.() ?? []].join("\n"));
    // Without a screen nothing scrolls away by itself.
    return this.#hooks.room === undefined ? lines : this.#page(lines, page, { command: "/help", above: [] });
  }

  /** Returns a page of lines, and the command for the next one. */
  #page(
    lines: readonly string[],
    wanted: number,
    { command, above }: { readonly command: string; readonly above: readonly string[] },
  ): string[] {
    const columns = this.#room.width;
    const taken = above.reduce((rows, line) => rows + rowsIn(line, columns), 0);
    const space = { columns, rows: Math.max(1, this.#room.rows - taken - BELOW_PAGE) };
    const { lines: shown, page, pages } = pageOf(lines, wanted, space);
    if (pages === 1) return [...shown];
    const rest = page === pages ? "" : `; ${command} ${page + 1} goes on`;
    return [...shown, ...this.#transcript.say(`page ${page} of ${pages}${rest}`)];
  }

  get #room(): WholeRoom {
    return this.#hooks.room?.() ?? { width: 80, rows: 24, widthOf: columnsOfText, colours: null };
  }

  #save(id: string, file: string): string[] {
    const kept = this.#transcript.kept(id);
    if (kept === undefined) return this.#notKept(id);
    if (this.#hooks.save === undefined) return this.#transcript.say("files cannot be saved here", "error");
    const { bytes, form } = savedFile(kept.body);
    const other = otherName(file, form);
    if (other !== null) {
      return this.#transcript.say(
        `nothing is saved: message ${id} would be a ${form}, which is not what the name says; /save ${id} ${other}`,
        "error",
      );
    }
    const failure = this.#hooks.save(file, bytes);
    return failure === null
      ? this.#transcript.say(`saved message ${id} in ${file} (${form})`)
      : this.#transcript.say(failure, "error");
  }

  #notKept(id: string): string[] {
    return this.#transcript.say(`message ${id} was not shortened, or is no longer kept here`, "error");
  }
}

/** Returns whether a command needs a chat at the other end, because it uses rooms, nicks or messages of the protocol. */
function needsChat(command: Command): boolean {
  return command.is === "say" || command.is === "topic" || command.is === "go" ||
    command.is === "post" && command.to !== undefined;
}
