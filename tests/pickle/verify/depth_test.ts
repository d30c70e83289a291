import { assertEquals, assertThrows } from "../../assert.ts";
import { PickleError } from "../../../lib/pickle/values/errors.ts";
import { verify } from "../../../lib/pickle/verify/verify.ts";
import { pickleOf } from "../bytes.ts";

function limitOf(bytes: Uint8Array): string | undefined {
  try {
    verify(bytes);
  } catch (error) {
    if (error instanceof PickleError) return error.limit ?? error.code;
    throw error;
  }
  return "none";
}

const WAYS: Record<string, (depth: number) => Uint8Array> = {
  "lists, filled from the inside": (n) => pickleOf("]".repeat(n), "a".repeat(n - 1), "."),
  "lists by MARK": (n) => pickleOf("(".repeat(n), "l".repeat(n), "."),
  "tuples": (n) => pickleOf("N", "\x85".repeat(n), "."),
  "dicts": (n) => pickleOf("}N".repeat(n - 1), "}", "s".repeat(n - 1), "."),
  "frozensets": (n) => pickleOf("(".repeat(n), "\x91".repeat(n), "."),
  "lists, the inner one taken from the memo": (n) => pickleOf("]q\x00", "0]h\x00aq\x00".repeat(n - 1), "."),
  "OrderedDicts": (n) =>
    pickleOf(
      "ccollections\nOrderedDict\nq\x00",
      "0h\x00)R",
      "Nh\x00)R".repeat(n - 1),
      "s".repeat(n - 1),
      ".",
    ),
  "Counters": (n) => pickleOf("ccollections\nCounter\nq\x000N", "q\x010h\x00}Nh\x01s\x85R".repeat(n), "."),
  "deques": (n) =>
    pickleOf("ccollections\ndeque\nq\x00", "0h\x00)R", "h\x00)R".repeat(n - 1), "a".repeat(n - 1), "."),
};

// repr takes two of Python's stack frames for a set or deque, three for an OrderedDict, four for a Counter.
const FRAMES: Record<string, number> = { frozensets: 2, deques: 2, OrderedDicts: 3, Counters: 4 };

for (const [way, make] of Object.entries(WAYS)) {
  const most = Math.floor(500 / (FRAMES[way] ?? 1));
  Deno.test(`verify accepts ${most} nested ${way}, and not one more`, () => {
    assertEquals(limitOf(make(most)), "none");
    assertEquals(limitOf(make(most + 1)), "verifyDepth");
    assertEquals(limitOf(make(50_000)), "verifyDepth");
  });
}

Deno.test("verify refuses to fill a list that is inside another", () => {
  const stage = "h\x01]q\x01a0";
  assertEquals(limitOf(pickleOf("]q\x00]q\x01a0", stage.repeat(1), "h\x00.")), "bad-stack");
  assertEquals(limitOf(pickleOf("]q\x00(h\x00]q\x01a0", stage.repeat(1000), "1.")), "bad-stack");
});

Deno.test("verify counts what an open list still gets after it was put into another", () => {
  // Y holds X while X is open; X is then given all that was there before, and thrown away; Y is what is kept.
  const stage = "]q\x01]q\x03h\x01a0h\x00a0h\x03q\x000";
  assertEquals(limitOf(pickleOf("]q\x000", stage.repeat(100), "h\x00.")), "none");
  assertEquals(limitOf(pickleOf("]q\x000", stage.repeat(600), "h\x00.")), "verifyDepth");
  // The same with two open ones, of which the inner goes deep and the outer does not.
  const two = "]q\x01]q\x02]q\x03h\x01ah\x02a0h\x00a00h\x03q\x000";
  assertEquals(limitOf(pickleOf("]q\x000", two.repeat(600), "h\x00.")), "verifyDepth");
});

