/**
 * Slots: the references of stack and memo to objects. The slot of a plain object (None, a number, text, bytes, the empty
 * tuple) is the offset of its opcode. The slot of any other object is the complement of its row in the
 * {@linkcode ObjectTable}, a negative number.
 *
 * @module
 */

/** Returns whether the object of a slot has a row. */
export function hasRow(slot: number): boolean {
  return slot < 0;
}

/** Returns the row of a slot. */
export function rowOf(slot: number): number {
  return ~slot;
}

/** Returns the slot of a row. */
export function slotOf(row: number): number {
  return ~row;
}
