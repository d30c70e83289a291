/** The posts of this page that are not acked yet, and those that were refused. */

import { clean } from "../../base/text.ts";
import { button, el } from "./dom.ts";
import { oneLine } from "./body/object_view.ts";
import type { Pending } from "./state/place.ts";

/** The most characters of a text that are shown. */
const BEGINNING = 120;

/** The choices about a refused post. */
export interface PendingChoices {
  readonly again: (post: Pending) => void;
  readonly drop: (post: Pending) => void;
}

/** Makes a row for each post. Without a connection, posts wait for it and can be dropped. */
export function pendingRows(
  posts: readonly Pending[],
  isOpen: boolean,
  { again, drop }: PendingChoices,
): HTMLElement[] {
  return posts.map((post) => {
    const { body, place, refused } = post;
    const text = typeof body === "string" ? clean(body.slice(0, BEGINNING)) : oneLine(body);
    const dropIt = button("drop", () => drop(post));
    if (refused !== undefined) {
      return el(
        "li",
        { class: "refused" },
        `✗ not sent: ${clean(refused)} `,
        button("again", () => again(post)),
        dropIt,
        ` ${text}`,
      );
    }
    if (isOpen) return el("li", {}, `… sending to ${place}: ${text}`);
    return el("li", {}, `… not sent yet, there is no connection `, dropIt, ` ${text}`);
  });
}
