import { assertEquals } from "../../assert.ts";
import { PickleError } from "../../../lib/pickle/values/errors.ts";
import { verify } from "../../../lib/pickle/verify/verify.ts";
import { pickleOf } from "../bytes.ts";

function answerOf(...parts: string[]): string {
  try {
    verify(pickleOf(...parts));
    return "accepted";
  } catch (error) {
    if (error instanceof PickleError) return error.code;
    throw error;
  }
}

function dtype(code: string, sizes = [-1, -1, 0], order = "<"): string {
  const numbers = sizes.map((size) => `I${size}\n`).join("");
  return `cnumpy\ndtype\n(V${code}\nI00\nI01\ntR(I3\nV${order}\nNNN${numbers}tb`;
}

const text = (length: number): string => dtype(`U${length}`, [4 * length, 4, 8]);
const bytes = (length: number): string => dtype(`S${length}`, [length, 1, 0], "|");

function array(dtype: string, shape: number[], items: string, fortran = "I00\n"): string {
  const dimensions = shape.map((size) => `I${size}\n`).join("");
  const made = "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntC\x01btR";
  return `${made}(I1\n(${dimensions}t${dtype}${fortran}C${String.fromCharCode(items.length)}${items}tb`;
}

function scalar(dtype: string, item: string): string {
  return `cnumpy.core.multiarray\nscalar\n(${dtype}C${String.fromCharCode(item.length)}${item}tR`;
}

Deno.test("verify takes dtypes up to the size that numpy does, and one of no size", () => {
  assertEquals(answerOf(text(0), "."), "accepted");
  assertEquals(answerOf(bytes(0), "."), "accepted");
  assertEquals(answerOf(text(536_870_911), "."), "accepted");
  assertEquals(answerOf(text(536_870_912), "."), "bad-argument");
  assertEquals(answerOf(text(999_999_999), "."), "bad-argument");
  assertEquals(answerOf(bytes(999_999_999), "."), "accepted");
  assertEquals(answerOf(dtype("f8"), "."), "accepted");
  for (const bad of ["i8,i8", "", "f8 "]) assertEquals(answerOf(dtype(bad), "."), "bad-argument", bad);
  for (const other of ["O8", "f16", "c32", "g", "f3", "U01"]) {
    assertEquals(answerOf(dtype(other), "."), "unsupported", other);
  }
});

Deno.test("verify takes a dtype only with the state that numpy gives one of its kind", () => {
  assertEquals(answerOf(dtype("f8", [8, -1, 0]), "."), "bad-argument");
  assertEquals(answerOf(dtype("f8", [-1, -1, 1]), "."), "bad-argument");
  assertEquals(answerOf(dtype("f8", [-1, -1, 0], "|"), "."), "bad-argument");
  assertEquals(answerOf(dtype("i1", [-1, -1, 0], "|"), "."), "accepted");
  assertEquals(answerOf(dtype("i1"), "."), "bad-argument");
  assertEquals(answerOf(dtype("U1", [4, 4, 0]), "."), "bad-argument");
  assertEquals(answerOf(dtype("S3", [4, 1, 0], "|"), "."), "bad-argument");
});

Deno.test("verify takes an array with as many bytes as dtype and shape say", () => {
  assertEquals(answerOf(array(dtype("u2"), [2, 2], "12345678"), "."), "accepted");
  assertEquals(answerOf(array(dtype("u2"), [2, 2], "12345678", "I01\n"), "."), "accepted");
  assertEquals(answerOf(array(dtype("u2"), [2, 2], "1234567"), "."), "bad-argument");
  assertEquals(answerOf(array(dtype("u2"), [], "12"), "."), "accepted");
  assertEquals(answerOf(array(dtype("u2"), [0, 7], ""), "."), "accepted");
  assertEquals(answerOf(array(dtype("u2"), [0, 2 ** 30 - 1], ""), "."), "accepted");
  assertEquals(answerOf(array(dtype("u2"), [0, 2 ** 30], ""), "."), "bad-argument");
  assertEquals(answerOf(array(dtype("u2"), [-1], ""), "."), "bad-argument");
  assertEquals(answerOf(array(dtype("u2"), Array(32).fill(1), "12"), "."), "accepted");
  assertEquals(answerOf(array(dtype("u2"), Array(33).fill(1), "12"), "."), "bad-argument");
  assertEquals(answerOf(array(text(0), [3], ""), "."), "bad-argument");
});

