/** The memory of readers: each has a little of its own, and asks a budget for more. */

/** The buffer that a reader has of its own, in bytes: frames up to this size never wait for memory. */
export const OWN_BUFFER = 4 * 1024;

/** The most bytes that are read at a time. */
export const READ_SIZE = 64 * 1024;

/**
 * A sum of memory that several readers share, for what their buffers take beyond {@linkcode OWN_BUFFER}. A reader asks once
 * for all that a long frame needs until it is complete, and for nothing more before it gives that back.
 */
export interface Budget {
  /** Charges bytes that a reader can do without; false where memory is short. */
  tryCharge(bytes: number): boolean;
  /**
   * Charges bytes that a frame cannot do without, or waits for them behind those who asked before.
   *
   * @returns Null where they are charged. Otherwise `then` is called once they are, unless what is returned cancels it.
   */
  chargeLater(bytes: number, then: () => void): (() => void) | null;
  /** Gives bytes back. */
  release(bytes: number): void;
}

/**
 * The least memory for readers with that limit, in bytes, so that a frame at the limit never waits for ever: half is for what
 * they can do without, and an eighth for other things.
 */
export function leastBudget(maxPayload: number): number {
  return Math.ceil(needOf(maxPayload) * 8 / 3);
}

/** The most that the buffers of a long frame take until it is complete: the last one, and the one that it is copied from. */
export function needOf(length: number): number {
  return length > READ_SIZE ? length + Math.ceil(length / 2) : length;
}
