/** The memory of readers: each has a little of its own, and asks a budget for more. */

/** The buffer that a reader has of its own, in bytes: frames up to this size never wait for memory. */
export const OWN_BUFFER = 4 * 1024;

/** How many bytes are read at a time, at most. */
export const READ_SIZE = 64 * 1024;

/**
 * A sum of memory that several readers share, for what their buffers take beyond {@linkcode OWN_BUFFER}. A reader asks once
 * for all that a long frame needs until it is complete, and for nothing more before it gives that back.
 */
export interface Budget {
  /** Takes `size` bytes that a reader can do without; false where memory is short. */
  tryTake(size: number): boolean;
  /**
   * Takes `size` bytes that a frame cannot do without, behind those who asked before.
   *
   * @returns Null where they are taken. Otherwise `then` is called once they are, unless what is returned calls it off.
   */
  take(size: number, then: () => void): (() => void) | null;
  /** Gives `size` bytes back. */
  give(size: number): void;
}

/** What the budget of readers with that limit must hold, in bytes, so that a frame at the limit never waits for ever. */
export function leastBudget(maxPayload: number): number {
  return 2 * needOf(maxPayload);
}

/** What a long frame's buffers take at most until it is whole: the last, and the one that it is copied from. */
export function needOf(length: number): number {
  return length > READ_SIZE ? length + Math.ceil(length / 2) : length;
}
