import { dropNodeFromStart } from "../../scripts/release/executable.ts";
import { assertEquals } from "../assert.ts";

Deno.test("Node's require is loaded only by the modules of a bundle that use it", async () => {
  const files = {
    "main.js": 'import"./chunk-H.js";import{a}from"./chunk-A.js";await import("./web.js");',
    "web.js": 'import{b}from"./chunk-H.js";import"./chunk-A.js";b();',
    "chunk-A.js": 'import"./chunk-H.js";export const a=1;',
    "chunk-H.js": 'import{createRequire as c} from "node:module";export const b=c;',
    "page.html": 'import"./chunk-H.js";',
  };
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, code] of Object.entries(files)) await Deno.writeTextFile(`${folder}/${name}`, code);
    await dropNodeFromStart(folder);
    const read = (name: string) => Deno.readTextFile(`${folder}/${name}`);
    assertEquals(await read("main.js"), 'import{a}from"./chunk-A.js";await import("./web.js");');
    assertEquals(await read("chunk-A.js"), "export const a=1;");
    for (const name of ["web.js", "chunk-H.js", "page.html"] as const) {
      assertEquals(await read(name), files[name]);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
