/** Texts of messages: line breaks kept, addresses as links, long ones folded. */

import { clean } from "../../../base/text.ts";
import { button, el } from "../dom.ts";

/** The most characters and lines of a folded text. */
const MOST_CHARACTERS = 2000;
const MOST_LINES = 20;

const ADDRESS = /\bhttps?:\/\/[^\s\p{Cc}<>"']*[^\s\p{Cc}<>"'.,;:!?)\]}]/gu;

/** Shows a text. */
export function textView(text: string): HTMLElement {
  const cut = foldAt(text);
  const whole = el("div", { class: "text" });
  if (cut === null) {
    whole.append(...linked(text));
    return whole;
  }
  whole.append(...linked(text.slice(0, cut)));
  const more = button(`… show all ${text.length} characters`, () => {
    whole.replaceChildren(...linked(text));
  });
  whole.append(more);
  return whole;
}

/** Finds the place at which a long text is folded; null for a short one. */
function foldAt(text: string): number | null {
  let at = -1;
  for (let line = 0; line < MOST_LINES; line++) {
    at = text.indexOf("\n", at + 1);
    if (at < 0) break;
  }
  const cut = at < 0 ? MOST_CHARACTERS : Math.min(at, MOST_CHARACTERS);
  return cut < text.length ? cut : null;
}

/** Returns a text as text nodes, with links for the URLs in it. Control characters are shown as escapes. */
function linked(text: string): Node[] {
  const nodes: Node[] = [];
  let at = 0;
  for (const { 0: address, index } of text.matchAll(ADDRESS)) {
    if (!URL.canParse(address)) continue;
    nodes.push(document.createTextNode(clean(text.slice(at, index), { newlines: true })));
    const attributes = { href: address, target: "_blank", rel: "noopener noreferrer" };
    nodes.push(el("a", { attributes }, clean(address)));
    at = index + address.length;
  }
  nodes.push(document.createTextNode(clean(text.slice(at), { newlines: true })));
  return nodes;
}
