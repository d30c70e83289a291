/** The messages of a place, grouped by day, with a line after the last read one. Scrolling up loads older ones. */

import { clean } from "../../base/text.ts";
import type { Value } from "../../pickle/values/values.ts";
import { button, el } from "./dom.ts";
import type { Entry, Place } from "./state/place.ts";
import { type ObjectPlace, objectView } from "./body/object_view.ts";
import { textView } from "./body/text_view.ts";
import { clockView, dayOf } from "./body/time.ts";

/** The options of a {@linkcode LogView}. */
export interface LogViewOptions {
  /** The element that scrolls. */
  readonly scroller: HTMLElement;
  /** The list in it. */
  readonly list: HTMLElement;
  /** Called when older messages are needed. */
  readonly older: (place: Place) => void;
  /** Called when the newest messages, which were left out, are needed. */
  readonly newest: (place: Place) => void;
  /** Returns the name and the pickle of a message's files. */
  readonly files: (place: Place, entry: Entry) => Omit<ObjectPlace, "room">;
}

/**
 * The distance from the top at which older messages are requested, and from the bottom at which new ones are followed,
 * in CSS pixels.
 */
const NEAR_TOP = 200;
const NEAR_BOTTOM = 40;

/** The part of a row's width that is not for pictures: its edge, and the frame around an object. */
const ROW_EDGES = 40;

/** The number of rows that are made at a time, so that keys are handled in between. */
const ROWS_A_FRAME = 120;

/** Shows one place. */
export class LogView {
  readonly #options: LogViewOptions;
  readonly #rows = new Map<number, HTMLElement>();
  /** The entry above each row when its marks were set. The marks of a row change only with that entry. */
  readonly #above = new Map<number, number | undefined>();
  readonly #toNewest: HTMLButtonElement;
  #place: Place | null = null;
  #isPlanned = false;
  #isAtBottom = true;
  /** The width of the list, in CSS pixels. */
  #width: number;
  /** The key and the order of the newest entry when the bottom was last in view. */
  #seenKey = 0;
  #seenOrder = 0;
  /** The id up to which everything was read when the place was opened. */
  #readUpTo = 0;

