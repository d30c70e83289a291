/** Departures of peers: those that leave, those that are removed, and all of them when the listener ends. */

import type { Clock } from "../../base/clock.ts";
import type { CloseReason } from "../../connection/connection.ts";
import type { Elsewhere } from "../elsewhere/elsewhere.ts";
import type { Limits } from "../../base/limits.ts";
import type { Log } from "../../log/log.ts";
import type { Membership } from "../rooms/membership.ts";
import type { ByeCode } from "../../protocol/message.ts";
import type { Nicks } from "./nicks.ts";
import { encodeMessageFrame } from "../../protocol/message_frame.ts";
import type { Peer } from "./peer.ts";
import type { Sessions } from "./sessions.ts";
import type { Counters } from "../upkeep/counters.ts";

/** The options of {@linkcode Departures}. */
export interface DeparturesOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Log;
  readonly peers: Set<Peer>;
  readonly nicks: Nicks<Peer>;
  readonly sessions: Sessions<Peer>;
  readonly membership: Pick<Membership, "remove" | "release">;
  readonly elsewhere: Pick<Elsewhere, "gone" | "ending">;
  /** Called when a session has no connection any more. */
  readonly sessionEnded: (session: string) => void;
  readonly counters: Counters;
  readonly atTurnsEnd: (then: () => void) => void;
}

/** The reasons in the log for connections that ended without a bye. */
const LOGGED: Readonly<Record<CloseReason, string>> = {
  "clean": "left",
  "cut": "cut",
  "failed": "failed",
  "slow": "slow",
  "said goodbye": "left",
};

/** Ends peers: frees their names, tells their rooms and closes their connections. */
export class Departures {
  readonly #options: DeparturesOptions;
  #isEnding = false;
  #allGone: (() => void) | null = null;

  constructor(options: DeparturesOptions) {
    this.#options = options;
  }

  /** Handles the end of a peer's input: the peer leaves its rooms at once, and its last posts are still stored and acked. */
  finished(peer: Peer): void {
    this.#logEnd(peer, "clean");
    this.#depart(peer);
    this.#options.atTurnsEnd(() => peer.connection.finish());
  }

  /** Returns the bye for a peer whose connection is about to end because others need its memory. */
  evicted(peer: Peer): Uint8Array {
    this.#options.counters.slow++;
    peer.bye ??= "slow";
    return encodeMessageFrame({
      type: "bye",
      code: "slow",
      text: "the server is short of memory and held the most for you: read faster, or send less at once",
    });
  }

  /** Handles the end of a peer's connection. */
  ended(peer: Peer, reason: CloseReason): void {
    const { peers, counters } = this.#options;
    peers.delete(peer);
    counters.received += peer.connection.received;
    counters.sent += peer.connection.sent;
    this.#logEnd(peer, reason);
    this.#depart(peer);
    if (peers.size === 0) this.#allGone?.();
  }

  /** Removes a peer from its rooms, and closes its connection after a bye. */
  sayBye(peer: Peer, code: ByeCode, text: string): void {
    peer.bye ??= code;
    this.#depart(peer);
    peer.connection.goodbye(encodeMessageFrame({ type: "bye", code, text }), {
      isDrained: code === "shutdown",
    });
  }

  /** Says goodbye to a connection whose session another one has taken over. */
  sayReplaced(peer: Peer): void {
    this.sayBye(peer, "replaced", "your session continues on another connection");
  }

  /** Says goodbye to a peer that connects while the listener ends. */
  rejectAtEnd(peer: Peer): void {
    if (this.#isEnding) this.sayBye(peer, "shutdown", "the listener ends");
  }

  /** Says goodbye to all peers, and resolves when their connections have ended or the time limit has passed. */
  async sayByeToAll(): Promise<void> {
    const { peers, clock, limits, elsewhere } = this.#options;
    this.#isEnding = true;
    elsewhere.ending();
    const gone = new Promise<void>((resolve) => this.#allGone = resolve);
    for (const peer of peers) this.rejectAtEnd(peer);
    if (peers.size === 0) this.#allGone?.();
    const cancel = clock.after(limits.drain, () => {
      for (const peer of peers) peer.connection.close();
      this.#allGone?.();
    });
    await gone;
    cancel();
  }

  /** Logs the end of a peer once, because its connection may end later than its input. */
  #logEnd(peer: Peer, reason: CloseReason): void {
    if (peer.hasGone) return;
    peer.hasGone = true;
    const why = peer.bye ?? LOGGED[reason];
    this.#options.log({ event: "went", address: peer.address, nick: peer.nick, why, ...peer.mark });
  }

  /** Removes a peer from its rooms, which are told, and frees its nick. */
  #depart(peer: Peer): void {
    const { nicks, sessions, membership, elsewhere, sessionEnded } = this.#options;
    peer.cancelEntering();
    membership.release(peer);
    nicks.free(peer, peer.nick);
    const isReplaced = sessions.end(peer);
    elsewhere.gone(peer, isReplaced);
    if (!isReplaced) sessionEnded(peer.session);
    // When the listener ends, the frames of the peer's rooms are still written to it.
    if (this.#isEnding) return;
    for (const room of [...peer.members.keys()]) {
      if (isReplaced) room.members.delete(peer);
      else membership.remove(peer, room, peer.removal);
    }
  }
}
