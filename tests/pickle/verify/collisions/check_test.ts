import { assertEquals } from "../../../assert.ts";
import { randomOf } from "../../../random.ts";
import { little, pickleOf } from "../../bytes.ts";
import {
  answerOf,
  collidingPairs,
  joined,
  long,
  MODULUS,
  pairsBehindAnything,
  type Part,
  runInts,
  text,
} from "./collisions.ts";

const COUNT = 1000;
const MANY = 1500;
/** Keys of kinds whose hashes are not foreseen pass in such numbers. */
const SOME = 64;

function accepts(...parts: Part[]): boolean {
  const answer = answerOf(...parts);
  if (answer !== "accepted") assertEquals(answer, "keyWork");
  return answer === "accepted";
}

function each(make: (i: number) => Part, count = COUNT): Uint8Array {
  return joined(Array.from({ length: count }, (_, i) => make(i + 20)));
}

// In all the ways in which a container is given keys.
function assertAnswer(expected: boolean, make: (i: number) => Part, count = COUNT): void {
  const keys = Array.from({ length: count }, (_, i) => make(i + 20));
  const pairs = joined(keys.flatMap((key) => [key, "N"]));
  const singles = joined(keys.flatMap((key) => [key, "Ns"]));
  const members = joined(keys);
  assertEquals(accepts("}(", pairs, "u."), expected);
  assertEquals(accepts("}", singles, "."), expected);
  assertEquals(accepts("(", pairs, "d."), expected);
  assertEquals(accepts("ccollections\nOrderedDict\n)R(", pairs, "u."), expected);
  assertEquals(accepts("ccollections\ndefaultdict\n)R(", pairs, "u."), expected);
  assertEquals(accepts("ccollections\nCounter\n}(", pairs, "u\x85R."), expected);
  assertEquals(accepts("\x8f(", members, "\x90."), expected);
  assertEquals(accepts("(", members, "\x91."), expected);
  for (const kind of ["set", "frozenset"]) {
    assertEquals(accepts(`cbuiltins\n${kind}\n](`, members, "e\x85R."), expected);
    assertEquals(accepts(`cbuiltins\n${kind}\n(`, members, "l\x85R."), expected);
  }
  assertEquals(accepts("](", members, "e."), true);
}

const tuple = (...items: Part[]): Uint8Array => joined(["(", ...items, "t"]);
const call = (name: string, ...items: Part[]): Uint8Array => joined([`c${name}\n`, tuple(...items), "R"]);
const float = (value: number): Uint8Array => {
  const bytes = new Uint8Array(9);
  bytes[0] = 0x47;
  new DataView(bytes.buffer).setFloat64(1, value);
  return bytes;
};
const int = (value: number): Uint8Array => pickleOf("J", little(BigInt.asUintN(32, BigInt(value)), 4));
const bits = (i: number, of: (bit: number) => Part): Part[] =>
  Array.from({ length: 11 }, (_, bit) => of(i >> bit & 1));
const clock = (i: number): Uint8Array => pickleOf("C\x06\0\0\0\0", i >> 8, i & 0xff);

const same = (i: number) => 7n + MODULUS * BigInt(i) * 2n ** 10n;
const pairs = collidingPairs(MANY + 20);
const ranges = collidingPairs(3 * MANY, [2n]).filter(([, step]) => step > 0n);
const behind = pairsBehindAnything(MANY + 20);
const pairOf = ([first, second]: [bigint, bigint]): Part[] => [long(first), long(second)];

