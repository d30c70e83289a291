import { type Key, keyOf } from "../../lib/terminal/key.ts";

/** Gives the key of a name as {@linkcode Key} has it, or of a typed character. */
export function key(name: string): Key {
  if (name === "C-_") return keyOf({ sequence: "\x1F" });
  const [, ctrl, meta, rest] = /^(C-)?(M-)?(.+)$/su.exec(name)!;
  if (!ctrl && !meta && [...rest!].length === 1) return keyOf({ sequence: rest! });
  return keyOf({ name: rest!, ctrl: Boolean(ctrl), meta: Boolean(meta), sequence: "\x1b" });
}

/** Gives the keys that type a text, one for each code point, as node:readline does. */
export function typed(text: string): Key[] {
  return [...text].map((char) => keyOf({ sequence: char }));
}
