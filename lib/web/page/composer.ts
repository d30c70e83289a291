/** The page's input: several lines, completion by Tab, sent lines by ↑, and commands. */

import type { Model } from "./state/model.ts";

/** The options of {@linkcode compose}. */
export interface ComposerOptions {
  readonly input: HTMLTextAreaElement;
  readonly model: Model;
  /** Takes the typed text. Returns true if the input is to be cleared. */
  readonly enter: (text: string) => boolean;
}

/** How many sent lines are kept. */
const KEPT = 100;

/** Attaches the handlers of the input's keys. Returns a function that puts a text into the input. */
export function compose({ input, model, enter }: ComposerOptions): (text: string) => void {
  const sent: string[] = [];
  let at = 0;
  const grow = () => {
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, 200)}px`;
  };
  const put = (text: string) => {
    input.value = text;
    input.setSelectionRange(text.length, text.length);
    grow();
  };
  const post = () => {
    const text = input.value;
    if (text.trim() === "") return;
    // What was typed may lead to another place, with a draft of its own.
    put("");
    if (!enter(text)) return put(text);
    sent.push(text);
    if (sent.length > KEPT) sent.shift();
    at = sent.length;
  };
  input.addEventListener("input", grow);
  input.form?.addEventListener("submit", (event) => {
    event.preventDefault();
    post();
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey && !event.ctrlKey) {
      event.preventDefault();
      post();
    } else if (event.key === "Tab" && !event.shiftKey) {
      const completed = complete(input.value, input.selectionStart, model);
      if (completed === null) return;
      event.preventDefault();
      input.value = completed.text;
      input.setSelectionRange(completed.at, completed.at);
    } else if (event.key === "ArrowUp" && isOnFirstLine(input) && at > 0) {
      event.preventDefault();
      put(sent[--at]!);
    } else if (event.key === "ArrowDown" && at < sent.length && isOnLastLine(input)) {
      event.preventDefault();
      put(sent[++at] ?? "");
    }
  });
  return put;
}

function isOnFirstLine({ value, selectionStart }: HTMLTextAreaElement): boolean {
  return !value.slice(0, selectionStart).includes("\n");
}

function isOnLastLine({ value, selectionEnd }: HTMLTextAreaElement): boolean {
  return !value.slice(selectionEnd).includes("\n");
}

/** Completes the nick, or the room after `#`, before the cursor. Returns null if none or several match. */
export function complete(
  text: string,
  at: number,
  model: Pick<Model, "places" | "current">,
): { readonly text: string; readonly at: number } | null {
  const [begun = ""] = /\S+$/.exec(text.slice(0, at)) ?? [];
  if (begun === "") return null;
  const people = model.places.get(model.current)?.people ?? [];
  const isFirst = at === begun.length;
  const sign = begun.startsWith("@") ? "@" : "";
  const stem = begun.slice(sign.length).toLowerCase();
  const fitting = people.filter((name) => name.toLowerCase().startsWith(stem));
  if (stem === "" || fitting.length !== 1) return null;
  const whole = sign + fitting[0]! + (isFirst && sign === "" ? ": " : " ");
  return {
    text: text.slice(0, at - begun.length) + whole + text.slice(at),
    at: at - begun.length + whole.length,
  };
}
