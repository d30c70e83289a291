/**
 * Whether the calls that make numpy's dtypes, arrays and scalars are ones that numpy takes: the dtype is one of the plain
 * ones, and the bytes are as many as dtype and shape say.
 *
 * @module
 */
import { EXTRA, Kind, type ObjectTable, SIZE } from "./object_table.ts";
import type { SlotReader } from "./slot_reader.ts";

const DTYPE = /^(?:b1|[iu][1248]|f[248]|c8|c16|[mM]8|[USV](?:0|[1-9][0-9]{0,8}))$/;
const UNITS = ["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as", "generic"];
const MOST_DIMENSIONS = 32;
const MOST_BYTES = 0x7fffffff;
const LONGEST_CODE = 12;

/** A dtype: numpy's letter for its kind, the bytes of an item, and the order in which they stand. */
interface Dtype {
  readonly kind: string;
  readonly size: number;
  swapped: boolean;
}

/** Checks the arrays of one pickle after another. A dtype's row holds its text's slot in the column EXTRA. */
export class ArrayCheck {
  readonly #table: ObjectTable;
  readonly #slots: SlotReader;
  /** Bytes that numpy has copied. */
  copied = 0;
  // By their rows.
  readonly #dtypes = new Map<number, Dtype>();

  constructor(table: ObjectTable, slots: SlotReader) {
    this.#table = table;
    this.#slots = slots;
  }

