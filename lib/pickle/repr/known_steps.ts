/** Text of known objects with other values in them, as repr shows them. */
import { dictSteps, sequenceSteps, type Steps, valueSteps, writeScalar } from "./container_steps.ts";
import { Counter, DateTime, DefaultDict, Deque, OrderedDict, Slice, TimeOfDay } from "../values/known.ts";
import { NDArray, NumpyScalar } from "../values/known_numpy.ts";
import { arraySteps } from "../numpy/array_steps.ts";
import { reprClock } from "./datetime.ts";
import { reprScalar } from "./scalar.ts";
import type { TextOut } from "./text_out.ts";
import { Float, type PyObject, type Value } from "../values/values.ts";

/** Returns the generator that writes a known object; undefined for any other. */
export function knownSteps(out: TextOut, object: PyObject): Steps | undefined {
  if (object instanceof OrderedDict) return orderedDictSteps(out, object);
  if (object instanceof DefaultDict) return defaultDictSteps(out, object);
  if (object instanceof Counter) return counterSteps(out, object);
  if (object instanceof Deque) return dequeSteps(out, object);
  if (object instanceof Slice) {
    return sequenceSteps(out, [object.start, object.stop, object.step], ["slice(", ")"]);
  }
  if (object instanceof TimeOfDay) return timeSteps(out, object);
  if (object instanceof DateTime) return dateTimeSteps(out, object);
  if (object instanceof NDArray) return arraySteps(out, object);
  if (object instanceof NumpyScalar && !(object.data instanceof Uint8Array)) {
    return valueSteps(out, object.data);
  }
  return undefined;
}

/** Returns the text that repr shows for a known object inside itself. */
export function knownCycleMark(out: TextOut, object: PyObject): string {
  if (object instanceof Deque) return "[...]";
  if (object instanceof NDArray) return "array(..., dtype=object)";
  if (object instanceof DefaultDict) {
    return `defaultdict(${reprScalar(object.factory, out.room) ?? "..."}, {...})`;
  }
  return "...";
}

function* orderedDictSteps(out: TextOut, { entries }: OrderedDict): Steps {
  if (entries.size === 0) return out.write("OrderedDict()");
  out.write("OrderedDict([");
  let before = "(";
  for (const [key, value] of entries) {
    if (out.full) return;
    out.write(before);
    before = "), (";
    if (!writeScalar(out, key)) yield key;
    out.write(", ");
    if (!writeScalar(out, value)) yield value;
  }
  out.write(")])");
}

function* defaultDictSteps(out: TextOut, { factory, entries }: DefaultDict): Steps {
  out.write("defaultdict(");
  yield* valueSteps(out, factory);
  out.write(", ");
  yield* dictSteps(out, entries);
  out.write(")");
}

function* counterSteps(out: TextOut, { entries }: Counter): Steps {
  if (entries.size === 0) return out.write("Counter()");
  out.write("Counter(");
  yield* dictSteps(out, mostCommon(entries));
  out.write(")");
}

/** Sorts entries by descending count; keeps their order where a count is not a number. */
function mostCommon(entries: ReadonlyMap<Value, Value>): Iterable<readonly [Value, Value]> {
  const counted: { entry: [Value, Value]; count: number | bigint }[] = [];
  for (const entry of entries) {
    const count = countOf(entry[1]);
    if (count === undefined) return entries;
    counted.push({ entry, count });
  }
  counted.sort((a, b) => a.count < b.count ? 1 : a.count > b.count ? -1 : 0);
  return counted.map(({ entry }) => entry);
}

function countOf(value: Value): number | bigint | undefined {
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (typeof value === "boolean") return Number(value);
  return value instanceof Float ? value.value : undefined;
}

function* dequeSteps(out: TextOut, { items, maxlen }: Deque): Steps {
  yield* sequenceSteps(out, items, ["deque([", maxlen === null ? "])" : `], maxlen=${maxlen})`]);
}

function* timeSteps(out: TextOut, time: TimeOfDay): Steps {
  out.write(`datetime.time(${reprClock(time)}`);
  yield* zoneSteps(out, time.tzinfo);
  out.write(time.fold === 1 ? ", fold=1)" : ")");
}

function* dateTimeSteps(out: TextOut, moment: DateTime): Steps {
  const { year, month, day, fold } = moment;
  out.write(
    `datetime.datetime(${year}, ${month}, ${day}, ${reprClock(moment)}${fold === 1 ? ", fold=1" : ""}`,
  );
  yield* zoneSteps(out, moment.tzinfo);
  out.write(")");
}

function* zoneSteps(out: TextOut, tzinfo: Value): Steps {
  if (tzinfo === null) return;
  out.write(", tzinfo=");
  yield* valueSteps(out, tzinfo);
}
