import { assertEquals } from "../../assert.ts";
import { little, pickleOf } from "../bytes.ts";
import { answerOf, joined, long, MODULUS, type Part, text } from "./collisions/collisions.ts";

Deno.test("verify bounds how often two equal long texts are keys in turn, which takes as long as they are", () => {
  const size = 100_000;
  const texts: Record<string, Part> = {
    BINUNICODE: joined(["X", little(size, 4), "a".repeat(size)]),
    BINUNICODE8: joined(["\x8d", little(size, 8), "a".repeat(size)]),
    BINBYTES: joined(["B", little(size, 4), "a".repeat(size)]),
    BINSTRING: joined(["T", little(size, 4), "a".repeat(size)]),
    UNICODE: `V${"a".repeat(size)}\n`,
    STRING: `S'${"a".repeat(size)}'\n`,
    "the bytes of a text": `c_codecs\nencode\n(V${"a".repeat(size)}\nVlatin1\ntR`,
  };
  for (const [way, one] of Object.entries(texts)) {
    const both = joined([one, "q\x000", one, "q\x010"]);
    const ways = [
      ["}(", "h\x00Nh\x01N", "u."],
      ["(", "}(h\x00Nh\x01Nu", "t."],
      ["\x8f(", "h\x00h\x01", "\x90."],
      ["}(", "h\x00\x85Nh\x01\x85N", "u."],
      ["(", "(h\x00h\x01\x91", "t."],
    ] as const;
    for (const [before, again, behind] of ways) {
      assertEquals(answerOf(both, before, again.repeat(2), behind), "accepted", way);
      assertEquals(answerOf(both, before, again.repeat(20_000), behind) === "accepted", false, way);
    }
  }
});

Deno.test("verify bounds how often long ints, Decimals and Fractions of one hash are compared", () => {
  const decimal = (i: number) =>
    joined(["cdecimal\nDecimal\n", text(`${5n + BigInt(i) * MODULUS}`), "\x85R"]);
  const int = pickleOf("\x8b", little(1700, 4), little(5n + MODULUS * 2n ** 13_000n, 1700));
  const decimals = joined(Array.from({ length: 15 }, (_, i) => joined([decimal(i), "N"])));
  const dict = (key: Part) => joined(["}(", decimals, key, "Nu"]);
  assertEquals(answerOf(dict(int), "."), "accepted");
  assertEquals(answerOf("(", ...Array.from({ length: 60 }, () => dict(int)), "t."), "keyWork");
  assertEquals(answerOf("(", ...Array.from({ length: 60 }, () => dict("K\x05")), "t."), "accepted");
});

/** A scalar of numpy, its bytes in little-endian order. */
function scalar(code: string, ...bytes: number[]): Uint8Array {
  const flags = code[0] === "U" ? [bytes.length, 4, 8] : code[0] === "S" ? [bytes.length, 1, 0] : [-1, -1, 0];
  const order = code[0] === "S" || code === "i1" ? "|" : "<";
  return joined([
    `cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(V${code}\nI00\nI01\ntR(I3\nV${order}\nNNN`,
    flags.map((flag) => `I${flag}\n`).join(""),
    "tb",
    pickleOf("C", bytes.length, Uint8Array.from(bytes)),
    "tR",
  ]);
}

const int8 = (value: number): Uint8Array => scalar("i1", value & 0xff);
const int64 = (value: bigint): Uint8Array => scalar("i8", ...little(BigInt.asUintN(64, value), 8));
const HASH = 173794974761290439n; // of the tuple (1, 5)

