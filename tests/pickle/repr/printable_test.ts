import { isPrintable } from "../../../lib/pickle/repr/printable.ts";
import { PRINTABLE_RUNS, UNICODE_VERSION } from "../../../lib/pickle/repr/printable_table.ts";
import { assert, assertEquals, assertFalse } from "../../assert.ts";
import { pythonDoes } from "../../integration/repr_child.ts";

const SCRIPT = new URL("../../../scripts/printable_table.py", import.meta.url).pathname;

/** Whether there is a Python that knows the same characters. */
const sameUnicode = await pythonDoes(
  `import sys, unicodedata; sys.exit(unicodedata.unidata_version != "${UNICODE_VERSION}")`,
);

Deno.test("isPrintable accepts letters, signs and the space, but no other blank, control or format character", () => {
  for (const text of [" ", "~", "¡", "é", "\u0301", "中", "😀", "\u{e0100}"]) {
    assert(isPrintable(text.codePointAt(0)!), text);
  }
  for (
    const point of [0, 0x1F, 0x7F, 0x85, 0xA0, 0xAD, 0x2028, 0x3000, 0xD800, 0xE000, 0xFEFF, 0xFFFF, 0x10FFFF]
  ) {
    assertFalse(isPrintable(point), point.toString(16));
  }
});

Deno.test("isPrintable refuses a character that was added after Unicode 14.0", () => {
  assertFalse(isPrintable(0x1FAE8));
});

Deno.test("isPrintable agrees with CPython on every character", { ignore: !sameUnicode }, async () => {
  const { stdout } = await new Deno.Command("python3", { args: [SCRIPT] }).output();
  const runs = new TextDecoder().decode(stdout).match(/"[0-9a-z ]+"/g)?.map((text) => text.slice(1, -1)).join(
    "",
  );
  assertEquals(runs?.trim(), PRINTABLE_RUNS);
});
