/**
 * Checks of the calls that make numpy's dtypes, arrays and scalars: a dtype is plain or a record of plain dtypes, and the
 * number of bytes matches the dtype and the shape.
 *
 * @module
 */
import { badDtype } from "./failure.ts";
import { Kind, TEXT_PER_BYTE } from "./kinds.ts";
import type { ObjectTable } from "./object_table.ts";
import { EXTRA, SIZE, SOURCE } from "./columns.ts";
import { rowOf, slotOf } from "./slot.ts";
import type { SlotReader } from "./slot_reader.ts";

const DTYPE = /^(?:b1|[iu][1248]|f[248]|c8|c16|[mM]8|[USV](?:0|[1-9][0-9]{0,8}))$/;
/** The letters of dtypes that are refused: objects, long doubles, and dtypes of other packages. */
const OTHER_DTYPE = /^[A-Za-z][0-9]{0,9}$/;
const UNITS = ["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as", "generic"];
const MOST_DIMENSIONS = 32;
const MOST_BYTES = 0x7fffffff;
const LONGEST_CODE = 12;
/** The most fields of a record. */
export const MOST_FIELDS = 64;
const LONGEST_FIELD = 200;
/** The greatest alignment of a field, in bytes. */
const MOST_ALIGNMENT = 16;
/** numpy's flags of a record, of a record with a text field, and of an aligned record. */
const RECORD_FLAG = 16;
const TEXT_FLAG = 8;
const ALIGNED_FLAG = 128;

/** Nanoseconds of `repr` for an element, by numpy's letter for its kind, and for a dimension. */
const ELEMENT_COST: Readonly<Record<string, number>> = {
  b: 800,
  i: 1600,
  u: 1600,
  f: 4200,
  c: 7000,
  m: 3200,
  M: 6000,
  U: 1700,
  S: 1600,
  V: 2000,
};
const FIELD_COST = 4200;
const DIMENSION_COST = 1500;
/** Characters of `repr` for an element beyond those for its bytes. */
const ELEMENT_TEXT = 24;
/** `repr` shows an array of more elements than SHOWN_WHOLE with at most SHOWN_EDGES of each dimension. */
const SHOWN_WHOLE = 1000;
const SHOWN_EDGES = 7;

/** A dtype: numpy's letter for its kind, the size of an item in bytes, and its byte order. */
interface Dtype {
  readonly kind: string;
  readonly size: number;
  swapped: boolean;
  /** The number of fields of a record; 0 for any other dtype. */
  fields: number;
  /** The offsets of the text fields in an item. */
  texts: readonly { offset: number; size: number; swapped: boolean }[];
}

/** Checks numpy's arrays, for one pickle after another. The row of a dtype has the slot of its text in the column EXTRA. */
export class ArrayCheck {
  readonly #table: ObjectTable;
  readonly #slots: SlotReader;
  /** Bytes that numpy has copied. */
  copied = 0;
  // The key is the row.
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
    if (!DTYPE.test(code)) {
      if (OTHER_DTYPE.test(code)) throw badDtype(code, source);
      return undefined;
    }
    const length = Number(code.slice(1));
    const size = code[0] === "U" ? 4 * length : length;
    if (size > MOST_BYTES) return undefined;
    // Without the copy flag numpy returns the shared dtype of that name, and BUILD would change it for the whole program.
    if (!this.#isFlag(args[1]!, false) || !this.#isFlag(args[2]!, true)) return undefined;
    const id = this.#table.make(Kind.DTYPE, source, position);
    this.#table.set(id, EXTRA, args[0]!);
    const kind = code[0]!;
    this.#dtypes.set(id, { kind, size, swapped: false, fields: 0, texts: this.#textsOf(kind, size, false) });
    return slotOf(id);
  }