Deno.test("verify takes numpy's scalars as keys", () => {
  assertEquals(answerOf("}(", int8(1), "N", int8(-1), "N", int8(-2), "Nu."), "accepted");
  assertEquals(answerOf("}(", scalar("U1", 97, 0, 0, 0), "N", scalar("U1", 98, 0, 0, 0), "Nu."), "accepted");
  assertEquals(answerOf("}", scalar("f8", 0, 0, 0, 0, 0, 0, 0, 0), "Ns."), "accepted");
  assertEquals(answerOf("\x8f(", int8(1), int8(2), "\x86", int8(3), int8(4), "\x86\x90."), "accepted");
  assertEquals(answerOf("}(", int8(1), "NVx\nNNNK\x05NK\x01K\x02\x86Nu."), "accepted");
  assertEquals(answerOf("}(", int8(1), "NK\x01N\x88NG?\xf0\0\0\0\0\0\0Nu."), "accepted");
  assertEquals(answerOf("cbuiltins\nset\n](", int8(1), int8(2), "e\x85R."), "accepted");
});

Deno.test("verify refuses text of numpy beside other keys, which Python takes for equal to text and a screen might not", () => {
  const ab = scalar("U2", 97, 0, 0, 0, 98, 0, 0, 0), bytes = scalar("S2", 97, 98);
  for (
    const [one, other] of [[ab, "Vab\n"], [bytes, "C\x02ab"], [ab, "K\x05"], [ab, int8(1)], [ab, "Vcd\n"]]
  ) {
    for (const [first, second] of [[one!, other!], [other!, one!]] as const) {
      assertEquals(answerOf("}(", first, "N", second, "Nu."), "unhashable");
      assertEquals(answerOf("\x8f(", first, second, "\x90."), "unhashable");
      assertEquals(answerOf("}(", first, "\x85N", second, "\x85Nu."), "unhashable");
    }
  }
});

Deno.test("verify refuses numpy's scalars beside keys of the same hash that they cannot be compared with", () => {
  const rivals: Record<string, [Part, Part]> = {
    "a Decimal": [int8(1), "cdecimal\nDecimal\nV1\n\x85R"],
    "a tuple": [int64(HASH), "K\x01K\x05\x86"],
    "an empty text": [int8(0), "V\n"],
    "empty bytes": [scalar("U1", 0, 0, 0, 0), "C\0"],
    "a long int": [int8(1), long(2n ** 61n)],
    "a float": [scalar("f2", 0, 0x38), long(2n ** 60n)],
  };
  for (const [rival, [one, other]] of Object.entries(rivals)) {
    for (const [first, second] of [[one, other], [other, one]] as const) {
      assertEquals(answerOf("}(", first, "N", second, "Nu."), "unhashable", rival);
      assertEquals(answerOf("}", first, "Ns", second, "Ns."), "unhashable", rival);
      assertEquals(answerOf("\x8f(", first, second, "\x90."), "unhashable", rival);
      assertEquals(answerOf("(", first, second, "\x91."), "unhashable", rival);
      assertEquals(answerOf("}(", first, "\x85N", second, "\x85Nu."), "unhashable", rival);
      assertEquals(answerOf("cbuiltins\nset\n](", first, second, "e\x85R."), "unhashable", rival);
      assertEquals(answerOf("cbuiltins\nfrozenset\n](", first, second, "e\x85R."), "unhashable", rival);
      assertEquals(answerOf("(", first, second, "t."), "accepted", rival);
    }
  }
  const times = scalar("m8", 0, 0, 0, 0, 0, 0, 0, 0);
  assertEquals(answerOf("}", times, "Ns.") === "accepted", false);
});

Deno.test("verify charges each hash of a Fraction, also inside a tuple or a list made a set", () => {
  const fraction = "cfractions\nFraction\n(K\x05K\x07tR\x940";
  const ways = [
    ["h\x00", "\x8f(", "\x90"],
    ["h\x00", "\x8f(", "\x85\x90"],
    ["h\x00", "}(", "Nu"],
    ["h\x00", "(", "\x91"],
    ["h\x00", "cbuiltins\nset\n](", "e\x85R"],
  ] as const;
  for (const [key, before, behind] of ways) {
    const program = (key: string, times: number) =>
      answerOf(fraction, "(", `${before}${key}${behind}`.repeat(times), "t.");
    assertEquals(program(key, 500), "accepted");
    assertEquals(program(key, 8000), "keyWork");
    assertEquals(program("K\x05", 8000), "accepted");
  }
});
