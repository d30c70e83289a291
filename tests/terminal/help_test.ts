import { COMMAND_NAMES } from "../../lib/terminal/commands.ts";
import { helpText } from "../../lib/terminal/help.ts";
import { assert, assertEquals } from "../assert.ts";

Deno.test("the help has every command once, in groups, with the owner's own and the keys at the end", () => {
  const own = new Map([["invite", { usage: "NAME", about: "lets somebody in" }]]);
  const rows = helpText(undefined, own).split("\n");
  const commands = rows.flatMap((row) => /^\/(\S+)/.exec(row)?.[1] ?? []);
  assertEquals([...commands].sort(), [...COMMAND_NAMES, "invite"].sort());
  const titles = rows.filter((row) => row.endsWith(":"));
  assertEquals(titles, [
    "Talking:",
    "Rooms:",
    "People:",
    "Objects:",
    "This screen:",
    "Operators:",
    "More:",
    "Keys:",
  ]);
  assert(rows.indexOf("More:") + 1 === rows.findIndex((row) => row.startsWith("/invite")));
  assertEquals(helpText(undefined).includes("More:"), false, "every command has its group");
  assert(helpText(undefined).split("\n").at(-4)!.startsWith("Tab completes"));
});

Deno.test("the help names the keys that people need and cannot guess", () => {
  for (const key of ["Alt-Enter", "Alt-a", "Alt-1", "Ctrl-Y", "Ctrl-L", "Ctrl-C", "//"]) {
    assert(helpText(undefined).includes(key), key);
  }
});
