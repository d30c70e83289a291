/**
 * Log of the keys of dicts and sets of a pickle, and of the items of lists that may become sets. It is read when the pickle
 * has ended.
 *
 * @module
 */
import type { ObjectTable } from "../object_table.ts";
import { grown } from "../rows.ts";
import * as op from "../../values/opcodes.ts";
import type { SlotReader } from "../slot_reader.ts";

const SMALL = 1 << 10;
/** Arrays that grew beyond this are given back. */
const KEPT = 1 << 16;
/**
 * The numbers before the keys of an entry: the position of the row's previous entry, −1 for none; the number of keys; and
 * 1 if these and all earlier keys of the row are text or bytes, whose hashes nobody can choose.
 */
const HEAD = 3;

const SECRET = new Uint8Array(256);
for (
  const opcode of [
    op.SHORT_BINUNICODE,
    op.BINUNICODE,
    op.BINUNICODE8,
    op.UNICODE,
    op.STRING,
    op.BINSTRING,
    op.SHORT_BINSTRING,
    op.SHORT_BINBYTES,
    op.BINBYTES,
    op.BINBYTES8,
  ]
) SECRET[opcode] = 1;

/** Logs the keys of one pickle after another. */
export class KeyLog {
  readonly #table: ObjectTable;
  readonly #slots: SlotReader;
  #log = new Int32Array(SMALL);
  #length = 0;
  // The last entry of each row.
  readonly #last = new Map<number, number>();

  constructor(table: ObjectTable, slots: SlotReader) {
    this.#table = table;
    this.#slots = slots;
  }

  /** Forgets the pickle before. */
  reset(): void {
    this.#length = 0;
    if (this.#last.size > 0) this.#last.clear();
    if (this.#log.length > KEPT) this.#log = new Int32Array(SMALL);
  }

  /**
   * Logs keys that a row was given.
   *
   * @param from the position of the first on the stack
   * @param step 2 where a value stands behind each
   */
  add(id: number, from: number, to: number, step: 1 | 2): void {
    const stack = this.#table.stack, pickle = this.#slots.pickle;
    const count = (to - from) / step;
    const start = this.#length;
    if (start + HEAD + count > this.#log.length) {
      this.#log = grown(this.#log, { least: start + HEAD + count });
    }
    const log = this.#log;
    const earlier = this.#last.get(id) ?? -1;
    log[start] = earlier;
    log[start + 1] = count;
    let secret = earlier < 0 ? 1 : log[earlier + 2]!;
    for (let i = from, at = start + HEAD; i < to; i += step) {
      const slot = stack[i]!;
      log[at++] = slot;
      secret &= slot < 0 ? 0 : SECRET[pickle[slot]!]!;
    }
    log[start + 2] = secret;
    this.#length += HEAD + count;
    this.#last.set(id, start);
  }

  /** Returns whether anything was logged for a row. */
  has(id: number): boolean {
    return this.#length > 0 && this.#last.has(id);
  }

  /** Returns whether all keys of a row are text or bytes. */
  isSecret(id: number): boolean {
    const last = this.#last.get(id);
    return last === undefined || this.#log[last + 2] === 1;
  }

  /** Returns the keys of a row in the order in which they were logged. */
  keysOf(id: number): Int32Array {
    const log = this.#log, last = this.#last.get(id) ?? -1;
    let count = 0;
    for (let at = last; at >= 0; at = log[at]!) count += log[at + 1]!;
    const keys = new Int32Array(count);
    for (let at = last; at >= 0; at = log[at]!) {
      count -= log[at + 1]!;
      keys.set(log.subarray(at + HEAD, at + HEAD + log[at + 1]!), count);
    }
    return keys;
  }

  /** Gives a row the keys of another as its first. */
  copy(id: number, from: number): void {
    const last = this.#last.get(from);
    if (last !== undefined) this.#last.set(id, last);
  }
}
