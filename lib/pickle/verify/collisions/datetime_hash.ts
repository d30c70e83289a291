/** CPython's hashes of datetime's objects: of their bytes, or, where there is an offset, of a timedelta in UTC. */
import { ordinalOf } from "../datetime_check.ts";
import { EXTRA, type ObjectTable } from "../object_table.ts";
import { type PythonHash, Salt } from "./python_hash.ts";
import { TupleHash } from "./python_hash_items.ts";
import { bytesHash } from "./secret_hash.ts";
import type { SlotReader } from "../slot_reader.ts";

const SECONDS_PER_DAY = 86_400;
const MICROS_PER_SECOND = 1_000_000;
/** Above the month, or the hour, stands the fold, which makes no difference. */
const NO_FOLD = 0x7f;

/** Reads the hashes of the objects in the table that datetime's classes have made. */
export class DatetimeHash {
  readonly #table: ObjectTable;
  readonly #slots: SlotReader;
  readonly #hash: PythonHash;
  #days = 0;
  #seconds = 0;
  #micros = 0;

  constructor(table: ObjectTable, slots: SlotReader, hash: PythonHash) {
    this.#table = table;
    this.#slots = slots;
    this.#hash = hash;
  }

  /** Sets the hash of a date. */
  setDate(args: Int32Array): void {
    this.#setBytes(this.#slots.bytes(args[0]!, 4)!, Salt.DATE);
  }

  /** Sets the hash of a time: of one with an offset that of what has passed since midnight. */
  setTime(args: Int32Array): void {
    const bytes = this.#slots.bytes(args[0]!, 6)!.slice();
    bytes[0]! &= NO_FOLD;
    if (args.length === 1) return this.#setBytes(bytes, Salt.TIME);
    this.#days = 0;
    this.#readClock(bytes, 0);
    this.#subtractOffset(args[1]!);
    this.#setDelta(Salt.TIME);
  }

  /** Sets the hash of a datetime: of one with an offset that of what has passed since the year 1 began. */
  setDatetime(args: Int32Array): void {
    const bytes = this.#slots.bytes(args[0]!, 10)!.slice();
    bytes[2]! &= NO_FOLD;
    if (args.length === 1) return this.#setBytes(bytes, Salt.DATETIME);
    this.#days = ordinalOf(bytes[0]! << 8 | bytes[1]!, bytes[2]!, bytes[3]!);
    this.#readClock(bytes, 4);
    this.#subtractOffset(args[1]!);
    this.#setDelta(Salt.DATETIME);
  }

  /** Sets the hash of a row's timedelta. */
  setTimedelta(id: number): void {
    this.#days = this.#field(id, 0);
    this.#seconds = this.#field(id, 1);
    this.#micros = this.#field(id, 2);
    this.#setDelta(Salt.TIMEDELTA);
  }

  /** Sets the hash of a row's timezone, which is that of its offset. */
  setTimezone(id: number): void {
    this.setTimedelta(this.#offsetOf(id));
    this.#hash.salt(Salt.TIMEZONE);
  }

  #setBytes(bytes: Uint8Array, salt: number): void {
    this.#hash.setText(bytesHash(bytes, 0, bytes.length), bytes.length, salt);
  }

  #setDelta(salt: number): void {
    const tuple = new TupleHash(), hash = this.#hash;
    hash.setInt(this.#days);
    tuple.add(hash);
    hash.setInt(this.#seconds);
    tuple.add(hash);
    hash.setInt(this.#micros);
    tuple.add(hash);
    tuple.end(hash, salt);
  }

  #readClock(bytes: Uint8Array, at: number): void {
    this.#seconds = bytes[at]! * 3600 + bytes[at + 1]! * 60 + bytes[at + 2]!;
    this.#micros = bytes[at + 3]! << 16 | bytes[at + 4]! << 8 | bytes[at + 5]!;
  }

  #subtractOffset(timezone: number): void {
    const offset = this.#offsetOf(~timezone);
    const micros = this.#micros - this.#field(offset, 2);
    const borrowed = Math.floor(micros / MICROS_PER_SECOND);
    this.#micros = micros - borrowed * MICROS_PER_SECOND;
    const seconds = this.#seconds - this.#field(offset, 1) + borrowed;
    const days = Math.floor(seconds / SECONDS_PER_DAY);
    this.#seconds = seconds - days * SECONDS_PER_DAY;
    this.#days += days - this.#field(offset, 0);
  }

  // The row of a timezone's timedelta.
  #offsetOf(timezone: number): number {
    return ~this.#table.items[this.#table.get(timezone, EXTRA)]!;
  }

  #field(timedelta: number, index: number): number {
    return Number(this.#slots.int(this.#table.items[this.#table.get(timedelta, EXTRA) + index]!));
  }
}
