/** Check of the state of a UUID. */
import type { ObjectTable } from "./object_table.ts";
import { EXTRA, SIZE } from "./columns.ts";
import { rowOf } from "./slot.ts";
import type { SlotReader } from "./slot_reader.ts";

const UUID_BITS = 128;
/** The most pairs of a state. */
export const UUID_PAIRS = 2;

/** Returns whether a state is `{'int': …}`, perhaps with `'is_safe'`. */
export function isUuidState(table: ObjectTable, slots: SlotReader, state: number): boolean {
  if (slots.kindOf(state) !== "dict") return false;
  const size = table.get(rowOf(state), SIZE), pairs = table.get(rowOf(state), EXTRA);
  if (size < 1 || size > UUID_PAIRS || pairs < 0) return false;
  let hasNumber = false;
  for (let i = 0; i < size; i++) {
    const key = slots.text(table.items[pairs + 2 * i]!, 10);
    const slot = table.items[pairs + 2 * i + 1]!;
    if (key === "int" && !hasNumber && slots.isUnsigned(slot, UUID_BITS)) hasNumber = true;
    else if (key !== "is_safe" || !isSafety(slots.int(slot))) return false;
  }
  return hasNumber;
}

function isSafety(value: number | bigint | undefined): boolean {
  return value === 0 || value === -1;
}
