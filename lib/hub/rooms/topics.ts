/** Topics of rooms: stored in the history, and announced to the room. */

import type { Clock } from "../../base/clock.ts";
import type { Limits } from "../../base/limits.ts";
import type { Ref } from "../../base/ref.ts";
import type { History } from "../../history/history.ts";
import type { Log } from "../../log/log.ts";
import { checkText, type ListenerMessage, Refusal } from "../../protocol/message.ts";
import type { RoomDirectory } from "./directory.ts";
import { NOBODY } from "./ring.ts";
import type { Occupant, Room } from "./room.ts";
import type { Turn } from "./turn.ts";

/** The options of {@linkcode Topics}. */
export interface TopicsOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Log;
  readonly history: Pick<History, "setTopic">;
  readonly turn: Turn;
  readonly directory: Pick<RoomDirectory, "find">;
}

/** Sets topics. */
export class Topics {
  readonly #options: TopicsOptions;

  constructor(options: TopicsOptions) {
    this.#options = options;
  }

  /**
   * Stores the topic of a room that a peer is in, and tells its members.
   *
   * @throws {Refusal} `bad-message` if the text is too long, `not-allowed` if the peer is muted.
   * @throws {HistoryError} If the topic could not be stored; then it has not changed.
   */
  set(peer: Occupant, room: Room, { text, ref }: { text: string; ref?: Ref | undefined }): void {
    const { limits, log, history } = this.#options;
    checkText(text, limits.maxTopic);
    if (room.mutes(peer)) {
      throw new Refusal("not-allowed", `Cannot set the topic: you are muted in ${room.name}`);
    }
    history.setTopic(room.name, text, peer.nick);
    const topic = this.#show(room, text, peer.nick);
    if (ref !== undefined) peer.say({ ...topic, ref });
    log({ event: "topic", address: peer.address, nick: peer.nick, room: room.name, text });
  }

  /** Shows a topic that was set at another listener. */
  setElsewhere(name: string, text: string, by: string): void {
    const room = this.#options.directory.find(name);
    if (room !== undefined && room.topic !== text) this.#show(room, text, by);
  }

  /** Tells the members of a room its new topic. */
  #show(room: Room, text: string, nick: string): ListenerMessage {
    const { clock, turn } = this.#options;
    room.topic = text;
    const topic = { type: "topic", room: room.name, nick, text, at: clock.now() / 1000 } as const;
    turn.tell(room, topic, NOBODY);
    return topic;
  }
}
