/** Renaming of peers. */

import type { Clock } from "../../base/clock.ts";
import type { Ref } from "../../base/ref.ts";
import type { Log } from "../../log/log.ts";
import { Refusal } from "../../protocol/message.ts";
import type { Elsewhere, MayWait } from "../elsewhere/elsewhere.ts";
import type { Membership } from "../rooms/membership.ts";
import type { Mutes } from "../rooms/mutes.ts";
import { type Bans, banText } from "./bans.ts";
import { newNick, type Nicks } from "./nicks.ts";
import type { Peer } from "./peer.ts";

/** The options of {@linkcode Renaming}. */
export interface RenamingOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly nicks: Nicks<Peer>;
  readonly bans: Bans;
  readonly mutes: Pick<Mutes, "renamed">;
  readonly membership: Pick<Membership, "tellRenamed">;
  readonly elsewhere: Pick<Elsewhere, "reserve" | "changed">;
}

/** Renames peers. */
export class Renaming {
  readonly #options: RenamingOptions;

  constructor(options: RenamingOptions) {
    this.#options = options;
  }

  /**
   * Checks the nick that a peer asks for, without renaming the peer.
   *
   * @returns The nick in the form that is kept.
   * @throws {Refusal} `bad-message` if it is not valid, `not-allowed` if it is banned or the peer is a member.
   */
  check(peer: Peer, asked: string): string {
    if (peer.member !== undefined) {
      throw new Refusal(
        "not-allowed",
        "Cannot take the nick: a member of a private chat has the name of its code",
      );
    }
    const ban = this.#options.bans.ofNick(peer, asked);
    if (ban) throw new Refusal("not-allowed", `Cannot take the nick: ${banText(ban)}`);
    return newNick(asked);
  }

  /**
   * Gives a peer the nick that it asks for, with a suffix if another peer has it, and tells its rooms.
   * @returns A promise if the nick has to be claimed at other listeners first.
   * @throws {Refusal} As {@linkcode Renaming.check} does.
   */
  ask(peer: Peer, asked: string, ref?: Ref): MayWait {
    const nick = this.check(peer, asked);
    const waiting = this.#options.elsewhere.reserve(peer, { nick });
    if (waiting === null) return this.rename(peer, nick, ref);
    return waiting.then((reserved) => this.rename(peer, reserved.nick ?? nick, ref));
  }

  /** Gives a peer a nick that was checked, with a suffix if another peer has it, and tells its rooms. */
  rename(peer: Peer, asked: string, ref?: Ref): void {
    if (!peer.isHere) return;
    const { clock, log, nicks, mutes, membership, elsewhere } = this.#options;
    const before = peer.nick;
    const nick = nicks.take(peer, asked);
    const tell = (room: string, ref?: Ref) =>
      peer.say({ type: "renamed", room, nick: before, to: nick, at: clock.now() / 1000, ref });
    // Answered at once: an answer in the order of the room could be mistaken for that of another peer with the same nick.
    if (ref !== undefined) tell(peer.room?.name ?? "", ref);
    if (nick === before) return;
    peer.nick = nick;
    // A nick that differs only in case is the same nick.
    if (nicks.find(before) === peer) {
      nicks.free(peer, before);
      nicks.give(peer, nick);
    }
    mutes.renamed(before, peer);
    elsewhere.changed(peer);
    if (!peer.hasEntered) return;
    log({ event: "renamed", address: peer.address, nick: before, to: nick, ...peer.mark });
    if (peer.members.size === 0 && ref === undefined) tell("");
    membership.tellRenamed(peer, before);
  }
}
