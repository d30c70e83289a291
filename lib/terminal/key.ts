/** A key as node:readline decodes it. */
export interface DecodedKey {
  readonly sequence?: string | undefined;
  readonly name?: string | undefined;
  readonly ctrl?: boolean | undefined;
  readonly meta?: boolean | undefined;
  readonly shift?: boolean | undefined;
}

/** A key that was pressed. */
export interface Key {
  /** What Emacs calls it: "C-a", "M-b", "left", "C-left", "return"; "" for what has no name. */
  readonly name: string;
  /** The text that it types; "" for a key that types none. */
  readonly text: string;
}

/** Names of node:readline's that mean what another one does; ^H is what some terminals send for backspace. */
const SAME: Readonly<Record<string, string>> = {
  enter: "return",
  "C-backspace": "M-backspace",
  "S-tab": "backtab",
};
const NAMED = /^(?:[a-z]+\d*|[a-z])$/;
const TYPED = /^[^\p{Cc}]+$/u;

/**
 * Reads a key that node:readline's `emitKeypressEvents` decoded.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { keyOf } from "./key.ts";
 *
 * assertEquals(keyOf({ sequence: "\x01", name: "a", ctrl: true }), { name: "C-a", text: "" });
 * assertEquals(keyOf({ sequence: "漢" }), { name: "", text: "漢" });
 * ```
 */
export function keyOf(key: DecodedKey): Key {
  const sequence = key.sequence ?? "";
  const text = !key.ctrl && !key.meta && TYPED.test(sequence) ? sequence : "";
  if (sequence === "\x1F") return { name: "C-_", text };
  if (key.name === undefined || key.name === "undefined" || !NAMED.test(key.name)) return { name: "", text };
  const shifted = key.shift && key.name === "tab" ? "S-" : "";
  const name = (key.ctrl ? "C-" : "") + (key.meta ? "M-" : "") + shifted + key.name;
  return { name: SAME[name] ?? name, text };
}
