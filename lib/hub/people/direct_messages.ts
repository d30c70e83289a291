/** Private messages from one peer to another. */

import type { Clock } from "../../base/clock.ts";
import { RecentRefs } from "../../base/recent_refs.ts";
import type { Limits } from "../../base/limits.ts";
import { frameSize, HEADER_SIZE, writeHeader } from "../../frame/mod.ts";
import type { Incoming } from "../../protocol/envelope.ts";
import { quote, Refusal } from "../../protocol/message.ts";
import type { Counters } from "../upkeep/counters.ts";
import type { Nicks } from "./nicks.ts";
import type { Peer } from "./peer.ts";

/** The options of {@linkcode DirectMessages}. */
export interface DirectMessagesOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly nicks: Nicks<Peer>;
  readonly counters: Counters;
}

/** Puts messages into the private queue of one peer. */
export class DirectMessages {
  readonly #options: DirectMessagesOptions;
  /** The times at which messages with a ref were queued, in seconds since 1970. */
  readonly #queuedAt = new RecentRefs<number>();

  constructor(options: DirectMessagesOptions) {
    this.#options = options;
  }

  /**
   * Sends a message to the peer with the given nick, and acks it if it has a ref.
   *
   * @throws {Refusal} `no-such-nick` if there is no such peer, `busy` if its queue is full.
   */
  send(peer: Peer, incoming: Incoming, to: string): void {
    const { limits, clock, nicks, counters } = this.#options;
    const { ref } = incoming;
    const at = clock.now() / 1000;
    // If a ref comes again, its ack was lost: the message is acked again and not sent twice.
    const before = ref === undefined ? undefined : this.#queuedAt.find(peer.session, ref);
    if (before !== undefined) return peer.say({ type: "ack", at: before, ref });
    const receiver = nicks.find(to);
    if (!receiver?.hasEntered) {
      throw new Refusal("no-such-nick", `Cannot post the message: nobody is called ${quote(to)}`);
    }
    const stamp = { from: peer.nick, at };
    const size = frameSize(incoming.sizeWith(stamp));
    if (receiver.connection.queueSize > limits.privateQueue) throw busy(to);
    const frame = new Uint8Array(size);
    writeHeader(frame, 0, size - HEADER_SIZE);
    incoming.write(frame, 0, stamp);
    if (!receiver.connection.trySend(frame)) throw busy(to);
    counters.privates++;
    counters.deliveries++;
    if (ref === undefined) return;
    this.#queuedAt.add({ session: peer.session, ref, origin: peer.origin }, at);
    peer.say({ type: "ack", at, ref });
  }

  /** Handles the end of a session, which may be resumed. */
  sessionEnded(session: string): void {
    this.#queuedAt.ended(session);
  }
}

function busy(to: string): Refusal {
  return new Refusal("busy", `Cannot post the message: too much waits for ${quote(to)} already`);
}