Deno.test("verify takes a scalar of its very size; of a text, of code points", () => {
  assertEquals(answerOf(scalar(dtype("f8"), "12345678"), "."), "accepted");
  assertEquals(answerOf(scalar(dtype("f8"), "1234567"), "."), "bad-argument");
  assertEquals(answerOf(scalar(text(0), ""), "."), "accepted");
  assertEquals(answerOf(scalar(bytes(0), ""), "."), "accepted");
  assertEquals(answerOf(scalar(text(1), "\xff\xff\x10\0"), "."), "accepted");
  assertEquals(answerOf(scalar(text(1), "\0\0\x11\0"), "."), "bad-argument");
  assertEquals(answerOf(scalar(dtype("V8", [8, 1, 0], "|"), "12345678"), "."), "bad-argument");
});

/** A record's dtype: each field a name, a dtype and an offset. */
function record(size: number, fields: [string, string, number][], flags = 16, alignment = 1): string {
  const names = fields.map(([name]) => `V${name}\n`).join("");
  const pairs = fields.map(([name, type, offset]) => `V${name}\n(${type}I${offset}\nt`).join("");
  return `cnumpy\ndtype\n(VV${size}\nI00\nI01\ntR(I3\nV|\nN(${names}t(${pairs}dI${size}\nI${alignment}\nI${flags}\ntb`;
}

const X: [string, string, number] = ["x", dtype("i4"), 0];
const Y: [string, string, number] = ["y", dtype("f8"), 4];

Deno.test("verify takes structured arrays and records of plain fields", () => {
  assertEquals(answerOf(record(12, [X, Y]), "."), "accepted");
  assertEquals(answerOf(array(record(12, [X, Y]), [2], "123456789abc123456789abc"), "."), "accepted");
  assertEquals(answerOf(array(record(12, [X, Y]), [2], "123456789abc"), "."), "bad-argument");
  assertEquals(answerOf(scalar(record(12, [X, Y]), "123456789abc"), "."), "accepted");
  assertEquals(answerOf(record(16, [X, ["y", dtype("f8"), 8]], 144, 8), "."), "accepted");
  assertEquals(answerOf(record(4, [["t", text(1), 0]], 24), "."), "accepted");
  const many = Array.from({ length: 64 }, (_, i): [string, string, number] => [`f${i}`, dtype("i4"), 4 * i]);
  assertEquals(answerOf(record(256, many), "."), "accepted");
  assertEquals(answerOf("}", scalar(record(12, [X, Y]), "123456789abc"), "Ns."), "unhashable");
});

Deno.test("verify refuses a record that numpy would not make, and one with fields that are not relayed, and names it", () => {
  const bad: Record<string, string> = {
    "a field past the end": record(11, [X, Y]),
    "a field over another": record(12, [X, ["y", dtype("f8"), 3]]),
    "a name twice": record(12, [X, ["x", dtype("f8"), 4]]),
    "flags of objects": record(12, [X, Y], 27),
    "flags without those of text": record(4, [["t", text(1), 0]], 16),
    "an alignment of 0": record(12, [X, Y], 16, 0),
    "a record in a record": record(12, [["r", record(12, [X, Y]), 0]]),
  };
  for (const [what, bytes] of Object.entries(bad)) assertEquals(answerOf(bytes, "."), "unsupported", what);
});

Deno.test("verify refuses text of numpy that print does not take, in arrays, records and scalars", () => {
  for (
    const [point, answer] of [["\xff\xff\x10\0", "accepted"], ["\0\0\x11\0", "bad-argument"], [
      "\0\xd8\0\0",
      "bad-argument",
    ]]
  ) {
    assertEquals(answerOf(array(text(1), [1], point!), "."), answer!);
    assertEquals(answerOf(array(text(1), [2], "a\0\0\0" + point!), "."), answer!);
    assertEquals(answerOf(scalar(text(1), point!), "."), answer!);
    assertEquals(answerOf(array(record(8, [X, ["t", text(1), 4]], 24), [1], "1234" + point!), "."), answer!);
  }
});
