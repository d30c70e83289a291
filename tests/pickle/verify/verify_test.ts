import { assert, assertEquals, assertThrows } from "../../assert.ts";
import { PickleError, type PickleErrorCode } from "../../../lib/pickle/values/errors.ts";
import { verify } from "../../../lib/pickle/verify/verify.ts";
import { randomOf } from "../../random.ts";
import { little, pickleOf } from "../bytes.ts";
import { mutate } from "../mutations.ts";
import { samples } from "../vectors.ts";

type Part = string | number | Uint8Array;

function refusal(...parts: Part[]): PickleError {
  return assertThrows(() => verify(pickleOf(...parts)), PickleError);
}

function assertRefused(code: PickleErrorCode, ...parts: Part[]): void {
  const error = refusal(...parts);
  assertEquals(error.code, code, `${error.message}: ${JSON.stringify(parts)}`);
  assert(error.offset !== undefined);
}

function assertAccepted(...parts: Part[]): void {
  verify(pickleOf(...parts));
}

Deno.test("verify refuses names off the list, whatever opcode names them", () => {
  assertRefused("unsafe", "cos\nsystem\n(S'id'\ntR.");
  assertRefused("unsafe", "(S'id'\nios\nsystem\n.");
  assertRefused("unsafe", "(cbuiltins\nset\no.");
  assertRefused("unsafe", "(ibuiltins\nset\n.");
  assertRefused("unsafe", "\x80\x04\x8c\x02os\x8c\x06system\x93.");
  assertRefused("unsafe", "\x80\x04\x8c\x08builtins\x8c\x08set.__or\x93.");
  assertRefused("unsafe", "\x80\x04\x8c\x08builtins\x8c\x04eval\x93\x8c\x011\x85R.");
  assertRefused("unsafe", "cbuiltins\ngetattr\n.");
  assertRefused("unsafe", "c\xff\xfe\nset\n.");
  assertRefused("unsafe", "cuuid\nUUID\n)}\x92.");
  assertRefused("unsafe", "cpathlib\nPosixPath\n.");
  assertRefused("unsafe", "cpathlib._local\nPurePath\n.");
  assertEquals(refusal("cos\nsystem\n.").global, "os.system");
});

Deno.test("verify resolves the names of STACK_GLOBAL through the memo and every opcode of text", () => {
  const name = "\x8c\x02os\x940\x8c\x06system\x940";
  assertRefused("unsafe", "\x80\x04", name, "h\x00h\x01\x93.");
  assertEquals(verify(pickleOf("Vbuil\\u0074ins\nS's\\x65t'\n\x93.")).names, ["builtins.set"]);
  assertRefused("bad-stack", "K\x01\x8c\x03set\x93.");
  assertRefused("bad-stack", "\x8c\x08builtins(\x8c\x03set\x93.");
});

Deno.test("verify takes Python 2's names only where find_class maps them", () => {
  assertAccepted("c__builtin__\nset\n]\x85R.");
  assertAccepted("\x80\x02c__builtin__\nset\n]\x85R.");
  assertRefused("unsafe", "\x80\x03c__builtin__\nset\n]\x85R.");
  assertRefused("unsafe", "\x80\x02\x80\x04c__builtin__\nset\n]\x85R.");
  assertAccepted("\x80\x04\x80\x00c__builtin__\nset\n]\x85R.");
});

Deno.test("verify refuses calls in shapes that no pickler writes", () => {
  assertRefused("unsafe", "cbuiltins\nbytearray\nJ\x00\xca\x9a;\x85R."); // bytearray(10**9)
  assertRefused("unsafe", "cbuiltins\nset\ncbuiltins\nrange\nK\x00J\x80\x96\x98\x00K\x01\x87R\x85R."); // set(range(10**7))
  assertRefused("unsafe", "cbuiltins\nint\n\x8c\x011\x85R.");
  assertRefused("unsafe", "cbuiltins\nlist\n)R.");
  assertRefused("unsafe", "cbuiltins\nset\n)\x81.");
  assertRefused("unsafe", "ccollections\nCounter\n]\x85R.");
  assertRefused("unsafe", "ccollections\ndefaultdict\ncbuiltins\nrange\n\x85R.");
  assertRefused("bad-stack", "cbuiltins\nset\n]R.");
  assertRefused("bad-stack", "cbuiltins\nset\n]\x85R)R.");
  assertRefused("bad-stack", "K\x01)R.");
});

