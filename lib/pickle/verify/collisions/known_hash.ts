/**
 * CPython's hashes of what calls have made: ranges, numbers of other kinds, paths; those of datetime and numpy stand in files
 * of their own.
 *
 * @module
 */
import { DatetimeHash } from "./datetime_hash.ts";
import { PurePath } from "../../values/known.ts";
import { setNumpyHash } from "./numpy_hash.ts";
import { EXTRA, Kind, type ObjectTable, SIZE } from "../object_table.ts";
import { BINUNICODE, SHORT_BINUNICODE } from "../../values/opcodes.ts";
import { pathText } from "../../values/pure_path.ts";
import { HashTrait, type PythonHash, Salt } from "./python_hash.ts";
import { TupleHash } from "./python_hash_items.ts";
import { Residue } from "./residue.ts";
import { locateAt, located } from "../scalar_at.ts";
import { floatAt, readMagnitude, setIntHash, setStringHash, setTextHash } from "./scalar_hash.ts";
import { bytesHash, mixed, NO_BYTES } from "./secret_hash.ts";
import type { SlotReader } from "../slot_reader.ts";

const LONGEST_CODE = 12;
const SLASH = 0x2f;
const POINT = 0x2e;
const SEPARATOR = Uint8Array.of(SLASH);
const ROOT = bytesHash(SEPARATOR, 0, 1);
const DECIMAL = /^([+-]?)([0-9]*)\.?([0-9]*)(?:[eE]([+-]?[0-9]+))?$/;

/** Reads the hashes of the objects in the table that calls have made. */
export class KnownHash {
  readonly #table: ObjectTable;
  readonly #slots: SlotReader;
  readonly #hash: PythonHash;
  readonly #times: DatetimeHash;
  readonly #numerator = new Residue();
  readonly #denominator = new Residue();

  constructor(table: ObjectTable, slots: SlotReader, hash: PythonHash) {
    this.#table = table;
    this.#slots = slots;
    this.#hash = hash;
    this.#times = new DatetimeHash(table, slots, hash);
  }

  /** Sets the hash of a row's object, a doubtful one where it is not known here. */
  set(id: number): void {
    const table = this.#table, hash = this.#hash, slots = this.#slots;
    const pickle = slots.pickle;
    const kind = table.kind(id);
    switch (kind) {
      case Kind.BYTES:
        if (table.get(id, SIZE) === 0) return hash.setText(0, 0, Salt.BYTES);
        return setTextHash(hash, pickle, table.get(id, EXTRA), Salt.BYTES);
      case Kind.NAME:
        return hash.setSecret(table.get(id, EXTRA), Salt.NAME);
      case Kind.UUID:
        setIntHash(hash, pickle, slots.sourceOf(table.get(id, EXTRA)));
        hash.traits |= HashTrait.SLOW;
        return hash.salt(Salt.UUID);
      case Kind.TIMEDELTA:
        return this.#times.setTimedelta(id);
      case Kind.TIMEZONE:
        return this.#times.setTimezone(id);
    }
    const args = table.args(id);
    const first = args[0]!, second = args[1]!;
    switch (kind) {
      case Kind.COMPLEX:
        return hash.setComplex(floatAt(pickle, first), floatAt(pickle, second));
      case Kind.RANGE:
        return this.#setRange(args);
      case Kind.DATE:
        return this.#times.setDate(args);
      case Kind.TIME:
        return this.#times.setTime(args);
      case Kind.DATETIME:
        return this.#times.setDatetime(args);
      case Kind.DECIMAL:
        return this.#setDecimal(slots.text(first, pickle.length)!);
      case Kind.FRACTION:
        return this.#setFraction(args);
      case Kind.POSIX_PATH:
      case Kind.WINDOWS_PATH:
        return this.#setPath(id, args);
      case Kind.SCALAR:
      case Kind.SWAPPED_SCALAR:
        return this.#setScalar(id, args);
    }
    hash.setDoubtful(id);
  }

