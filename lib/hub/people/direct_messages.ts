/** Private messages from one peer to another. */

import type { Clock } from "../../base/clock.ts";
import { RecentRefs } from "../../base/recent_refs.ts";
import type { Ref } from "../../base/ref.ts";
import type { Limits } from "../../base/limits.ts";
import { frameSize, HEADER_SIZE, writeHeader } from "../../frame/mod.ts";
import type { Incoming } from "../../protocol/envelope.ts";
import { nameOrQuote, Refusal } from "../../protocol/message.ts";
import type { Counters } from "../upkeep/counters.ts";
import type { Elsewhere, Letter, MayWait } from "../elsewhere/elsewhere.ts";
import type { Nicks } from "./nicks.ts";
import type { Peer } from "./peer.ts";

/** The options of {@linkcode DirectMessages}. */
export interface DirectMessagesOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly nicks: Nicks<Peer>;
  readonly elsewhere: Pick<Elsewhere, "find" | "deliver">;
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
   * Sends a message to the person with the given nick, and acks it if it has a ref.
   *
   * @returns A promise where the person is at another listener.
   * @throws {Refusal} `no-such-nick` if there is no such person, `busy` if their queue is full.
   */
  send(peer: Peer, incoming: Incoming, to: string): MayWait {
    const { clock, nicks, elsewhere } = this.#options;
    const { ref } = incoming;
    const { session } = peer;
    const at = clock.now() / 1000;
    // If a ref comes again, its ack was lost: the message is acked again and not sent twice.
    const before = this.#queuedBefore(session, ref);
    if (before !== undefined) return this.#ack(peer, ref, before);
    const receiver = nicks.find(to);
    if (receiver?.hasEntered) {
      this.#queue(receiver, to, () => frameOf(incoming, { from: peer.nick, at }));
    } else if (elsewhere.find(to) !== undefined) {
      const frame = frameOf(incoming, { from: peer.nick, at });
      return elsewhere.deliver({ to, frame, session, ref, at }).then((queuedAt) =>
        this.#sent(peer, ref, queuedAt)
      );
    } else throw noSuchNick(to);
    this.#sent(peer, ref, at);
  }

  /**
   * Puts a message of a person at another listener into the queue of a peer.
   * @returns The time at which it was first queued, in seconds since 1970.
   * @throws {Refusal} `no-such-nick`, `busy`.
   */
  receive({ to, frame, session, ref, at }: Letter): number {
    const before = this.#queuedBefore(session, ref);
    if (before !== undefined) return before;
    const receiver = this.#options.nicks.find(to);
    if (!receiver?.hasEntered) throw noSuchNick(to);
    this.#queue(receiver, to, () => frame);
    if (ref !== undefined) {
      // The sender's client is not known here, so each session counts as a client of its own.
      this.#queuedAt.add({ session, ref, origin: session }, at);
      this.#queuedAt.ended(session);
    }
    return at;
  }

  #queuedBefore(session: string, ref: Ref | undefined): number | undefined {
    return ref === undefined ? undefined : this.#queuedAt.find(session, ref);
  }

  #queue({ connection }: Peer, to: string, frame: () => Uint8Array): void {
    if (connection.queueSize > this.#options.limits.privateQueue) throw busy(to);
    if (!connection.trySend(frame())) throw busy(to);
    this.#options.counters.deliveries++;
  }

  #sent(peer: Peer, ref: Ref | undefined, at: number): void {
    this.#options.counters.privates++;
    if (ref !== undefined) this.#queuedAt.add({ session: peer.session, ref, origin: peer.origin }, at);
    this.#ack(peer, ref, at);
  }

  #ack(peer: Peer, ref: Ref | undefined, at: number): void {
    if (ref !== undefined) peer.say({ type: "ack", at, ref });
  }

  /** Handles the end of a session, which may be resumed. */
  sessionEnded(session: string): void {
    this.#queuedAt.ended(session);
  }
}

function frameOf(incoming: Incoming, stamp: { from: string; at: number }): Uint8Array {
  const size = frameSize(incoming.sizeWith(stamp));
  const frame = new Uint8Array(size);
  writeHeader(frame, 0, size - HEADER_SIZE);
  incoming.write(frame, 0, stamp);
  return frame;
}

function noSuchNick(to: string): Refusal {
  return new Refusal("no-such-nick", `Cannot post the message: nobody is called ${nameOrQuote(to)}`);
}

function busy(to: string): Refusal {
  return new Refusal("busy", `Cannot post the message: too much waits for ${nameOrQuote(to)} already`);
}
