/** The objects of Python's standard library as fields in JSON. */
import { construct } from "../pickle/parse/constructor.ts";
import { CONSTRUCTORS } from "../pickle/parse/parse.ts";
import { dictOf } from "../pickle/keys/keys.ts";
import {
  CalendarDate,
  Complex,
  Counter,
  DateTime,
  Decimal,
  DefaultDict,
  Deque,
  Fraction,
  OrderedDict,
  type PathClass,
  PurePath,
  Range,
  Slice,
  TimeDelta,
  type TimeFields,
  TimeOfDay,
  TimeZone,
  UUID,
} from "../pickle/values/known.ts";
import { uuidText } from "../pickle/repr/known.ts";
import { Float, type Value } from "../pickle/values/values.ts";
import { type Fields, type Form, form, hasOnly } from "./form.ts";

const PATHS = ["PurePath", "PurePosixPath", "PureWindowsPath", "Path", "PosixPath", "WindowsPath"] as const;

/** The forms of the objects of Python's standard library. */
export const LIBRARY_FORMS: readonly Form[] = [
  form(["builtins.complex", Complex], complexFields, called("complex")),
  form(
    ["builtins.range", Range],
    ({ start, stop, step }) => ({ start, stop, step }),
    calledInOrder("range", ["start", "stop", "step"]),
  ),
  form(
    ["builtins.slice", Slice],
    ({ start, stop, step }) => ({ start, stop, step }),
    calledInOrder("slice", ["start", "stop", "step"]),
  ),
  form(["collections.OrderedDict", OrderedDict], itemFields, (fields) => {
    const entries = entriesOf(fields.get("items"));
    return entries && hasOnly(fields, ["items"]) ? new OrderedDict(entries) : undefined;
  }),
  form(["collections.Counter", Counter], itemFields, (fields) => {
    const entries = entriesOf(fields.get("items"));
    return entries && hasOnly(fields, ["items"]) ? new Counter(entries) : undefined;
  }),
  form(
    ["collections.defaultdict", DefaultDict],
    ({ factory, entries }) => ({ factory, ...itemFields({ entries }) }),
    (fields) => {
      const [factory, entries] = [fields.get("factory"), entriesOf(fields.get("items"))];
      if (factory === undefined || entries === undefined || fields.size > 2) return undefined;
      return new DefaultDict(factory, entries);
    },
  ),
  form(["collections.deque", Deque], ({ items, maxlen }) => ({ items, maxlen }), (fields) => {
    const [items, maxlen] = [fields.get("items"), fields.get("maxlen")];
    if (items === undefined || maxlen === undefined || fields.size > 2) return undefined;
    return construct(CONSTRUCTORS.get("deque")!, { args: [items, maxlen], named: new Map() });
  }),
  form(["datetime.date", CalendarDate], dateFields, called("datetime.date")),
  form(["datetime.time", TimeOfDay], timeFields, called("datetime.time")),
  form(
    ["datetime.datetime", DateTime],
    (moment) => ({ ...dateFields(moment), ...timeFields(moment) }),
    called("datetime.datetime"),
  ),
  form(["datetime.timedelta", TimeDelta], ({ days, seconds, microseconds }) => {
    return { days, seconds, microseconds };
  }, called("datetime.timedelta")),
  form(["datetime.timezone", TimeZone], ({ offset, zone }) => {
    return { offset, name: zone };
  }, called("datetime.timezone")),
  form(["decimal.Decimal", Decimal], ({ text }) => ({ value: text }), calledInOrder("Decimal", ["value"])),
  form(["fractions.Fraction", Fraction], ({ numerator, denominator }) => {
    return { numerator, denominator };
  }, called("Fraction")),
  form(["uuid.UUID", UUID], uuidFields, makeUUID),
  ...PATHS.map(pathForm),
];

/** Makes an object by the constructor of its literal, with the fields as named arguments. */
function called(name: string): Form["make"] {
  return (fields) => construct(CONSTRUCTORS.get(name)!, { args: [], named: fields });
}

/** Makes an object by the constructor of its literal, with the fields in a given order as arguments. */
function calledInOrder(name: string, order: readonly string[]): Form["make"] {
  return (fields) => {
    const args = order.map((field) => fields.get(field)).filter((arg) => arg !== undefined);
    return hasOnly(fields, order)
      ? construct(CONSTRUCTORS.get(name)!, { args, named: new Map() })
      : undefined;
  };
}

function complexFields({ real, imag }: Complex): Record<string, Value> {
  return { real: new Float(real), imag: new Float(imag) };
}

function itemFields({ entries }: { readonly entries: ReadonlyMap<Value, Value> }): Record<string, Value> {
  return { items: Array.from(entries) };
}

function entriesOf(items: Value | undefined): Map<Value, Value> | undefined {
  if (!Array.isArray(items) || !items.every(isPair)) return undefined;
  return dictOf(items);
}

function isPair(item: Value): item is [Value, Value] {
  return Array.isArray(item) && item.length === 2;
}

function dateFields({ year, month, day }: CalendarDate | DateTime): Record<string, Value> {
  return { year, month, day };
}

function timeFields({ hour, minute, second, microsecond, tzinfo, fold }: TimeFields): Record<string, Value> {
  return { hour, minute, second, microsecond, tzinfo, fold };
}

function uuidFields(uuid: UUID): Record<string, Value> {
  const value = uuidText(uuid);
  return uuid.safe === null ? { value } : { value, safe: uuid.safe };
}

function makeUUID(fields: Fields): Value | undefined {
  const [value, safe = null] = [fields.get("value"), fields.get("safe")];
  const uuid = value === undefined
    ? undefined
    : construct(CONSTRUCTORS.get("UUID")!, { args: [value], named: new Map() });
  if (!(uuid instanceof UUID) || safe !== null && safe !== 0 && safe !== -1) return undefined;
  return new UUID(uuid.int, safe);
}

function pathForm(kind: PathClass): Form {
  return {
    path: `pathlib.${kind}`,
    fields: (object) =>
      object instanceof PurePath && object.kind === kind ? { parts: [...object.parts] } : undefined,
    make: (fields) => {
      const parts = fields.get("parts");
      if (!Array.isArray(parts) || !parts.every((part) => typeof part === "string")) return undefined;
      return new PurePath(kind, parts);
    },
  };
}
