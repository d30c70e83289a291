/** What is typed, key by key: node:readline decodes the keys, and pastes are put together. */

import type { DecodedKey } from "./key.ts";
import { PasteReader, type Typed } from "./paste.ts";

/**
 * Reads keys until the input ends.
 *
 * node:readline and what it needs are loaded here and not before: the prompt is on the screen sooner without them, and
 * what is typed meanwhile waits in the terminal.
 *
 * @param input The bytes that a terminal in raw mode sends.
 * @param take Takes each key, and each paste as a whole.
 * @returns A promise that resolves at the end of the input, and rejects with what reading or `take` fails with.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readKeys } from "./keyboard.ts";
 *
 * const typed: unknown[] = [];
 * const input = ReadableStream.from([new TextEncoder().encode("a\x1b[D\x1b[200~two\rlines\x1b[201~")]);
 * await readKeys(input, (key) => typed.push(key));
 * assertEquals(typed, [{ name: "a", text: "a" }, { name: "left", text: "" }, { pasted: "two\nlines" }]);
 * ```
 */
export async function readKeys(
  input: ReadableStream<Uint8Array>,
  take: (typed: Typed) => void,
): Promise<void> {
  const { EventEmitter } = await import("node:events");
  const { emitKeypressEvents } = await import("node:readline");
  // It listens to "data" and emits "keypress", and asks no more of a stream than that.
  const keys = new EventEmitter();
  emitKeypressEvents(keys as NodeJS.ReadableStream);
  const paste = new PasteReader();
  keys.on("keypress", (_text: string | undefined, key: DecodedKey) => {
    const typed = paste.take(key);
    if (typed !== null) take(typed);
  });
  for await (const bytes of input) keys.emit("data", bytes);
}