Deno.test("verify refuses arguments that the called class would not take", () => {
  const bytes = (...values: number[]) => pickleOf("C", values.length, Uint8Array.from(values));
  const date = (...values: number[]): Part[] => ["cdatetime\ndate\n", bytes(...values), "\x85R."];
  assertAccepted(...date(7, 0xe8, 2, 29));
  assertRefused("bad-argument", ...date(7, 0xe7, 2, 29));
  assertRefused("bad-argument", ...date(7, 0xe8, 13, 1));
  assertRefused("bad-argument", ...date(0, 0, 1, 1));
  assertRefused("bad-argument", ...date(7, 0xe8, 1, 0));
  assertRefused("bad-argument", ...date(7, 0xe8, 1, 1, 1));
  const datetime = (...values: number[]): Part[] => ["cdatetime\ndatetime\n", bytes(...values), "\x85R."];
  assertAccepted(...datetime(7, 0xe8, 0x82, 29, 23, 59, 59, 0x0f, 0x42, 0x3f));
  assertRefused("bad-argument", ...datetime(7, 0xe8, 2, 29, 24, 0, 0, 0, 0, 0));
  assertRefused("bad-argument", ...datetime(7, 0xe8, 2, 29, 23, 59, 59, 0x0f, 0x42, 0x40));
  const timedelta = (...ints: string[]): string => `cdatetime\ntimedelta\n(I${ints.join("\nI")}\ntR`;
  assertAccepted(timedelta("999999999", "86399", "999999"), ".");
  assertRefused("bad-argument", timedelta("1000000000", "0", "0"), ".");
  assertRefused("bad-argument", timedelta("0", "86400", "0"), ".");
  assertAccepted("cdatetime\ntimezone\n", timedelta("-1", "0", "1"), "\x85R.");
  assertRefused("bad-argument", "cdatetime\ntimezone\n", timedelta("-1", "0", "0"), "\x85R.");
  assertRefused("bad-argument", "cdatetime\ntimezone\n", timedelta("1", "0", "0"), "\x85R.");
  for (const good of ["1.5", "-0", "1E+99999999", "NaN123", "-Infinity", "sNaN"]) {
    assertAccepted(`cdecimal\nDecimal\nV${good}\n\x85R.`);
  }
  for (const bad of ["", "1.5x", "--1", "1E+999999999999", "1e", " ", "１"]) {
    assertRefused("bad-argument", `cdecimal\nDecimal\n`, textOf(bad), "\x85R.");
  }
  assertAccepted("cfractions\nFraction\nV3/4\n\x85R.");
  for (const bad of ["1/0", "1/00", "1e9", "1.5", "/2"]) {
    assertRefused("bad-argument", `cfractions\nFraction\nV${bad}\n\x85R.`);
  }
  assertRefused("bad-argument", "cfractions\nFraction\nK\x01K\x00\x86R.");
  assertRefused("bad-argument", "cbuiltins\nrange\nK\x01K\x02\x8a\x02\x00\x00\x87R.");
  assertRefused("bad-argument", "ccollections\ndeque\n)I-1\n\x86R.");
  assertRefused("bad-argument", "c_codecs\nencode\n", textOf("Ā"), "Vlatin1\n\x86R.");
  assertRefused("bad-argument", "c_codecs\nencode\nVa\nVutf8\n\x86R.");
  assertRefused("unsafe", "cbuiltins\ncomplex\nV1\nV2\n\x86R.");
});

function textOf(text: string): Uint8Array {
  const utf8 = new TextEncoder().encode(text);
  return pickleOf("\x8c", utf8.length, utf8);
}

Deno.test("verify takes a UUID only with a state that makes it whole", () => {
  const uuid = "\x80\x04cuuid\nUUID\n)\x81";
  assertAccepted(uuid, "}\x8c\x03intK\x05sb.");
  assertAccepted(uuid, "}(\x8c\x03intK\x05\x8c\x07is_safeK\x00ub.");
  assertAccepted("ccopy_reg\n_reconstructor\n(cuuid\nUUID\nc__builtin__\nobject\nNtR(dVint\nI5\nsb.");
  assertRefused("bad-argument", uuid, "}b.");
  // No pickler writes the state before it names the class.
  assertRefused("bad-argument", "}q\x00\x8c\x03intK\x05s0", uuid.slice(2), "h\x00b.");
  assertAccepted("cuuid\nUUID\n0}q\x00\x8c\x03intK\x05s0", uuid.slice(2), "h\x00b.");
  assertRefused("bad-argument", uuid, "Nb.");
  assertRefused("bad-argument", uuid, "}\x8c\x03int\x8c\x01xsb.");
  assertRefused("bad-argument", uuid, "}\x8c\x03intJ\xff\xff\xff\xffsb.");
  assertRefused("bad-argument", uuid, "}\x8c\x03intK\x05sb}\x8c\x03intK\x05sb.");
  assertRefused("unhashable", "}", uuid, "Ns.");
  // repr needs the state.
  assertRefused("bad-stack", uuid, ".");
  assertRefused("bad-stack", "]", uuid, "a.");
  assertRefused("bad-stack", "ccopy_reg\n_reconstructor\n(cuuid\nUUID\nc__builtin__\nobject\nNtR.");
  assertRefused("bad-stack", "}}b.");
  assertRefused("bad-stack", "K\x01Nb.");
});

