/**
 * What a call of a known name makes. Each takes only the arguments that CPython's pickler writes and gives undefined for all
 * others, whatever they would do in Python.
 */
import type { Allowed, AllowedName } from "./allowed.ts";
import { keyWork, MEMBER_WORK } from "./key_work.ts";
import { dictOf, setOf } from "./keys.ts";
import { Complex, Counter, Decimal, DefaultDict, Deque, Fraction, OrderedDict } from "./known.ts";
import { type PathClass, PurePath, Range, Slice } from "./known.ts";
import { DType, NDArray, NumpyScalar } from "./known_numpy.ts";
import { buildDate, buildDateTime, buildTime, buildTimeDelta, buildTimeZone } from "./build_datetime.ts";
import { emptyArray, emptyUUID, holdsAll, isShape, type UnfilledObjects } from "./unfilled.ts";
import { ByteArray, Float, FrozenSet, Global, Inert, Tuple, type Value } from "./values.ts";

/** What stands around a call. */
export interface Call {
  readonly name: AllowedName;
  readonly args: readonly Value[];
  readonly unfilled: UnfilledObjects;
}

/** What a call makes; undefined where the arguments are not of a shape that we know. */
export type Builder = (args: readonly Value[], call: Call) => Value | undefined;

/** The kinds that are filled by a BUILD after the call. */
export const FILLED_LATER: ReadonlySet<Allowed> = new Set([
  "UUID",
  "reconstructor",
  "reconstructArray",
  "dtype",
]);

const BUILDERS: ReadonlyMap<Allowed, Builder> = new Map<Allowed, Builder>([
  ["encode", buildEncoded],
  ["bytes", (args) => args.length === 0 ? new Uint8Array() : undefined],
  ["bytearray", buildByteArray],
  ["set", (args) => withMembers(args, (members) => setOf(members))],
  ["frozenset", (args) => withMembers(args, (members) => new FrozenSet(setOf(members)))],
  ["complex", buildComplex],
  ["range", buildRange],
  ["slice", ([start, stop, step, ...more]) => {
    if (start === undefined || stop === undefined || step === undefined || more.length > 0) return undefined;
    return new Slice(start, stop, step);
  }],
  ["OrderedDict", (args) => args.length === 0 ? new OrderedDict() : undefined],
  ["defaultdict", buildDefaultDict],
  ["Counter", buildCounter],
  ["deque", buildDeque],
  ["date", buildDate],
  ["time", buildTime],
  ["datetime", buildDateTime],
  ["timedelta", buildTimeDelta],
  ["timezone", buildTimeZone],
  ["Decimal", ([text, ...more]) => {
    return typeof text === "string" && more.length === 0 && matches(text, DECIMAL)
      ? new Decimal(text)
      : undefined;
  }],
  ["Fraction", buildFraction],
  ["path", buildPath],
  ["localPath", buildPath],
  ["reconstructor", buildReconstructed],
  ["dtype", buildDType],
  ["reconstructArray", buildArray],
  ["arrayFromBuffer", buildArrayFromBuffer],
  ["scalar", buildScalar],
]);

/**
 * Gives what a call of an allowed name makes.
 *
 * @returns undefined where the arguments are of no known shape
 */
export function buildKnown(call: Call): Value | undefined {
  return BUILDERS.get(call.name.allowed)?.(call.args, call);
}

/** Gives what NEWOBJ makes of an allowed class: without arguments, the same as a call. */
export function buildNew(call: Call): Value | undefined {
  if (call.args.length > 0) return undefined;
  return call.name.allowed === "UUID" ? emptyUUID() : buildKnown(call);
}

/** Matches a pattern that takes linear time against a text that may be as long as the pickle, and come again and again. */
function matches(text: string, pattern: RegExp): boolean {
  keyWork.done += text.length;
  return pattern.test(text);
}

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?(?:E[+-]?\d+)?|\.\d+(?:E[+-]?\d+)?|Infinity|s?NaN\d*)$/;

/** Bytes of protocols 0 to 2: `_codecs.encode(text, "latin1")`. */
function buildEncoded([text, codec, ...more]: readonly Value[]): Uint8Array | undefined {
  if (typeof text !== "string" || (codec !== "latin1" && codec !== "latin-1") || more.length > 0) {
    return undefined;
  }
  keyWork.done += text.length;
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0xff) return undefined;
    bytes[i] = unit;
  }
  return bytes;
}

function buildByteArray(args: readonly Value[]): ByteArray | undefined {
  const [bytes] = args;
  if (args.length === 0) return new ByteArray(new Uint8Array());
  if (args.length === 1) {
    if (!(bytes instanceof Uint8Array)) return undefined;
    keyWork.done += bytes.length;
    return new ByteArray(bytes.slice());
  }
  const encoded = buildEncoded(args);
  return encoded && new ByteArray(encoded);
}

function withMembers<T>(args: readonly Value[], make: (members: Iterable<Value>) => T): T | undefined {
  const [members = [], ...more] = args;
  if (!Array.isArray(members) || more.length > 0) return undefined;
  keyWork.done += MEMBER_WORK * members.length;
  return make(members);
}

function buildCounter([counts, ...more]: readonly Value[]): Counter | undefined {
  if (!(counts instanceof Map) || more.length > 0) return undefined;
  keyWork.done += MEMBER_WORK * counts.size;
  return new Counter(dictOf(counts));
}

function isInt(value: Value | undefined): value is number | bigint {
  return typeof value === "bigint" || (Number.isSafeInteger(value) && !Object.is(value, -0));
}

function floatOf(value: Value | undefined): number | undefined {
  if (value instanceof Float) return value.value;
  return typeof value === "number" && !isInt(value) ? value : undefined;
}

