/**
 * Objects built from calls of allowed names. Each builder accepts only the arguments that CPython's pickler writes, and returns
 * undefined for all others, whatever Python would do with them.
 */
import type { Allowed } from "../values/allowed.ts";
import { type Builder, type Call, isGlobal } from "./build_call.ts";
import { latin1Bytes } from "../values/eight_bits.ts";
import { buildDate, buildDateTime, buildTime, buildTimeDelta, buildTimeZone } from "./build_datetime.ts";
import { buildComplex, buildDecimal, buildFraction, buildRange } from "./build_numbers.ts";
import { buildArray, buildArrayFromBuffer, buildDType, buildScalar } from "./build_numpy.ts";
import { ENTRY_WORK, keyWork, MEMBER_WORK } from "../values/work.ts";
import { dictOf, setOf } from "../keys/keys.ts";
import {
  Counter,
  DefaultDict,
  Deque,
  OrderedDict,
  type PathClass,
  PurePath,
  Slice,
} from "../values/known.ts";
import { emptyUUID } from "./unfilled.ts";
import { ByteArray, FrozenSet, Global, Inert, Tuple, type Value } from "../values/values.ts";

/** The names whose objects are filled by a BUILD after the call. */
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
  ["OrderedDict", buildOrderedDict],
  ["defaultdict", buildDefaultDict],
  ["Counter", buildCounter],
  ["deque", buildDeque],
  ["date", buildDate],
  ["time", buildTime],
  ["datetime", buildDateTime],
  ["timedelta", buildTimeDelta],
  ["timezone", buildTimeZone],
  ["Decimal", buildDecimal],
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
 * Builds the object of a call of an allowed name.
 *
 * @returns undefined where the arguments have no known shape
 */
export function buildKnown(call: Call): Value | undefined {
  return BUILDERS.get(call.name.allowed)?.(call.args, call);
}

/** Builds the object of a NEWOBJ of an allowed class, which must have no arguments. */
export function buildNew(call: Call): Value | undefined {
  if (call.args.length > 0) return undefined;
  return call.name.allowed === "UUID" ? emptyUUID() : buildKnown(call);
}

/** Builds bytes of protocols 0 to 2: `_codecs.encode(text, "latin1")`. */
function buildEncoded([text, codec, ...more]: readonly Value[]): Uint8Array | undefined {
  if (typeof text !== "string" || (codec !== "latin1" && codec !== "latin-1") || more.length > 0) {
    return undefined;
  }
  return latin1Bytes(text);
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
  keyWork.done += ENTRY_WORK * counts.size;
  return new Counter(dictOf(counts));
}

function buildDefaultDict([factory = null, ...more]: readonly Value[]): DefaultDict | undefined {
  if (factory !== null && !(factory instanceof Global) && !(factory instanceof Inert)) return undefined;
  return more.length === 0 ? new DefaultDict(factory) : undefined;
}

/** Builds an OrderedDict. Python 2 passes the entries, each as a list of two; Python 3 sets them later. */
function buildOrderedDict([entries = [], ...more]: readonly Value[]): OrderedDict | undefined {
  if (!Array.isArray(entries) || more.length > 0) return undefined;
  keyWork.done += ENTRY_WORK * entries.length;
  return entries.every(isPair) ? new OrderedDict(dictOf(entries)) : undefined;
}

function isPair(entry: Value): entry is [Value, Value] {
  return Array.isArray(entry) && entry.length === 2;
}

/** Builds a deque. Up to Python 3.4 its items are passed; later versions append them. */
function buildDeque([given = NO_ITEMS, maxlen = null, ...more]: readonly Value[]): Deque | undefined {
  const items = given instanceof Tuple && given.items.length === 0 ? [] : given;
  if (!Array.isArray(items) || more.length > 0) return undefined;
  if (maxlen !== null && !(Number.isSafeInteger(maxlen) && (maxlen as number) >= 0)) return undefined;
  keyWork.done += items.length;
  return maxlen === null || items.length <= (maxlen as number)
    ? new Deque([...items], maxlen as number | null)
    : undefined;
}

const NO_ITEMS = new Tuple([]);

/** The cost of reading a part of a path, in the unit of {@linkcode keyWork}. */
const PART_WORK = 4;

function buildPath(args: readonly Value[], { name }: Call): PurePath | undefined {
  keyWork.done += PART_WORK * args.length;
  if (!args.every((part) => typeof part === "string")) return undefined;
  return new PurePath(name.name as PathClass, args);
}

/** Builds an object without calling its class, as protocols 0 and 1 do; of the allowed classes only UUID. */
function buildReconstructed([cls, base, state, ...more]: readonly Value[]): Value | undefined {
  if (!isGlobal(cls, "uuid", "UUID") || !isGlobal(base, "builtins", "object") || state !== null) {
    return undefined;
  }
  return more.length === 0 ? emptyUUID() : undefined;
}