const ways: Record<string, (i: number) => Part> = {
  "LONG1": (i) => long(same(i)),
  "LONG1 of all lengths": (i) => long(same(i), i % 200),
  "negative LONG1 of all lengths": (i) => long(-same(i), i % 200),
  "LONG4": (i) => pickleOf("\x8b", little(20, 4), little(same(i), 20)),
  "LONG": (i) => `L${same(i)}L\n`,
  "INT": (i) => `I${same(i)}\n`,
  "nan": () => "G\x7f\xf8\0\0\0\0\0\0",
  "the UUID": (i) => joined(["cuuid\nUUID\n)\x81}\x8c\x03int", long(same(i)), "sb"]),
  "complex": (i) => call("builtins\ncomplex", float(5 - 1000003 * i), float(i)),
  "Decimal": (i) => call("decimal\nDecimal", text(`${same(i)}`)),
  "Fraction": (i) => call("fractions\nFraction", long(5n * BigInt(i) + MODULUS), long(BigInt(i))),
  "Fraction as text": (i) => call("fractions\nFraction", text(`${5n * BigInt(i) + MODULUS}/${i}`)),
  "Fraction that has no hash": (i) => call("fractions\nFraction", text(`${i}/${MODULUS}`)),
  "tuple": (i) => tuple(...pairOf(pairs[i]!)),
  "tuple around a tuple": (i) => tuple(tuple(...pairOf(pairs[i]!)), "K\x01"),
  "tuple behind a text": (i) => tuple(text("a"), tuple(...pairOf(pairs[i]!))),
  "tuple of pairs that need not know what stands before": (i) => tuple(text("a"), ...pairOf(behind[i]!)),
  "such a tuple behind None": (i) => tuple("N", ...pairOf(behind[i]!)),
  "such a tuple behind a class": (i) => tuple("cbuiltins\nint\n", ...pairOf(behind[i]!)),
  "tuple of texts and the bytes that they are": (i) =>
    tuple(...bits(i, (bit) => bit === 0 ? text("x") : "C\x01x")),
  "tuple of dates and the bytes that they are": (i) =>
    tuple(
      ...bits(
        i,
        (bit) => bit === 0 ? call("datetime\ndate", "C\x04\x07\xe8\x02\x1d") : "C\x04\x07\xe8\x02\x1d",
      ),
    ),
  "tuple of timedeltas and the tuples that they are": (i) =>
    tuple(
      ...bits(i, (bit) =>
        bit === 0
          ? call(
            "datetime\ntimedelta",
            ..."123".split("").map((n) => `I${n}\n`),
          )
          : tuple("K\x01K\x02K\x03")),
    ),
  "tuple of paths of two flavours": (i) =>
    tuple(...bits(i, (bit) => call(`pathlib\nPure${bit === 0 ? "Posix" : "Windows"}Path`, text("a")))),
  "tuple of UUIDs and the ints that they are": (i) =>
    tuple(...bits(i, (bit) => bit === 0 ? "cuuid\nUUID\n)\x81}\x8c\x03intK\x05sb" : "K\x05")),
  "tuple of −1 and −2": (i) => tuple(...bits(i, (bit) => int(-1 - bit))),
  "frozenset": (i) => joined(["(", long(same(i)), "\x91"]),
  "frozenset beside a text": (i) => joined(["(", text("a"), long(same(i)), "\x91"]),
  "frozenset by a call": (i) => call("builtins\nfrozenset", joined(["](", long(same(i)), "e"])),
  "range": (i) => {
    const [start, step] = ranges[i]!;
    return call("builtins\nrange", long(start), long(start + 2n * step), long(step));
  },
  "tuple with five wide numbers that a text hides": (i) =>
    tuple(text("a"), ...[1, 2, 3, 4, 5].map((n) => float(i + n / 7))),
  "path of Windows beyond ASCII": (i) =>
    call("pathlib\nPureWindowsPath", pickleOf("\x8c\x05\xc3\xa9", String(100 + i % 900))),
};

for (const [way, make] of Object.entries(ways)) {
  Deno.test(`verify refuses a dict or set with 1,500 keys of one hash, each ${way}`, () => {
    assertAnswer(false, make, MANY);
  });
}

Deno.test("verify refuses small ints, each of which is looked for in half of a large dict", () => {
  const ints = runInts(14, 2 ** 31, randomOf(5));
  assertEquals(new Set(ints.map((value) => value)).size, ints.length);
  const dict = (keys: readonly number[]): boolean =>
    accepts("}(", joined(keys.map((key) => joined([int(key), "N"]))), "u.");
  assertEquals(dict(ints), false);
  // As many of the same size that chance has chosen.
  const random = randomOf(6);
  assertEquals(dict(ints.map(() => random(2 ** 31))), true);
});

Deno.test("verify refuses memo numbers that are chosen for the memo of the unpickler in Python, a dict", () => {
  const put = (index: number): Uint8Array => pickleOf("r", little(index, 4));
  const random = randomOf(8);
  const ints = runInts(13, 2 ** 17, random);
  const zeros = new Uint8Array(2 ** 17);
  // The zeros behind STOP do not count, so a text makes the pickle long enough.
  const filler = joined(["X", little(zeros.length, 4), zeros, "0"]);
  assertEquals(accepts(filler, "N", joined(ints.map(put)), "."), false);
  assertEquals(accepts(filler, "N", joined(ints.map((_, i) => put(3 * i + 1))), "."), true);
  assertEquals(accepts(filler, "N", joined(ints.map(() => put(random(2 ** 17)))), "."), true);
  assertEquals(accepts("N", joined(ints.map((_, i) => put(i))), "."), true);
});

Deno.test("verify sees keys of one hash that go to two dicts in turn", () => {
  const pairs = each((i) => joined([i % 2 ? "h\0" : "h\x01", long(same(i)), "Ns0"]), 3000);
  assertEquals(accepts("(}q\0}q\x01", pairs, "t."), false);
});

Deno.test("verify sees members that a set is given after it was made of a list", () => {
  const members = each((i) => long(same(i)), 1500);
  const more = each((i) => long(same(i + 1000)), 1000);
  assertEquals(
    accepts("cbuiltins\nset\n](", each((i) => int(i), 40), "e\x85R(", members, more, "\x90."),
    false,
  );
  assertEquals(answerOf("](", each((i) => int(i), 40), "eq\x00cbuiltins\nset\nh\x00\x85R."), "bad-stack");
});

Deno.test("verify accepts a few keys of one hash in a container, and in many", () => {
  const few = joined(["}(", each((i) => joined([long(same(i)), "N"]), 16), "u"]);
  assertEquals(accepts("(", joined(Array.from({ length: 200 }, () => few)), "t."), true);
});

