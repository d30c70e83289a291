import type { Key } from "../../lib/terminal/keys/key.ts";

/** Gives the key of a name as {@linkcode Key} has it, or of a typed character. */
export function key(name: string): Key {
  return [...name].length === 1 ? { name: "", text: name } : { name, text: "" };
}

/** Gives the keys that type a text, one for each code point, as the decoder does. */
export function typed(text: string): Key[] {
  return [...text].map(key);
}
