import { pictureOf, pixelsOf } from "../../lib/objects/image.ts";
import { gridOf, numbersOf, rangesOf } from "../../lib/objects/numbers.ts";
import { npyOf } from "../../lib/objects/npy.ts";
import { tableOf } from "../../lib/objects/table.ts";
import { Tuple, type Value } from "../../lib/pickle/values/values.ts";
import { DType, NDArray } from "../../lib/pickle/values/known_numpy.ts";
import { assertEquals } from "../assert.ts";

const dtype = (code: string, order = "<") =>
  new DType(code, new Tuple([3, order, null, null, null, -1, -1, 0]));
const bytesOf = (array: Float32Array | Int16Array) => new Uint8Array(array.buffer);

Deno.test("numbersOf reads arrays of one dimension and of every numeric dtype, and no others", () => {
  const floats = new NDArray([3], dtype("f4"), false, bytesOf(new Float32Array([1, 2.5, -3])));
  assertEquals(numbersOf(floats), new Float64Array([1, 2.5, -3]));
  assertEquals(numbersOf(new NDArray([1, 3], dtype("f4"), false, floats.data)), null);
  assertEquals(numbersOf(new NDArray([2], dtype("b1", "|"), false, new Uint8Array([0, 1]))), null);
  assertEquals(numbersOf(new Tuple([1n << 60n, 2])), new Float64Array([2 ** 60, 2]));
  for (const value of ["123", null, new Map(), [null], [[1]]] as Value[]) {
    assertEquals(numbersOf(value), null);
  }
});

Deno.test("gridOf reads rows and columns in C's and in Fortran's order", () => {
  const data = bytesOf(new Int16Array([1, 2, 3, 4, 5, 6]));
  const at = (fortran: boolean) => {
    const grid = gridOf(new NDArray([2, 3], dtype("i2"), fortran, data))!;
    return [grid.at(0, 0), grid.at(0, 2), grid.at(1, 0), grid.at(1, 2)];
  };
  assertEquals(at(false), [1, 3, 4, 6]);
  assertEquals(at(true), [1, 5, 2, 6]);
});

Deno.test("rangesOf keeps each peak of a million numbers, and leaves places without a number empty", () => {
  const numbers = new Float64Array(1_000_000);
  numbers[123_456] = 7;
  numbers[999_999] = -9;
  const { min, max } = rangesOf(numbers, 800);
  assertEquals([Math.min(...min), Math.max(...max)], [-9, 7]);
  assertEquals([...rangesOf([NaN, 1], 2).min], [NaN, 1]);
  assertEquals([...rangesOf([1], 2).max], [NaN, 1]);
});

Deno.test("pixelsOf shows grey, RGB and RGBA in both orders, and nothing else", () => {
  const u1 = dtype("u1", "|");
  const rgb = new NDArray([1, 2, 3], u1, false, new Uint8Array([1, 2, 3, 4, 5, 6]));
  assertEquals([...pixelsOf(rgb)!.rgba], [1, 2, 3, 255, 4, 5, 6, 255]);
  const turned = new NDArray([1, 2, 3], u1, true, new Uint8Array([1, 4, 2, 5, 3, 6]));
  assertEquals(pixelsOf(turned), pixelsOf(rgb));
  const clear = new NDArray([1, 1, 4], u1, false, new Uint8Array([1, 2, 3, 4]));
  assertEquals([...pixelsOf(clear)!.rgba], [1, 2, 3, 4]);
  for (const shape of [[3], [1, 1, 2], [1, 1, 1], [0, 5], [1, 2, 3, 1]]) {
    const size = shape.reduce((product, side) => product * side, 1);
    assertEquals(pixelsOf(new NDArray(shape, u1, false, new Uint8Array(size))), null, String(shape));
  }
});

Deno.test("pictureOf knows files by how they begin, and SVG is none", () => {
  const bytes = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
  assertEquals(pictureOf(bytes("\x89PNG\r\n\x1a\n"))?.type, "image/png");
  assertEquals(pictureOf(bytes("\xff\xd8\xff\xe0"))?.type, "image/jpeg");
  assertEquals(pictureOf(bytes("RIFF\0\0\0\0WEBPVP8 "))?.type, "image/webp");
  for (const text of ["", "RIFF\0\0\0\0WAVE", "<svg xmlns=", "\x89PNG\n\x1a\n", "GIF88a"]) {
    assertEquals(pictureOf(bytes(text)), null);
  }
});

