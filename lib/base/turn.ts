/** Turns of the event loop. */

/** Resolves after a turn of the event loop, in which what has come is read. */
export function endOfTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
