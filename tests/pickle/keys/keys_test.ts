import { assert, assertEquals, assertFalse, assertStrictEquals, assertThrows } from "../../assert.ts";
import { Dict, dictOf, isPlainKey, PySet, setEntry, setOf } from "../../../lib/pickle/keys/keys.ts";
import { equalKeys } from "../../../lib/pickle/keys/equal.ts";
import {
  ByteArray,
  CalendarDate,
  Complex,
  DateTime,
  Decimal,
  decode,
  encode,
  Float,
  Fraction,
  FrozenSet,
  Global,
  Inert,
  PickleError,
  PurePath,
  Range,
  TimeDelta,
  TimeZone,
  Tuple,
  UUID,
  type Value,
} from "../../../lib/pickle/mod.ts";
import { randomOf } from "../../random.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);
const at = (hour: number, offset: number) => {
  const time = { hour, minute: 0, second: 0, microsecond: 0, fold: 0 as const };
  const tzinfo = new TimeZone(new TimeDelta(offset < 0 ? -1 : 0, (offset * 3600 + 86_400) % 86_400, 0));
  return new DateTime(new CalendarDate(2024, 3, 1), { ...time, tzinfo });
};

const EQUAL: Value[][] = [
  [1, true, new Float(1), new Complex(1, 0), new Fraction(1, 1), new Decimal("1.00"), new Decimal("1E0")],
  [0, false, new Float(0), -0, new Decimal("-0.0")],
  [0.5, new Fraction(1, 2), new Decimal("0.50"), new Complex(0.5, 0)],
  [2n ** 60n, 2 ** 60, new Float(2 ** 60), new Decimal("1152921504606846976")],
  [10n ** 30n, new Decimal("1E+30")],
  [0.1],
  [new Decimal("0.1"), new Decimal("0.10")],
  [new Fraction(1, 10)],
  [Infinity, new Decimal("Infinity")],
  ["1"],
  [bytes(1, 2), bytes(1, 2)],
  [new Tuple([1, "a"]), new Tuple([new Float(1), "a"]), new Tuple([true, "a"])],
  [new Tuple([bytes(1)]), new Tuple([bytes(1)])],
  [new FrozenSet(new Set([1, 2])), new FrozenSet(new Set([2, 1])), new FrozenSet(new PySet([true, 2]))],
  [new FrozenSet(new Set([new Tuple([1])])), new FrozenSet(new Set([new Tuple([1])]))],
  [new Global("m", "f"), new Global("m", "f")],
  [new UUID(5), new UUID(5)],
  [new CalendarDate(2024, 2, 29), new CalendarDate(2024, 2, 29)],
  [new TimeDelta(1, 2, 3), new TimeDelta(1, 2, 3)],
  [at(12, 0), at(13, 1), at(7, -5)],
  [at(0, 0)],
  [new Range(0, 0, 1), new Range(5, 2, 1)],
  [new Range(0, 3, 2), new Range(0, 4, 2)],
  [
    new PurePath("PurePosixPath", ["a", "b"]),
    new PurePath("PosixPath", ["a", "b"]),
    new PurePath("PurePosixPath", ["./a//b/."]),
  ],
  [new PurePath("PurePosixPath", ["/b"]), new PurePath("PurePosixPath", ["a", "/b"])],
  [new PurePath("PureWindowsPath", ["C:\\", "A"]), new PurePath("PureWindowsPath", ["c:/a"])],
  [new Range(2n ** 90n, 2n ** 90n + 1n, 1), new Range(2n ** 90n, 2n ** 90n + 2n, 2)],
  [new Fraction(2n ** 90n, 3)],
  [new Tuple(["a".repeat(20), 1, 2, 3, 4]), new Tuple(["a".repeat(20), true, 2, 3, 4])],
  [new FrozenSet(new Set(["a".repeat(20)])), new FrozenSet(new Set(["a".repeat(20)]))],
  [null],
];

Deno.test("equalKeys agrees with Python", () => {
  for (const [i, group] of EQUAL.entries()) {
    for (const [j, other] of EQUAL.entries()) {
      for (const a of group) {
        for (const b of other) assertEquals(equalKeys(a, b), i === j, Deno.inspect([a, b]));
      }
    }
  }
});

Deno.test("a Dict finds every key by each equal key, and keeps the first", () => {
  for (const group of EQUAL) {
    const [first = null] = group;
    const dict = new Dict(group.map((key, index) => [key, index]));
    assertEquals(dict.size, 1);
    assertStrictEquals([...dict.keys()][0], first);
    for (const key of group) assertEquals(dict.get(key), group.length - 1);
  }
});

Deno.test("dictOf and setOf keep unequal keys apart, in order", () => {
  const firsts = EQUAL.map(([first = null]) => first);
  assertEquals([...dictOf(firsts.map((key) => [key, null])).keys()], firsts);
  assertEquals([...setOf(EQUAL.flat())], firsts);
});

Deno.test("each nan is a key of its own, found again as the same object only", () => {
  const dict = dictOf([[NaN, 1], [NaN, 2]]);
  assertEquals([...dict.values()], [1, 2]);
  assertFalse(dict.has(NaN));
  const [first = null] = dict.keys();
  assertEquals(dict.get(first), 1);
});

Deno.test("objects are keys by identity", () => {
  const make = () => new Inert("reduce", new Global("m", "C"), new Tuple([]));
  const [a, b] = [make(), make()];
  const dict = dictOf([[a, 1], [b, 2]]);
  assertEquals([dict.get(a), dict.get(b), dict.get(make())], [1, 2, undefined]);
});

