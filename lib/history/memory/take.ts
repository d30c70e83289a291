/** Cutting a range out of consecutive messages. */

import { HEADER_SIZE, parseHeader } from "../../frame/mod.ts";
import type { Messages } from "../history.ts";

/**
 * Returns the messages from `first` on, up to `last`: at most `maxBytes`, but at least one message.
 *
 * @param messages Whole frames as a listener writes them; `first` is among them.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { take } from "./take.ts";
 *
 * const frames = new TextEncoder().encode("2         aa2         bb2         cc");
 * const { first, last, frames: taken } = take({ first: 7, last: 9, frames }, { first: 8, last: 9, maxBytes: 20 });
 * assertEquals([first, last, new TextDecoder().decode(taken)], [8, 8, "2         bb"]);
 * ```
 */
export function take(
  { first, last, frames }: Messages,
  wanted: { readonly first: number; readonly last: number; readonly maxBytes: number },
): Messages {
  let start = 0;
  for (let id = first; id < wanted.first; id++) start += frameLength(frames, start);
  if (wanted.last >= last && frames.length - start <= wanted.maxBytes) {
    return { first: wanted.first, last, frames: frames.subarray(start) };
  }
  const end = Math.min(last, wanted.last);
  let at = start + frameLength(frames, start);
  let id = wanted.first;
  for (; id < end; id++) {
    const length = frameLength(frames, at);
    if (at + length - start > wanted.maxBytes) break;
    at += length;
  }
  return { first: wanted.first, last: id, frames: frames.subarray(start, at) };
}

/** The length of the frame at an offset, by its header. */
function frameLength(frames: Uint8Array, offset: number): number {
  return HEADER_SIZE + parseHeader(frames, offset);
}
