/** Mutes of people in rooms. */

import type { Limits } from "../../base/limits.ts";
import { nameKey } from "../../base/text.ts";
import { Refusal } from "../../protocol/message.ts";
import type { MutedPerson } from "../elsewhere/elsewhere.ts";
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
   * @param by The operator's nick.
   * @throws {Refusal} `not-allowed` if too many are muted in the room.
   */
  add({ muted, elsewhere }: Room, { nick, session }: MutedPerson, by: string): void {
    const { maxBans } = this.#limits;
    if (muted.size >= maxBans && !muted.hasNick(nick)) {
      throw new Refusal("not-allowed", `Cannot mute ${nick}: the limit of ${maxBans} muted names is reached`);
    }
    muted.add(nick, session);
    elsewhere.mute({ nick, session }, by);
  }

  /** @throws {Refusal} `no-such-nick` if the nick is not muted in the room. */
  remove({ name, muted, elsewhere }: Room, nick: string): void {
    if (muted.delete(nick)) return elsewhere.unmute(nick);
    throw new Refusal("no-such-nick", `Cannot unmute ${nick}: ${nick} is not muted in ${name}`);
  }

  /** Updates the nick of a person who was renamed. */
  renamed(before: string, person: Person): void {
    const { nick, session } = person;
    for (const { muted, elsewhere } of this.#rooms) {
      const old = muted.size === 0 ? undefined : muted.renamed(before, person);
      if (old === undefined) continue;
      if (nameKey(old) !== nameKey(nick)) elsewhere.unmute(old);
      elsewhere.mute({ nick, session }, undefined);
    }
  }

  /** Updates the session of a person who has a new one. */
  sessionChanged(before: string, session: string): void {
    for (const { muted, elsewhere } of this.#rooms) {
      const nick = muted.size === 0 ? undefined : muted.sessionChanged(before, session);
      if (nick !== undefined) elsewhere.mute({ nick, session }, undefined);
    }
  }
}
