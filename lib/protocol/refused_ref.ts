/** The ref of a payload that was refused before it was read, so that the error can name the post. */

import type { Ref } from "../base/ref.ts";
import { decode } from "../pickle/decode/decode.ts";
import { type Scalar, scalarAt } from "../pickle/verify/scalar_at.ts";
import { isRef, MAX_REF_LENGTH } from "./message.ts";

/** A payload up to this size is decoded; of a longer one only so much at each end is searched, in bytes. */
const SEARCHED = 64 * 1024;

/** The longest scalar that can be a ref, in bytes of UTF-8. */
const LONGEST = 4 * MAX_REF_LENGTH;

/** The key "ref" as the protocols of pickles write it; of SHORT_BINUNICODE and SHORT_BINSTRING without the opcode. */
const KEYS = ["\x03ref", "X\x03\0\0\0ref", "Vref\n", "S'ref'\n", 'S"ref"\n'].map((key) =>
  new TextEncoder().encode(key)
);

/**
 * Reads the ref of a payload that verification refused.
 *
 * An unsafe pickle can still be decoded here, where nothing is called. In a damaged one the key "ref" is searched; where it
 * stands there more than once with other values, it is not known which is the message's.
 *
 * @returns Undefined where no ref can be read.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { refOfRefused } from "./refused_ref.ts";
 *
 * const damaged = new TextEncoder().encode("(dX\x03\0\0\0refK\x07sX\x04\0\0\0typeX\x07\0\0\0messages~");
 * assertEquals(refOfRefused(damaged), 7);
 * ```
 */
export function refOfRefused(payload: Uint8Array): Ref | undefined {
  if (payload.length <= SEARCHED) {
    try {
      const message = decode(payload);
      const ref = message instanceof Map ? message.get("ref") : undefined;
      return isRef(ref) ? ref : undefined;
    } catch {
      // It is damaged.
    }
  }
  const refs = new Set<Ref>();
  for (const ref of search(payload.subarray(0, SEARCHED))) refs.add(ref);
  for (const ref of search(payload.subarray(Math.max(SEARCHED, payload.length - SEARCHED)))) refs.add(ref);
  return refs.size === 1 ? [...refs][0] : undefined;
}

/** Finds the refs that stand behind the key. */
function* search(bytes: Uint8Array): Generator<Ref> {
  for (const key of KEYS) {
    for (let at = indexOf(bytes, key, 0); at !== -1; at = indexOf(bytes, key, at + 1)) {
      const ref = scalarIn(bytes, behindMemo(bytes, at + key.length));
      if (isScalarRef(ref)) yield ref;
    }
  }
}

function isScalarRef(value: Scalar | undefined): value is Ref {
  return (typeof value === "string" || typeof value === "number") && isRef(value);
}

function scalarIn(bytes: Uint8Array, at: number): Scalar | undefined {
  try {
    return scalarAt(bytes, at, LONGEST);
  } catch {
    // It is cut off, or damaged.
    return undefined;
  }
}

/** Skips the opcode that puts the key into the memo, where there is one: MEMOIZE, BINPUT, LONG_BINPUT or PUT. */
function behindMemo(bytes: Uint8Array, at: number): number {
  const MEMOIZE = 0x94;
  const [BINPUT, LONG_BINPUT, PUT, NEWLINE] = [0x71, 0x72, 0x70, 0x0a];
  switch (bytes[at]) {
    case MEMOIZE:
      return at + 1;
    case BINPUT:
      return at + 2;
    case LONG_BINPUT:
      return at + 5;
    case PUT:
      return bytes.indexOf(NEWLINE, at) + 1;
    default:
      return at;
  }
}

function indexOf(bytes: Uint8Array, key: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(key[0]!, from); at !== -1; at = bytes.indexOf(key[0]!, at + 1)) {
    if (key.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}