Deno.test("verify refuses what Python cannot hash as a key or member", () => {
  for (
    const key of [
      "]",
      "}",
      "\x8f",
      "]\x85",
      "]\x85\x85",
      "\x96\x01\0\0\0\0\0\0\0x",
      "cdecimal\nDecimal\nVsNaN\n\x85R",
    ]
  ) {
    assertRefused("unhashable", "}", key, "Ns.");
    assertRefused("unhashable", "}(", key, "Nu.");
    assertRefused("unhashable", "(", key, "Nd.");
    assertRefused("unhashable", "\x8f(", key, "\x90.");
    assertRefused("unhashable", "(", key, "\x91.");
    assertRefused("unhashable", "cbuiltins\nset\n](", key, "e\x85R.");
  }
  assertRefused("unhashable", "cbuiltins\nslice\nNNN\x87Rq\x000}h\x00Ns.");
  // The member comes into the list through another entry of the memo.
  assertRefused("unhashable", "]q\x00cbuiltins\nset\nh\x00]a0h\x00\x85R.");
  for (const key of ["N", "K\x01", ")", "(N)t", "(K\x01\x91", "cbuiltins\nset\n", "C\x01x", "\x88"]) {
    assertAccepted("}", key, "Ns.");
  }
});

Deno.test("verify refuses opcodes on the wrong kind of object", () => {
  for (
    const target of [
      "K\x01",
      "N",
      ")",
      "}",
      "\x8f",
      "\x8c\x01x",
      "cbuiltins\nset\n",
      "\x96\x00\0\0\0\0\0\0\0",
    ]
  ) {
    assertRefused("bad-stack", target, "K\x01a.");
    assertRefused("bad-stack", target, "(K\x01e.");
    assertRefused("bad-stack", target, "(e.");
  }
  for (const target of ["K\x01", "N", ")", "]", "\x8f", "\x8c\x01x", "ccollections\ndeque\n)R"]) {
    assertRefused("bad-stack", target, "K\x01K\x02s.");
    assertRefused("bad-stack", target, "(K\x01K\x02u.");
  }
  for (const target of ["K\x01", "]", "}", "(\x91"]) assertRefused("bad-stack", target, "(K\x01\x90.");
  assertRefused("bad-stack", "}(K\x01u.");
  assertRefused("bad-stack", "(K\x01d.");
  assertRefused("bad-stack", "K\x01\x98.");
  assertAccepted("\x96\x00\0\0\0\0\0\0\0\x98\x98.");
});

Deno.test("verify lets nothing reach below itself or leave anything behind", () => {
  for (
    const bad of [
      "0N.",
      "1N.",
      "2.",
      "a.",
      "e.",
      "s.",
      "u.",
      "t.",
      "l.",
      "d.",
      "\x85.",
      "\x90.",
      "\x91.",
      "R.",
      "b.",
      ".",
      "(.",
      "N(.",
      "(N.",
      "NN.",
      "N0.",
      "q\x00.",
      "\x94.",
      "(q\x00.",
      "]Ne.",
      "](1N",
      "K\x01(2",
      "}(K\x01s",
      "N(\x85",
      "](K\x01(a.",
    ]
  ) {
    const error = refusal(bad);
    assert(["bad-stack", "truncated"].includes(error.code), `${bad}: ${error.message}`);
  }
  assertAccepted("(0N.");
  assertAccepted("((N10N.");
  assertAccepted("NN0.");
});

