import { assert, assertEquals } from "../../assert.ts";
import { allowedName } from "../../../lib/pickle/values/allowed.ts";

Deno.test("allowedName finds a name in Python 3's spelling whatever the protocol", () => {
  for (const protocol of [0, 2, 3, 5]) {
    assertEquals(allowedName("datetime", "datetime", protocol)?.allowed, "datetime");
    assertEquals(allowedName("builtins", "set", protocol)?.allowed, "set");
  }
});

Deno.test("allowedName accepts the names of Python 2 below protocol 3 only, as find_class does", () => {
  for (
    const [module, name] of [["__builtin__", "set"], ["__builtin__", "xrange"], [
      "copy_reg",
      "_reconstructor",
    ]]
  ) {
    assert(allowedName(module!, name!, 0));
    assert(allowedName(module!, name!, 2));
    assertEquals(allowedName(module!, name!, 3), undefined);
  }
});

Deno.test("allowedName knows numpy's modules of both spellings and pathlib._local", () => {
  assertEquals(allowedName("numpy.core.multiarray", "scalar", 2)?.allowed, "scalar");
  assertEquals(allowedName("numpy._core.multiarray", "scalar", 2)?.allowed, "scalar");
  assertEquals(allowedName("pathlib", "PurePosixPath", 4)?.everywhere, true);
  assertEquals(allowedName("pathlib._local", "PurePosixPath", 4)?.everywhere, false);
});

Deno.test("allowedName refuses names that run code, dotted names and names split at another dot", () => {
  for (
    const [module, name] of [
      ["os", "system"],
      ["builtins", "eval"],
      ["builtins", "getattr"],
      ["builtins", "set.__init__"],
      ["builtins set", ""],
      ["", "builtins set"],
      ["builtins.set", ""],
      ["datetime", "datetime.max"],
      ["__proto__", "constructor"],
      ["constructor", "prototype"],
    ]
  ) assertEquals(allowedName(module!, name!, 0), undefined);
});
