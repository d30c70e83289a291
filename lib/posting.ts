/** What becomes of a post: it is addressed, stamped, and written into a room or to one person. */

import type { Clock } from "./clock.ts";
import type { Incoming } from "./envelope.ts";
import { frameSize, HEADER_SIZE, writeHeader } from "./frame.ts";
import type { History, Ref } from "./history/history.ts";
import { NOBODY } from "./history/ring.ts";
import type { Limits } from "./limits.ts";
import { Refusal } from "./message.ts";
import type { Nicks } from "./nicks.ts";
import type { Peer } from "./peer.ts";
import type { Rooms } from "./rooms.ts";
import type { Counters } from "./stats.ts";
import { nameKey } from "./text.ts";
import type { Turn } from "./turn.ts";

/** What {@linkcode Posting} works on. */
export interface PostingOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly history: History;
  readonly rooms: Rooms;
  readonly nicks: Nicks<Peer>;
  readonly turn: Turn;
  readonly counters: Counters;
}

/** Takes posts. */
export class Posting {
  readonly #options: PostingOptions;

  constructor(options: PostingOptions) {
    this.#options = options;
  }

  /** @throws {Refusal} Where it cannot be posted. */
  post(peer: Peer, incoming: Incoming): void {
    const { clock, rooms, turn } = this.#options;
    const { ref } = incoming;
    const address = incoming.readAddress();
    const at = clock.now() / 1000;
    if (address.to !== undefined) return this.#postPrivately(peer, incoming, { to: address.to, at });
    const room = address.room === undefined ? peer.room : rooms.find(address.room);
    const member = room && peer.members.get(room);
    if (room === undefined || member === undefined) {
      const where = address.room === undefined ? "any room" : `a room ${JSON.stringify(address.room)}`;
      throw new Refusal("no-such-room", `Cannot post the message: you are not in ${where}`);
    }
    if (room.muted.has(nameKey(peer.nick)) && !peer.isOperator) {
      throw new Refusal("not-allowed", `Cannot post the message: you are muted in ${room.name}`);
    }
    if (ref !== undefined && this.#isPosted(peer, ref)) return;
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
    const place = turn.find(peer.session, ref) ?? history.find(peer.session, ref);
    if (place === undefined) return false;
    const { room, id, at } = place;
    turn.add({ peer, room, id, at, session: peer.session, ref, frame: NO_BYTES, isAgain: true });
    return true;
  }

  #postPrivately(peer: Peer, incoming: Incoming, { to, at }: { to: string; at: number }): void {
    const receiver = this.#options.nicks.find(to);
    if (!receiver?.hasEntered) {
      throw new Refusal(
        "no-such-nick",
        `Cannot post the message: nobody here is called ${JSON.stringify(to)}`,
      );
    }
    if (receiver.connection.queueSize > this.#options.limits.privateQueue) {
      throw new Refusal("busy", `Cannot post the message: too much waits for ${JSON.stringify(to)} already`);
    }
    const stamp = { from: peer.nick, at };
    const size = frameSize(incoming.sizeWith(stamp));
    const frame = new Uint8Array(size);
    writeHeader(frame, 0, size - HEADER_SIZE);
    incoming.write(frame, 0, stamp);
    receiver.connection.send(frame);
    const { counters } = this.#options;
    counters.privates++;
    counters.deliveries++;
    if (incoming.ref !== undefined) peer.say({ type: "ack", at, ref: incoming.ref });
  }
}

const NO_BYTES = new Uint8Array(0);
