import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertNotStrictEquals,
  assertStrictEquals,
  assertThrows,
} from "../../assert.ts";
import {
  ByteArray,
  CodePoints,
  Decimal,
  decode,
  type DecodeOptions,
  Deque,
  Dict,
  DType,
  Float,
  format,
  Fraction,
  Global,
  Inert,
  NDArray,
  NumpyScalar,
  OrderedDict,
  PickleError,
  Tuple,
  UUID,
  type Value,
} from "../../../lib/pickle/mod.ts";
import { little, pickleOf } from "../bytes.ts";
import { tag } from "../tag.ts";
import { haveVectors, samples, type Vector, vectors } from "../vectors.ts";

function codeOf(bytes: Uint8Array, options?: DecodeOptions): string {
  return assertThrows(() => decode(bytes, options), PickleError).code;
}

for (const { name, bytes, meaning } of samples()) {
  Deno.test(`decode gives what Python gives for ${name}`, () =>
    assertEquals(tag(decode(bytes)), sortMembers(meaning)));
}

/** Sorts the members of sets as tag does: Python's order of sorting differs. */
function sortMembers<T>(tagged: T): T {
  if (!Array.isArray(tagged)) return tagged;
  const [kind, items] = tagged;
  const inner = tagged.map((part) => sortMembers(part)) as unknown[];
  if ((kind === "E" || kind === "e") && Array.isArray(items)) {
    (inner[1] as unknown[]).sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
  }
  return inner as T;
}

Deno.test("decode gives a Decimal the text that str shows, however its text was written", () => {
  const texts: [given: string, text: string | null][] = [
    ["1E+5", "1E+5"],
    ["1e5", "1E+5"],
    ["-0.00", "-0.00"],
    ["+007.", "7"],
    ["inf", "Infinity"],
    ["-sNaN12", "-sNaN12"],
    ["1E1000000000000000000", null],
    [".", null],
    ["1x", null],
  ];
  for (const [given, text] of texts) {
    const value = decode(pickleOf(`cdecimal\nDecimal\nV${given}\n\x85R.`));
    if (text === null) assert(value instanceof Inert, given);
    else assertEquals(value, new Decimal(text));
  }
});

const CLASSES: Record<string, string> = {
  obj_datetime: "DateTime",
  obj_date: "CalendarDate",
  obj_timedelta: "TimeDelta",
  obj_decimal: "Decimal",
  obj_ordereddict: "OrderedDict",
  obj_namedtuple: "Inert",
  obj_dataclass: "Inert",
  obj_slots: "Inert",
  obj_func: "Global",
  obj_class: "Global",
  obj_builtin_len: "Global",
  obj_complex: "Complex",
  obj_range: "Range",
  obj_exception: "Inert",
  obj_defaultdict: "DefaultDict",
  obj_counter: "Counter",
  obj_deque: "Deque",
  obj_ndarray: "NDArray",
  obj_npfloat: "NumpyScalar",
};

function checkSpecial({ name, special }: Vector, value: Value): void {
  switch (special) {
    case "shared":
      assertInstanceOf(value, Array);
      assertStrictEquals(value[0], value[1]);
      return assertEquals(value[0], ["s"]);
    case "cyclist":
      assertInstanceOf(value, Array);
      assertEquals(value.length, 1);
      return assertStrictEquals<unknown>(value[0], value);
    case "cycdict":
      assertInstanceOf(value, Map);
      assertEquals(value.size, 1);
      return assertStrictEquals<unknown>(value.get("me"), value);
    case "cyctuple": {
      assertInstanceOf(value, Tuple);
      const list = value.items[0];
      assertInstanceOf(list, Array);
      assertEquals([value.items.length, list.length], [1, 1]);
      return assertStrictEquals<unknown>(list[0], value);
    }
    case "obj":
      assert(typeof value === "object" && value !== null);
      return assertEquals(value.constructor.name, CLASSES[name]);
  }
  throw new Error(`no such thing to look for as ${special}`);
}

Deno.test({
  name: "decode gives the meaning of each test vector exactly",
  ignore: !haveVectors,
  async fn() {
    const all = await vectors();
    assertEquals(all.length, 637);
    for (const vector of all) {
      const value = decode(vector.bytes);
      if (vector.special !== null) checkSpecial(vector, value);
      else assertEquals(tag(value), sortMembers(vector.value), `${vector.name}, protocol ${vector.protocol}`);
    }
  },
});

