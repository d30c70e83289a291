/** Values as tagged JSON, the form of tests/testdata/pickles/ and other test vectors, which is independent of their classes. */
import * as pickle from "../../lib/pickle/mod.ts";
import type { Value } from "../../lib/pickle/mod.ts";

/** JSON. */
export type Tagged = string | number | boolean | null | Tagged[];

function hex(value: number): string {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  return bytes.toHex();
}

function number(value: number): Tagged {
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? ["I", String(value)] : ["F", hex(value)];
}

function members(values: Iterable<Value>): Tagged[] {
  return Array.from(values, tag).sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
}

function pairs(map: Map<Value, Value>): Tagged[] {
  return Array.from(map, ([key, value]) => [tag(key), tag(value)]);
}

/** Gives the tagged form of a value. */
export function tag(value: Value): Tagged {
  if (value === null) return ["N"];
  if (typeof value === "boolean") return ["B", value];
  if (typeof value === "number") return number(value);
  if (typeof value === "bigint") return ["I", String(value)];
  if (typeof value === "string") return ["S", Array.from(value, (c) => c.codePointAt(0) ?? 0)];
  if (value instanceof Uint8Array) return ["b", value.toHex()];
  if (Array.isArray(value)) return ["L", value.map(tag)];
  if (value instanceof Map) return ["D", pairs(value)];
  if (value instanceof Set) return ["E", members(value)];
  return tagObject(value);
}

function tagObject(value: pickle.PyObject): Tagged {
  if (value instanceof pickle.Float) return ["F", hex(value.value)];
  if (value instanceof pickle.CodePoints) return ["S", [...value.points]];
  if (value instanceof pickle.ByteArray) return ["Y", value.bytes.toHex()];
  if (value instanceof pickle.Tuple) return ["T", value.items.map(tag)];
  if (value instanceof pickle.FrozenSet) return ["e", members(value.members)];
  if (value instanceof pickle.Complex) return ["complex", ["F", hex(value.real)], ["F", hex(value.imag)]];
  if (value instanceof pickle.Range) return ["range", tag(value.start), tag(value.stop), tag(value.step)];
  if (value instanceof pickle.Slice) return ["slice", tag(value.start), tag(value.stop), tag(value.step)];
  if (value instanceof pickle.OrderedDict) return ["OrderedDict", pairs(value.entries)];
  if (value instanceof pickle.Counter) return ["Counter", pairs(value.entries)];
  if (value instanceof pickle.DefaultDict) {
    const { factory } = value;
    const name = factory instanceof pickle.Global ? `${factory.module}.${factory.name}` : null;
    return ["defaultdict", name, pairs(value.entries)];
  }
  if (value instanceof pickle.Deque) return ["deque", value.items.map(tag), value.maxlen];
  if (value instanceof pickle.CalendarDate) return ["date", value.year, value.month, value.day];
  if (value instanceof pickle.TimeOfDay) return ["time", clock(value), tag(value.tzinfo)];
  if (value instanceof pickle.DateTime) {
    return ["datetime", [value.year, value.month, value.day, ...clock(value)], tag(value.tzinfo)];
  }
  if (value instanceof pickle.TimeDelta) return ["timedelta", value.days, value.seconds, value.microseconds];
  if (value instanceof pickle.TimeZone) return ["timezone", tag(value.offset), value.zone];
  if (value instanceof pickle.Decimal) return ["Decimal", value.text];
  if (value instanceof pickle.Fraction) {
    return ["Fraction", String(value.numerator), String(value.denominator)];
  }
  if (value instanceof pickle.UUID) return ["UUID", String(value.int)];
  if (value instanceof pickle.PurePath) return [value.kind, [...value.parts]];
  if (value instanceof pickle.Inert && value.callable instanceof pickle.Global) {
    return ["O", value.callable.name];
  }
  throw new TypeError(`no tag for ${value.constructor.name}`);
}

function clock(time: pickle.TimeFields): number[] {
  return [time.hour, time.minute, time.second, time.microsecond, time.fold];
}
