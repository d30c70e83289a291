/** Nicks and rooms of this end in a chat, which a new connection resumes. */

import type { ListenerMessage, PeerMessage } from "../protocol/message.ts";
import { normalizeName } from "../base/text.ts";
import { ReadPositions } from "./read_positions.ts";

/** The part of a hello about names and rooms. */
type Hello = Pick<Extract<PeerMessage, { type: "hello" }>, "nick" | "room" | "resume" | "epoch">;

/** The nicks of this end, its rooms, and the position read in each. */
export class ResumeState {
  readonly positions = new ReadPositions();
  #nick: string | undefined;
  /** The nick to ask for. If it is taken, the listener gives another one. */
  #wanted: string | undefined;
  /** All nicks of this end so far. */
  readonly #nicks = new Set<string>();
  #room: string | undefined;

  /** @param asked The nick and the room of the command line. */
  constructor(asked: { readonly nick?: string | undefined; readonly room?: string | undefined }) {
    this.#nick = this.#wanted = asked.nick;
    this.#room = asked.room;
  }

  /** The room of a post that names none. */
  get room(): string | undefined {
    return this.#room;
  }

  /** Returns whether a nick is that of this end. */
  isMe(nick: string): boolean {
    return nick === this.#nick;
  }

  /** Returns whether a nick is, or was, that of this end. */
  wasMe(nick: string): boolean {
    return this.#nicks.has(nick);
  }

  /** Returns the hello, and the further rooms to join: those in which nothing was seen yet. */
  hello(): { readonly hello: Hello; readonly join: readonly string[] } {
    const resume = this.positions.resume();
    const back = resume.size > 0;
    return {
      hello: {
        nick: this.#wanted,
        room: this.#room,
        resume: back ? resume : undefined,
        epoch: back ? this.positions.epoch : undefined,
      },
      join: this.positions.rooms.filter((room) => !resume.has(room) && room !== this.#room),
    };
  }

  /** Handles a welcome. Returns the room of this end. */
  welcome({ epoch, nick, room }: Extract<ListenerMessage, { type: "welcome" }>): string {
    this.positions.open(epoch);
    this.#callMe(nick);
    this.#wanted ??= nick;
    // The welcome comes before the room of the hello is entered, but posts already go to that room.
    return this.#room ??= room;
  }

  /** Handles a join by this end: the next posts go to that room, even before its `joined` arrives. */
  goTo(room: string): void {
    this.#room = normalizeName(room) ?? room;
  }

  /** Handles a listener's message about this end itself. */
  follow(message: ListenerMessage): void {
    if (message.type === "joined" && message.nicks !== undefined) {
      if (!this.positions.has(message.room)) this.#room = message.room;
      this.positions.enter(message.room, message.head);
    } else if (message.type === "left") {
      this.positions.leave(message.room);
      if (this.#room === message.room) this.#room = this.positions.rooms.at(-1);
    } else if (message.type === "renamed") {
      this.#callMe(message.to);
      this.#wanted = message.to;
    }
  }

  #callMe(nick: string): void {
    this.#nick = nick;
    this.#nicks.add(nick);
  }
}
