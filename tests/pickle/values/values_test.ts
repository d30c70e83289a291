import { assertEquals, assertInstanceOf } from "../../assert.ts";
import { PickleError } from "../../../lib/pickle/values/errors.ts";
import * as pickle from "../../../lib/pickle/mod.ts";
import { withDefaults } from "../../../lib/pickle/values/limits.ts";

Deno.test("all Python objects extend PyObject", () => {
  assertInstanceOf(new pickle.Float(1), pickle.PyObject);
  assertInstanceOf(new pickle.Tuple([]), pickle.PyObject);
  assertInstanceOf(new pickle.Complex(1, 2), pickle.PyObject);
  assertInstanceOf(
    new pickle.Inert("reduce", new pickle.Global("m", "f"), new pickle.Tuple([])),
    pickle.PyObject,
  );
});

Deno.test("PickleError ends its message with the position", () => {
  assertEquals(new PickleError("truncated", "Cannot x: y", { offset: 0 }).message, "Cannot x: y (at byte 0)");
  assertEquals(
    new PickleError("syntax", "Cannot x: y", { line: 2, column: 3 }).message,
    "Cannot x: y (line 2, column 3)",
  );
  assertEquals(new PickleError("unsupported", "Cannot x: y").message, "Cannot x: y");
});

Deno.test("withDefaults gives all limits, and prefers the caller's", () => {
  const limits = withDefaults({ depth: 3 });
  assertEquals([limits.depth, limits.digits, limits.verifyDepth], [3, 4_300, 500]);
});
