/** The form that asks for the code of a private chat, and for a name. */

import { el } from "./dom.ts";

/** The options of {@linkcode codeForm}. */
export interface CodeFormOptions {
  /** The question. */
  readonly text: string;
  /** The name that is known; empty if none is. */
  readonly nick: string;
  /** Takes the code and the name. Returns false if the text is not a code. */
  readonly join: (code: string, nick: string) => boolean;
  /** Whether a text is a code. */
  readonly isCode: (text: string) => boolean;
}

/** Makes the form. The caller shows it and focuses its first field. */
export function codeForm({ text, nick, isCode, join }: CodeFormOptions): HTMLFormElement {
  const code = el("input", {
    attributes: { "aria-label": "code", placeholder: "k7qm-2xhp-9dnv-c4ta", autocomplete: "off" },
  });
  const name = el("input", {
    attributes: { "aria-label": "your name", placeholder: "your name, which stays", maxlength: "32" },
  });
  name.value = nick;
  let wasAsked = false;
  const wrong = el("p", { role: "alert" });
  const form = el(
    "form",
    { class: "code" },
    el("p", {}, text),
    code,
    " ",
    name,
    " ",
    el("button", { class: "main" }, "Join"),
    wrong,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const isNameless = name.value.trim() === "";
    if (isNameless && isCode(code.value) && !wasAsked) {
      wasAsked = true;
      wrong.textContent = "type your name, which cannot be changed later; " +
        "or leave it empty and join again if the code was made for a name";
      return name.focus();
    }
    if (join(code.value, name.value.trim())) return;
    wrong.textContent = "a code has 16 letters and digits, such as k7qm-2xhp-9dnv-c4ta";
  });
  return form;
}
