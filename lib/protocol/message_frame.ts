/** Frames that carry a listener's message. */

import { encodeFrame } from "../frame/mod.ts";
import { encode } from "../pickle/encode/encode.ts";
import { listenerDict, type ListenerMessage } from "./message.ts";

/** Encodes a message of the listener as a frame. */
export function encodeMessageFrame(message: ListenerMessage): Uint8Array {
  return encodeFrame(encode(listenerDict(message)));
}
