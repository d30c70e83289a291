/** Reading keys from a stream of bytes, with a clock for sequences that end with a silence. */

import type { Clock } from "../../base/clock.ts";
import { KeyDecoder } from "./decoder.ts";
import type { Typed } from "./key.ts";

/** The options of {@linkcode readKeys}. */
export interface ReadKeysOptions {
  readonly clock: Clock;
  /** Called with each key, and with each paste as a whole. */
  readonly take: (typed: Typed) => void;
}

/**
 * Reads keys until the input ends.
 *
 * @param input The bytes that a terminal in raw mode sends.
 * @returns A promise that resolves at the end of the input, and rejects with any error of reading or of `take`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { SYSTEM_CLOCK } from "../../base/clock.ts";
 * import { readKeys } from "./read_keys.ts";
 *
 * const typed: unknown[] = [];
 * const input = ReadableStream.from([new TextEncoder().encode("a\x1b[D\x1b[200~two\rlines\x1b[201~")]);
 * await readKeys(input, { clock: SYSTEM_CLOCK, take: (key) => typed.push(key) });
 * assertEquals(typed, [{ name: "", text: "a" }, { name: "left", text: "" }, { pasted: "two\nlines" }]);
 * ```
 */
export async function readKeys(input: ReadableStream<Uint8Array>, options: ReadKeysOptions): Promise<void> {
  const { clock, take } = options;
  const decoder = new KeyDecoder();
  const reader = input.getReader();
  const fault = Promise.withResolvers<never>();
  let stop = () => {};
  const expire = () => {
    try {
      decoder.expire().forEach(take);
    } catch (error) {
      fault.reject(error);
    }
  };
  for (;;) {
    const { value, done } = await Promise.race([reader.read(), fault.promise]);
    stop();
    if (done) break;
    decoder.push(value).forEach(take);
    const { patience } = decoder;
    stop = patience === undefined ? () => {} : clock.after(patience, expire);
  }
  decoder.expire().forEach(take);
}
