/** Constructors of collections in literals: `frozenset({1})`, `deque([1], maxlen=2)`, `OrderedDict([(1, 2)])`. */
import type { Constructor } from "./constructor.ts";
import { dictOf, setOf } from "../keys/keys.ts";
import { Counter, DefaultDict, Deque, OrderedDict } from "../values/known.ts";
import { ByteArray, FrozenSet, Global, Inert, Tuple, type Value } from "../values/values.ts";

const PLAIN: readonly [string, Constructor][] = [
  ["set", { names: [""], make: ([items]) => whole(membersOf(items), (members) => members) }],
  ["frozenset", { names: [""], make: ([items]) => whole(membersOf(items), (set) => new FrozenSet(set)) }],
  ["bytearray", {
    names: [""],
    make: ([bytes = new Uint8Array()]) => bytes instanceof Uint8Array ? new ByteArray(bytes) : undefined,
  }],
];

const NAMED: readonly [string, Constructor][] = [
  ["OrderedDict", { names: [""], make: ([items]) => whole(entriesOf(items), (map) => new OrderedDict(map)) }],
  ["Counter", { names: [""], make: ([items]) => whole(entriesOf(items), (map) => new Counter(map)) }],
  ["defaultdict", {
    names: ["", ""],
    make: ([factory = null, items]) => {
      const callable = factory === null || factory instanceof Global || factory instanceof Inert;
      return callable ? whole(entriesOf(items), (map) => new DefaultDict(factory, map)) : undefined;
    },
  }],
  ["deque", {
    names: ["iterable", "maxlen"],
    make: ([items = [], maxlen = null]) => {
      if (!Array.isArray(items)) return undefined;
      if (maxlen === null) return new Deque(items);
      if (typeof maxlen !== "number" || !Number.isSafeInteger(maxlen) || maxlen < 0) return undefined;
      return new Deque(maxlen === 0 ? [] : items.slice(-maxlen), maxlen);
    },
  }],
];

/** The constructors of collections by name; those of the module collections by their full name too. */
export const COLLECTION_CONSTRUCTORS: readonly [string, Constructor][] = [
  ...PLAIN,
  ...NAMED,
  ...NAMED.map(([name, constructor]): [string, Constructor] => [`collections.${name}`, constructor]),
];

function whole<T>(part: T | undefined, make: (part: T) => Value): Value | undefined {
  return part === undefined ? undefined : make(part);
}

/** Makes the members of a set from a list, a tuple or a set. */
function membersOf(items: Value | undefined): Set<Value> | undefined {
  if (items === undefined) return new Set();
  if (items instanceof Set) return items;
  const listed = itemsOf(items);
  return listed && setOf(listed);
}

/** Makes the entries of a dict from a dict or a list of pairs. */
function entriesOf(items: Value | undefined): Map<Value, Value> | undefined {
  if (items === undefined) return new Map();
  if (items instanceof Map) return items;
  const entries: [Value, Value][] = [];
  for (const item of itemsOf(items) ?? [null]) {
    const [key, value, ...more] = itemsOf(item) ?? [];
    if (key === undefined || value === undefined || more.length > 0) return undefined;
    entries.push([key, value]);
  }
  return dictOf(entries);
}

function itemsOf(items: Value): readonly Value[] | undefined {
  if (items instanceof Tuple) return items.items;
  return Array.isArray(items) ? items : undefined;
}
