/** The errors that cross a layer. Each has a `code` to act on, and a message for people. */

/** Why a stream of frames ended badly. */
export type FrameErrorCode = "bad-header" | "too-large" | "cut";

/** A stream of frames that cannot be read any further. */
export class FrameError extends Error {
  override readonly name = "FrameError";
  constructor(readonly code: FrameErrorCode, message: string) {
    super(message);
  }
}

/** A command line that asks for what is not possible. Exit status 2. */
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

/** An end of the program that is one line on standard error and a status, with no stack. */
export class Exit extends Error {
  override readonly name = "Exit";
  readonly code = "exit";
  constructor(readonly status: number, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

/** Tells whether an error comes from the operating system, rather than from a fault in the program. */
export function isSystemError(error: unknown): boolean {
  // Those that Deno has no class for, as a full disk is, have their number only.
  return Object.values(Deno.errors).some((Class) => error instanceof Class) ||
    error instanceof Error && / \(os error \d+\)$/.test(error.message);
}

/** What an error says, without the number that the system gives it. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/ \(os error \d+\)$/, "");
}