Deno.test("decode keeps 2.0 a float and −0.0 a number", () => {
  assertEquals(decode(pickleOf("G", 0x40, 0, 0, 0, 0, 0, 0, 0, ".")), new Float(2));
  assertStrictEquals(decode(pickleOf("G", 0x80, 0, 0, 0, 0, 0, 0, 0, ".")), -0);
});

Deno.test("decode gives CodePoints for two adjacent surrogates", () => {
  assertEquals(decode(pickleOf("V\\ud83d\\ude00\n.")), new CodePoints([0xd83d, 0xde00]));
  assertEquals(decode(pickleOf("V\\U0001f600\n.")), "\u{1f600}");
});

Deno.test("decode gives one object for each memo entry, however often it is referenced", () => {
  const value = decode(pickleOf("(]q", 0, "h", 0, "C", 1, "aq", 1, "h", 1, "t."));
  assertInstanceOf(value, Tuple);
  assertStrictEquals(value.items[0], value.items[1]);
  assertStrictEquals(value.items[2], value.items[3]);
});

Deno.test("decode gives a plain Map where JavaScript's equality suffices, else a Dict", () => {
  const plain = decode(pickleOf("}(U", 1, "aK", 1, "NK", 2, "K", 7, "K", 3, "u."));
  assertStrictEquals(Object.getPrototypeOf(plain), Map.prototype);
  assertInstanceOf(decode(pickleOf("}", 0x88, "Ns.")), Dict);
});

Deno.test("decode converts a dict to a Dict in place where others already refer to it", () => {
  // d = {"me": d}, then True as a key
  const value = decode(pickleOf("}q", 0, "(U", 2, "meh", 0, 0x88, "Nu."));
  assertInstanceOf(value, Dict);
  assertStrictEquals<unknown>(value.get("me"), value);
  assertEquals([...value.keys()], ["me", true]);
});

Deno.test("decode makes inert objects of calls and never looks up a name", () => {
  const system = decode(pickleOf("cos\nsystem\n(U", 2, "lstR."));
  assertEquals(system, new Inert("reduce", new Global("os", "system"), new Tuple(["ls"])));
  assertEquals(decode(pickleOf("cbuiltins\neval.x\n.")), new Global("builtins", "eval.x"));
});

Deno.test("decode keeps items, pairs and state of an inert object", () => {
  const value = decode(
    pickleOf("cm\nC\n)", 0x81, "(K", 1, "K", 2, "eK", 3, "K", 4, "s}U", 1, "aK", 5, "sb."),
  );
  assertInstanceOf(value, Inert);
  assertEquals(value.making, "newobj");
  assertEquals(value.items, [1, 2]);
  assertEquals(value.pairs, [[3, 4]]);
  assertEquals(value.state, new Map([["a", 5]]));
});

Deno.test("decode distinguishes NEWOBJ_EX with named arguments from NEWOBJ", () => {
  const made = decode(pickleOf("cm\nC\n(K", 1, "t}U", 1, "kK", 2, "s", 0x92, "."));
  assertEquals(made, new Inert("newobj_ex", new Global("m", "C"), new Tuple([1]), new Map([["k", 2]])));
  assertEquals(
    decode(pickleOf("cm\nC\n)}", 0x92, ".")),
    new Inert("newobj", new Global("m", "C"), new Tuple([])),
  );
});

Deno.test("decode treats OBJ and INST as a call with arguments, and as __new__ without", () => {
  const cls = new Global("m", "C");
  assertEquals(decode(pickleOf("(im\nC\n.")), new Inert("newobj", cls, new Tuple([])));
  assertEquals(decode(pickleOf("(cm\nC\nK", 1, "o.")), new Inert("reduce", cls, new Tuple([1])));
});