  constructor(options: LogViewOptions) {
    this.#options = options;
    const { scroller } = options;
    this.#width = scroller.clientWidth;
    this.#toNewest = button("to the newest", () => this.goToNewest(), { class: "to-newest" });
    this.#toNewest.hidden = true;
    scroller.after(this.#toNewest);
    scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    // Rows have their true height only once they are seen, and pictures once they are loaded.
    new ResizeObserver(([list]) => {
      this.#width = list!.contentRect.width;
      this.#stayAtBottom();
    }).observe(options.list);
    // Notices and posts under way leave it less height.
    new ResizeObserver(() => this.#stayAtBottom()).observe(scroller);
  }

  /** Shows the current contents of a place. If it was not shown before, begins at its newest message. */
  show(place: Place): void {
    if (place === this.#place) this.plan();
    else this.open(place);
  }

  /** Shows a place, from its newest message. */
  open(place: Place): void {
    this.#place = place;
    this.#readUpTo = place.readUpTo;
    this.#rows.clear();
    this.#above.clear();
    this.#options.list.replaceChildren();
    this.#isAtBottom = true;
    this.plan();
  }

  /** Shows all changes with the next frame. */
  plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    // A hidden page has no animation frames; the changes are shown when it is visible again.
    requestAnimationFrame(() => {
      this.#isPlanned = false;
      this.#update();
    });
  }

  goToNewest(): void {
    const place = this.#place;
    if (place === null) return;
    this.#isAtBottom = true;
    if (place.isDetached) this.#options.newest(place);
    this.plan();
  }

  /** Shows a message of the place, and marks it for a moment. */
  goTo({ key }: Entry): void {
    const row = this.#rows.get(key);
    if (row === undefined) return;
    this.#isAtBottom = false;
    row.scrollIntoView({ block: "center" });
    row.tabIndex = -1;
    row.focus();
  }

  #update(): void {
    const place = this.#place;
    if (place === null) return;
    const { scroller, list } = this.#options;
    const [height, top] = [scroller.scrollHeight, scroller.scrollTop];
    const firstBefore = list.firstElementChild;
    const wanted = new Set(place.entries.map(({ key }) => key));
    for (const [key, row] of this.#rows) {
      if (wanted.has(key)) continue;
      row.remove();
      this.#rows.delete(key);
      this.#above.delete(key);
    }
    let made = 0;
    let before: Entry | undefined;
    let at: Element | null = list.firstElementChild;
    for (const entry of place.entries) {
      let row = this.#rows.get(entry.key);
      if (row === undefined) {
        if (made === ROWS_A_FRAME) {
          this.plan();
          break;
        }
        made++;
        row = this.#rowOf(place, entry);
        this.#rows.set(entry.key, row);
        list.insertBefore(row, at);
      } else at = row.nextElementSibling;
      if (!this.#above.has(entry.key) || this.#above.get(entry.key) !== before?.key) {
        this.#above.set(entry.key, before?.key);
        this.#setMarks(row, entry, before);
      }
      before = entry;
    }
    if (this.#isAtBottom) this.#stayAtBottom();
    else if (list.firstElementChild !== firstBefore) {
      scroller.scrollTop = top + scroller.scrollHeight - height;
    }
    this.#showNewer(place);
  }

  /** Shows the way to the newest message, with the number of those that came meanwhile. */
  #showNewer(place: Place): void {
    const newest = place.entries.at(-1);
    if (this.#isAtBottom) [this.#seenKey, this.#seenOrder] = [newest?.key ?? 0, newest?.order ?? 0];
    this.#toNewest.hidden = this.#isAtBottom && !place.isDetached;
    if (this.#toNewest.hidden) return;
    const fresh = place.entries.filter(({ key, isNote, order }) =>
      key > this.#seenKey && order >= this.#seenOrder && !isNote
    );
    const forMe = fresh.filter(({ mentionsMe }) => mentionsMe).length;
    const mark = forMe === 0 ? "" : `, ${forMe} for you`;
    this.#toNewest.textContent = fresh.length === 0
      ? "to the newest"
      : `to the newest (${fresh.length} new${mark})`;
  }

  #stayAtBottom(): void {
    const { scroller } = this.#options;
    if (this.#isAtBottom) scroller.scrollTop = scroller.scrollHeight;
  }

  /** Sets the mark above the first message of a day, and the line above the first unread message. */
  #setMarks(row: HTMLElement, entry: Entry, before: Entry | undefined): void {
    const day = dayOf(entry.at);
    if (before === undefined || dayOf(before.at) !== day) row.dataset.day = day;
    else delete row.dataset.day;
    const isFirstNew = this.#readUpTo > 0 && (entry.id ?? 0) > this.#readUpTo && !entry.isOwn &&
      (before?.id ?? 0) <= this.#readUpTo;
    row.querySelector(":scope > .new-from")?.remove();
    if (isFirstNew) row.prepend(el("div", { class: "new-from" }, "new from here"));
  }

  #rowOf(place: Place, entry: Entry): HTMLElement {
    const { body, from, at, isNote, isOwn, mentionsMe, id } = entry;
    if (isNote) {
      return el("li", { class: "note" }, clockView(at), " ", clean(String(body), { newlines: true }));
    }
    const classes = ["message", isOwn ? "own" : "", mentionsMe ? "mention" : ""].filter((name) =>
      name !== ""
    );
    const author = el("span", { class: `author color-${colorOf(from)}` }, from || "—");
    const head = el("div", { class: "head" }, author, " ", clockView(at));
    if (mentionsMe) head.append(el("span", { class: "mark" }, " mentions you"));
    const shown = bodyView(body, () => ({
      ...this.#options.files(place, entry),
      room: this.#width - ROW_EDGES,
    }));
    const attributes = id === undefined ? {} : { "data-id": String(id) };
    return el("li", { class: classes.join(" "), attributes }, el("div", { class: "row" }, head, shown));
  }

  #scrolled(): void {
    const place = this.#place;
    if (place === null) return;
    const { scroller, older } = this.#options;
    this.#isAtBottom = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_BOTTOM;
    this.#showNewer(place);
    if (scroller.scrollTop < NEAR_TOP && !place.isAtStart && !place.isLoading) older(place);
  }
}

/** Shows the body of a message. */
export function bodyView(body: Value, files: () => ObjectPlace): HTMLElement {
  return typeof body === "string" ? textView(body) : objectView(body, files());
}

/** How many colors names have. */
const COLORS = 8;

/** Returns the color of a name, which is always the same. */
export function colorOf(name: string): number {
  let hash = 0;
  for (const character of name.toLowerCase()) hash = (hash * 31 + character.codePointAt(0)!) >>> 0;
  return hash % COLORS;
}
