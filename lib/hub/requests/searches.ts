/** Searches: one at a time for each peer, with their time charged to it. */

import type { Ref } from "../../base/ref.ts";
import { BusyError, type Found, HistoryError } from "../../history/history.ts";
import { parseQuery, type Query, QueryError } from "../../history/search/query.ts";
import { type ErrorCode, Refusal } from "../../protocol/message.ts";
import { FoundMessages } from "../rooms/found_messages.ts";
import type { Member } from "../rooms/room.ts";
import type { Peer } from "../people/peer.ts";
import type { RateLimiter } from "../upkeep/rate_limiter.ts";

/** The options of {@linkcode Searches}. */
export interface SearchesOptions {
  readonly rates: Pick<RateLimiter, "chargeWork">;
  /** Calls `then` at the end of this turn of the event loop, when the posts that came before are stored. */
  readonly atTurnsEnd: (then: () => void) => void;
  /** The limit of a search that gives none. */
  readonly usual: number;
  /** Called with the reason if the history could not be read. */
  readonly onFailure: (text: string) => void;
}

/** A request to search. */
export interface SearchRequest {
  readonly words: string;
  readonly before?: number | undefined;
  readonly limit?: number | undefined;
  readonly ref?: Ref | undefined;
}

/** The most messages that one search finds. */
const MOST_FOUND = 1000;

/** Carries out searches. Live messages go on meanwhile; the peer's next request waits for the answer. */
export class Searches {
  readonly #options: SearchesOptions;

  constructor(options: SearchesOptions) {
    this.#options = options;
  }

  /**
   * Searches a room for its member.
   *
   * @returns A promise that resolves when it is answered.
   * @throws {Refusal} `bad-message` if the words cannot be searched, `not-allowed` if the history cannot be searched.
   */
  search(peer: Peer, member: Member, request: SearchRequest): Promise<void> {
    const query = queryOf(request.words);
    if (member.room.log.search === undefined) {
      throw new Refusal(
        "not-allowed",
        `Cannot search ${member.room.name}: this chat keeps messages that cannot be searched`,
      );
    }
    return this.#run(peer, { member, query, request });
  }

  async #run(
    peer: Peer,
    { member, query, request }: { member: Member; query: Query; request: SearchRequest },
  ): Promise<void> {
    const { rates, atTurnsEnd, usual, onFailure } = this.#options;
    await new Promise<void>(atTurnsEnd);
    const { words, before = Infinity, limit = usual, ref } = request;
    const { room } = member;
    let found: Found;
    try {
      found = await room.log.search!(query, { before, limit: Math.max(0, Math.min(limit, MOST_FOUND)) });
    } catch (error) {
      if (!(error instanceof HistoryError)) throw error;
      const code: ErrorCode = error instanceof BusyError ? "busy" : "not-stored";
      if (code === "not-stored") onFailure(error.message);
      return peer.say({ type: "error", code, text: error.message, ref });
    }
    rates.chargeWork(peer, found.ms);
    peer.sendPieces(new FoundMessages({ member, replay: found.replay, words, ref, onFailure }));
  }
}

function queryOf(words: string): Query {
  try {
    return parseQuery(words);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    throw new Refusal("bad-message", error.message);
  }
}