Deno.test("tableOf finds rows of equal keys in whatever order, and columns of equal length", () => {
  const rows = [new Map<Value, Value>([["a", 1], ["b", 2]]), new Map<Value, Value>([["b", 4], ["a", 3]])];
  const table = tableOf(rows)!;
  assertEquals([table.cell(1, 0), table.cell(1, 1)], [3, 4]);
  const columns = tableOf(new Map<Value, Value>([["t", [1, 2, 3]], ["v", new Tuple(["x", "y", "z"])]]))!;
  assertEquals([columns.columns, columns.rows, columns.cell(2, 1)], [["t", "v"], 3, "z"]);
  const others: Value[] = [
    [rows[0]!],
    [rows[0]!, new Map([["a", 1]])],
    [rows[0]!, new Map([["a", 1], ["c", 2]])],
    [new Map([[1, 1]]), new Map([[1, 1]])],
    new Map([["t", [1, 2]], ["v", [1]]]),
    new Map([["t", [1, 2]]]),
    [new Map(), new Map()],
  ];
  for (const other of others) assertEquals(tableOf(other), null);
});

Deno.test("tableOf reads a structured array that numpy pickled", () => {
  // np.array([("ann", 1, 2.5, True), ("bob", -2, 3.0, False)], dtype=[("n", "U3"), ("i", "<i2"), ("f", "<f4"), ("b", "?")])
  const fields = new Map<Value, Value>([
    ["n", new Tuple([dtype("U3"), 0])],
    ["i", new Tuple([dtype("i2"), 12])],
    ["f", new Tuple([dtype("f4"), 14])],
    ["b", new Tuple([dtype("b1", "|"), 18])],
  ]);
  const state = new Tuple([3, "|", null, new Tuple(["n", "i", "f", "b"]), fields, 19, 1, 16]);
  const data = new Uint8Array(38);
  const view = new DataView(data.buffer);
  const write = (at: number, name: string, [int = 0, float = 0, bool = 0]: readonly number[]) => {
    [...name].forEach((character, i) => view.setUint32(at + 4 * i, character.charCodeAt(0), true));
    view.setInt16(at + 12, int, true);
    view.setFloat32(at + 14, float, true);
    view.setUint8(at + 18, bool);
  };
  write(0, "ann", [1, 2.5, 1]);
  write(19, "bob", [-2, 3, 0]);
  const table = tableOf(new NDArray([2], new DType("V19", state), false, data))!;
  assertEquals(table.columns, ["n", "i", "f", "b"]);
  assertEquals([0, 1, 3].map((column) => table.cell(1, column)), ["bob", -2, false]);
  assertEquals(table.cell(0, 2), 2.5);
});

Deno.test("npyOf describes a structure with its padding, and no field that it cannot", () => {
  const head = (fields: Map<Value, Value>, size: number) => {
    const names = new Tuple([...fields.keys()]);
    const state = new Tuple([3, "|", null, names, fields, size, 1, 16]);
    const file = npyOf(new NDArray([2], new DType(`V${size}`, state), false, new Uint8Array(2 * size)));
    return file === null ? null : new TextDecoder("latin1").decode(file.subarray(10, -2 * size)).trim();
  };
  const plain = new Map<Value, Value>([
    ["n", new Tuple([dtype("U3"), 0])],
    ["f", new Tuple([dtype("f8"), 16])],
    ["b", new Tuple([dtype("b1", "|"), 24])],
  ]);
  assertEquals(
    head(plain, 32),
    "{'descr': [('n', '<U3'), ('', '|V4'), ('f', '<f8'), ('b', '|b1'), ('', '|V7')], " +
      "'fortran_order': False, 'shape': (2,), }",
  );
  assertEquals(head(new Map([["it's", new Tuple([dtype("f8"), 0])]]), 8), null);
});