function buildComplex(args: readonly Value[]): Complex | undefined {
  const [real, imag] = [floatOf(args[0]), floatOf(args[1])];
  return real === undefined || imag === undefined || args.length !== 2 ? undefined : new Complex(real, imag);
}

function buildRange([start, stop, step, ...more]: readonly Value[]): Range | undefined {
  if (!isInt(start) || !isInt(stop) || !isInt(step) || step === 0 || more.length > 0) return undefined;
  return new Range(start, stop, step);
}

function buildDefaultDict([factory = null, ...more]: readonly Value[]): DefaultDict | undefined {
  if (factory !== null && !(factory instanceof Global) && !(factory instanceof Inert)) return undefined;
  return more.length === 0 ? new DefaultDict(factory) : undefined;
}

function buildDeque(args: readonly Value[]): Deque | undefined {
  const [items, maxlen] = args;
  if (args.length === 0) return new Deque();
  if (!(items instanceof Tuple) || items.items.length > 0 || args.length !== 2) return undefined;
  if (maxlen === null) return new Deque();
  return Number.isSafeInteger(maxlen) && (maxlen as number) >= 0
    ? new Deque([], maxlen as number)
    : undefined;
}

function buildFraction(args: readonly Value[]): Fraction | undefined {
  const [top, bottom] = args;
  if (args.length === 1 && typeof top === "string") {
    const match = /^(-?\d{1,15})\/([1-9]\d{0,14})$/.exec(top);
    return match === null ? undefined : lowest(Number(match[1]), Number(match[2]));
  }
  if (args.length !== 2 || !isInt(top) || !isInt(bottom) || bottom <= 0) return undefined;
  return lowest(top, bottom);
}

/** A gcd of two longer ones would take quadratic time. */
const MAX_FRACTION = 1n << 2048n;

/** What a step of the gcd costs, in the unit of {@linkcode keyWork}. */
const DIVISION_WORK = 4;

/** A Fraction if it is in lowest terms, as Python keeps it. */
function lowest(top: number | bigint, bottom: number | bigint): Fraction | undefined {
  let [a, b] = [BigInt(top), BigInt(bottom)];
  if (a < 0n) a = -a;
  if (b > 1n && (a > MAX_FRACTION || b > MAX_FRACTION)) {
    if (a > MAX_FRACTION && b > MAX_FRACTION) return undefined;
    keyWork.done += (a > b ? a : b).toString(32).length;
  }
  while (b > 0n) {
    keyWork.done += DIVISION_WORK;
    [a, b] = [b, a % b];
  }
  return a === 1n ? new Fraction(top, bottom) : undefined;
}

/** What a part of a path costs to look at. */
const PART_WORK = 4;

function buildPath(args: readonly Value[], { name }: Call): PurePath | undefined {
  keyWork.done += PART_WORK * args.length;
  if (!args.every((part) => typeof part === "string")) return undefined;
  return new PurePath(name.name as PathClass, args);
}

/** How protocols 0 and 1 make an object without calling its class; of known ones UUID alone is made so. */
function buildReconstructed([cls, base, state, ...more]: readonly Value[]): Value | undefined {
  if (!isGlobal(cls, "uuid", "UUID") || !isGlobal(base, "builtins", "object") || state !== null) {
    return undefined;
  }
  return more.length === 0 ? emptyUUID() : undefined;
}

function isGlobal(value: Value | undefined, module: string, name: string): boolean {
  return value instanceof Global && value.module === module && value.name === name;
}

function buildDType([code, align, copy, ...more]: readonly Value[]): DType | undefined {
  if (typeof code !== "string" || !matches(code, /^[a-zA-Z?]\d*$/) || more.length > 0) return undefined;
  if (!isFlag(align) || !isFlag(copy)) return undefined;
  return new DType(code, new Tuple([]), [Boolean(align), Boolean(copy)]);
}

function isFlag(value: Value | undefined): boolean {
  return typeof value === "boolean" || value === 0 || value === 1;
}

function buildArray([cls, shape, kind, ...more]: readonly Value[]): NDArray | undefined {
  if (!isGlobal(cls, "numpy", "ndarray") || !(shape instanceof Tuple) || !(kind instanceof Uint8Array)) {
    return undefined;
  }
  const isEmpty = shape.items.length === 1 && shape.items[0] === 0;
  return isEmpty && kind.length === 1 && kind[0] === 0x62 && more.length === 0 ? emptyArray() : undefined;
}

function isFilled(dtype: Value | undefined, { unfilled }: Call): dtype is DType {
  return dtype instanceof DType && !unfilled.has(dtype);
}

function buildArrayFromBuffer(args: readonly Value[], call: Call): NDArray | undefined {
  const [buffer, dtype, shape, order, ...more] = args;
  const data = buffer instanceof ByteArray ? buffer.bytes : buffer;
  if (!(data instanceof Uint8Array) || !isFilled(dtype, call) || !isShape(shape) || more.length > 0) {
    return undefined;
  }
  if ((order !== "C" && order !== "F") || !holdsAll(shape.items, dtype, data)) return undefined;
  return new NDArray(shape.items, dtype, order === "F", data, "frombuffer");
}

function buildScalar(args: readonly Value[], call: Call): NumpyScalar | undefined {
  const [dtype, data, ...more] = args;
  if (!isFilled(dtype, call) || data === undefined || more.length > 0) return undefined;
  if (dtype.code.startsWith("O")) return new NumpyScalar(dtype, data);
  return data instanceof Uint8Array && data.length === dtype.itemSize
    ? new NumpyScalar(dtype, data)
    : undefined;
}
