import { halfBlocks } from "../../lib/view/half_blocks.ts";
import { objectRows } from "../../lib/view/object_rows.ts";
import { savedFile } from "../../lib/view/saved_file.ts";
import { showBody } from "../../lib/view/show.ts";
import { showWhole, type WholeRoom } from "../../lib/view/show_whole.ts";
import { decode } from "../../lib/pickle/decode/decode.ts";
import { DType, NDArray } from "../../lib/pickle/values/known_numpy.ts";
import { ByteArray, Tuple, type Value } from "../../lib/pickle/values/values.ts";
import { assert, assertEquals, assertLess } from "../assert.ts";

const ROOM: WholeRoom = { width: 40, rows: 12, widthOf: (text) => [...text].length, colours: null };

function array(code: string, shape: number[], data: ArrayBufferView): NDArray {
  const order = code === "u1" ? "|" : "<";
  const dtype = new DType(code, new Tuple([3, order, null, null, null, -1, -1, 0]));
  return new NDArray(shape, dtype, false, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

Deno.test("a list of dicts with equal keys and a dict of equally long lists are tables, numbers on the right", () => {
  const rows = [1, 10, 100].map((n) => new Map<Value, Value>([["n", n], ["name", `row ${n}`]]));
  const expected = ["  n  name", "  1  row 1", " 10  row 10", "100  row 100"];
  assertEquals(objectRows(rows, ROOM), { summary: "table of 3 × 2", rows: expected, isWhole: true });
  const columns = new Map<Value, Value>([["n", [1, 10, 100]], ["name", ["row 1", "row 10", "row 100"]]]);
  assertEquals(objectRows(columns, ROOM)?.rows, expected);
});

Deno.test("a table wider or longer than its room is cut at columns and rows, and says so", () => {
  const wide = new Map(Array.from({ length: 20 }, (_, at): [Value, Value] => [`column ${at}`, [at, at]]));
  const seen = objectRows(wide, ROOM)!;
  assertEquals([seen.isWhole, seen.summary], [false, "table of 2 × 20"]);
  for (const row of seen.rows) assertLess(ROOM.widthOf(row), 41);
  const long = Array.from({ length: 500 }, (_, n) => new Map<Value, Value>([["n", n], ["m", n]]));
  assertEquals([objectRows(long, ROOM)?.rows.length, objectRows(long, ROOM)?.isWhole], [12, false]);
});

Deno.test("cells hold no control characters, and wide ones keep the columns apart", () => {
  const widthOf = (text: string) => [...text].reduce((sum, char) => sum + (char > "\u1100" ? 2 : 1), 0);
  const rows = ["漢字", "\x1b[2J"].map((name) => new Map<Value, Value>([["name", name], ["x", 1]]));
  const { rows: seen = [] } = objectRows(rows, { ...ROOM, widthOf }) ?? {};
  assertEquals(seen, ["name     x", "漢字     1", "\\x1b[2J  1"]);
  assertEquals(new Set(seen.map((row) => widthOf(row))).size, 1);
});

Deno.test("an array of two dimensions stands as aligned rows, a longer one as its corner", () => {
  const small = array("i4", [2, 3], new Int32Array([1, 20, 300, 4, 5, 6]));
  assertEquals(objectRows(small, ROOM), {
    summary: "array int32 (2, 3)",
    rows: ["[[  1  20 300]", " [  4   5   6]]"],
    isWhole: true,
  });
  const large = array("f8", [100, 100], new Float64Array(10_000));
  const seen = objectRows(large, ROOM)!;
  assertEquals([seen.isWhole, seen.rows.length <= 12], [false, true]);
  for (const row of seen.rows) assertLess(ROOM.widthOf(row), 41);
});

Deno.test("numbers are bars from eight on, with NaN left out", () => {
  assertEquals(objectRows([1, 2, 3, 4, 5, 6, 7], ROOM), null);
  assertEquals(
    objectRows(array("f4", [8], new Float32Array([0, 7, 0, 7, 0, 7, NaN, 7])), ROOM)?.rows.at(-1),
    "▁█▁█▁█ █ min 0, mean 4, max 7",
  );
  assertEquals(
    objectRows(new Tuple([5, 5, 5, 5, 5, 5, 5, 5]), ROOM)?.rows.at(-1),
    "▁▁▁▁▁▁▁▁ min 5, mean 5, max 5",
  );
});

Deno.test("a nested dict that does not fit a row is indented, a flat one is not", () => {
  const nested = new Map<Value, Value>([
    ["model", "a small one"],
    ["layers", [new Map<Value, Value>([["units", 128], ["bias", true]]), 10]],
    ["rate", 0.001],
  ]);
  assertEquals(objectRows(nested, ROOM)?.rows, [
    "{",
    "  'model': 'a small one',",
    "  'layers': [",
    "    {'units': 128, 'bias': True},",
    "    10,",
    "  ],",
    "  'rate': 0.001,",
    "}",
  ]);
  assertEquals(objectRows(new Map<Value, Value>([["a", [1]]]), ROOM), null);
  const flat = new Map(Array.from({ length: 20 }, (_, n): [Value, Value] => [`key ${n}`, n]));
  assertEquals(objectRows(flat, ROOM), null);
});

Deno.test("an object that holds itself ends", () => {
  const dict = new Map<Value, Value>([["a long key to fill the row with", "and a long value beside it"]]);
  dict.set("itself", dict);
  const seen = objectRows(dict, ROOM)!;
  assertEquals(seen.rows.length <= 12, true);
});

Deno.test("an image is drawn two pixels a character, in 24 bits or in the cube of xterm", () => {
  const rgba = new Uint8ClampedArray([255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 255, 255, 255, 0]);
  const pixels = { width: 2, height: 2, rgba };
  assertEquals(halfBlocks(pixels, { width: 80, rows: 24, depth: "24-bit" }), [
    "\x1b[38;2;255;0;0;48;2;0;0;255m▀\x1b[38;2;0;255;0;48;2;0;0;0m▀\x1b[0m",
  ]);
  assertEquals(halfBlocks(pixels, { width: 80, rows: 24, depth: "256" }), [
    "\x1b[38;5;196;48;5;21m▀\x1b[38;5;46;48;5;16m▀\x1b[0m",
  ]);
  const large = { width: 1000, height: 500, rgba: new Uint8ClampedArray(4 * 500_000) };
  const rows = halfBlocks(large, { width: 40, rows: 10, depth: "256" });
  assertEquals([rows.length, rows[0]!.split("▀").length - 1], [10, 40]);
});

Deno.test("/show names sender, time and type, and draws an image only if there are colours", () => {
  const origin = { room: "lobby", id: 4, from: "ann", at: new Date(2026, 11, 1, 14, 5).getTime() / 1000 };
  const image = array("u1", [2, 2], new Uint8Array([0, 255, 255, 0]));
  const [head, first] = showWhole({ body: image, origin }, { ...ROOM, colours: "256" });
  assertEquals(head, "-- ann, 2026-12-01 14:05: array uint8 (2, 2)");
  assert(first!.includes("▀"));
  assertEquals(showWhole({ body: image, origin }, ROOM).slice(1), ["[[  0 255]", " [255   0]]"]);
  assertEquals(showWhole({ body: "a\nb\x07", origin: undefined }, ROOM), [
    "-- text of 4 characters",
    "a",
    "b\\x07",
  ]);
});

Deno.test("bytes, texts and arrays are saved as they are, anything else as a pickle", () => {
  const one = new Uint8Array([1]);
  assertEquals(savedFile(new ByteArray(one)), { bytes: one, form: "bytes" });
  assertEquals(savedFile("漢"), { bytes: new TextEncoder().encode("漢"), form: "text" });
  const npy = savedFile(array("i4", [2], new Int32Array([1, 2])));
  assertEquals(new TextDecoder("latin1").decode(npy.bytes.subarray(1, 6)), "NUMPY");
  assertEquals([npy.bytes.length % 64, npy.bytes.length, npy.form], [8, 136, ".npy"]);
  const { bytes, form } = savedFile([1, "x"]);
  assertEquals([decode(bytes), form], [[1, "x"], "pickle"]);
});

Deno.test("a body without a picture is shown as before", () => {
  assertEquals(showBody(new Map<Value, Value>([[1, "hi"]])), { text: "{1: 'hi'}", folded: false });
  assertEquals(showBody([1, 2, 3]), { text: "[1, 2, 3]", folded: false });
});

Deno.test("a whole text is wrapped at blanks, and a word that is wider than the screen anywhere", () => {
  const rowsOf = (body: string) => showWhole({ body, origin: undefined }, { ...ROOM, width: 10 }).slice(1);
  assertEquals(rowsOf("one two three four"), ["one two", "three four"]);
  assertEquals(rowsOf("0123456789 x"), ["0123456789", "x"]);
  assertEquals(rowsOf("0123456789abc x"), ["0123456789", "abc x"]);
  assertEquals(rowsOf("      indented"), ["      inde", "nted"]);
});

Deno.test("few numbers are shown with their bars: on one line, on two rows, or as bars alone where they do not fit", () => {
  const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  const text = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]";
  const at = (width: number) => objectRows(numbers, { width, rows: 12, widthOf: (text) => text.length });
  const bars = at(30)!.rows[0]!;
  assertEquals(at(30), { summary: "list of 10", rows: [bars], isWhole: false });
  assertEquals(at(31), { summary: "list of 10", rows: [text, bars], isWhole: true });
  const line = `${text} ${bars}`;
  assertEquals(at(line.length - 1)?.line, undefined);
  assertEquals(at(line.length), { summary: "list of 10", rows: [text, bars], isWhole: true, line });
});
