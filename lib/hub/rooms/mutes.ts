/** Nicks that may not post to a room. */

import type { Limits } from "../../base/limits.ts";
import { nameKey } from "../../base/text.ts";
import { Refusal } from "../../protocol/message.ts";
import type { Room } from "./room.ts";

/** Mutes nicks, and follows those that are renamed. */
export class Mutes {
  readonly #rooms: Iterable<Room>;
  readonly #limits: Limits;

  constructor(rooms: Iterable<Room>, limits: Limits) {
    this.#rooms = rooms;
    this.#limits = limits;
  }

  /** @throws {Refusal} `not-allowed` where too many are muted in the room. */
  add({ muted }: Room, nick: string): void {
    const { maxBans } = this.#limits;
    if (muted.size >= maxBans && !muted.has(nameKey(nick))) {
      throw new Refusal("not-allowed", `Cannot mute ${nick}: the limit of ${maxBans} muted names is reached`);
    }
    muted.add(nameKey(nick));
  }

  /** @throws {Refusal} `no-such-nick` where the nick is not muted in the room. */
  remove({ name, muted }: Room, nick: string): void {
    if (muted.delete(nameKey(nick))) return;
    throw new Refusal("no-such-nick", `Cannot unmute ${nick}: nobody of that name is muted in ${name}`);
  }

  /** @throws {Refusal} `not-allowed` where a muted nick is to change and its rooms cannot take another name. */
  checkRename(nick: string): void {
    if (this.#roomsOf(nick).some(({ muted }) => muted.size >= this.#limits.maxBans)) {
      throw new Refusal("not-allowed", "Cannot take the nick: you are muted");
    }
  }

  /** Mutes the new nick where the old one is, which stays muted: another connection must not take it to post. */
  rename(before: string, nick: string): void {
    for (const { muted } of this.#roomsOf(before)) muted.add(nameKey(nick));
  }

  #roomsOf(nick: string): Room[] {
    return [...this.#rooms].filter(({ muted }) => muted.has(nameKey(nick)));
  }
}
