/** Arrivals: the welcome of new connections, and their first room. */

import { type Limits, messageRateOf } from "../../base/limits.ts";
import type { Ref } from "../../base/ref.ts";
import type { Log } from "../../log/log.ts";
import { LOBBY, PROTOCOL } from "../../protocol/message.ts";
import type { Elsewhere } from "../elsewhere/elsewhere.ts";
import type { JoinOptions, Membership } from "../rooms/membership.ts";
import type { Refusals } from "../upkeep/refusals.ts";
import type { Peer } from "./peer.ts";

/** The options of {@linkcode Arrivals}. */
export interface ArrivalsOptions {
  readonly limits: Limits;
  readonly log: Log;
  readonly version: string;
  /** The name of the history, see {@linkcode History}. */
  readonly epoch: string;
  readonly peers: ReadonlySet<Peer>;
  readonly membership: Membership;
  readonly elsewhere: Pick<Elsewhere, "changed">;
  readonly refusals: Refusals;
}

/** Welcomes peers and lets them enter. */
export class Arrivals {
  readonly #options: ArrivalsOptions;

  constructor(options: ArrivalsOptions) {
    this.#options = options;
  }

  /** Sends a peer its nick, its session and its room: `room` if given, because the peer is about to enter it. */
  welcome(peer: Peer, { room, ref }: { room?: string; ref?: Ref | undefined } = {}): void {
    const { limits, version, epoch } = this.#options;
    // The credentials are sent only once, because they hold a secret.
    const credentials = peer.isWelcomed ? undefined : peer.credentials;
    peer.isWelcomed = true;
    const told = [["max_frame", limits.maxFrame], [
      "message_rate",
      messageRateOf(limits, peer.host),
    ]] as const;
    peer.say({
      type: "welcome",
      protocol: PROTOCOL,
      nick: peer.nick,
      room: room ?? peer.room?.name ?? LOBBY,
      session: peer.session,
      epoch,
      server: "chat",
      version,
      limits: new Map(told.filter(([, value]) => Number.isSafeInteger(value))),
      ...credentials,
      ref,
    });
  }

  /** Welcomes a peer that sends something before any hello, and lets it enter as a guest. */
  admit(peer: Peer): void {
    if (!peer.isWelcomed) this.welcome(peer);
    if (!peer.hasEntered) this.enterLobby(peer);
  }

  /** Lets a peer enter the lobby, unless it has entered or is gone. Its messages begin at the place noted when it connected. */
  enterLobby(peer: Peer): void {
    if (peer.hasEntered || !this.#options.peers.has(peer)) return;
    this.markEntered(peer);
    this.tryJoin(peer, LOBBY, { place: peer.place });
  }

  /** Records that a peer has entered; it may join any rooms. */
  markEntered(peer: Peer): void {
    if (peer.hasEntered) return;
    peer.cancelEntering();
    peer.cancelEntering = NOTHING;
    peer.hasEntered = true;
    const { membership, elsewhere, log } = this.#options;
    membership.release(peer);
    elsewhere.changed(peer);
    log({ event: "came", address: peer.address, nick: peer.nick, ...peer.mark });
  }

  /** Lets a peer join a room, or tells it why it may not. */
  tryJoin(peer: Peer, name: string, options: JoinOptions): void {
    const { membership, refusals } = this.#options;
    try {
      membership.join(peer, name, options);
    } catch (error) {
      refusals.tell(peer, error);
    }
  }
}

const NOTHING = () => {};