  #textsOf(kind: string, size: number, swapped: boolean): Dtype["texts"] {
    return kind === "U" ? [{ offset: 0, size, swapped }] : [];
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
    if (slots.kindOf(items[2]!) !== "None") return false;
    if (kind === "V" && slots.kindOf(items[3]!) !== "None") {
      if (this.#isRecordState(dtype, items)) return true;
      throw badDtype(`V${size} with these fields`, this.#table.get(id, SOURCE));
    }
    for (let i = 3; i < 5; i++) if (slots.kindOf(items[i]!) !== "None") return false;
    const isText = kind === "U", isSized = isText || kind === "S" || kind === "V";
    if (slots.int(items[5]!) !== (isSized ? size : -1)) return false;
    if (slots.int(items[6]!) !== (isText ? 4 : isSized ? 1 : -1)) return false;
    if (slots.int(items[7]!) !== (isText ? TEXT_FLAG : 0)) return false;
    dtype.swapped = order === ">";
    dtype.texts = this.#textsOf(kind, size, dtype.swapped);
    this.#table.set(id, SIZE, Number(dtype.swapped));
    return !isTime || this.#isUnit(items[8]!);
  }

  // (3, '|', None, ('x', 'y'), {'x': (dtype, 0), 'y': (dtype, 4)}, 12, 1, 16): fields of plain dtypes, none over another.
  #isRecordState(record: Dtype, items: Int32Array): boolean {
    const table = this.#table, slots = this.#slots;
    const names = this.#tuple(items[3]!), fields = items[4]!;
    const count = names?.length ?? 0;
    if (names === undefined || count < 1 || count > MOST_FIELDS || slots.kindOf(fields) !== "dict") {
      return false;
    }
    const pairs = table.get(rowOf(fields), EXTRA);
    if (table.get(rowOf(fields), SIZE) !== count || pairs < 0) return false;
    const texts: Dtype["texts"][number][] = [];
    let end = 0;
    for (let i = 0; i < count; i++) {
      const name = slots.text(names[i]!, LONGEST_FIELD), field = this.#tuple(table.items[pairs + 2 * i + 1]!);
      if (!name || slots.text(table.items[pairs + 2 * i]!, LONGEST_FIELD) !== name) return false;
      if (names.subarray(0, i).some((other) => slots.text(other, LONGEST_FIELD) === name)) return false;
      const dtype = field?.length === 2 ? this.#dtypes.get(rowOf(field[0]!)) : undefined;
      const offset = field === undefined ? undefined : slots.int(field[1]!);
      if (dtype === undefined || dtype.kind === "V" || typeof offset !== "number" || offset < end) {
        return false;
      }
      for (const text of dtype.texts) texts.push({ ...text, offset: offset + text.offset });
      end = offset + dtype.size;
    }
    if (end > record.size || slots.int(items[5]!) !== record.size) return false;
    const alignment = slots.int(items[6]!), flags = RECORD_FLAG | (texts.length > 0 ? TEXT_FLAG : 0);
    if (typeof alignment !== "number" || alignment < 1 || alignment > MOST_ALIGNMENT) return false;
    if (slots.int(items[7]!) !== flags && slots.int(items[7]!) !== (flags | ALIGNED_FLAG)) return false;
    record.fields = count;
    record.texts = texts;
    return true;
  }

  /** Checks the arguments of `_reconstruct(ndarray, (0,), b'b')`. */
  isEmptyArray(args: Int32Array): boolean {
    const shape = this.#tuple(args[1]!);
    return shape?.length === 1 && this.#slots.int(shape[0]!) === 0 &&
      this.#slots.bytes(args[2]!, 1)?.[0] === 0x62;
  }

