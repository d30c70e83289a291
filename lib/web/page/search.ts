/** Searches of the page: asks the listener, or looks into the loaded messages where the listener cannot search. */

import type { Value } from "../../pickle/values/values.ts";
import { messageOf } from "./state/dict.ts";
import { findWords } from "./state/find.ts";
import type { Model } from "./state/model.ts";
import { SEARCH_REF } from "./state/replays.ts";
import type { Entry, Place } from "./state/place.ts";
import { showHits } from "./search_view.ts";

/** The most messages that a search shows. */
const MOST_HITS = 100;
/** The codes of a listener that cannot search. */
const CANNOT_SEARCH: ReadonlySet<string> = new Set(["not-allowed", "unknown-type"]);

/** The options of a {@linkcode Search}. */
export interface SearchOptions {
  readonly model: () => Model;
  readonly say: (message: Map<Value, Value>) => void;
  readonly notice: (text: string) => void;
  /** Shows a loaded message of the place that is shown. */
  readonly goTo: (entry: Entry) => void;
}

/** Finds messages of the place that is shown. */
export class Search {
  readonly #options: SearchOptions;
  #words = "";

  constructor(options: SearchOptions) {
    this.#options = options;
  }

  /** Asks for the newest messages that contain the words, or for those before an id. */
  ask(words: string, before: number | null = null): void {
    this.#words = words;
    const room = this.#options.model().current;
    if (room.startsWith("@")) return this.#searchLoaded();
    this.#options.say(messageOf({ type: "search", room, words, limit: MOST_HITS, before, ref: SEARCH_REF }));
  }

  /** Handles an answer. */
  found(place: Place, entries: readonly Entry[]): void {
    const [oldest] = entries;
    const before = entries.length < MOST_HITS ? undefined : oldest?.id;
    const more = before === undefined ? null : () => this.ask(this.#words, before);
    this.#show(place, entries, "no messages found in this room", more);
  }

  /** Handles a refusal. */
  refused(code: string, text: string): void {
    if (CANNOT_SEARCH.has(code)) this.#searchLoaded();
    else this.#options.notice(text);
  }

  /** A private conversation is not kept by the listener. */
  #searchLoaded(): void {
    const model = this.#options.model();
    const place = model.place(model.current);
    const hits = findWords(place.entries, this.#words).slice(-MOST_HITS);
    this.#show(place, hits, "no messages found among those that are loaded", null);
  }

  #show(place: Place, hits: readonly Entry[], none: string, more: (() => void) | null): void {
    showHits(place.key, hits, none, {
      more,
      goTo: (hit) => {
        const loaded = place.entries.find(({ id, key }) =>
          hit.id === undefined ? key === hit.key : id === hit.id
        );
        return loaded === undefined ? null : () => this.#options.goTo(loaded);
      },
    });
  }
}