Deno.test("verify refuses memo entries that were never made, and numbers above 65,536 and the length", () => {
  assertRefused("bad-memo", "h\x00.");
  assertRefused("bad-memo", "Nq\x010h\x00.");
  assertRefused("bad-memo", "g5\n.");
  assertRefused("bad-memo", "j\xff\xff\xff\xff.");
  assertRefused("bad-memo", "Nr\x00\x00\x00\x08.");
  assertRefused("bad-memo", "Nr\xff\xff\xff\xff.");
  assertRefused("bad-memo", "Np100000000000000\n.");
  assertRefused("bad-argument", "Np1000000000000000\n.");
  const put = (index: number) => pickleOf("Nr", little(index, 4), ".");
  assertAccepted("Nq\xff.");
  assertAccepted(put(65_536));
  assertRefused("bad-memo", put(65_537));
  assertRefused("bad-memo", put(65_537), new Uint8Array(70_000));
  const text = pickleOf("X", little(70_000, 4), new Uint8Array(70_000), "0");
  assertAccepted(text, put(70_013));
  assertRefused("bad-memo", text, put(70_014));
  assertRefused("bad-argument", "Np-1\n.");
  assertRefused("bad-argument", "Np 1\n.");
  assertRefused("bad-argument", "Ng\n.");
});

Deno.test("verify numbers MEMOIZE by the count of memo entries, as the unpicklers do", () => {
  assertAccepted("K\x01q\x050K\x02\x940h\x010h\x05.");
  assertRefused("bad-memo", "K\x01q\x050K\x02\x940h\x00.");
});

Deno.test("verify holds numbers in text to what both unpicklers read alike", () => {
  for (
    const good of [
      "I0\n",
      "I-1\n",
      "I00\n",
      "I01\n",
      "L5L\n",
      "L5\n",
      "L-12345678901234567890L\n",
      "F1.5\n",
      "F-inf\n",
      "Fnan\n",
      "F1e-5\n",
      "F1.\n",
      "F.5\n",
      "F1e308\n",
      "F0e999999\n",
    ]
  ) assertAccepted(good, ".");
  for (
    const bad of [
      "I\n",
      "I010\n",
      "I-0\n",
      "I+1\n",
      "I 1\n",
      "I1 \n",
      "I0x10\n",
      "I1_0\n",
      "I5L\n",
      "I02\n",
      "L\n",
      "LL\n",
      "L5LL\n",
      "L010L\n",
      "F\n",
      "F1e400\n",
      "F1_0\n",
      "F 1\n",
      "F1.5.\n",
      "Finfx\n",
      "F-\n",
      "F.\n",
      "Fe5\n",
      "F1e\n",
      "F0x1\n",
      "I1\r\n",
    ]
  ) {
    assertRefused("bad-argument", bad, ".");
  }
  assertAccepted("L", "9".repeat(4300), "L\n.");
  assertRefused("bad-argument", "L", "9".repeat(4301), "L\n.");
  assertRefused("bad-argument", "I", "9".repeat(4301), "\n.");
  assertRefused("bad-argument", "\x8b\xff\xff\xff\xff.");
  assertRefused("bad-argument", "T\xff\xff\xff\xff.");
});

Deno.test("verify holds text to UTF-8, which print takes, and 8-bit strings to ASCII", () => {
  const utf8 = (...values: number[]): Uint8Array =>
    pickleOf("\x8c", values.length, Uint8Array.from(values), ".");
  const good = [
    [0xc2, 0x80],
    [0xdf, 0xbf],
    [0xe0, 0xa0, 0x80],
    [0xed, 0x9f, 0xbf],
    [0xee, 0x80, 0x80],
    [0xef, 0xbf, 0xbf],
    [0xf0, 0x90, 0x80, 0x80],
    [0xf4, 0x8f, 0xbf, 0xbf],
    [0xef, 0xbb, 0xbf],
  ];
  for (const bytes of good) {
    verify(utf8(...bytes));
    verify(utf8(0x61, ...bytes, 0x62));
    for (let cut = 1; cut < bytes.length; cut++) {
      assertThrows(() => verify(utf8(...bytes.slice(0, cut))), PickleError);
    }
  }
  const bad = [
    [0x80],
    [0xff],
    [0xc0, 0x80],
    [0xc1, 0xbf],
    [0xe0, 0x9f, 0xbf],
    [0xed, 0xa0, 0x80],
    [0xed, 0xbf, 0xbf],
    [0xf0, 0x8f, 0xbf, 0xbf],
    [0xf4, 0x90, 0x80, 0x80],
    [0xf5, 0x80, 0x80, 0x80],
    [0xc2, 0x41],
    [0xe1, 0x80, 0x41],
    [0xf1, 0x80, 0x80, 0x41],
  ];
  for (const bytes of bad) assertEquals(refusal(utf8(...bytes)).code, "bad-argument");
  assertAccepted("S'a\\x41\\n\\'\\\\\"\\101'\n.");
  for (
    const text of [
      "S'a\n.",
      "Sa\n.",
      "S'\n.",
      "S'\\'\n.",
      "S'\\x4'\n.",
      "S'\\q'\n.",
      "S'\xe9'\n.",
      "S'\\xe9'\n.",
      "S'\\377'\n.",
      "S'a\"\n.",
    ]
  ) {
    assertRefused("bad-argument", text);
  }
  assertRefused("bad-argument", "U\x01\xe9.");
  assertAccepted("Va\\u00e9\xe9\\\\u12\\x\\\n.");
  assertAccepted("V\\ud7ff\\ue000\\U0001f600\n.");
  for (const text of ["V\\ud800\n.", "V\\ud83d\\ude00\n.", "V\\U0000dfff\n."]) {
    assertRefused("bad-argument", text);
  }
  for (const text of ["V\\u12\n.", "V\\u12g4\n.", "V\\U00110000\n.", "V\\U0011\n."]) {
    assertRefused("bad-argument", text);
  }
});