  /** Checks the state of an array, by its row: `(1, shape, dtype, is_fortran, bytes)`. */
  isArrayState(id: number, state: number): boolean {
    const items = this.#tuple(state);
    if (items?.length !== 5 || this.#slots.int(items[0]!) !== 1) return false;
    if (this.#slots.bool(items[3]!) === undefined || this.#slots.kindOf(items[4]!) !== "bytes") return false;
    return this.#holds(id, { bytes: items[4]!, dtype: items[2]!, shape: items[1]! });
  }

  /** Checks the arguments of `_frombuffer(buffer, dtype, shape, order)`, which makes the array of a row. */
  isBuffer(id: number, args: Int32Array): boolean {
    const order = this.#slots.text(args[3]!, 1);
    return (order === "C" || order === "F") &&
      this.#holds(id, { bytes: args[0]!, dtype: args[1]!, shape: args[2]! });
  }

  /** Checks the arguments of `scalar(dtype, bytes)`. */
  isScalar(args: Int32Array): boolean {
    const dtype = this.#dtypes.get(rowOf(args[0]!));
    if (dtype === undefined || this.#slots.length(args[1]!) !== dtype.size) return false;
    if (dtype.kind === "V" && dtype.fields === 0) return false;
    return this.#isText(args[1]!, dtype);
  }

  /** Returns how a scalar of a dtype behaves as a key; the argument is the dtype's row. */
  sortOf(id: number): "number" | "text" | "other" {
    const { kind } = this.#dtypes.get(id)!;
    return "biuf".includes(kind) ? "number" : "USc".includes(kind) ? "text" : "other";
  }

  #holds(id: number, { bytes, dtype, shape }: { bytes: number; dtype: number; shape: number }): boolean {
    const dimensions = this.#slots.isEmptyTuple(shape) ? [] : this.#tuple(shape);
    const type = this.#dtypes.get(rowOf(dtype));
    // Only an empty text has items of size 0, and some versions of numpy refuse an array of them.
    if (!dimensions || dimensions.length > MOST_DIMENSIONS || type === undefined || type.size <= 0) {
      return false;
    }
    let size = type.size, empty = false, edges = 1;
    for (const slot of dimensions) {
      const dimension = this.#slots.int(slot);
      if (typeof dimension !== "number" || dimension < 0) return false;
      if (dimension === 0) empty = true;
      else size *= dimension;
      edges *= Math.min(dimension, SHOWN_EDGES);
      if (size > MOST_BYTES) return false;
    }
    const length = this.#slots.length(bytes);
    this.copied += length;
    if (length !== (empty ? 0 : size)) return false;
    const shown = empty ? 0 : size / type.size <= SHOWN_WHOLE ? size / type.size : edges;
    const cost = shown * (ELEMENT_COST[type.kind]! + FIELD_COST * type.fields) +
      DIMENSION_COST * dimensions.length;
    this.#table.addShown(id, cost, shown * ELEMENT_TEXT + TEXT_PER_BYTE * length);
    return this.#isText(bytes, type);
  }

  #tuple(slot: number): Int32Array | undefined {
    const table = this.#table;
    if (table.kindOf(slot) !== Kind.TUPLE) return undefined;
    return table.get(rowOf(slot), EXTRA) < 0 ? undefined : table.args(rowOf(slot));
  }

  #isFlag(slot: number, flag: boolean): boolean {
    return this.#slots.bool(slot) === flag || this.#slots.int(slot) === Number(flag);
  }

  // (None, (b'D', 1, 1, 1)), or with an empty dict in place of None
  #isUnit(slot: number): boolean {
    const metadata = this.#tuple(slot);
    if (metadata?.length !== 2) return false;
    const kind = this.#slots.kindOf(metadata[0]!);
    if (kind !== "None" && !(kind === "dict" && this.#table.get(rowOf(metadata[0]!), SIZE) === 0)) {
      return false;
    }
    const unit = this.#tuple(metadata[1]!);
    if (unit?.length !== 4) return false;
    const length = this.#slots.kindOf(unit[0]!) === "bytes" ? this.#slots.length(unit[0]!) : 0;
    const name = length > 8 ? undefined : this.#slots.bytes(unit[0]!, length);
    if (!name || !UNITS.includes(String.fromCharCode(...name))) return false;
    const step = this.#slots.int(unit[1]!);
    return typeof step === "number" && step >= 1 && step <= 0x7fffffff &&
      this.#slots.int(unit[2]!) === 1 && this.#slots.int(unit[3]!) === 1;
  }

  // numpy makes a str of a text when it is loaded or shown, and print refuses surrogates and code points above U+10FFFF.
  #isText(slot: number, { texts, size }: Dtype): boolean {
    if (texts.length === 0) return true;
    const bytes = this.#slots.anyBytes(slot);
    if (bytes === undefined) return false;
    for (let item = 0; item < bytes.length; item += size) {
      for (const { offset, size: length, swapped } of texts) {
        for (let at = item + offset; at < item + offset + length; at += 4) {
          const high = bytes[swapped ? at : at + 3]!, plane = bytes[swapped ? at + 1 : at + 2]!;
          const upper = bytes[swapped ? at + 2 : at + 1]!;
          if (high !== 0 || plane > 0x10 || (plane === 0 && (upper & 0xf8) === 0xd8)) return false;
        }
      }
    }
    return true;
  }
}
