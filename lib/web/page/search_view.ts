/** The results of a search, in a dialog: each leads to its message if that is loaded, and older ones can be asked for. */

import { clean } from "../../base/text.ts";
import { oneLine } from "./body/object_view.ts";
import { clockView, dayOf } from "./body/time.ts";
import { button, byId, el, openDialog } from "./dom.ts";
import type { Entry } from "./state/place.ts";

/** The choices about results. */
export interface HitChoices {
  /** Returns a function that shows a message; null if the message is not loaded. */
  readonly goTo: (entry: Entry) => (() => void) | null;
  /** Finds older ones; null if there are none. */
  readonly more: (() => void) | null;
}

/** Shows the messages that were found, or the text `none`. */
export function showHits(where: string, entries: readonly Entry[], none: string, choices: HitChoices): void {
  const rows = entries.map((entry) => hitView(entry, choices.goTo(entry)));
  const more = choices.more === null ? [] : [button("older ones", choices.more, { class: "more" })];
  openDialog(`Found in ${where}`, el("div", {}, ...(rows.length === 0 ? [none] : rows), ...more));
}

function hitView(entry: Entry, go: (() => void) | null): HTMLElement {
  const { id, at, from, body } = entry;
  const text = typeof body === "string" ? clean(body.slice(0, 200)) : oneLine(body);
  const parts = [
    id === undefined ? "" : `#${id} `,
    `${dayOf(at)} `,
    clockView(at),
    ` ${clean(from)}: ${text}`,
  ];
  if (go === null) return el("div", { class: "hit" }, ...parts);
  const row = el("button", {
    class: "hit",
    attributes: { type: "button" },
    click: () => {
      byId<HTMLDialogElement>("dialog").close();
      go();
    },
  }, ...parts);
  return row;
}
