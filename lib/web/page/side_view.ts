/** The side bar: the rooms, and the people in the room that is shown. */

import { button, el } from "./dom.ts";
import { colorOf } from "./log_view.ts";
import type { Model } from "./state/model.ts";
import type { Place } from "./state/place.ts";

/** The elements that {@linkcode showSide} fills, and the callback for a choice. */
export interface SideViewOptions {
  readonly places: HTMLElement;
  readonly people: HTMLElement;
  readonly heading: HTMLElement;
  readonly topic: HTMLElement;
  /** The part about people, which a private conversation does not have. */
  readonly section: HTMLElement;
  /** The number of unseen messages in other places, on the button that opens the side bar of a telephone. */
  readonly badge: HTMLElement;
  readonly close: (key: string) => void;
  readonly show: (key: string) => void;
}

/** The most people that are listed. */
const MOST_PEOPLE = 200;

/** Shows the places with their counts, the people, and the topic. */
export function showSide(model: Model, options: SideViewOptions): void {
  const { places, people, heading, topic, section, badge, show } = options;
  places.replaceChildren(...[...model.places.values()].map((place) => placeView(place, model, options)));
  const place = model.places.get(model.current);
  heading.textContent = place?.key ?? "";
  topic.textContent = place?.topic ?? "";
  section.hidden = place === undefined || place.isPrivate;
  const { unread, mentions } = unreadOf(model);
  badge.textContent = unread === 0 ? "" : mentions > 0 ? ` ${unread} !` : ` ${unread}`;
  const names = place?.people.slice(0, MOST_PEOPLE) ?? [];
  people.replaceChildren(...names.map((name) => personView(name, model, show)));
  const more = (place?.count ?? 0) - names.length;
  if (more > 0) people.append(el("li", { class: "more" }, `and ${more} more`));
}

function placeView(place: Place, model: Model, { show, close }: SideViewOptions): HTMLElement {
  const isCurrent = place.key === model.current;
  const parts = {
    class: isCurrent ? "current" : "",
    attributes: isCurrent ? { "aria-current": "true" } : {},
  };
  const row = button(place.key, () => show(place.key), parts);
  if (place.unread > 0) {
    const label = place.mentions > 0
      ? `${place.unread} unread, ${place.mentions} for you`
      : `${place.unread} unread`;
    const count = place.mentions > 0 ? `${place.unread} !` : String(place.unread);
    row.append(" ", el("span", { class: "count", attributes: { "aria-label": label } }, count));
  }
  if (model.pending.some(({ refused, place: key }) => refused !== undefined && key === place.key)) {
    row.append(
      " ",
      el("span", { class: "count", attributes: { role: "img", "aria-label": "a post was not sent" } }, "✗"),
    );
  }
  if (!place.isPrivate) return el("li", {}, row);
  const closing = { class: "close", attributes: { "aria-label": `close ${place.key}` } };
  return el("li", { class: "talk" }, row, button("×", () => close(place.key), closing));
}

function personView(name: string, model: Model, show: (key: string) => void): HTMLElement {
  if (name === model.nick) {
    return el("li", {}, el("span", { class: `color-${colorOf(name)}` }, `${name} (you)`));
  }
  return el("li", {}, button(name, () => show(`@${name}`), { class: `color-${colorOf(name)}` }));
}

/** Returns the number of unseen messages, and of those that mention this person. */
export function unreadOf(model: Model): { readonly unread: number; readonly mentions: number } {
  let [unread, mentions] = [0, 0];
  for (const place of model.places.values()) {
    unread += place.unread;
    mentions += place.mentions;
  }
  return { unread, mentions };
}