  // The tuple of its length, start and step; without those that make no difference.
  #setRange(args: Int32Array): void {
    const [start, stop, step] = Array.from(args, (slot) => BigInt(this.#slots.int(slot)!)) as [
      bigint,
      bigint,
      bigint,
    ];
    const span = step > 0n ? stop - start : start - stop;
    const length = span <= 0n ? 0n : (span - 1n) / (step > 0n ? step : -step) + 1n;
    const tuple = new TupleHash(), hash = this.#hash;
    for (const item of [length, length > 0n ? start : null, length > 1n ? step : null]) {
      if (item === null) hash.setNone();
      else hash.setNumber(this.#numerator.setDigits(String(item < 0n ? -item : item)), item < 0n);
      tuple.add(hash);
    }
    tuple.end(hash, Salt.RANGE);
  }

  #setDecimal(text: string): void {
    const hash = this.#hash;
    hash.traits |= HashTrait.SLOW | HashTrait.DECIMAL;
    const match = DECIMAL.exec(text);
    if (match === null) {
      if (text.endsWith("y")) hash.setInfinite(text.startsWith("-"));
      else hash.setFloat(NaN);
      hash.form = Salt.DECIMAL;
      return;
    }
    const [, sign, whole = "", part = "", exponent = "0"] = match;
    const value = this.#numerator.setDigits(whole + part).shift(10, Number(exponent) - part.length);
    hash.setNumber(value, sign === "-");
    hash.form = Salt.DECIMAL;
  }

  #setFraction(args: Int32Array): void {
    this.#hash.traits |= HashTrait.SLOW;
    const over = this.#numerator, under = this.#denominator, slots = this.#slots;
    let negative: boolean;
    if (args.length === 1) {
      const text = slots.text(args[0]!, slots.pickle.length)!;
      const [top = "", bottom = "1"] = text.split("/");
      negative = top.startsWith("-");
      over.setDigits(negative ? top.slice(1) : top);
      under.setDigits(bottom);
    } else {
      negative = readMagnitude(over, slots.pickle, slots.sourceOf(args[0]!));
      if (readMagnitude(under, slots.pickle, slots.sourceOf(args[1]!))) negative = !negative;
    }
    const infinite = under.isZero;
    over.times(under.invert());
    if (infinite) {
      this.#hash.setInfinite(negative);
      this.#hash.mark = mixed(over.secret, Salt.FRACTION);
    } else this.#hash.setNumber(over, negative);
    this.#hash.form = Salt.FRACTION;
  }

  // CPython has hashed the parts, then the text; on Windows in lower case, which beyond ASCII is the system's affair.
  #setPath(id: number, args: Int32Array): void {
    const hash = this.#hash;
    hash.traits |= HashTrait.SLOW;
    // Its hash may be that of a text, of a tuple or of another flavour's path: a few such together are many of one hash.
    hash.wide += 2;
    const windows = this.#table.kind(id) === Kind.WINDOWS_PATH;
    if (!windows && this.#setPlainPath(args)) return;
    const parts: string[] = [];
    for (const slot of args) {
      const part = this.#slots.text(slot, this.#slots.pickle.length);
      if (part === undefined || (windows && !/^[\0-\x7f]*$/.test(part))) return hash.setDoubtful(id);
      parts.push(part);
    }
    const text = pathText(new PurePath(windows ? "PureWindowsPath" : "PurePosixPath", parts));
    const folded = windows ? text.toLowerCase().replaceAll("\\", "/") : text;
    setStringHash(hash, folded, windows ? Salt.WINDOWS_PATH : Salt.POSIX_PATH);
  }

  // The parts as pathlib pickles them, with no separator but for the root, need not be read as strings.
  #setPlainPath(args: Int32Array): boolean {
    const pickle = this.#slots.pickle;
    let all = NO_BYTES;
    for (let i = 0; i < args.length; i++) {
      const slot = args[i]!;
      const opcode = pickle[slot];
      if (opcode !== SHORT_BINUNICODE && opcode !== BINUNICODE) return false;
      locateAt(pickle, slot);
      const { start, end } = located;
      const isRoot = i === 0 && end - start === 1 && pickle[start] === SLASH;
      if (i > 0 && all !== ROOT) all = bytesHash(SEPARATOR, 0, 1, all);
      if (!isRoot && !isName(pickle, start, end)) return false;
      all = bytesHash(pickle, start, end, all);
    }
    if (args.length === 0) return false;
    this.#hash.setText(all, 1, Salt.POSIX_PATH);
    return true;
  }

  #setScalar(id: number, [dtype = 0, bytes = 0]: Int32Array): void {
    const slots = this.#slots;
    const code = slots.text(this.#table.get(~dtype, EXTRA), LONGEST_CODE)!;
    const littleEndian = this.#table.kind(id) !== Kind.SWAPPED_SCALAR;
    setNumpyHash(this.#hash, { code, bytes: slots.bytes(bytes, slots.length(bytes))!, littleEndian });
  }
}

function isName(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 2 && (start === end || bytes[start] === POINT)) return false;
  for (let at = start; at < end; at++) if (bytes[at] === SLASH || bytes[at]! > 0x7f) return false;
  return true;
}