Deno.test("a value that Python cannot hash is refused as a key", () => {
  for (const key of [[], new Map(), new Set<Value>(), new ByteArray(bytes()), new Tuple([[]])]) {
    assertEquals(assertThrows(() => dictOf([[key, 1]]), PickleError).code, "unhashable");
    assertEquals(assertThrows(() => setOf([key]), PickleError).code, "unhashable");
  }
});

Deno.test("a key that contains itself is refused", () => {
  const items: Value[] = [];
  const tuple = new Tuple(items);
  items.push(tuple);
  assertEquals(assertThrows(() => dictOf([[tuple, 1]]), PickleError).code, "limit");
});

Deno.test("a dict stays a Map as long as JavaScript's equality suffices", () => {
  const plain = dictOf([["a", 1], [1, 2], [null, 3], [2.5, 4], [2n ** 70n, 5]]);
  assertStrictEquals(Object.getPrototypeOf(plain), Map.prototype);
  assertStrictEquals(Object.getPrototypeOf(setOf(["a", 1])), Set.prototype);
  for (const key of [true, NaN, -0, 2 ** 60, new Float(1), bytes(), new Tuple([])]) {
    assertFalse(isPlainKey(key, 0));
  }
});

Deno.test("a dict of many numbers does not use V8's hash, which has no seed", () => {
  const dict = dictOf(Array.from({ length: 100 }, (_, index) => [index, index]));
  assert(dict instanceof Dict);
  assertEquals([...dict.keys()], Array.from({ length: 100 }, (_, index) => index));
  assert(isPlainKey("name", 999) && !isPlainKey("123", 999));
});

Deno.test("a dict of a thousand strings stays a Map, one of more becomes a Dict, and each finds all of them", () => {
  for (const length of [999, 1_000, 1_001, 5_000]) {
    const entries = Array.from({ length }, (_, index): [Value, Value] => [`key ${index}`, index]);
    const dict = decode(encode(dictOf(entries))) as Map<Value, Value>;
    assertEquals(dict instanceof Dict, length > 1_000);
    assertEquals([...dict], entries);
    for (const [key, value] of entries) assertEquals(dict.get(key), value);
    assertEquals([dict.has("key"), dict.has(""), dict.has("key 05")], [false, false, false]);
    const set = setOf(entries.map(([key]) => key));
    assertEquals(set instanceof PySet, length > 1_000);
    assertEquals([...set], entries.map(([key]) => key));
  }
});

Deno.test("setEntry converts a Map in place", () => {
  const map = new Map<Value, Value>([["a", 1]]);
  setEntry(map, true, 2);
  assert(map instanceof Dict);
  assertEquals([...map], [["a", 1], [true, 2]]);
});

Deno.test("a Dict behaves like a Map, whatever is set and deleted", () => {
  const random = randomOf(1);
  const dict = new Dict();
  const map = new Map<Value, Value>();
  // Few keys are kept in another way than many.
  for (const many of [1, 2, 3, 100, 4, 1]) {
    for (let round = 0; round < 4_000; round++) {
      const number = random(3 * many);
      const key = [`k${number}`, String(number), number][random(3)] as Value;
      if (random(3) === 0) assertEquals(dict.delete(key), map.delete(key));
      else {
        dict.set(key, round);
        map.set(key, round);
      }
      assertEquals(dict.size, map.size);
      assertEquals(dict.get(key), map.get(key));
      if (random(40) === 0 && many < 100) {
        assertEquals([...dict], [...map]);
        dict.clear();
        map.clear();
      }
    }
    assertEquals([...dict], [...map]);
  }
  dict.clear();
  assertEquals([dict.size, dict.has(1)], [0, false]);
});

Deno.test("a Dict and a PySet give their entries by every kind of iteration", () => {
  const dict = new Dict([[true, "a"], ["b", null]]);
  const seen: Value[] = [];
  dict.forEach((value, key) => seen.push(key, value));
  assertEquals(seen, [true, "a", "b", null]);
  assertEquals([...dict.values()], ["a", null]);
  const set = new PySet([1, true, "b"]);
  assertEquals([[...set], [...set.keys()], [...set.entries()]], [[1, "b"], [1, "b"], [[1, 1], ["b", "b"]]]);
  assert(set.has(new Float(1)) && set.delete(true) && !set.has(1));
});

Deno.test("decode accepts honest pickles with long texts as keys of many dicts and sets", () => {
  for (const length of [64, 65, 2_000]) {
    for (const [entries, dicts] of [[8, 4_000], [1_500, 40]] as const) {
      const keys = Array.from({ length: entries }, (_, i) => `${i}`.padStart(length, "k"));
      const value = [
        ...Array.from({ length: dicts }, () => new Map<Value, Value>(keys.map((key) => [key, 1]))),
        ...Array.from({ length: dicts }, () => new Set<Value>(keys)),
        ...Array.from(
          { length: dicts },
          (_, i) => new Map<Value, Value>([[new Tuple([keys[i % entries]!, i]), i]]),
        ),
      ];
      for (const protocol of [2, 4] as const) {
        const again = decode(encode(value, { protocol })) as Map<Value, Value>[];
        assertEquals([again.length, again[0]!.size, again[dicts]!.size], [3 * dicts, entries, entries]);
      }
    }
  }
});
