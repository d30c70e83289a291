/** The codec against CPython itself; `ignore`d where there is no Python, or one without its own tests or without numpy. */
import { findPython, relay } from "../pickle/python.ts";
import { assert, assertEquals } from "../assert.ts";

const python = findPython();
const pythonWithTests = findPython("import test.pickletester, sys; assert sys.version_info >= (3, 9)");
const pythonWithNumpy = findPython("import numpy");

interface Values {
  readonly went: number;
  readonly faults: readonly string[];
}

/** That two equal texts are one object after, as CPython 3.13 asks; we refer to texts only where it makes a pickle smaller. */
const IDENTITY = "test_unicode_memoization";

for (const seed of ["1", "2"]) {
  Deno.test({
    name: `CPython reads what we encode of what we decoded, in all protocols (seed ${seed})`,
    ignore: python === null,
    fn: async () => {
      const { went, faults } = await relay(python as string, "pickle_values.py", seed, "250") as Values;
      assertEquals(faults, []);
      assertEquals(went, 3000);
    },
  });
}

Deno.test({
  name: "CPython's own tests of pickling pass through us, with what lies outside the pickle handed in",
  ignore: pythonWithTests === null,
  fn: async () => {
    const { ran, faults } = await relay(pythonWithTests as string, "pickle_own_tests.py") as {
      ran: number;
      faults: Record<string, string>;
    };
    assertEquals(Object.entries(faults).filter(([name]) => !name.endsWith(IDENTITY)), []);
    // The count differs from one CPython to the next.
    assert(ran > 150, `only ${ran} ran`);
  },
});

Deno.test({
  name: "numpy reads what we encode of its arrays, dtypes and scalars",
  ignore: pythonWithNumpy === null,
  fn: async () => {
    const { went, faults } = await relay(pythonWithNumpy as string, "pickle_numpy.py") as Values;
    assertEquals(faults, []);
    assert(went > 500);
  },
});
