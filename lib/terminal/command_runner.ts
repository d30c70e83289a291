import { peerDict } from "../protocol/message.ts";
import { nameKey } from "../base/text.ts";
import { type Command, COMMANDS, readLine } from "./commands.ts";
import type { Transcript } from "./transcript.ts";
import type { Action } from "../view/view.ts";

/** What a person may do beyond looking. */
export interface Hooks {
  act(action: Action): void;
  /** Leaves once all is sent, as /quit and Ctrl-D do. */
  leave(): void;
  /** Leaves at once, as Ctrl-C twice does: exit status 130. */
  interrupt(): void;
  /** Tries at once to come back. */
  retry(): void;
  /** Empties the screen. */
  clear(): void;
}

/** Does what a line asks for. It knows no keys and no terminal. */
export class CommandRunner {
  readonly #transcript: Transcript;
  readonly #hooks: Hooks;

  constructor(transcript: Transcript, hooks: Hooks) {
    this.#transcript = transcript;
    this.#hooks = hooks;
  }

  /** Takes a line that was typed; gives lines to show. */
  run(line: string): string[] {
    const { rooms, replyTo } = this.#transcript;
    const { target } = rooms;
    const oldest = rooms.has(target) ? rooms.of(target).oldest : undefined;
    return this.#do(readLine(line, { room: target, replyTo, oldest }));
  }

  /** Takes a text that is no command whatever it begins with, as a pasted line is. */
  post(text: string): string[] {
    return this.#do({ is: "post", body: text });
  }

  #do(command: Command): string[] {
    const transcript = this.#transcript;
    if (transcript.mode === "plain" && needsChat(command)) {
      return transcript.say("the other end is no chat: it knows no commands", "red");
    }
    switch (command.is) {
      case "post":
        return this.#post(command);
      case "say": {
        const dict = peerDict(command.message);
        if (dict.get("room") === "") return this.#noRoom();
        this.#hooks.act({ kind: "say", dict });
        return [];
      }
      case "go":
        return this.#go(command.room);
      case "show":
        return this.#show(command.id);
      case "ignore":
        transcript.ignored.add(nameKey(command.nick));
        return transcript.say(`nothing of ${command.nick} is shown from now on`);
      case "unignore":
        return transcript.ignored.delete(nameKey(command.nick))
          ? transcript.say(`${command.nick} is shown again`)
          : transcript.say(`${command.nick} was not ignored`, "red");
      case "topic": {
        const { here } = transcript.rooms;
        if (here === "") return this.#noRoom();
        const { topic } = transcript.rooms.of(here);
        return transcript.say(topic === "" ? `${here} has no topic` : `${here} is about: ${topic}`);
      }
      case "trace":
        transcript.trace = !transcript.trace;
        return transcript.say(transcript.trace ? "what is received is shown as it is" : "no trace any more");
      case "help":
        return transcript.say(helpText(command.about));
      case "clear":
        this.#hooks.clear();
        return [];
      case "connect":
        if (transcript.link?.is === "ready") return transcript.say("connected already");
        this.#hooks.retry();
        return [];
      case "quit":
        this.#hooks.leave();
        return [];
      case "wrong":
        return transcript.say(command.text, "red");
    }
  }

  #post({ body, to }: Extract<Command, { is: "post" }>): string[] {
    const { target } = this.#transcript.rooms;
    if (target === "" && to === undefined && this.#transcript.mode === "chat") {
      return this.#noRoom();
    }
    this.#hooks.act({ kind: "post", body, room: to === undefined && target !== "" ? target : undefined, to });
    return [];
  }

  #noRoom(): string[] {
    return this.#transcript.say("you are in no room: /join one", "red");
  }

  #go(room: string): string[] {
    const { rooms } = this.#transcript;
    if (!rooms.has(room)) {
      this.#hooks.act({ kind: "say", dict: peerDict({ type: "join", room }) });
      rooms.enter(room);
      return [];
    }
    rooms.go(room);
    return this.#transcript.say(`in ${room}`);
  }

  #show(id: string): string[] {
    const lines = this.#transcript.whole(id);
    return lines ??
      this.#transcript.say(
        `there is no message ${id} of which a part was left out; /history shows older ones again`,
        "red",
      );
  }
}

/** Whether only a chat understands what is asked for: a room, a name, a message of the protocol. */
function needsChat(command: Command): boolean {
  return command.is === "say" || command.is === "topic" || command.is === "go" ||
    command.is === "post" && command.to !== undefined;
}

/** The help on all commands, or on one of them. */
function helpText(only: string | undefined): string {
  const rows = Object.entries(COMMANDS)
    .filter(([name]) => only === undefined || name === only)
    .map(([name, { usage, about, operator }]) =>
      `/${name} ${usage}`.padEnd(28) + about + (operator ? " (operators)" : "")
    );
  if (only !== undefined) return rows.join("\n");
  return [...rows, "// begins a line with a slash; Tab completes; Ctrl-C clears, twice leaves"].join("\n");
}
