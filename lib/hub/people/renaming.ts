/** How a peer gets the name that it asks for. */

import type { Clock } from "../../base/clock.ts";
import type { Ref } from "../../base/ref.ts";
import { NOBODY } from "../../history/memory/ring.ts";
import type { Limits } from "../../base/limits.ts";
import type { Log } from "../../log/log.ts";
import { type ListenerMessage, Refusal } from "../../protocol/message.ts";
import { cleanNick, type Nicks } from "./nicks.ts";
import { banText, type Operators } from "../operators.ts";
import type { Peer } from "./peer.ts";
import type { Room } from "../rooms/room.ts";
import { nameKey } from "../../base/text.ts";
import type { Turn } from "../rooms/turn.ts";

/** What {@linkcode Renaming} works on. */
export interface RenamingOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Log;
  readonly nicks: Nicks<Peer>;
  readonly rooms: Iterable<Room>;
  readonly operators: Operators;
  readonly turn: Turn;
}

/** Renames peers. */
export class Renaming {
  readonly #options: RenamingOptions;

  constructor(options: RenamingOptions) {
    this.#options = options;
  }

  /**
   * Tells in which form a peer may have the name that it asks for, and changes nothing.
   *
   * @throws {Refusal} `bad-message` where that is no nick, `not-allowed` where it is banned, or the peer is muted and no
   * name more is kept of those who are.
   */
  check(peer: Peer, asked: string): string {
    const ban = this.#options.operators.findBan(peer, { nick: asked });
    if (ban) throw new Refusal("not-allowed", `Cannot take the nick: ${banText(ban)}`);
    const wanted = cleanNick(asked);
    if (this.#mutedAs(peer.nick).some(({ muted }) => muted.size >= this.#options.limits.maxBans)) {
      throw new Refusal("not-allowed", "Cannot take the nick: you are muted");
    }
    return wanted;
  }

  #mutedAs(nick: string): Room[] {
    return [...this.#options.rooms].filter(({ muted }) => muted.has(nameKey(nick)));
  }

  /**
   * Gives a peer the name that it asks for, with a suffix where another has it, and tells its rooms.
   *
   * @throws {Refusal} As {@linkcode Renaming.check} does.
   */
  rename(peer: Peer, asked: string, ref?: Ref): void {
    const { clock, log, nicks, turn } = this.#options;
    const before = peer.nick;
    const wanted = this.check(peer, asked);
    const muted = this.#mutedAs(before);
    const nick = nicks.take(peer, wanted);
    const at = clock.now() / 1000;
    const tell = (room: string): ListenerMessage => ({ type: "renamed", room, nick: before, to: nick, at });
    // Told in the rooms' order it could be taken for somebody else's, who had the name before or has it next.
    if (ref !== undefined) peer.say({ ...tell(peer.room?.name ?? ""), ref });
    if (nick === before) return;
    peer.nick = nick;
    if (nicks.find(before) === peer && nicks.find(nick) === peer) this.#freeOther(peer, before);
    if (!peer.hasEntered) return;
    log({ event: "renamed", address: peer.address, nick: before, to: nick });
    // One that is in no room is told all the same.
    if (peer.members.size === 0 && ref === undefined) peer.say(tell(""));
    // Who is muted does not get the word back by another name, nor by taking it outside.
    for (const room of muted) room.muted.add(nameKey(nick));
    for (const room of peer.members.keys()) turn.tell(room, tell(room.name), NOBODY);
  }

  /** Frees a name that is not the peer's any more; one that differs in case only still is. */
  #freeOther(peer: Peer, nick: string): void {
    const { nicks } = this.#options;
    nicks.free(peer, nick);
    nicks.give(peer, peer.nick);
  }
}
