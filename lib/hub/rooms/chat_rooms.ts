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
  /** The number of old messages that a new member gets. */
  readonly replay: number;
}

/** The longest wait for the outcomes of the last posts, in milliseconds. */
const LAST_POSTS_MS = 2_000;

/** The rooms, and the parts that work on them. */
export class ChatRooms {
  readonly history: History;
  readonly directory: RoomDirectory;
  readonly membership: Membership;
  readonly mutes: Mutes;
  readonly posting: Posting;
  readonly topics: Topics;
  readonly #turn: Turn;
  readonly #clock: Clock;

  constructor(options: ChatRoomsOptions) {
    const { limits, account, clock, log, once, counters, atTurnsEnd, history, elsewhere, replay } = options;
    this.history = history;
    this.#clock = clock;
    const directory = this.directory = new RoomDirectory(history, { limits, account, elsewhere });
    const turn = this.#turn = new Turn({ history, directory, atTurnsEnd, once, counters });
    directory.load(turn);
    this.membership = new Membership({ limits, clock, once, directory, turn, counters, elsewhere, replay });
    this.mutes = new Mutes(directory, limits);
    this.posting = new Posting({ clock, history, directory, turn });
    this.topics = new Topics({ limits, clock, log, history, turn, directory });
  }

  /**
   * Stores the posts so far. Resolves when they have their outcomes, or after {@linkcode LAST_POSTS_MS}, as a broker
   * may be lost.
   */
  async end(): Promise<void> {
    this.#turn.end();
    const time = Promise.withResolvers<void>();
    const cancel = this.#clock.after(LAST_POSTS_MS, time.resolve);
    await Promise.race([this.#turn.settled(), time.promise]);
    cancel();
  }

  /** Drops messages that need not be kept any longer. Call it from time to time. `now` is in seconds since 1970. */
  expire(now: number): void {
    this.directory.releaseOld();
    this.history.expire(now);
  }
}
