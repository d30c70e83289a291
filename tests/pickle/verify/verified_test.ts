import { assertEquals } from "../../assert.ts";
import { scalarAt } from "../../../lib/pickle/verify/scalar_at.ts";
import { Float } from "../../../lib/pickle/values/values.ts";
import { verify } from "../../../lib/pickle/verify/verify.ts";
import { pickleOf } from "../bytes.ts";

type Shown = Record<string, unknown>;

function entriesOf(...parts: (string | number | Uint8Array)[]): Shown | null {
  const bytes = pickleOf(...parts);
  const verified = verify(bytes);
  if (verified.entries === null) return null;
  const shown: Shown = {};
  for (const { key, kind, source } of verified.entries) {
    const value = scalarAt(bytes, source, 100);
    shown[key] = value === undefined ? kind : value;
    assertEquals(verified.find(key)?.source, source, key);
  }
  return shown;
}

Deno.test("verify reports the entries of a dict in every protocol's form", () => {
  const expected = { type: "ping", ref: 7 };
  assertEquals(entriesOf("(dp0\nVtype\np1\nVping\np2\nsVref\np3\nI7\ns."), expected);
  assertEquals(entriesOf("(Vtype\nVping\nVref\nL7L\nd."), expected);
  assertEquals(
    entriesOf("}q\0(X\x04\0\0\0typeq\x01X\x04\0\0\0pingq\x02X\x03\0\0\0refq\x03K\x07u."),
    expected,
  );
  assertEquals(entriesOf("\x80\x04}\x94(\x8c\x04type\x94\x8c\x04ping\x94\x8c\x03ref\x94K\x07u."), expected);
  assertEquals(entriesOf("}S'ty\\x70e'\nU\x04pingsV\\u0072ef\nM\x07\0s."), expected);
});

Deno.test("verify reports the last value of a key that comes twice", () => {
  assertEquals(entriesOf("}(\x8c\x01aK\x01\x8c\x01bK\x02\x8c\x01aK\x03u."), { a: 3, b: 2 });
  assertEquals(entriesOf("}\x8c\x01aK\x01sVa\nNs."), { a: null });
  assertEquals(entriesOf("(\x8c\x01aK\x01d\x8c\x01aK\x02s."), { a: 2 });
});

Deno.test("verify finds values that come from the memo where they were made", () => {
  assertEquals(entriesOf("}(\x8c\x04type\x94\x8c\x04body\x94h\x00h\x01u.".replace("h\x00h\x01", "")), {
    type: "body",
  });
  assertEquals(entriesOf("}\x94(\x8c\x01aq\x05h\x05\x8c\x01bK\x01q\x06\x8c\x01ch\x06u."), {
    a: "a",
    b: 1,
    c: 1,
  });
});

Deno.test("verify reports each kind of value", () => {
  assertEquals(
    entriesOf(
      "}(",
      "\x8c\x01aN",
      "\x8c\x01b\x88",
      "\x8c\x01cI01\n",
      "\x8c\x01dG@\0\0\0\0\0\0\0",
      "\x8c\x01eC\0",
      "\x8c\x01f]",
      "\x8c\x01g)",
      "\x8c\x01hN\x85",
      "\x8c\x01i}",
      "\x8c\x01j\x8f",
      "\x8c\x01k(\x91",
      "\x8c\x01l\x96\0\0\0\0\0\0\0\0",
      "\x8c\x01mcbuiltins\nint\n",
      "\x8c\x01nc_codecs\nencode\nVa\nVlatin1\n\x86R",
      "\x8c\x01o\x8a\x0a1234567890",
      "u.",
    ),
    {
      a: null,
      b: true,
      c: true,
      d: new Float(2),
      e: "bytes",
      f: "list",
      g: "tuple",
      h: "tuple",
      i: "dict",
      j: "set",
      k: "frozenset",
      l: "bytearray",
      m: "object",
      n: "bytes",
      o: 0x30393837363534333231n,
    },
  );
});

Deno.test("verify follows a dict that its own body fills through the memo", () => {
  assertEquals(entriesOf("}q\0(\x8c\x04type\x8c\x04ping\x8c\x04body]h\0\x8c\x04type\x8c\x05hellosau."), {
    type: "ping",
    body: "list",
  });
  assertEquals(entriesOf("}q\0(\x8c\x04type\x8c\x04ping\x8c\x04body]u]h\0\x8c\x04type\x8c\x05hellosa0."), {
    type: "hello",
    body: "list",
  });
  assertEquals(entriesOf("}q\0\x8c\x04body]sh\0\x8c\x04type\x8c\x02his0."), {
    body: "list",
    type: "hi",
  });
  assertEquals(entriesOf("}2\x8c\x01aK\x01s0."), { a: 1 });
});

