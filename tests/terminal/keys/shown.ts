import type { Typed } from "../../../lib/terminal/keys/key.ts";

/** Shows keys and pastes in a line: names, typed characters (a blank as ␠), and pastes in braces. */
export function shown(typed: readonly Typed[]): string {
  return typed.map((each) => {
    if ("pasted" in each) return `{${each.pasted}}`;
    return each.name === "" ? each.text.replaceAll(" ", "␠") : each.name;
  }).join(" ");
}
