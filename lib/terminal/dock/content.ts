/** The content of the dock besides the typed text: the prompt, joins and leaves, and posts that are not acked. */

import { clean } from "../../base/text.ts";
import { showBody } from "../../view/show.ts";
import type { Transcript } from "../transcript.ts";
import { promptText } from "./prompt.ts";

/** The content of the dock now, by a clock in milliseconds since 1970. Its methods change nothing. */
export class DockContent {
  readonly #transcript: Transcript;
  readonly #now: () => number;

  constructor(transcript: Transcript, now: () => number) {
    this.#transcript = transcript;
    this.#now = now;
  }

  /** Returns the prompt in at most `columns` columns. */
  prompt(columns: number): string {
    const { rooms, nick, mode } = this.#transcript;
    return promptText({
      nick: clean(nick),
      room: mode === "plain" ? "plain" : clean(rooms.here),
      news: rooms.unread.filter(({ place }) => !("room" in place) || place.room !== rooms.here)
        .map(({ place, ...rest }) => ({
          place: "room" in place ? clean(place.room) : `@${clean(place.person)}`,
          ...rest,
        })),
      state: this.#linkText(),
    }, columns);
  }

  /** Returns the texts of the rows above the input line. */
  texts(): string[] {
    const { pending, link, presence } = this.#transcript;
    const { posts, more } = pending.shown(this.#now());
    const mark = link?.is === "ready" ? "sending" : "waiting";
    const rows = posts.map((dict) => `${mark} … ${showBody(dict.get("body") ?? null).text.split("\n")[0]}`);
    return [...presence, ...rows, ...more === 0 ? [] : [`${mark} … and ${more} more`]];
  }

  /** Returns all of it, to see whether it has changed. */
  all(columns: number): string {
    return [this.prompt(columns), ...this.texts()].join("\n");
  }

  /** Returns the time in ms after which it changes by itself; null where it does not. */
  changesIn(): number | null {
    const now = this.#now();
    const { pending, link, retryAt } = this.#transcript;
    const post = pending.changesIn(now);
    const left = retryAt - now;
    const second = link?.is === "lost" && left > 0 ? left % 1000 || 1000 : null;
    return post === null || second === null ? post ?? second : Math.min(post, second);
  }

  #linkText(): string {
    const { link, mode, retryAt } = this.#transcript;
    // Connected but not welcomed lasts a moment at each start and is not shown; after a loss it is.
    if (link === null || link.is === "ready" || link.is === "open" && mode === null) return "";
    if (link.is !== "lost") return "connecting";
    const seconds = Math.ceil((retryAt - this.#now()) / 1000);
    return seconds > 0 ? `offline, ${seconds} s` : "offline";
  }
}
