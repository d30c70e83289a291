/** Posts to rooms: checked, stamped, and written into a room's ring. */

import type { Clock } from "../../base/clock.ts";
import type { Ref } from "../../base/ref.ts";
import type { History } from "../../history/history.ts";
import { NOBODY } from "../../history/memory/ring.ts";
import type { Incoming } from "../../protocol/envelope.ts";
import { quote, Refusal } from "../../protocol/message.ts";
import type { RoomDirectory } from "./directory.ts";
import type { Occupant } from "./room.ts";
import type { Turn } from "./turn.ts";

/** The options of {@linkcode Posting}. */
export interface PostingOptions {
  readonly clock: Clock;
  readonly history: Pick<History, "find">;
  readonly directory: Pick<RoomDirectory, "find">;
  readonly turn: Turn;
}

/** Posts messages to rooms. */
export class Posting {
  readonly #options: PostingOptions;

  constructor(options: PostingOptions) {
    this.#options = options;
  }

  /**
   * Posts to a room that the peer is in: to the one that it entered last if not named. It is stored and acked at the end of the
   * turn; one that was posted before with the same ref is only acked again.
   *
   * @throws {Refusal} `no-such-room` where the peer is not in it, `not-allowed` where the peer is muted.
   */
  post(peer: Occupant, incoming: Incoming, name: string | undefined): void {
    const { clock, directory, turn } = this.#options;
    const { ref } = incoming;
    // Before all that may be refused: it was posted, whatever rooms its sender is in by now.
    if (ref !== undefined && this.#isPosted(peer, ref)) return;
    const room = name === undefined ? peer.room : directory.find(name);
    const member = room && peer.members.get(room);
    if (room === undefined || member === undefined) {
      const where = name === undefined ? "any room" : quote(name);
      throw new Refusal("no-such-room", `Cannot post the message: you are not in ${where}`);
    }
    if (room.mutes(peer)) {
      throw new Refusal("not-allowed", `Cannot post the message: you are muted in ${room.name}`);
    }
    const stamp = { id: room.ring.nextId, room: room.name, from: peer.nick, at: clock.now() / 1000 };
    const frame = turn.write(room, {
      length: incoming.sizeWith(stamp),
      id: stamp.id,
      sender: peer.echo ? NOBODY : peer.number,
      write: (target, offset) => incoming.write(target, offset, stamp),
    });
    turn.add({ peer, room: room.name, id: stamp.id, at: stamp.at, frame, session: peer.session, ref });
    member.lastOwn = room.ring.tail;
  }

  /** Whether the peer's session has posted with this ref before; if so, it will get the same ack again. */
  #isPosted(peer: Occupant, ref: Ref): boolean {
    const { history, turn } = this.#options;
    const draft = turn.find(peer.session, ref);
    const place = draft ?? history.find(peer.session, ref);
    if (place === undefined) return false;
    const { room, id, at } = place;
    const isAgain = draft === undefined ? "stored" : "drafted";
    turn.add({ peer, room, id, at, session: peer.session, ref, frame: NO_BYTES, isAgain });
    return true;
  }
}

const NO_BYTES = new Uint8Array(0);
