/** What becomes of a post: it is addressed, stamped, and written into a room or to one person. */

import type { Clock } from "../../base/clock.ts";
import type { QueueSum } from "../../connection/private_queue.ts";
import type { Incoming } from "../../protocol/envelope.ts";
import { frameSize, HEADER_SIZE, writeHeader } from "../../frame/mod.ts";
import type { Ref } from "../../base/ref.ts";
import type { History } from "../../history/history.ts";
import { RecentRefs } from "../../history/memory/recent_refs.ts";
import { NOBODY } from "../../history/memory/ring.ts";
import type { Limits } from "../../base/limits.ts";
import { quote, Refusal } from "../../protocol/message.ts";
import type { Nicks } from "../people/nicks.ts";
import type { Peer } from "../people/peer.ts";
import type { Rooms } from "./rooms.ts";
import type { Counters } from "../upkeep/stats.ts";
import type { Turn } from "./turn.ts";

/** What {@linkcode Posting} works on. */
export interface PostingOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly history: History;
  readonly rooms: Rooms;
  readonly nicks: Nicks<Peer>;
  readonly turn: Turn;
  /** What waits in the private queues of all. */
  readonly queues: QueueSum;
  readonly counters: Counters;
}

/** How many refs of private messages are known again. */
const KNOWN_PRIVATE_REFS = 8192;

/** Takes posts. */
export class Posting {
  readonly #options: PostingOptions;
  /** When private messages were queued that had a ref. */
  readonly #private = new RecentRefs<number>(KNOWN_PRIVATE_REFS);

  constructor(options: PostingOptions) {
    this.#options = options;
  }

  /** @throws {Refusal} Where it cannot be posted. */
  post(peer: Peer, incoming: Incoming): void {
    const { clock, rooms, turn } = this.#options;
    const { ref } = incoming;
    const destination = incoming.readDestination();
    const at = clock.now() / 1000;
    if (destination.to !== undefined) return this.#postPrivately(peer, incoming, { to: destination.to, at });
    // Before all that may be refused: it is posted, wherever its sender is by now and whatever it may do.
    if (ref !== undefined && this.#isPosted(peer, ref)) return;
    const room = destination.room === undefined ? peer.room : rooms.find(destination.room);
    const member = room && peer.members.get(room);
    if (room === undefined || member === undefined) {
      const where = destination.room === undefined ? "any room" : `a room ${quote(destination.room)}`;
      throw new Refusal("no-such-room", `Cannot post the message: you are not in ${where}`);
    }
    if (room.mutes(peer)) {
      throw new Refusal("not-allowed", `Cannot post the message: you are muted in ${room.name}`);
    }
    const stamp = { id: room.ring.nextId, room: room.name, from: peer.nick, at };
    const frame = turn.write(room, {
      length: incoming.sizeWith(stamp),
      id: stamp.id,
      sender: peer.echo ? NOBODY : peer.number,
      write: (target, offset) => incoming.write(target, offset, stamp),
    });
    turn.add({ peer, room: room.name, id: stamp.id, at, frame, session: peer.session, ref });
    member.lastOwn = room.ring.tail;
  }

  /** Whether the peer's session has posted with this ref before. If so, it gets the same ack again. */
  #isPosted(peer: Peer, ref: Ref): boolean {
    const { history, turn } = this.#options;
    const draft = turn.find(peer.session, ref);
    const place = draft ?? history.find(peer.session, ref);
    if (place === undefined) return false;
    const { room, id, at } = place;
    const isAgain = draft === undefined ? "stored" : "drafted";
    turn.add({ peer, room, id, at, session: peer.session, ref, frame: NO_BYTES, isAgain });
    return true;
  }

  #postPrivately(peer: Peer, incoming: Incoming, { to, at }: { to: string; at: number }): void {
    // A ref that comes again, because its ack was lost, is acked again and nothing more.
    const { ref } = incoming;
    const before = ref === undefined ? undefined : this.#private.find(peer.session, ref);
    if (before !== undefined) return peer.say({ type: "ack", at: before, ref });
    const receiver = this.#options.nicks.find(to);
    if (!receiver?.hasEntered) {
      throw new Refusal(
        "no-such-nick",
        `Cannot post the message: nobody here is called ${quote(to)}`,
      );
    }
    const stamp = { from: peer.nick, at };
    const size = frameSize(incoming.sizeWith(stamp));
    const { limits, queues, counters } = this.#options;
    if (receiver.connection.queueSize > limits.privateQueue || queues.size + size > limits.allQueues) {
      throw new Refusal("busy", `Cannot post the message: too much waits for ${quote(to)} already`);
    }
    const frame = new Uint8Array(size);
    writeHeader(frame, 0, size - HEADER_SIZE);
    incoming.write(frame, 0, stamp);
    receiver.connection.send(frame);
    counters.privates++;
    counters.deliveries++;
    if (ref === undefined) return;
    this.#private.add(peer.session, ref, at);
    peer.say({ type: "ack", at, ref });
  }
}

const NO_BYTES = new Uint8Array(0);
