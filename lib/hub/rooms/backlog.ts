/** Older messages for one member, read from the history as the peer reads them. */

import { joined } from "../../base/bytes.ts";
import type { Pieces } from "../../connection/private_queue.ts";
import type { Ref } from "../../base/ref.ts";
import { HistoryError, type Replay } from "../../history/history.ts";
import type { ListenerMessage } from "../../protocol/message.ts";
import { encodeMessageFrame } from "../../protocol/message_frame.ts";
import type { Member } from "./room.ts";

/** The options of a {@linkcode Backlog}. */
export interface BacklogOptions {
  readonly member: Member;
  /** The ids of the messages. */
  readonly first: number;
  readonly last: number;
  /** Whether to send a gap for messages that are no longer kept. */
  readonly tellsGap?: boolean;
  /** Whether to announce a replay without messages. */
  readonly tellsNone?: boolean;
  /** The ref of the request that the replay answers. */
  readonly ref?: Ref | undefined;
  /** Returns the message that follows the replay. */
  readonly then?: () => ListenerMessage;
}

/**
 * A range of messages as whole frames: `gap` if some are no longer kept, `replay`, and the messages. It is an entry of
 * a private queue, so live messages are written only after its end. Until it is written it takes hardly any memory.
 */
export class Backlog implements Pieces {
  readonly #options: BacklogOptions;
  readonly #onFailure: (text: string) => void;
  #replay: Replay | null = null;
  #isDone = false;

  /** @param onFailure Called with the reason if the history could not be read. */
  constructor(options: BacklogOptions, onFailure: (text: string) => void) {
    this.#options = options;
    this.#onFailure = onFailure;
    options.member.room.needs.owe(this);
  }

  /** The id of the next message to send. Before the replay is announced, only a gap has been promised. */
  get needed(): number {
    const { first, tellsGap = false } = this.#options;
    return this.#replay?.position ?? (tellsGap ? first : Infinity);
  }

  next(maxBytes: number): Uint8Array | "later" | null {
    if (this.#isDone) return null;
    try {
      if (this.#replay === null) return this.#open() ?? this.#end();
      return this.#replay.next(maxBytes) ?? this.#end();
    } catch (error) {
      if (!(error instanceof HistoryError)) throw error;
      return this.#fail(error.message);
    }
  }

  close(): void {
    this.#isDone = true;
    this.#replay?.close();
    this.#options.member.room.needs.paid(this);
  }

  /** Opens the replay, and returns the frames that announce it or null if there is nothing to announce. */
  #open(): Uint8Array | null {
    const { member, first, last, tellsGap = false, tellsNone = false, ref } = this.#options;
    const { log, name: room } = member.room;
    // A member that has left gets no more messages of the room, but its request is still answered.
    const isGone = member.room.members.get(member.peer) !== member;
    const ready = () => member.peer.connection.pump();
    this.#replay = log.replay(Math.max(1, first), isGone ? 0 : last, ready);
    const { count } = this.#replay;
    const told: ListenerMessage[] = [];
    const gone = Math.min(last, log.oldest - 1);
    if (tellsGap && !isGone && gone >= first) told.push({ type: "gap", room, first, last: gone });
    if (count > 0 || tellsNone) told.push({ type: "replay", room, count, ref });
    return told.length === 0 ? null : framesOf(told);
  }

  /**
   * Returns the frames that report a failure: an error, and a gap for the messages that were announced and will not be
   * sent.
   */
  #fail(text: string): Uint8Array {
    const { member, first, last, tellsNone, ref } = this.#options;
    const room = member.room.name;
    this.#onFailure(text);
    const told: ListenerMessage[] = [{ type: "error", code: "not-stored", text, ref }];
    if (this.#replay !== null) {
      told.push({
        type: "gap",
        room,
        first: this.#replay.position,
        last: this.#replay.first + this.#replay.count - 1,
      });
    } else {
      told.push({ type: "gap", room, first: Math.max(1, first), last });
      if (tellsNone) told.push({ type: "replay", room, count: 0, ref });
    }
    const after = this.#end();
    return after === null ? framesOf(told) : inOne([framesOf(told), after]);
  }

  #end(): Uint8Array | null {
    this.#isDone = true;
    const message = this.#options.then?.();
    return message === undefined ? null : encodeMessageFrame(message);
  }
}

function framesOf(messages: readonly ListenerMessage[]): Uint8Array {
  return inOne(messages.map(encodeMessageFrame));
}

function inOne(frames: readonly Uint8Array[]): Uint8Array {
  return joined(frames, frames.reduce((sum, { length }) => sum + length, 0));
}
