/** Errors that cross a layer, each with a `code` for programs and a message for people. */

/** The reason why a stream of frames ended with an error. */
export type FrameErrorCode = "bad-header" | "too-large" | "cut";

/** An error of a stream of frames, which cannot be read any further. */
export class FrameError extends Error {
  override readonly name = "FrameError";
  constructor(readonly code: FrameErrorCode, message: string) {
    super(message);
  }
}

/** An error of the command line; the exit status is 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly code = "usage";
}

/** The exit statuses of `chat`. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  lost: 3,
  refused: 4,
  hungUp: 129,
  interrupted: 130,
  terminated: 143,
} as const;

/** An expected end of the program: one line on standard error and an exit status, no stack trace. */
export class Exit extends Error {
  override readonly name = "Exit";
  readonly code = "exit";
  constructor(readonly status: number, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** The end of a message of the runtime: the number of the operating system, and the call and path that failed. */
const SYSTEM_PART = / \(os error \d+\)(?:: \w+ '.*')?$/s;

/** Returns whether an error comes from the operating system, rather than from a fault in the program. */
export function isSystemError(error: unknown): boolean {
  // Errors without a class of Deno's own, such as a full disk, have only a number in the message.
  return Object.values(Deno.errors).some((Class) => error instanceof Class) ||
    error instanceof Error && SYSTEM_PART.test(error.message);
}

/** Returns the message of an error without the operating system's error number and the call and path after it. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(SYSTEM_PART, "");
}

/** Returns a message as it stands behind the name of the program on standard error: `chat: cannot …`. */
export function afterName(message: string): string {
  return message.replace(/^Cannot /, "cannot ");
}

/**
 * Returns the reason of a refusal alone, without the request, which the person knows.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { reasonOf } from "./errors.ts";
 *
 * assertEquals(reasonOf("Cannot post the message: you are muted in ops"), "you are muted in ops");
 * assertEquals(reasonOf("the disk is full"), "the disk is full");
 * ```
 */
export function reasonOf(text: string): string {
  return /^Cannot [^:\n]*: ([^]+)$/.exec(text)?.[1] ?? text;
}