Deno.test("verify accepts frames only as both unpicklers do", () => {
  const frame = (size: number | bigint) => pickleOf("\x95", little(size, 8));
  assertAccepted("\x80\x04", frame(2), "N.");
  assertAccepted("\x80\x04", frame(1), "N.");
  assertAccepted("\x80\x04", frame(0), "N.");
  assertAccepted("\x80\x04", frame(1), "N", frame(2), "0N.");
  assertRefused("bad-frame", "\x80\x04", frame(3), "N.");
  assertRefused("bad-frame", "\x80\x04", frame(3), "N.", 0);
  assertRefused("bad-frame", "\x80\x04", frame(2n ** 63n), "N.");
  assertRefused("bad-frame", "\x80\x04", frame(11), frame(2), "N.");
  assertRefused("bad-frame", "\x80\x04", frame(20), "N", frame(2), "N0N........");
  assertRefused("bad-frame", "\x80\x04", frame(1), "K\x01.");
  assertRefused("bad-frame", "\x80\x04", frame(3), "I12\n.");
  assertRefused("truncated", "\x80\x04\x95\x01\x00");
});

Deno.test("verify lets only zeros follow STOP", () => {
  const { end } = verify(pickleOf("N.", new Uint8Array(14)));
  assertEquals(end, 2);
  assertRefused("trailing-data", "N.\0\0x");
  assertRefused("trailing-data", "N.N.");
  assertRefused("truncated", "");
  assertRefused("truncated", new Uint8Array(0));
});

Deno.test("verify refuses persistent ids, extension codes and out-of-band buffers", () => {
  for (const bad of ["Pabc\n.", "NQ.", "\x82\x01.", "\x83\x01\x00.", "\x84\x01\x00\x00\x00.", "\x97."]) {
    assertRefused("unsupported", bad);
  }
  assertRefused("unknown-opcode", "\x00.");
  assertRefused("unknown-opcode", "\x80\x06N.");
});

Deno.test("verify refuses lengths that lie", () => {
  for (const opcode of ["\x8d", "\x8e", "\x96"]) {
    for (const size of [5n, 2n ** 31n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n]) {
      assertRefused("truncated", opcode, little(size, 8), "abc.");
    }
  }
  for (const opcode of ["X", "B"]) assertRefused("truncated", opcode, little(2n ** 32n - 1n, 4), "abc.");
  assertRefused("truncated", "\x8b", little(2n ** 31n - 1n, 4), "abc.");
});

Deno.test("verify refuses each of our pickles cut at any byte, and takes it whole", () => {
  for (const { name, bytes } of samples()) {
    if (bytes.length > 5000) continue;
    let whole: number;
    try {
      whole = verify(bytes).end;
    } catch (error) {
      assert(error instanceof PickleError, name);
      continue;
    }
    for (let length = 0; length < whole; length++) {
      assertThrows(() => verify(bytes.subarray(0, length)), PickleError);
    }
  }
});

Deno.test("verify throws nothing but a PickleError on 20,000 mutations, and says where", () => {
  const pickles = samples().map(({ bytes }) => bytes).filter(({ length }) => length < 5000);
  const random = randomOf(7);
  for (let i = 0; i < 20_000; i++) {
    const bytes = mutate(pickles[random(pickles.length)]!, pickles, random);
    try {
      const { end } = verify(bytes);
      assert(end <= bytes.length);
    } catch (error) {
      assert(error instanceof PickleError, String(error));
      assert(error.offset !== undefined && error.offset <= bytes.length);
    }
  }
});
