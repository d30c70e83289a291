/** Who this end is in a chat, and where: a new connection takes that up where the old one broke off. */

import type { ListenerMessage, PeerMessage } from "../protocol/message.ts";
import { normalizeName } from "../base/text.ts";
import { ReadPositions } from "./read_positions.ts";

/** What hello says of it. */
type Hello = Pick<Extract<PeerMessage, { type: "hello" }>, "nick" | "room" | "resume" | "epoch">;

/** Keeps the names and the rooms of this end, and how far it has read in each. */
export class Membership {
  readonly positions = new ReadPositions();
  #nick: string | undefined;
  /** The name to ask for: a listener may give another one while that is taken. */
  #wanted: string | undefined;
  /** All names that this end has had. */
  readonly #nicks = new Set<string>();
  #room: string | undefined;

  /** @param asked The name and the room that the session was started for. */
  constructor(asked: { readonly nick?: string | undefined; readonly room?: string | undefined }) {
    this.#nick = this.#wanted = asked.nick;
    this.#room = asked.room;
  }

  /** The room that a post goes to which names none. */
  get room(): string | undefined {
    return this.#room;
  }

  /** Tells whether that is this end's name now. */
  isMe(nick: string): boolean {
    return nick === this.#nick;
  }

  /** Tells whether it is, or was. */
  wasMe(nick: string): boolean {
    return this.#nicks.has(nick);
  }

  /** Gives what hello says, and the rooms to join besides: those of which nothing was seen yet. */
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

  /** Takes a welcome; gives the room that this end is in. */
  welcome({ epoch, nick, room }: Extract<ListenerMessage, { type: "welcome" }>): string {
    this.positions.open(epoch);
    this.#callMe(nick);
    this.#wanted ??= nick;
    // It is said before the room that hello asked for is entered, and what is posted from now on goes there.
    return this.#room ??= room;
  }

  /** Takes that this end asked to enter a room: what is posted next is for that, though its joined is still to come. */
  goTo(room: string): void {
    this.#room = normalizeName(room) ?? room;
  }

  /** Keeps up with what the listener says of this end itself. */
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
