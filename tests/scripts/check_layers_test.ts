import { findFaults, LAYOUT } from "../../scripts/check_layers.ts";
import { assertEquals, assertMatch } from "../assert.ts";

/** The faults of a tree that holds these files, by path. */
function faultsOf(files: Readonly<Record<string, string>>): string[] {
  return findFaults(new Map(Object.entries(files)));
}

Deno.test("a file may import its own folder, the ground, and what its row names", () => {
  const files = {
    "main.ts": 'const { serve } = await import("./lib/listener.ts");',
    "lib/listener.ts":
      'import { Hub } from "./hub/hub.ts";\nimport config from "../deno.json" with { type: "json" };',
    "lib/hub/hub.ts": 'export { Room } from "./rooms/room.ts";',
    "lib/hub/rooms/room.ts": 'import type { Clock } from "../../base/clock.ts";',
    "lib/base/clock.ts": "export interface Clock {}",
  };
  assertEquals(faultsOf(files), []);
});

for (const [folder, allowed] of Object.entries(LAYOUT)) {
  const path = folder.endsWith("/") ? `${folder}file.ts` : folder.endsWith(".ts") ? folder : `${folder}.ts`;
  const others = Object.keys(LAYOUT).filter((other) =>
    other !== folder && other !== "main.ts" && !allowed.includes(other) &&
    (other !== "lib/base/" || folder === "lib/pickle/")
  );
  Deno.test(`a file of ${folder} that imports from a folder outside its row is a fault`, () => {
    for (const other of others) {
      const target = other.endsWith("/") ? `${other}file.ts` : `${other}.ts`;
      const up = "../".repeat(path.split("/").length - 1) || "./";
      const [fault = "", ...more] = faultsOf({
        [path]: `import { it } from "${up}${target}";`,
        [target]: "",
      });
      assertMatch(fault, /which its folder may not know$/, other);
      assertEquals(more, [], other);
    }
  });
}

Deno.test("a file outside the table is a fault", () => {
  const [fault = ""] = faultsOf({ "lib/stray.ts": "" });
  assertMatch(fault, /^lib\/stray\.ts has no row/);
});

Deno.test("a circle of imports is a fault, one of types too", () => {
  const circle = (kind: string) => ({
    "lib/base/a.ts": `import ${kind}{ B } from "./b.ts";`,
    "lib/base/b.ts": `import { C } from "./c.ts";`,
    "lib/base/c.ts": `import { A } from "./a.ts";`,
  });
  const expected = ["a circle: lib/base/a.ts → lib/base/b.ts → lib/base/c.ts → lib/base/a.ts"];
  assertEquals(faultsOf(circle("")), expected);
  assertEquals(faultsOf(circle("type ")), expected);
});

Deno.test("the codec imports nothing but itself", () => {
  const [fault = ""] = faultsOf({ "lib/pickle/mod.ts": 'import { z } from "npm:zlib";' });
  assertMatch(fault, /the codec stands alone$/);
});

Deno.test("inside the codec imports go down only", () => {
  const fileAt = (folder: string) => `lib/pickle/${folder}file.ts`;
  const tree = (from: string, to: string) => ({
    [fileAt(from)]: `import { it } from "../${to}file.ts";`,
    [fileAt(to)]: "",
  });
  assertEquals(faultsOf(tree("parse/", "repr/")), []);
  assertEquals(faultsOf(tree("verify/", "decode/")), []);
  for (const [from, to] of [["values/", "keys/"], ["keys/", "decode/"], ["repr/", "parse/"]] as const) {
    assertMatch(faultsOf(tree(from, to))[0] ?? "", /which its folder may not know$/);
  }
});

Deno.test("an import in an example of a comment does not count", () => {
  assertEquals(faultsOf({ "lib/base/a.ts": '/**\n * import { b } from "../hub/b.ts";\n */' }), []);
});
