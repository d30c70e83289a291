/**
 * Slots: how stack and memo refer to objects while a pickle is verified. The slot of a plain object (None, a number, text,
 * bytes, the empty tuple) is the offset of its opcode; that of any other is the complement of its row in the
 * {@linkcode ObjectTable}, which is negative.
 *
 * @module
 */

/** Returns whether a slot is that of an object with a row. */
export function hasRow(slot: number): boolean {
  return slot < 0;
}

/** Gives the row of a slot that has one. */
export function rowOf(slot: number): number {
  return ~slot;
}

/** Gives the slot of a row. */
export function slotOf(row: number): number {
  return ~row;
}