Deno.test("decode makes a known object inert that gets more than CPython's pickler writes", () => {
  const dict = decode(pickleOf("ccollections\nOrderedDict\n)RU", 1, "aK", 1, "s}U", 1, "xK", 2, "sb."));
  assertInstanceOf(dict, Inert);
  assertEquals(dict.pairs, [["a", 1]]);
  assertEquals(dict.state, new Map([["x", 2]]));
  const uuid = decode(pickleOf("cuuid\nUUID\n)", 0x81, "q", 0, "h", 0, 0x86, "."));
  assertInstanceOf(uuid, Tuple);
  assertEquals(uuid.items[0], new Inert("newobj", new Global("uuid", "UUID"), new Tuple([])));
  assertStrictEquals(uuid.items[0], uuid.items[1]);
  const late = decode(pickleOf("cuuid\nUUID\n)", 0x81, "}U", 3, "intK", 5, "sb."));
  assertEquals(late, new UUID(5));
});

Deno.test("decode makes a deque that contains itself", () => {
  const deque = decode(pickleOf("ccollections\ndeque\n)Rq", 0, "h", 0, "a."));
  assertInstanceOf(deque, Deque);
  assertStrictEquals<unknown>(deque.items[0], deque);
});

Deno.test("decode keeps the entries of a defaultdict in a Map or Dict as their keys require", () => {
  const dict = decode(pickleOf("ccollections\nOrderedDict\n)R(", 0x88, "NK", 1, "K", 2, "u."));
  assertInstanceOf(dict, OrderedDict);
  assertEquals([...dict.entries], [[true, 2]]);
});

const DTYPE = pickleOf(
  "cnumpy\ndtype\n(U",
  2,
  "i2I00\nI01\ntR(K",
  3,
  "U",
  1,
  "<NNNJ",
  little(-1, 4),
  "J",
  little(-1, 4),
  "K",
  0,
  "tb",
);

Deno.test("decode makes numpy's arrays and scalars, with a typed array over the bytes", () => {
  const head = "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tC\x01btR(K\x01(K\x02K\x01t";
  const array = decode(pickleOf(head, DTYPE, "I00\nC", 4, 1, 0, 0xff, 0xff, "tb."));
  assertInstanceOf(array, NDArray);
  assertInstanceOf(array.dtype, DType);
  assertEquals([array.shape, array.dtype.code, array.dtype.byteOrder], [[2, 1], "i2", "<"]);
  assertEquals(array.typed(), Int16Array.of(1, -1));
  const scalar = decode(pickleOf("cnumpy._core.multiarray\nscalar\n(", DTYPE, "C", 2, 5, 0, "tR."));
  assertInstanceOf(scalar, NumpyScalar);
  assertEquals(scalar.plain(), 5);
});

Deno.test("decode makes an array inert if the number of its bytes does not fit its shape", () => {
  const head = "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tC\x01btR(K\x01(K\x09t";
  assertInstanceOf(decode(pickleOf(head, DTYPE, "I00\nC", 2, 1, 0, "tb.")), Inert);
});

Deno.test("decode looks up persistent ids, extension codes and buffers in the resolvers", () => {
  const persistentId = (id: Value) => ["id", id];
  assertEquals(decode(pickleOf("Pabc\n."), { persistentId }), ["id", "abc"]);
  assertEquals(decode(pickleOf("K", 7, "Q."), { persistentId }), ["id", 7]);
  const extension = (code: number) => code;
  assertEquals(decode(pickleOf(0x82, 1, "."), { extension }), 1);
  assertEquals(decode(pickleOf(0x83, 1, 2, "."), { extension }), 0x201);
  assertEquals(decode(pickleOf(0x84, 1, 2, 3, 4, "."), { extension }), 0x4030201);
  const buffers = [Uint8Array.of(1), Uint8Array.of(2)];
  assertEquals(
    decode(pickleOf(0x97, 0x97, 0x98, 0x86, "."), { buffers }),
    new Tuple([new ByteArray(Uint8Array.of(1)), Uint8Array.of(2)]),
  );
});

Deno.test("decode refuses persistent ids, extension codes and buffers without a resolver", () => {
  for (
    const parts of [["Pabc\n."], ["NQ."], [0x82, 1, "."], [0x83, 1, 2, "."], [0x84, 1, 2, 3, 4, "."], [
      0x97,
      ".",
    ]]
  ) {
    assertEquals(codeOf(pickleOf(...parts)), "unsupported");
  }
  assertEquals(codeOf(pickleOf(0x82, 0, "."), { extension: () => null }), "bad-argument");
  assertEquals(codeOf(pickleOf(0x97, "."), { buffers: [] }), "unsupported");
});