Deno.test("verify accepts cycles as CPython pickles them", () => {
  for (
    const cycle of [
      "]q\x00h\x00a.",
      "}q\x00K\x01h\x00s.",
      "]q\x00(h\x00]q\x01h\x00ae.",
      "]q\x00h\x00K\x01\x86q\x01a0h\x01.",
      "(lp0\n(g0\nI1\ntp1\na0g1\n.",
      "}q\x00(K\x01]q\x01h\x00aK\x02h\x01u.",
    ]
  ) assertEquals(limitOf(pickleOf(cycle)), "none", cycle);
});

Deno.test("verify accepts a chain of 200 dicts that know each the one before", () => {
  const parts: (string | Uint8Array)[] = [];
  for (let i = 0; i < 200; i++) {
    parts.push("}", Uint8Array.of(0x71, i), "(K\x00", i > 0 ? Uint8Array.of(0x68, i - 1) : "N", "K\x01");
  }
  assertEquals(limitOf(pickleOf(...parts, "N", "u".repeat(200), ".")), "none");
});

Deno.test("verify takes a limit of depth from its caller", () => {
  const bytes = pickleOf("]".repeat(9), "a".repeat(8), ".");
  verify(bytes, { limits: { verifyDepth: 9 } });
  assertThrows(() => verify(bytes, { limits: { verifyDepth: 8 } }), PickleError);
});

Deno.test("verify accepts a key of 10,000 leaves and no larger one", () => {
  const key = (leaves: number) => pickleOf("}(", "N".repeat(leaves), "tNs.");
  assertEquals(limitOf(key(10_000)), "none");
  assertEquals(limitOf(key(10_001)), "keyWork");
  // Thirteen times a pair of the pair before has 8,192 leaves.
  const doubled = (times: number) => pickleOf("}K\x01", "2\x86".repeat(times), "Ns.");
  assertEquals(limitOf(doubled(13)), "none");
  assertEquals(limitOf(doubled(14)), "keyWork");
  assertEquals(limitOf(doubled(400)), "keyWork");
});

Deno.test("verify bounds how often large keys are hashed", () => {
  const key = "K\x01" + "2\x86".repeat(13) + "q\x00";
  assertEquals(limitOf(pickleOf("}(", key, "N", "h\x00N".repeat(2), "u.")), "none");
  assertEquals(limitOf(pickleOf("}(", key, "N", "h\x00N".repeat(20_000), "u.")), "keyWork");
  assertEquals(
    limitOf(pickleOf("}(\x8b\xd0\x06\x00\x00", "7".repeat(1744), "q\x00N", "h\x00N".repeat(20_000), "u.")),
    "keyWork",
  );
});

Deno.test("verify bounds what calls copy, however small the pickle", () => {
  const text = pickleOf("X", 0, 0, 4, 0, "a".repeat(0x40000), "q\x01");
  assertEquals(limitOf(pickleOf(text, "0c_codecs\nencode\nh\x01Vlatin1\n\x86R".repeat(10), ".")), "memory");
  assertEquals(limitOf(pickleOf(text, "0cpathlib\nPurePosixPath\n(", "h\x01".repeat(200), "tR.")), "keyWork");
});

Deno.test("verify lets a set or Counter be made of a list or dict once, as picklers do", () => {
  for (const kind of ["set", "frozenset"]) {
    const list = `cbuiltins\n${kind}\nq\x000](K\x01K\x02eq\x01\x85q\x020`;
    assertEquals(limitOf(pickleOf(list, "h\x00h\x02R.")), "none");
    assertEquals(limitOf(pickleOf(list, "(h\x00h\x02Rh\x00h\x02Rt.")), "bad-stack");
    assertEquals(limitOf(pickleOf(list, "(h\x00h\x02Rh\x00h\x01\x85Rt.")), "bad-stack");
  }
  const counter = "ccollections\nCounter\nq\x000}K\x01Nsq\x010";
  assertEquals(limitOf(pickleOf(counter, "h\x00h\x01\x85R.")), "none");
  assertEquals(limitOf(pickleOf(counter, "h\x00h\x01\x85Rh\x00h\x01\x85R\x86.")), "bad-stack");
});

Deno.test("verify bounds the memory that a flood of containers would take", () => {
  assertEquals(limitOf(pickleOf("(", "]".repeat(5_000_000), "t.")), "memory");
});
