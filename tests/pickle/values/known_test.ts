import { assertEquals } from "../../assert.ts";
import { DType, Float, NDArray, NumpyScalar, Tuple, type Value } from "../../../lib/pickle/mod.ts";

function dtype(code: string, order: string, size: Value = -1): DType {
  return new DType(code, new Tuple([3, order, null, null, null, size, -1, 0]));
}

Deno.test("NDArray gives a typed array for each dtype with one in JavaScript", () => {
  const data = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0x80);
  const cases: [string, Value[]][] = [
    ["b1", [1, 0, 0, 0, 0, 0, 0, 128]],
    ["i1", [1, 0, 0, 0, 0, 0, 0, -128]],
    ["u2", [1, 0, 0, 0x8000]],
    ["i4", [1, -(2 ** 31)]],
    ["i8", [-(2n ** 63n) + 1n]],
    ["u8", [2n ** 63n + 1n]],
    ["f2", [5.960464477539063e-8, 0, 0, -0]],
    ["f4", [1.401298464324817e-45, -0]],
    ["f8", [-5e-324]],
  ];
  for (const [code, items] of cases) {
    const array = new NDArray([items.length], dtype(code, "<"), false, data);
    assertEquals<unknown[]>([...array.typed() ?? []], items);
  }
});

Deno.test("NDArray swaps the bytes of the other byte order in a copy", () => {
  const data = Uint8Array.of(0, 1, 0, 2);
  assertEquals(new NDArray([2], dtype("i2", ">"), false, data).typed(), Int16Array.of(1, 2));
  assertEquals(data, Uint8Array.of(0, 1, 0, 2));
});

Deno.test("NDArray copies bytes that are not aligned", () => {
  const data = Uint8Array.of(9, 1, 0, 2, 0).subarray(1);
  assertEquals(new NDArray([2], dtype("i2", "<"), false, data).typed(), Int16Array.of(1, 2));
});

Deno.test("NDArray has no typed array for objects, text and structures", () => {
  assertEquals(new NDArray([1], dtype("O8", "|"), false, ["a"]).typed(), null);
  assertEquals(new NDArray([1], dtype("U1", "<", 4), false, new Uint8Array(4)).typed(), null);
  assertEquals(new NDArray([1], dtype("V3", "|", 3), false, new Uint8Array(3)).typed(), null);
});

Deno.test("DType knows the size of an item", () => {
  assertEquals([dtype("f8", "<").itemSize, dtype("U2", "<", 8).itemSize, dtype("U2", "<").itemSize], [
    8,
    8,
    8,
  ]);
});

Deno.test("NumpyScalar gives a plain value that keeps int and float apart", () => {
  assertEquals(new NumpyScalar(dtype("b1", "|"), Uint8Array.of(1)).plain(), true);
  assertEquals(new NumpyScalar(dtype("i2", "<"), Uint8Array.of(1, 0)).plain(), 1);
  assertEquals(new NumpyScalar(dtype("f4", "<"), Uint8Array.of(0, 0, 0x80, 0x3f)).plain(), new Float(1));
  assertEquals(new NumpyScalar(dtype("i8", "<"), Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0)).plain(), 5);
  assertEquals(new NumpyScalar(dtype("O8", "|"), "a").plain(), null);
});
