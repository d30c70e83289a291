/** What a member is owed of its room's past. It is looked for when its turn to be written comes, and read as the peer takes it. */

import { joined } from "../../base/bytes.ts";
import type { Pieces } from "../../connection/private_queue.ts";
import type { Ref } from "../../base/ref.ts";
import { type History, HistoryError, type Replay } from "../../history/history.ts";
import type { ListenerMessage } from "../../protocol/message.ts";
import { encodeMessageFrame } from "../people/peer.ts";
import type { Member } from "./room.ts";

/** What a {@linkcode Backlog} is of. */
export interface BacklogOptions {
  readonly member: Member;
  /** The ids of the messages. */
  readonly first: number;
  readonly last: number;
  /** Whether the peer is told of those that are no longer kept. */
  readonly tellsGap?: boolean;
  /** Whether it is told that there are none. */
  readonly tellsNone?: boolean;
  /** What its replay answers. */
  readonly ref?: Ref | undefined;
  /** What is told behind it. */
  readonly then?: () => ListenerMessage;
}

/** What a {@linkcode Backlog} reads from. */
export interface BacklogSource {
  readonly history: History;
  /** Is told why the history could not be read. */
  readonly onFailure: (text: string) => void;
}

/**
 * Messages of the past as whole frames: a gap where some are gone, `replay`, and the messages. It is for the private
 * queue, behind which nothing live is written until all of it is; there it takes the room of a few numbers.
 */
export class Backlog implements Pieces {
  readonly #source: BacklogSource;
  readonly #options: BacklogOptions;
  #replay: Replay | null = null;
  #isDone = false;

  constructor(source: BacklogSource, options: BacklogOptions) {
    this.#source = source;
    this.#options = options;
  }

  next(maxBytes: number): Uint8Array | null {
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
  }

  /** Tells what comes, or null where nothing does. */
  #open(): Uint8Array | null {
    const { member, first, last, tellsGap = false, tellsNone = false, ref } = this.#options;
    const { history } = this.#source;
    const room = member.room.name;
    // Who has left gets nothing more of the room, but an answer all the same.
    const isGone = member.room.members.get(member.peer) !== member;
    this.#replay = history.replay(room, Math.max(1, first), isGone ? 0 : last);
    const { count } = this.#replay;
    const told: ListenerMessage[] = [];
    const gone = Math.min(last, history.oldest(room) - 1);
    if (tellsGap && !isGone && gone >= first) told.push({ type: "gap", room, first, last: gone });
    if (count > 0 || tellsNone) told.push({ type: "replay", room, count, ref });
    return told.length === 0 ? null : framesOf(told);
  }

  /** Tells what could not be read: an error, and the messages of the replay that are not to come. */
  #fail(text: string): Uint8Array {
    const { member, first, last, tellsNone, ref } = this.#options;
    const room = member.room.name;
    this.#source.onFailure(text);
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
