/** The posts of this page that are not acked yet, and those that were refused. */

import { button, el } from "./dom.ts";
import { oneLine } from "./object_view.ts";
import type { Pending } from "./place.ts";

/** The most characters of a text that are shown. */
const BEGINNING = 120;

/** The choices about a refused post. */
export interface PendingChoices {
  readonly again: (post: Pending) => void;
  readonly drop: (post: Pending) => void;
}

/** Makes a row for each post. */
export function pendingRows(posts: readonly Pending[], { again, drop }: PendingChoices): HTMLElement[] {
  return posts.map((post) => {
    const { body, place, refused } = post;
    const text = typeof body === "string" ? body.slice(0, BEGINNING) : oneLine(body);
    if (refused === undefined) return el("li", {}, `… sending to ${place}: ${text}`);
    const buttons = [button("again", () => again(post)), button("drop", () => drop(post))];
    return el("li", { class: "refused" }, `✗ not sent: ${refused} `, ...buttons, ` ${text}`);
  });
}