Deno.test("verify finds the entries of a dict that was not the first at the bottom", () => {
  assertEquals(entriesOf("}0}\x8c\x01aK\x01s."), { a: 1 });
  assertEquals(entriesOf("]}q\0\x8c\x01aK\x01sa0h\0."), { a: 1 });
  assertEquals(entriesOf("}q\0\x8c\x01aK\x01s0}\x8c\x01bK\x02s0h\0."), { a: 1 });
  assertEquals(entriesOf("(}\x8c\x01aK\x01sq\x000\x8c\x01bK\x02d0h\0."), { a: 1 });
});

Deno.test("verify takes no dict for a message in which a str of numpy may stand in the place of a key", () => {
  const text = (code: string, bytes: string) =>
    `cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(V${code}\nI00\nI01\ntR(I3\nV<\nNNNI16\nI4\nI8\ntbC\x10${bytes}tR`;
  const type = text("U4", "t\0\0\0y\0\0\0p\0\0\0e\0\0\0");
  const forged = pickleOf("}(", type, "\x8c\x03byeu.");
  assertEquals(verify(forged).top, "other");
  assertEquals(verify(forged).entries, null);
  assertEquals(verify(forged).find("type"), undefined);
  const inside = pickleOf("}(\x8c\x04type\x8c\x07message\x8c\x04body}", type, "Nsu.");
  assertEquals(Object.keys(entriesOf(inside) ?? {}), ["type", "body"]);
});

Deno.test("verify reports entries of plain dicts only", () => {
  assertEquals(entriesOf("N."), null);
  assertEquals(entriesOf("]."), null);
  assertEquals(entriesOf("ccollections\nOrderedDict\n)R\x8c\x04type\x8c\x04pings."), null);
  assertEquals(verify(pickleOf("ccollections\nOrderedDict\n)R.")).top, "other");
  assertEquals(entriesOf("}."), {});
});

Deno.test("verify lists 64 entries of keys up to 64 code units, counts the others, and finds them all the same", () => {
  const pairs: (string | Uint8Array)[] = [];
  for (let i = 0; i < 70; i++) pairs.push("\x8c\x03", `k${10 + i}`, "K\x01");
  const long = "x".repeat(65);
  const bytes = pickleOf(
    "}(",
    ...pairs,
    "K\x05K\x06",
    "\x8c\x41",
    long,
    "N",
    "\x8c\x04type\x8c\x04ping",
    "\x8c\x03k10K\x02",
    "u.",
  );
  const verified = verify(bytes);
  assertEquals(verified.entries?.length, 64);
  assertEquals(verified.more, 8);
  assertEquals(scalarAt(bytes, verified.find("type")!.source, 10), "ping");
  assertEquals(scalarAt(bytes, verified.entries![0]!.source, 10), 2);
  assertEquals(verified.find("nothing"), undefined);
});

Deno.test("verify reports the lowest protocol that has all opcodes, and the place of PROTO 5", () => {
  const protocolOf = (...parts: string[]) => verify(pickleOf(...parts)).protocol;
  assertEquals(protocolOf("I1\n."), 0);
  assertEquals(protocolOf("K\x01."), 1);
  assertEquals(protocolOf("\x80\x05N."), 2);
  assertEquals(protocolOf("C\0."), 3);
  assertEquals(protocolOf("N\x94."), 4);
  assertEquals(protocolOf("\x96\0\0\0\0\0\0\0\0."), 5);
  assertEquals(verify(pickleOf("\x80\x05\x80\x04N\x80\x05.")).proto5, [0, 5]);
});

Deno.test("a Verified does not change while other pickles are verified", () => {
  const first = verify(pickleOf("}\x8c\x01acbuiltins\nint\ns."));
  verify(pickleOf("\x80\x05cbuiltins\nset\n."));
  const plain = verify(pickleOf("N."));
  verify(pickleOf("\x80\x05cbuiltins\nset\n."));
  assertEquals(first.names, ["builtins.int"]);
  assertEquals(first.entries?.map(({ key }) => key), ["a"]);
  assertEquals(plain.names, []);
  assertEquals(plain.proto5, []);
});
