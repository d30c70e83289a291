/** The subsystem of rooms: membership, posts, topics, mutes and the stored messages. */

import type { Account } from "../../connection/account.ts";
import type { Clock } from "../../base/clock.ts";
import type { Limits } from "../../base/limits.ts";
import type { History } from "../../history/history.ts";
import type { Log } from "../../log/log.ts";
import type { Elsewhere } from "../elsewhere/elsewhere.ts";
import type { OnceLog } from "../../log/once.ts";
import { Membership } from "./membership.ts";
import { Mutes } from "./mutes.ts";
import { Posting } from "./posting.ts";
import { RoomDirectory } from "./directory.ts";
import { Topics } from "./topics.ts";
import { Turn } from "./turn.ts";
import type { Counters } from "../upkeep/counters.ts";

/** The options of {@linkcode ChatRooms}. */
export interface ChatRoomsOptions {
  readonly limits: Limits;
  /** The account of memory that is held for peers. */
  readonly account: Account;
  readonly clock: Clock;
  readonly log: Log;
  readonly once: OnceLog;
  readonly counters: Counters;
  /** Calls `then` at the end of this turn of the event loop, when all input of the turn has been handled. */
  readonly atTurnsEnd: (then: () => void) => void;
  /** The storage of the messages. */
  readonly history: History;
  readonly elsewhere: Elsewhere;
  /** How many messages a newcomer gets. */
  readonly replay: number;
}

/** The rooms, and the parts that work on them. */
export class ChatRooms {
  readonly history: History;
  readonly directory: RoomDirectory;
  readonly membership: Membership;
  readonly mutes: Mutes;
  readonly posting: Posting;
  readonly topics: Topics;
  readonly #turn: Turn;

  constructor(options: ChatRoomsOptions) {
    const { limits, account, clock, log, once, counters, atTurnsEnd, history, elsewhere, replay } = options;
    this.history = history;
    const directory = this.directory = new RoomDirectory(history, { limits, account, elsewhere });
    const turn = this.#turn = new Turn({ history, directory, atTurnsEnd, once, counters });
    directory.load(turn);
    this.membership = new Membership({ limits, clock, once, directory, turn, counters, elsewhere, replay });
    this.mutes = new Mutes(directory, limits);
    this.posting = new Posting({ clock, history, directory, turn });
    this.topics = new Topics({ limits, clock, log, history, turn, directory });
  }

  /** Stores the posts of this turn and writes them to the members. */
  flush(): void {
    this.#turn.end();
  }

  /** Drops messages that need not be kept any longer. Call it from time to time. `now` is in seconds since 1970. */
  expire(now: number): void {
    this.directory.releaseOld();
    this.history.expire(now);
  }
}
