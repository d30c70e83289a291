import { run } from "./loop.ts";
import { forgetTexts } from "../keys/hash.ts";
import { keyWork } from "../values/work.ts";
import { DEFAULT_LIMITS, type PickleLimits, withDefaults } from "../values/limits.ts";
import { type Resolvers, type StringEncoding, Unpickler } from "./unpickler.ts";
import type { Value } from "../values/values.ts";

export type { Resolvers, StringEncoding };

/** What {@linkcode decode} may be told. */
export interface DecodeOptions extends Resolvers {
  /** Limits that differ from {@linkcode DEFAULT_LIMITS}. */
  readonly limits?: Partial<PickleLimits> | undefined;
  /** Whether bytes and bytearrays may be views of the pickle's own bytes instead of copies: fast, but they share its memory. */
  readonly views?: boolean | undefined;
  /** How 8-bit strings of Python 2 are read; "ascii" where nothing is said, as in CPython. */
  readonly strings?: StringEncoding | undefined;
}

/** Made once, since a message takes less time than its stack and memo would take to make. */
let idle: Unpickler | undefined = new Unpickler();

/** Keys of a small pickle may be looked at this often, whatever its size. */
const FREE_KEY_WORK = 1 << 20;

/**
 * Decodes a pickle of protocol 0 to 5, as CPython's pickletools specifies it. Nothing is imported or called: what a pickle
 * names and calls becomes a known object where it is on the list of allowed.ts, else a {@linkcode Global} or
 * {@linkcode Inert} one. The time is linear in the size of the bytes, and so is the memory, up to the limits.
 *
 * @param bytes The pickle. After its STOP only zero bytes may follow.
 * @returns The value, as values.ts says. It shares no memory with the bytes unless `views` is set.
 * @throws {PickleError} For bytes that are no such pickle, or more than the limits allow.
 *
 * @example
 * ```ts
 * import { decode } from "./decode.ts";
 * import { Float } from "../values/values.ts";
 * import { assertEquals } from "@std/assert";
 *
 * // pickle.dumps({"a": [1, 2.0]}, 2), less its memo
 * const bytes = new TextEncoder().encode("}X\x01\0\0\0a](K\x01F2.0\nes.");
 * assertEquals(decode(bytes), new Map([["a", [1, new Float(2)]]]));
 * ```
 */
export function decode(bytes: Uint8Array, options?: DecodeOptions): Value {
  // A resolver may decode something itself.
  const unpickler = idle ?? new Unpickler();
  idle = undefined;
  try {
    const limits = options === undefined ? DEFAULT_LIMITS : withDefaults(options.limits);
    unpickler.limits = limits;
    unpickler.fuel = limits.opcodes;
    unpickler.memory = limits.memory;
    unpickler.views = options?.views ?? false;
    unpickler.strings = options?.strings ?? "ascii";
    unpickler.resolvers = options ?? NO_RESOLVERS;
    unpickler.keyWorkStart = keyWork.done;
    unpickler.keyWorkMost = FREE_KEY_WORK + limits.keyWork * bytes.length;
    unpickler.start(bytes);
    return run(unpickler);
  } finally {
    unpickler.release();
    forgetTexts();
    idle = unpickler;
  }
}

const NO_RESOLVERS: Resolvers = {};