Deno.test("decode treats an allowed name from a resolver like one from the pickle", () => {
  const extension = () => new Global("collections", "OrderedDict");
  assertInstanceOf(decode(pickleOf(0x82, 1, ")R."), { extension }), OrderedDict);
});

Deno.test("decode accepts any view of memory as an out-of-band buffer, and shares it", () => {
  const memory = Float64Array.of(1, 2);
  for (const buffers of [[memory], [memory.buffer], [new DataView(memory.buffer)]]) {
    const array = decode(pickleOf(0x97, "."), { buffers });
    assertInstanceOf(array, ByteArray);
    assertEquals([array.bytes.buffer, array.bytes.length], [memory.buffer, 16]);
  }
  const values = [new ByteArray(Uint8Array.of(1)), "what else there is"];
  assertEquals(decode(pickleOf(0x97, 0x97, 0x86, "."), { buffers: values }), new Tuple(values));
});

Deno.test("decode names what a resolver does not know", () => {
  const messageOf = (bytes: Uint8Array, options: DecodeOptions) => {
    const { code, message } = assertThrows(() => decode(bytes, options), PickleError);
    assertEquals(code, "unsupported");
    return message;
  };
  const knows = "Cannot decode the pickle: the resolver knows no";
  const nothing = () => undefined;
  assertEquals(
    messageOf(pickleOf("NN", 0x86, "Q."), { persistentId: nothing }),
    `${knows} persistent id (None, None) (at byte 3)`,
  );
  assertEquals(
    messageOf(pickleOf(0x82, 7, "."), { extension: nothing }),
    `${knows} extension code 7 (at byte 0)`,
  );
});

Deno.test("decode can be called by a resolver", () => {
  const persistentId = () => decode(pickleOf("(K", 1, "K", 2, "l."));
  assertEquals(decode(pickleOf("(K", 9, "NQl."), { persistentId }), [9, [1, 2]]);
});

Deno.test("decode reads 8-bit strings in the encoding of the option", () => {
  const bytes = pickleOf("U", 2, 0xc3, 0xa4, ".");
  assertEquals(codeOf(bytes), "bad-argument");
  assertEquals(decode(bytes, { strings: "latin1" }), "Ã¤");
  assertEquals(decode(bytes, { strings: "utf-8" }), "ä");
  assertEquals(decode(bytes, { strings: "bytes" }), Uint8Array.of(0xc3, 0xa4));
});

Deno.test("decode makes collections whose contents CPython 2.7 passes to the call and later versions append or set", () => {
  // pickle.dumps(…, 2) of OrderedDict([("a", 1), ((), 2)]), deque([1, 2], 3) and deque("x").
  const ordered = decode(
    pickleOf(0x80, 2, "ccollections\nOrderedDict\nq\x01]q\x02(]q\x03(U\x01aK\x01e]q\x04()K\x02ee\x85Rq\x05."),
  );
  assertInstanceOf(ordered, OrderedDict);
  assertEquals([...ordered.entries], [["a", 1], [new Tuple([]), 2]]);
  const bounded = pickleOf(0x80, 2, "ccollections\ndeque\nq\x01]q\x02(K\x01K\x02eK\x03\x86Rq\x03.");
  assertEquals(decode(bounded), new Deque([1, 2], 3));
  assertEquals(
    decode(pickleOf(0x80, 2, "ccollections\ndeque\nq\x01]q\x02U\x01xa\x85Rq\x03.")),
    new Deque(["x"]),
  );
  // Neither is what a pickler writes.
  assertInstanceOf(decode(pickleOf("ccollections\nOrderedDict\n((NltR.")), Inert);
  assertInstanceOf(decode(pickleOf("ccollections\ndeque\n((NNlK\x01tR.")), Inert);
});

Deno.test("decode makes a Fraction from a text, as up to CPython 3.10", () => {
  const fraction = (text: string) => decode(pickleOf("cfractions\nFraction\n(V", text, "\ntR."));
  assertEquals(fraction("-3/7"), new Fraction(-3, 7));
  assertEquals(fraction("5"), new Fraction(5, 1));
  assertEquals(fraction("0"), new Fraction(0, 1));
  const [top, bottom] = [10n ** 300n, 7n ** 300n];
  assertEquals(fraction(`${top}/${bottom}`), new Fraction(top, bottom));
  for (const text of ["2/4", "1/0", "-0/1x", "", "1/", "01/3", "1".repeat(8602)]) {
    assertInstanceOf(fraction(text), Inert, text);
  }
});

