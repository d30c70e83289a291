/** Decoding of pickles to values. */
import { run } from "./loop.ts";
import { forgetTexts } from "../keys/hash.ts";
import { keyWork } from "../values/work.ts";
import { DEFAULT_LIMITS, type PickleLimits, withDefaults } from "../values/limits.ts";
import { type Resolvers, type StringEncoding, Unpickler } from "./unpickler.ts";
import type { Value } from "../values/values.ts";

export type { Resolvers, StringEncoding };

/** Options of {@linkcode decode}. */
export interface DecodeOptions extends Resolvers {
  /** Limits that differ from {@linkcode DEFAULT_LIMITS}. */
  readonly limits?: Partial<PickleLimits> | undefined;
  /** Whether bytes and bytearrays may be views of the pickle's bytes instead of copies: fast, but they share its memory. */
  readonly views?: boolean | undefined;
  /** The encoding of 8-bit strings of Python 2; "ascii" by default, as in CPython. */
  readonly strings?: StringEncoding | undefined;
}

/** One decoder is reused, since decoding a message takes less time than allocating its stack and memo. */
let idle: Unpickler | undefined = new Unpickler();

/** The work on keys that is free for a pickle of any size. */
const FREE_KEY_WORK = 1 << 20;

/**
 * Decodes a pickle of protocol 0 to 5, as CPython's pickletools specifies it. Nothing is imported or called: names and calls on
 * the allow-list become known objects, all others become {@linkcode Global} and {@linkcode Inert} objects. Time and memory are
 * linear in the size of the pickle, up to the limits.
 *
 * @param bytes The pickle. Only zero bytes may follow its STOP.
 * @returns The value, see {@linkcode Value}. It shares no memory with the bytes unless `views` is set.
 * @throws {PickleError} For bytes that are not a pickle, or that exceed a limit.
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
  // A resolver may call decode itself.
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
