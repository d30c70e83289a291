/** Carries out the requests of other listeners of the same chat to this hub. */

import { nameKey } from "../../base/text.ts";
import type { Ban } from "../../history/history.ts";
import type { Value } from "../../pickle/values/values.ts";
import type { Peer } from "../people/peer.ts";
import type { People } from "../people/people.ts";
import type { Operators } from "../requests/operators.ts";
import type { ChatRooms } from "../rooms/chat_rooms.ts";
import type { Removal } from "../rooms/removal.ts";
import { figuresDict } from "../upkeep/figures.ts";
import type { Upkeep } from "../upkeep/upkeep.ts";
import type { Before, Distant, Here, Hereabouts, Kick, Letter, MutedPerson } from "./elsewhere.ts";

/** The subsystems that carry it out. */
export interface LocalOptions {
  readonly rooms: Pick<ChatRooms, "directory" | "membership" | "topics">;
  readonly people: Pick<
    People,
    "peers" | "nicks" | "bans" | "renaming" | "directMessages" | "yieldSession" | "endSession" | "isFree"
  >;
  readonly operators: Pick<Operators, "kick" | "enforce">;
  readonly upkeep: Pick<Upkeep, "figures">;
}

/** Carries out the requests of other listeners. */
export class Local implements Hereabouts {
  readonly #options: LocalOptions;

  constructor(options: LocalOptions) {
    this.#options = options;
  }

  joined(room: string, { nick }: Distant): void {
    this.#options.rooms.membership.tellOfOther(room, (where) => ({ type: "joined", nick, ...where }));
  }

  left(room: string, { nick }: Distant, removal: Removal | undefined): void {
    this.#options.rooms.membership.tellOfOther(
      room,
      (where) => ({ type: "left", nick, ...where, ...removal }),
    );
  }

  renamed(room: string, { nick }: Distant, { nick: to }: Distant): void {
    this.#options.rooms.membership.tellOfOther(room, (where) => ({ type: "renamed", nick, to, ...where }));
  }

  topicSet(room: string, topic: string, by: string): void {
    this.#options.rooms.topics.setElsewhere(room, topic, by);
  }

  banned(ban: Ban, by: string): void {
    this.#options.people.bans.addedElsewhere(ban);
    this.#options.operators.enforce(ban, by);
  }

  unbanned(ban: Pick<Ban, "kind" | "value">): void {
    this.#options.people.bans.removedElsewhere(ban);
  }

  muted(room: string, { nick, session }: MutedPerson, by: string | undefined): void {
    const here = this.#options.rooms.directory.find(room);
    here?.muted.add(nick, session);
    if (by !== undefined) this.#tell("mute", { room, nick, by });
  }

  unmuted(room: string, nick: string): void {
    this.#options.rooms.directory.find(room)?.muted.delete(nick);
    this.#tell("unmute", { room, nick, by: undefined });
  }

  /** Tells the person who is muted, or no longer is, if they are in the room here. */
  #tell(
    type: "mute" | "unmute",
    { room: name, nick, by }: { room: string; nick: string; by: string | undefined },
  ): void {
    const { rooms: { directory }, people: { nicks } } = this.#options;
    const [room, peer] = [directory.find(name), nicks.find(nick)];
    if (room === undefined || peer === undefined || !peer.members.has(room)) return;
    peer.say({ type, room: room.name, nick: peer.nick, by });
  }

  deliver(letter: Letter): number {
    return this.#options.people.directMessages.receive(letter);
  }

  kick(kick: Kick): string {
    return this.#options.operators.kick(kick);
  }

  yieldSession(
    session: string,
    member: string | undefined,
  ): (Here & Pick<Before, "isOperator">) | undefined {
    return this.#options.people.yieldSession(session, member);
  }

  endSession(session: string): void {
    this.#options.people.endSession(session);
  }

  isFree(peer: Here, nick: string): boolean {
    return this.#options.people.isFree(peer, nick);
  }

  rename(peer: Here, nick: string): void {
    const here = this.#options.people.nicks.find(peer.nick);
    if (here !== undefined && isSame(here, peer) && nameKey(nick) !== nameKey(here.nick)) {
      this.#options.people.renaming.rename(here, nick);
    }
  }

  figures(): Map<Value, Value> {
    return figuresDict(this.#options.upkeep.figures({ forOperator: false }));
  }
}

function isSame(here: Peer, peer: Here): boolean {
  return here === peer;
}
