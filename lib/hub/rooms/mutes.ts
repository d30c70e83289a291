/** Mutes of people in rooms. */

import type { Limits } from "../../base/limits.ts";
import { Refusal } from "../../protocol/message.ts";
import type { Person } from "./muted_people.ts";
import type { Room } from "./room.ts";

/** Mutes people in rooms, and keeps the mutes up to date when nicks and sessions change. */
export class Mutes {
  readonly #rooms: Iterable<Room>;
  readonly #limits: Limits;

  constructor(rooms: Iterable<Room>, limits: Limits) {
    this.#rooms = rooms;
    this.#limits = limits;
  }

  /**
   * Mutes a nick and, if somebody has it, their session.
   *
   * @throws {Refusal} `not-allowed` if too many are muted in the room.
   */
  add({ muted }: Room, nick: string, session: string | undefined): void {
    const { maxBans } = this.#limits;
    if (muted.size >= maxBans && !muted.hasNick(nick)) {
      throw new Refusal("not-allowed", `Cannot mute ${nick}: the limit of ${maxBans} muted names is reached`);
    }
    muted.add(nick, session);
  }

  /** @throws {Refusal} `no-such-nick` if the nick is not muted in the room. */
  remove({ name, muted }: Room, nick: string): void {
    if (muted.delete(nick)) return;
    throw new Refusal("no-such-nick", `Cannot unmute ${nick}: nobody of that name is muted in ${name}`);
  }

  /** Updates the nick of a person who was renamed. */
  renamed(before: string, person: Person): void {
    for (const { muted } of this.#rooms) if (muted.size > 0) muted.renamed(before, person);
  }

  /** Updates the session of a person who has a new one. */
  sessionChanged(before: string, session: string): void {
    for (const { muted } of this.#rooms) if (muted.size > 0) muted.sessionChanged(before, session);
  }
}