const ordinary: Record<string, (i: number) => Part> = {
  "int": int,
  "negative int": (i) => int(-i),
  "multiple of 2^20": (i) => int(i * 2 ** 20),
  "multiple of 2^40": (i) => long(BigInt(i) << 40n),
  "float": (i) => float(i / 7),
  "integral float": float,
  "float that grows twofold": (i) => float(2 ** (i % 1900 - 1000) + i),
  "text": (i) => text(`key${i}`),
  "text of protocol 0": (i) => `Vkey${i}\n`,
  "bytes": (i) => pickleOf("C\x04", little(i, 4)),
  "pair of a grid": (i) => tuple(int(i % 45 - 20), int(Math.floor(i / 45))),
  "triple of a grid": (i) =>
    tuple(int(i % 13 - 6), int(Math.floor(i / 13) % 13 - 6), int(Math.floor(i / 169))),
  "text and int": (i) => tuple(text(`s${i % 97}`), int(i)),
  "None and int": (i) => tuple("N", int(i)),
  "text and two floats": (i) => tuple(text("at"), float(i / 3), float(i / 11)),
  "nested tuple": (i) => tuple(tuple(int(i), text("x")), tuple(int(-i))),
  "date": (i) => call("datetime\ndate", pickleOf("C\x04\x07", i >> 3 & 0xff, 1 + (i >> 11), 1 + (i & 7))),
  "int of 64 bits": (i) => long(2n ** 64n - BigInt(i)),
  "moment": (i) =>
    call("datetime\ndatetime", pickleOf("C\x0a\x07\xe8\x02\x1d\x01\x02\x03\0", i >> 8, i & 0xff)),
};

const unforeseen: Record<string, (i: number) => Part> = {
  "int that follows a multiple of the modulus": (i) => long(MODULUS * 2n ** 70n + BigInt(i)),
  "frozenset of two ints": (i) => joined(["(", int(i % 60), int(60 + Math.floor(i / 60)), "\x91"]),
  "frozenset by a call": (i) => call("builtins\nfrozenset", joined(["](", int(i), "e"])),
  "time with an offset": (i) =>
    call(
      "datetime\ntime",
      clock(i),
      call("datetime\ntimezone", call("datetime\ntimedelta", "K\x00M\x10\x0eK\x00")),
    ),
  "timedelta": (i) => call("datetime\ntimedelta", int(i % 50), int(i * 20), "K\x00"),
  "UUID": (i) => joined(["cuuid\nUUID\n)\x81}\x8c\x03int", long(2n ** 120n + BigInt(i) * 2n ** 77n), "sb"]),
  "Fraction": (i) => call("fractions\nFraction", text(`${i}/${2 + i % 31}`)),
  "Decimal": (i) => call("decimal\nDecimal", text(`${i / 100}`)),
  "complex": (i) => call("builtins\ncomplex", float(i % 45), float(Math.floor(i / 45))),
  "range": (i) => call("builtins\nrange", int(i), int(2 * i), "K\x01"),
  "path": (i) => call("pathlib\nPurePosixPath", text("/"), text("usr"), text(`f${i}`)),
  "path of Windows": (i) => call("pathlib\nPureWindowsPath", text("C:\\"), text(`f${i}`)),
  "pair of paths": (i) =>
    tuple(call("pathlib\nPurePosixPath", text("a")), call("pathlib\nPurePosixPath", text(`f${i}`))),
  "NaN": () => "G\x7f\xf8\0\0\0\0\0\0",
  "pair of a Decimal and a text": (i) => tuple(call("decimal\nDecimal", text(`${i}`)), text("x")),
};

for (const [way, make] of Object.entries(unforeseen)) {
  Deno.test(`verify accepts 64 keys of a kind whose hashes are not foreseen, each ${way}, and not 3,000`, () => {
    assertAnswer(true, make, SOME);
    assertEquals(
      accepts("}(", joined(Array.from({ length: 3000 }, (_, i) => joined([make(i + 20), "N"]))), "u."),
      false,
    );
  });
}

for (const [way, make] of Object.entries(ordinary)) {
  Deno.test(`verify accepts a dict or set with 1,000 keys that nobody chose, each ${way}`, () => {
    assertAnswer(true, make);
  });
}

Deno.test("verify accepts 20,000 ints of up to 64 bits, both signs, that chance has chosen", () => {
  const random = randomOf(3);
  const number = () => BigInt(random(2 ** 31)) << 32n | BigInt(random(2 ** 32));
  const keys = Array.from(
    { length: 20_000 },
    (_, i) => joined([long(i % 2 ? number() : -number()), "N"]),
  );
  assertEquals(accepts("}(", ...keys, "u."), true);
});

Deno.test("verify accepts a large dict of texts among which there are other keys", () => {
  const keys = each((i) => joined([i % 100 === 0 ? int(i) : text(`key${i}`), "N"]));
  assertEquals(accepts("}(", keys, "u."), true);
});
