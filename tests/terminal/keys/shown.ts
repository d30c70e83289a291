import type { Typed } from "../../../lib/terminal/keys/key.ts";

/** Shows keys and pastes in a line: names, typed characters (a blank as ␠), pastes in braces, and the background in angle brackets. */
export function shown(typed: readonly Typed[]): string {
  return typed.map((each) => {
    if ("pasted" in each) return `{${each.pasted}}`;
    if ("background" in each) return `<${each.background}>`;
    return each.name === "" ? each.text.replaceAll(" ", "␠") : each.name;
  }).join(" ");
}