Deno.test("decode makes dates from 8-bit strings of Python 2, as text or as bytes", () => {
  const date = pickleOf(0x80, 2, "cdatetime\ndate\nU\x04\x07\xe4\x01\x02\x85R.");
  const time = pickleOf(0x80, 2, "cdatetime\ntime\nU\x06\x17;\0\0\0\0\x85R.");
  const moment = pickleOf(0x80, 2, "cdatetime\ndatetime\nU\x0a\x07\xe4\x01\x02\x03\x04\x05\0\0\x06\x85R.");
  for (const strings of ["latin1", "bytes"] as const) {
    const shown = [date, time, moment].map((bytes) => format(decode(bytes, { strings })));
    assertEquals(shown, [
      "datetime.date(2020, 1, 2)",
      "datetime.time(23, 59)",
      "datetime.datetime(2020, 1, 2, 3, 4, 5, 6)",
    ]);
  }
});

Deno.test("decode makes numpy's arrays and scalars from 8-bit strings of Python 2, as text or as bytes", () => {
  const array = pickleOf(
    "\x80\x02cnumpy.core.multiarray\n_reconstruct\nq\0cnumpy\nndarray\nq\x01K\0\x85q\x02U\x01bq\x03\x87q\x04R",
    "q\x05(K\x01K\x02\x85q\x06cnumpy\ndtype\nq\x07U\x02i2q\x08\x89\x88\x87q\tRq\n(K\x03U\x01<q\x0bNNN",
    "J\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tq\x0cb\x89U\x04\xff\xff\x02\0q\rtq\x0eb.",
  );
  const scalar = pickleOf(
    "\x80\x02cnumpy.core.multiarray\nscalar\nq\0cnumpy\ndtype\nq\x01U\x02f4q\x02\x89\x88\x87q\x03Rq\x04(K\x03",
    "U\x01<q\x05NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\0tq\x06bU\x04\0\0\xc0?q\x07\x86q\x08Rq\t.",
  );
  for (const strings of ["latin1", "bytes"] as const) {
    assertEquals(format(decode(array, { strings })), "array([-1,  2], dtype=int16)");
    assertEquals(format(decode(scalar, { strings })), "np.float32(1.5)");
  }
});

Deno.test("decode shares no memory with the bytes without the option views", () => {
  const bytes = pickleOf("C", 2, "ab", 0x96, little(2, 8), "cd", 0x86, ".");
  const copies = decode(bytes);
  const views = decode(bytes, { views: true });
  assertInstanceOf(copies, Tuple);
  assertInstanceOf(views, Tuple);
  const [copy, copyArray] = copies.items;
  const [view, viewArray] = views.items;
  assertInstanceOf(copy, Uint8Array);
  assertInstanceOf(copyArray, ByteArray);
  assertInstanceOf(view, Uint8Array);
  assertInstanceOf(viewArray, ByteArray);
  assertNotStrictEquals(copy.buffer, bytes.buffer);
  assertNotStrictEquals(copyArray.bytes.buffer, bytes.buffer);
  assertStrictEquals(view.buffer, bytes.buffer);
  assertStrictEquals(viewArray.bytes.buffer, bytes.buffer);
});

Deno.test("decode gives bytes that are referenced twice as one object, and never the pickle's own", () => {
  const bytes = pickleOf("C", 2, "abq", 0, "h", 0, 0x86, ".");
  const value = decode(bytes);
  bytes.fill(0);
  assertEquals(value, new Tuple([Uint8Array.of(97, 98), Uint8Array.of(97, 98)]));
});

Deno.test("decode reads numbers in text as CPython's unpicklers do, and no others", () => {
  for (const text of ["12", " 12", "12\t", "+12", "1_2", "0x_c", "0b1100"]) {
    assertEquals(decode(pickleOf(`I${text}\n.`)), 12, text);
  }
  for (const text of ["", "1__2", "012", "1\xa0", "\xa01", "1\x85"]) {
    assertEquals(codeOf(pickleOf(`I${text}\n.`)), "bad-argument", text);
  }
  for (const text of ["12", " 12", "+12", "1_2", "012", "0_12"]) {
    assertEquals(decode(pickleOf(`Np${text}\n0g12\n.`)), null, text);
  }
  for (const text of ["", "-1", "0xc", "0b1", "1\xa0", "12L", "1_", "1".repeat(20)]) {
    assertEquals(codeOf(pickleOf(`Np${text}\n.`)), "bad-argument", text);
  }
  assertEquals(codeOf(pickleOf(`Np${"0".repeat(4301)}\n.`)), "limit");
});

