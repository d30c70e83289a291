/** Posts to rooms: checks and stamps a post, and adds it to the turn. */

import type { Clock } from "../../base/clock.ts";
import type { Ref } from "../../base/ref.ts";
import type { History, Place } from "../../history/history.ts";
import type { Incoming } from "../../protocol/envelope.ts";
import { nameOrQuote, Refusal } from "../../protocol/message.ts";
import type { MayWait } from "../elsewhere/elsewhere.ts";
import type { RoomDirectory } from "./directory.ts";
import type { Member, Occupant } from "./room.ts";
import type { Turn } from "./turn.ts";

/** The text for a peer whose messages have to wait. */
const WAITING = "messages cannot be stored at the moment: yours wait, and none is lost";

/** The options of {@linkcode Posting}. */
export interface PostingOptions {
  readonly clock: Clock;
  readonly history: Pick<History, "find" | "backpressure">;
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
   * Posts to a room that the peer is in; to the one that it entered last if `name` is not given. The post is acked when
   * it is stored. If the peer has posted the same ref before, the message is only acked again.
   * @returns A promise if too many posts wait to be stored. Until it resolves, nothing more is read from the peer.
   * @throws {Refusal} `no-such-room` if the peer is not in the room, `not-allowed` if the peer is muted.
   * @throws {HistoryError} If the history cannot take the post.
   */
  post(peer: Occupant, incoming: Incoming, name: string | undefined): MayWait {
    if (this.#options.history.backpressure !== undefined) return this.#postLater(peer, incoming, name);
    this.#post(peer, incoming, name);
  }

  async #postLater(peer: Occupant, incoming: Incoming, name: string | undefined): Promise<void> {
    const { history } = this.#options;
    peer.say({ type: "error", code: "busy", text: WAITING });
    // Other peers that waited may have filled the queue again.
    while (history.backpressure !== undefined) await history.backpressure;
    this.#post(peer, incoming, name);
  }

  #post(peer: Occupant, incoming: Incoming, name: string | undefined): void {
    const { clock, turn } = this.#options;
    const { ref } = incoming;
    const member = this.#memberFor(peer, { name, ref });
    if (member === null) return;
    const { room } = member;
    const stamp = { id: room.log.nextId, room: room.name, from: peer.nick, at: clock.now() / 1000 };
    turn.post(member, {
      at: stamp.at,
      ref,
      length: incoming.sizeWith(stamp),
      write: (frame) => incoming.write(frame, 0, stamp),
    });
  }

  /**
   * Returns the member that posts. Returns null if it may not post, but the message was posted before and has been
   * acked again.
   */
  #memberFor(
    peer: Occupant,
    { name, ref }: { name: string | undefined; ref: Ref | undefined },
  ): Member | null {
    const room = name === undefined ? peer.room : this.#options.directory.find(name);
    const member = room && peer.members.get(room);
    if (member !== undefined && !room!.mutes(peer)) return member;
    const place = ref === undefined ? undefined : this.#options.history.find(peer.session, ref);
    if (place !== undefined) {
      this.#ackAgain(peer, ref!, place);
      return null;
    }
    if (member !== undefined) {
      throw new Refusal("not-allowed", `Cannot post the message: you are muted in ${room!.name}`);
    }
    const where = name === undefined ? "any room" : nameOrQuote(name);
    throw new Refusal("no-such-room", `Cannot post the message: you are not in ${where}`);
  }

  #ackAgain(peer: Occupant, ref: Ref, { id, at }: Place): void {
    peer.say({ type: "ack", id, at, ref });
  }
}
