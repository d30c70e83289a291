/** The hits of a search, sent to the member that asked as a replay. */

import type { Pieces } from "../../connection/private_queue.ts";
import type { Ref } from "../../base/ref.ts";
import { HistoryError, NO_REPLAY, type Replay } from "../../history/history.ts";
import { encodeMessageFrame } from "../../protocol/message_frame.ts";
import type { Member } from "./room.ts";

/** The options of {@linkcode FoundMessages}. */
export interface FoundMessagesOptions {
  readonly member: Member;
  /** The messages. They are closed with this. */
  readonly replay: Replay;
  /** The words that were searched. */
  readonly words: string;
  /** The ref of the request. */
  readonly ref: Ref | undefined;
  /** Called with the reason if the history could not be read. */
  readonly onFailure: (text: string) => void;
}

/** A `replay` and the messages found, as an entry of a private queue. */
export class FoundMessages implements Pieces {
  readonly #options: FoundMessagesOptions;
  #replay: Replay;
  #isAnnounced = false;

  constructor(options: FoundMessagesOptions) {
    this.#options = options;
    this.#replay = options.replay;
    options.member.room.needs.owe(this);
  }

  /** The id of the next message to send. */
  get needed(): number {
    return this.#replay.count === 0 ? Infinity : this.#replay.position;
  }

  next(maxBytes: number): Uint8Array | "later" | null {
    try {
      if (this.#isAnnounced) return this.#replay.next(maxBytes);
    } catch (error) {
      if (!(error instanceof HistoryError)) throw error;
      return this.#fail(error.message);
    }
    this.#isAnnounced = true;
    const { member: { room, peer }, words, ref } = this.#options;
    // A member that has left gets no more messages of the room, but its request is still answered.
    if (!room.members.has(peer)) this.#end();
    return encodeMessageFrame({ type: "replay", room: room.name, count: this.#replay.count, words, ref });
  }

  /** Returns the error for the rest of the messages, which cannot be sent. */
  #fail(text: string): Uint8Array {
    const { ref, onFailure } = this.#options;
    onFailure(text);
    this.#end();
    return encodeMessageFrame({ type: "error", code: "not-stored", text, ref });
  }

  #end(): void {
    this.#replay.close();
    this.#replay = NO_REPLAY;
  }

  close(): void {
    this.#replay.close();
    this.#options.member.room.needs.paid(this);
  }
}
