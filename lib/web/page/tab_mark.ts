/** The tab: unread counts in its title and icon, and notifications if they are allowed. */

import type { Entry, Place } from "./state/place.ts";

const SIZE = 32;

/** Marks the tab. */
export class TabMark {
  readonly #icon: HTMLLinkElement;
  #shown = "";

  constructor(icon: HTMLLinkElement) {
    this.#icon = icon;
  }

  /** Asks for permission to show notifications. Browsers allow that only after a click. */
  ask(): void {
    if ("Notification" in globalThis && Notification.permission === "default") {
      Notification.requestPermission()?.catch(() => {});
    }
  }

  /** Shows the counts. */
  count({ unread, mentions }: { readonly unread: number; readonly mentions: number }): void {
    const mark = unread === 0 ? "" : mentions > 0 ? `(${unread}!) ` : `(${unread}) `;
    if (this.#shown === mark && this.#icon.href !== "data:,") return;
    this.#shown = mark;
    document.title = `${mark}chat`;
    this.#icon.href = iconOf(unread, mentions > 0);
  }

  /** Shows a notification of an unseen message that mentions this person. */
  notify(place: Place, { from, body, mentionsMe }: Entry, isSeen: boolean): void {
    if (isSeen || !mentionsMe || !("Notification" in globalThis) || Notification.permission !== "granted") {
      return;
    }
    const text = typeof body === "string" ? body.slice(0, 200) : "an object";
    try {
      new Notification(`${from} in ${place.key}`, { body: text, tag: place.key });
    } catch {
      // On telephones, only a service worker may show one.
    }
  }
}

function iconOf(unread: number, isForMe: boolean): string {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE;
  const context = canvas.getContext("2d");
  if (context === null) return "data:,";
  context.fillStyle = isForMe ? "#b3261e" : "#1f5fbf";
  context.beginPath();
  context.arc(SIZE / 2, SIZE / 2, SIZE / 2 - 1, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = "#ffffff";
  context.font = "bold 18px sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(unread === 0 ? "c" : unread > 99 ? "99" : String(unread), SIZE / 2, SIZE / 2 + 1);
  return canvas.toDataURL("image/png");
}