const FRAME = (size: number | bigint) => pickleOf(0x95, little(size, 8));

Deno.test("decode accepts frames as both of CPython's unpicklers do", () => {
  assertEquals(decode(pickleOf(FRAME(2), "N.")), null);
  assertEquals(decode(pickleOf(FRAME(1), "K", 5, ".")), 5);
  assertEquals(decode(pickleOf(FRAME(9), FRAME(1), "N.")), null);
  assertEquals(codeOf(pickleOf(FRAME(3), "J", 1, 0, 0, 0, ".")), "bad-frame");
  assertEquals(codeOf(pickleOf(FRAME(12), FRAME(1), "N.", 0, 0)), "bad-frame");
  assertEquals(codeOf(pickleOf(FRAME(11), FRAME(2), "N.")), "bad-frame");
  assertEquals(decode(pickleOf(FRAME(2), "N0", FRAME(0), FRAME(2), "N.")), null);
  assertEquals(codeOf(pickleOf(FRAME(3), "I12\n.")), "bad-frame");
  assertEquals(codeOf(pickleOf(FRAME(3), "N.")), "truncated");
  assertEquals(codeOf(pickleOf(FRAME(2n ** 63n), "N.")), "truncated");
});

Deno.test("decode gives each error a code and the offset of the faulty opcode", () => {
  const cases: [string, (string | number | Uint8Array)[], number][] = [
    ["truncated", [], 0],
    ["truncated", ["N"], 1],
    ["truncated", ["J", 1, 2], 0],
    ["truncated", ["NI12"], 1],
    ["unknown-opcode", ["N", 0xff], 1],
    ["unknown-opcode", [0x80, 6, "N."], 0],
    ["bad-argument", [0x8b, little(-1, 4), "."], 0],
    ["bad-argument", ["T", little(-1, 4), "."], 0],
    ["bad-argument", ["I1x\n."], 0],
    ["bad-argument", ["L\n."], 0],
    ["bad-argument", ["F1_0\n."], 0],
    ["bad-argument", ["S'abc\n."], 0],
    ["bad-argument", ["V\\u12\n."], 0],
    ["bad-argument", ["c", 0xff, "\nx\n."], 0],
    ["bad-argument", ["Np-1\n."], 1],
    ["bad-argument", [0x8c, 2, 0xc0, 0x80, "."], 0],
    ["bad-argument", [0x8c, 4, 0xf4, 0x90, 0x80, 0x80, "."], 0],
    ["bad-stack", ["."], 0],
    ["bad-stack", ["N(."], 2],
    ["bad-stack", ["Nt."], 1],
    ["bad-stack", ["Na."], 1],
    ["bad-stack", ["K", 1, "Na."], 3],
    ["bad-stack", ["N(e."], 2],
    ["bad-stack", ["](NNu."], 4],
    ["bad-stack", ["}(Nu."], 3],
    ["bad-stack", ["](N", 0x90, "."], 3],
    ["bad-stack", ["NNR."], 2],
    ["bad-stack", ["cm\nC\nNR."], 6],
    ["bad-stack", ["]Nb."], 2],
    ["bad-stack", ["N", 0x86, "."], 1],
    ["bad-stack", ["(o."], 1],
    ["bad-stack", ["K", 1, "K", 2, 0x93, "."], 4],
    ["bad-memo", ["h", 5, "."], 0],
    ["bad-memo", ["j", little(5, 4), "."], 0],
    ["unhashable", ["}]Ns."], 3],
    ["unhashable", [0x8f, "(}", 0x90, "."], 3],
    ["unhashable", ["}(]tNs."], 5],
    ["trailing-data", ["N.", 0, 1], 3],
  ];
  for (const [code, parts, offset] of cases) {
    const error = assertThrows(() => decode(pickleOf(...parts)), PickleError);
    assertEquals([error.code, error.offset], [code, offset], `${parts}: ${error.message}`);
  }
});
