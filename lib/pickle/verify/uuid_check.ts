/** Whether a UUID is given the state in which it pickles itself. */
import { EXTRA, type ObjectTable, SIZE } from "./object_table.ts";
import type { SlotReader } from "./slot_reader.ts";

const UUID_BITS = 128;

/** Checks `{'int': …}`, and where the system told how it was made, with `'is_safe'`. The slot of the int becomes the UUID's. */
export function isUuidState(table: ObjectTable, slots: SlotReader, uuid: number, state: number): boolean {
  if (slots.kindOf(state) !== "dict") return false;
  const size = table.get(~state, SIZE), pairs = table.get(~state, EXTRA);
  if (size < 1 || size > 2 || pairs < 0) return false;
  let number: number | undefined;
  for (let i = 0; i < size; i++) {
    const key = slots.text(table.items[pairs + 2 * i]!, 10);
    const slot = table.items[pairs + 2 * i + 1]!;
    if (key === "int" && number === undefined && slots.isUnsigned(slot, UUID_BITS)) number = slot;
    else if (key !== "is_safe" || !isSafety(slots.int(slot))) return false;
  }
  if (number === undefined) return false;
  // Its hash is that of its number.
  table.set(uuid, EXTRA, number);
  return true;
}

function isSafety(value: number | bigint | undefined): boolean {
  return value === 0 || value === -1;
}
