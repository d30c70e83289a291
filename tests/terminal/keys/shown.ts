import type { Typed } from "../../../lib/terminal/keys/key.ts";

/** Shows keys and pastes in a line: names, typed characters (a blank as ␠), pastes in braces, and what the terminal reports in angle brackets. */
export function shown(typed: readonly Typed[]): string {
  return typed.map((each) => {
    if ("pasted" in each) return `{${each.pasted}}`;
    if ("background" in each) return `<${each.background}>`;
    if ("isFocused" in each) return each.isFocused ? "<in>" : "<out>";
    return each.name === "" ? each.text.replaceAll(" ", "␠") : each.name;
  }).join(" ");
}
