/** Frames as a listener writes them. */

import { encodeFrame } from "../lib/frame/mod.ts";
import { encode } from "../lib/pickle/encode/encode.ts";
import type { Value } from "../lib/pickle/values/values.ts";

/** A message of a room. */
export function messageFrame(message: Record<string, Value>): Uint8Array {
  return encodeFrame(encode(new Map<Value, Value>([["type", "message"], ...Object.entries(message)])));
}
