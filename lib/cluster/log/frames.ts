/** Conversion between frames and the payloads of a batch, which lack the header, the padding and the id. */

import { frameSize, HEADER_SIZE, writeHeader } from "../../frame/mod.ts";
import { endsAsEnvelope, idStampLength, writeWithId } from "../../pickle/stamp.ts";
import type { BatchPost } from "./batch.ts";

/** Frames of this size or more get memory of their own, which a ring can keep without a copy. */
const LONG = 32 * 1024;

/** Writes ids into payloads. */
export interface IdStamp {
  /** Whether an id can be written into a payload. */
  readonly fits: (payload: Uint8Array) => boolean;
  /** The bytes that an id adds. */
  readonly length: (id: number) => number;
  /** Writes a payload with an id. */
  readonly write: (target: Uint8Array, offset: number, payload: Uint8Array, id: number) => void;
}

/** The stamp for pickles that the hub has stamped without an id. */
export const PICKLE_STAMP: IdStamp = { fits: endsAsEnvelope, length: idStampLength, write: writeWithId };

/** Returns the payload of a frame without its padding. A pickle does not end with a zero. */
export function payloadOf(frame: Uint8Array): Uint8Array {
  let end = frame.length;
  while (end > HEADER_SIZE && frame[end - 1] === 0) end--;
  return frame.subarray(HEADER_SIZE, end);
}

/** The frames of several posts with consecutive ids. */
export class FrameWriter {
  readonly #stamp: IdStamp;
  #memory: Uint8Array;

  /** @param capacity The sum of the lengths of the payloads, for which memory is allocated in one piece. */
  constructor(stamp: IdStamp, capacity: number, posts: number) {
    this.#stamp = stamp;
    this.#memory = new Uint8Array(Math.min(LONG * 8, capacity + 64 * posts));
  }

  /** Returns the frame of a payload with its id. */
  frame(payload: Uint8Array, id: number): Uint8Array {
    const { length, write } = this.#stamp;
    const size = payload.length + length(id);
    const frame = this.#take(frameSize(size));
    writeHeader(frame, 0, frame.length - HEADER_SIZE);
    write(frame, HEADER_SIZE, payload, id);
    return frame;
  }

  #take(size: number): Uint8Array {
    if (size >= LONG) return new Uint8Array(size);
    if (this.#memory.length < size) this.#memory = new Uint8Array(8 * LONG);
    const taken = this.#memory.subarray(0, size);
    this.#memory = this.#memory.subarray(size);
    return taken;
  }
}

/** The payload in place of one that takes no id: `{"type": "message", "body": None}`. */
const NOTHING = Uint8Array.from(
  "\x80\x04}(\x8c\x04type\x8c\x07message\x8c\x04bodyNu.",
  (character) => character.charCodeAt(0),
);

/**
 * Returns the payloads of a batch. A payload that takes no id was not written by a listener; a message without a body
 * replaces it, because its id is used up.
 *
 * @param posts As {@linkcode parseBatch} returns them for a body of this length.
 */
export function payloadsOf(posts: readonly BatchPost[], body: Uint8Array, stamp: IdStamp): Uint8Array[] {
  let at = 0;
  return posts.map(({ size }) => {
    const payload = body.subarray(at, at += size);
    return stamp.fits(payload) ? payload : NOTHING;
  });
}
