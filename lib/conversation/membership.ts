/** Names and rooms of this end in a chat, which a new connection resumes. */

import type { ListenerMessage, PeerMessage } from "../protocol/message.ts";
import { normalizeName } from "../base/text.ts";
import { ReadPositions } from "./read_positions.ts";

/** The part of a hello about names and rooms. */
type Hello = Pick<Extract<PeerMessage, { type: "hello" }>, "nick" | "room" | "resume" | "epoch">;

/** The names of this end, its rooms, and how far it has read in each. */
export class Membership {
  readonly positions = new ReadPositions();
  #nick: string | undefined;
  /** The nick to ask for; the listener may give another one while that is taken. */
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

  /** Tells whether that is the nick of this end. */
  isMe(nick: string): boolean {
    return nick === this.#nick;
  }

  /** Tells whether that is, or was, the nick of this end. */
  wasMe(nick: string): boolean {
    return this.#nicks.has(nick);
  }

  /** Gives the hello, and the rooms to join besides: those in which nothing was seen yet. */
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

  /** Handles a welcome; gives the room of this end. */
  welcome({ epoch, nick, room }: Extract<ListenerMessage, { type: "welcome" }>): string {
    this.positions.open(epoch);
    this.#callMe(nick);
    this.#wanted ??= nick;
    // The welcome comes before the room of the hello is entered, and posts go to that room from now on.
    return this.#room ??= room;
  }

  /** Handles a join of this end: the next posts go to that room, though its joined is still to come. */
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