  /** Forgets the pickle before. */
  reset(): void {
    this.copied = 0;
    if (this.#dtypes.size > 0) this.#dtypes.clear();
  }

  /** Checks `dtype('f8', False, True)`. */
  dtype(args: Int32Array, source: number, position: number): number | undefined {
    const code = this.#slots.text(args[0]!, LONGEST_CODE) ?? "";
    if (!DTYPE.test(code)) return undefined;
    const length = Number(code.slice(1));
    const size = code[0] === "U" ? 4 * length : length;
    if (size > MOST_BYTES) return undefined;
    // Without a copy numpy hands out the one dtype of that name, and BUILD would change it for the whole program.
    if (!this.#isFlag(args[1]!, false) || !this.#isFlag(args[2]!, true)) return undefined;
    const id = this.#table.make(Kind.DTYPE, source, position);
    this.#table.set(id, EXTRA, args[0]!);
    this.#dtypes.set(id, { kind: code[0]!, size, swapped: false });
    return ~id;
  }

  /** Checks a dtype's state: `(3, '<', None, None, None, -1, -1, 0)`, and for times their unit behind it. */
  isDtypeState(id: number, state: number): boolean {
    const slots = this.#slots, dtype = this.#dtypes.get(id)!;
    const { kind, size } = dtype;
    const items = this.#tuple(state);
    const isTime = kind === "m" || kind === "M";
    if (items?.length !== (isTime ? 9 : 8) || slots.int(items[0]!) !== (isTime ? 4 : 3)) return false;
    const order = slots.text(items[1]!, 1);
    const hasOrder = kind === "U" || (size > 1 && kind !== "S" && kind !== "V");
    if (hasOrder ? order !== "<" && order !== ">" : order !== "|") return false;
    for (let i = 2; i < 5; i++) if (slots.kindOf(items[i]!) !== "None") return false;
    const isText = kind === "U", isSized = isText || kind === "S" || kind === "V";
    if (slots.int(items[5]!) !== (isSized ? size : -1)) return false;
    if (slots.int(items[6]!) !== (isText ? 4 : isSized ? 1 : -1)) return false;
    if (slots.int(items[7]!) !== (isText ? 8 : 0)) return false;
    dtype.swapped = order === ">";
    return !isTime || this.#isUnit(items[8]!);
  }

  /** Checks the arguments of `_reconstruct(ndarray, (0,), b'b')`. */
  isEmptyArray(args: Int32Array): boolean {
    const shape = this.#tuple(args[1]!);
    return shape?.length === 1 && this.#slots.int(shape[0]!) === 0 &&
      this.#slots.bytes(args[2]!, 1)?.[0] === 0x62;
  }

  /** Checks an array's state: `(1, shape, dtype, is_fortran, bytes)`. */
  isArrayState(state: number): boolean {
    const items = this.#tuple(state);
    if (items?.length !== 5 || this.#slots.int(items[0]!) !== 1) return false;
    if (this.#slots.bool(items[3]!) === undefined || this.#slots.kindOf(items[4]!) !== "bytes") return false;
    return this.#holds(items[4]!, items[2]!, items[1]!);
  }

  /** Checks the arguments of `_frombuffer(buffer, dtype, shape, order)`. */
  isBuffer(args: Int32Array): boolean {
    const order = this.#slots.text(args[3]!, 1);
    return (order === "C" || order === "F") && this.#holds(args[0]!, args[1]!, args[2]!);
  }

  /** Checks the arguments of `scalar(dtype, bytes)`. */
  isScalar(args: Int32Array): boolean {
    const size = this.#itemSize(args[0]!);
    if (size < 0 || this.#slots.length(args[1]!) !== size) return false;
    const { kind, swapped } = this.#dtypes.get(~args[0]!)!;
    return kind === "U" ? this.#isText(args[1]!, size, swapped) : kind !== "V";
  }

  /** Tells whether a dtype is one of times. */
  isTime(id: number): boolean {
    return this.#dtypes.get(id)?.kind.toLowerCase() === "m";
  }

  /** Tells whether the bytes of a dtype's items stand in the order that is not this machine's. */
  isSwapped(id: number): boolean {
    return this.#dtypes.get(id)!.swapped;
  }

  #holds(bytes: number, dtype: number, shape: number): boolean {
    const dimensions = this.#slots.isEmptyTuple(shape) ? [] : this.#tuple(shape);
    let size = this.#itemSize(dtype);
    // Items of no size are those of an empty text alone: not every numpy takes an array of them.
    if (!dimensions || dimensions.length > MOST_DIMENSIONS || size <= 0) return false;
    let empty = false;
    for (const slot of dimensions) {
      const dimension = this.#slots.int(slot);
      if (typeof dimension !== "number" || dimension < 0) return false;
      if (dimension === 0) empty = true;
      else size *= dimension;
      if (size > MOST_BYTES) return false;
    }
    const length = this.#slots.length(bytes);
    this.copied += length;
    return length === (empty ? 0 : size);
  }

  #itemSize(dtype: number): number {
    return dtype < 0 ? this.#dtypes.get(~dtype)?.size ?? -1 : -1;
  }

  #tuple(slot: number): Int32Array | undefined {
    const table = this.#table;
    if (slot >= 0 || table.kind(~slot) !== Kind.TUPLE) return undefined;
    const first = table.get(~slot, EXTRA);
    return first < 0 ? undefined : table.items.subarray(first, first + table.get(~slot, SIZE));
  }

  #isFlag(slot: number, flag: boolean): boolean {
    return this.#slots.bool(slot) === flag || this.#slots.int(slot) === Number(flag);
  }

  // (None, (b'D', 1, 1, 1)), or with an empty dict in place of None
  #isUnit(slot: number): boolean {
    const metadata = this.#tuple(slot);
    if (metadata?.length !== 2) return false;
    const kind = this.#slots.kindOf(metadata[0]!);
    if (kind !== "None" && !(kind === "dict" && this.#table.get(~metadata[0]!, SIZE) === 0)) return false;
    const unit = this.#tuple(metadata[1]!);
    if (unit?.length !== 4) return false;
    const length = this.#slots.kindOf(unit[0]!) === "bytes" ? this.#slots.length(unit[0]!) : 0;
    const name = length > 8 ? undefined : this.#slots.bytes(unit[0]!, length);
    if (!name || !UNITS.includes(String.fromCharCode(...name))) return false;
    const step = this.#slots.int(unit[1]!);
    return typeof step === "number" && step >= 1 && step <= 0x7fffffff &&
      this.#slots.int(unit[2]!) === 1 && this.#slots.int(unit[3]!) === 1;
  }

  // A scalar's text is made a str at once, and a str has no code point above U+10FFFF.
  #isText(slot: number, size: number, swapped: boolean): boolean {
    const bytes = this.#slots.bytes(slot, size);
    if (!bytes) return false;
    for (let at = 0; at < size; at += 4) {
      const high = bytes[swapped ? at : at + 3]!, plane = bytes[swapped ? at + 1 : at + 2]!;
      if (high !== 0 || plane > 0x10) return false;
    }
    return true;
  }
}
