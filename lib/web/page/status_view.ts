/** Status line of the page: the state of its connection, and notices that disappear after a while. */

import { button } from "./dom.ts";
import type { LinkState } from "./link.ts";

/** The time for which a notice is shown, in milliseconds. */
const NOTICE_MS = 12_000;

/** The options of a {@linkcode StatusView}. */
export interface StatusViewOptions {
  /** The element for the connection. */
  readonly status: HTMLElement;
  /** The element for notices. */
  readonly notice: HTMLElement;
  /** Connects at once. */
  readonly connect: () => void;
}

/** Shows notices, and the state of the connection or a form that has to be filled in first. */
export class StatusView {
  readonly #options: StatusViewOptions;
  #noticeTimer: ReturnType<typeof setTimeout> | undefined;
  #form: HTMLFormElement | null = null;

  constructor(options: StatusViewOptions) {
    this.#options = options;
  }

  /** Shows a form in place of the connection, until it is dropped. */
  ask(form: HTMLFormElement): void {
    const { status } = this.#options;
    this.#form = form;
    status.replaceChildren(form);
    status.hidden = false;
    form.querySelector("input")?.focus();
  }

  /** Drops the form. */
  answered(): void {
    this.#form = null;
    this.#options.status.hidden = true;
  }

  /** Shows the state of the connection. */
  link(state: LinkState): void {
    const { status, connect } = this.#options;
    if (state.is === "open") this.#form = null;
    status.hidden = state.is === "open";
    if (this.#form !== null) return;
    if (state.is === "connecting") status.replaceChildren("connecting …");
    if (state.is === "lost") {
      const seconds = Math.round(state.retryMs / 1000);
      const text = `the connection is lost; trying again in ${seconds} s `;
      status.replaceChildren(text, button("now", connect));
    }
    if (state.is === "silent") {
      const text = `no answer from the listener for ${state.seconds} s: what you post may arrive late `;
      status.replaceChildren(text, button("reconnect", connect));
    }
    if (state.is === "ended") status.replaceChildren(`${state.text} `, button("connect again", connect));
  }

  /** Shows a notice for a while. */
  notice(text: string): void {
    const { notice } = this.#options;
    notice.textContent = text;
    notice.hidden = false;
    clearTimeout(this.#noticeTimer);
    this.#noticeTimer = setTimeout(() => notice.hidden = true, NOTICE_MS);
  }

  /** Takes the notice away, because it is out of date. */
  done(): void {
    this.#options.notice.hidden = true;
  }
}
