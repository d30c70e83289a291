/** How peers go: by themselves, sent away, or at the end of all. */

import type { Clock } from "../../base/clock.ts";
import type { Ending } from "../../connection/connection.ts";
import type { Limits } from "../../base/limits.ts";
import type { Log } from "../../log/log.ts";
import type { Membership } from "../rooms/membership.ts";
import type { ByeCode } from "../../protocol/message.ts";
import type { Nicks } from "./nicks.ts";
import { encodeMessageFrame, type Peer } from "./peer.ts";
import type { Sessions } from "./sessions.ts";
import type { Counters } from "../upkeep/stats.ts";

/** What a {@linkcode Farewell} works on. */
export interface FarewellOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Log;
  readonly peers: Set<Peer>;
  readonly nicks: Nicks<Peer>;
  readonly sessions: Sessions<Peer>;
  readonly membership: Membership;
  readonly counters: Counters;
  readonly atTurnsEnd: (then: () => void) => void;
}

/** How the log names the end of a connection to which no bye was said. */
const ENDINGS: Readonly<Record<Ending, string>> = {
  "clean": "left",
  "cut": "cut",
  "failed": "failed",
  "slow": "slow",
  "said goodbye": "left",
};

/** Lets peers go. */
export class Farewell {
  readonly #options: FarewellOptions;
  #isEnding = false;
  #allGone: (() => void) | null = null;

  constructor(options: FarewellOptions) {
    this.#options = options;
  }

  /** Takes that a peer says nothing more. Others see it leave at once; what it posted last is stored and acked first. */
  finished(peer: Peer): void {
    this.#noteEnd(peer, "clean");
    this.#depart(peer);
    this.#options.atTurnsEnd(() => peer.connection.finish());
  }

  /** Takes that a peer's connection is over. */
  ended(peer: Peer, ending: Ending): void {
    const { peers, counters } = this.#options;
    peers.delete(peer);
    counters.received += peer.connection.received;
    counters.sent += peer.connection.sent;
    this.#noteEnd(peer, ending);
    this.#depart(peer);
    if (peers.size === 0) this.#allGone?.();
  }

  /** Sends a peer away. */
  sayBye(peer: Peer, code: ByeCode, text: string): void {
    peer.bye ??= code;
    this.#depart(peer);
    peer.connection.goodbye(encodeMessageFrame({ type: "bye", code, text }), {
      isDrained: code === "shutdown",
    });
  }

  /** Sends away one that has come when the listener ends already. */
  sendBackAtEnd(peer: Peer): void {
    if (this.#isEnding) this.sayBye(peer, "shutdown", "the listener ends");
  }

  /** Sends everybody away, and resolves when all are gone or the time for it is over. */
  async sayByeToAll(): Promise<void> {
    const { peers, clock, limits } = this.#options;
    this.#isEnding = true;
    const gone = new Promise<void>((resolve) => this.#allGone = resolve);
    for (const peer of peers) this.sendBackAtEnd(peer);
    if (peers.size === 0) this.#allGone?.();
    const cancel = clock.after(limits.drain, () => {
      for (const peer of peers) peer.connection.close();
      this.#allGone?.();
    });
    await gone;
    cancel();
  }

  /** Logs that a peer went, once: it may take a while until its connection is gone. */
  #noteEnd(peer: Peer, ending: Ending): void {
    if (peer.hasGone) return;
    peer.hasGone = true;
    const why = peer.bye ?? ENDINGS[ending];
    this.#options.log({ event: "went", address: peer.address, nick: peer.nick, why });
  }

  /** Takes a peer out of its rooms, which are told, and frees its name. */
  #depart(peer: Peer): void {
    const { nicks, sessions, membership } = this.#options;
    peer.cancelEntering();
    nicks.free(peer, peer.nick);
    const isReplaced = sessions.end(peer);
    // At the end of all it is still written what its rooms have for it.
    if (this.#isEnding) return;
    for (const room of [...peer.members.keys()]) {
      if (isReplaced) room.members.delete(peer);
      else membership.remove(peer, room);
    }
  }
}
