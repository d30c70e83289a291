import { COMMAND_NAMES } from "../../lib/terminal/commands.ts";
import { helpText } from "../../lib/terminal/help.ts";
import { assert, assertEquals } from "../assert.ts";
import { Person } from "./person.ts";

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

Deno.test("the help names the important keys", () => {
  for (const key of ["Alt-Enter", "Alt-a", "Alt-1", "Ctrl-Y", "Ctrl-L", "Ctrl-C", "//"]) {
    assert(helpText(undefined).includes(key), key);
  }
});

Deno.test("on a narrow screen the help has every command and key in a few pages, and /help COMMAND what it does", () => {
  const person = new Person({ columns: 40, rows: 10 }).enter();
  person.types("/help", "return");
  const [, pages] = /-- page 1 of (\d+);/.exec(person.terminal.screen.join("\n")) ?? [];
  assert(Number(pages) <= 5, pages);
  const text = helpText(undefined, new Map([["invite", { usage: "NAME", about: "lets somebody in" }]]), {
    columns: 59,
  });
  for (const name of [...COMMAND_NAMES, "invite NAME"]) assert(text.includes(`/${name}`), name);
  for (const key of ["Alt-Enter", "Alt-a", "Ctrl-R", "Ctrl-Y"]) assert(text.includes(key), key);
  assertEquals(helpText(undefined, undefined, { columns: 60 }), helpText(undefined), "60 columns have room");
  person.types("/clear", "return").types("/help join", "return");
  assert(person.terminal.screen.join(" ").replaceAll(/ +/g, " ").includes("enters a room, or"));
});

Deno.test("help that does not fit the screen is paged by the rows that it takes there", () => {
  for (const [columns, rows] of [[100, 30], [60, 15], [40, 10]] as const) {
    const person = new Person({ columns, rows }).enter();
    const seen: string[] = [];
    for (let page = 1, pages = 2; page <= pages; page++) {
      person.types(page === 1 ? "/help" : `/help ${page}`, "return");
      const screen = person.terminal.screen.map((row) => row.trimEnd());
      const [, number, all] = screen.map((row) => /^-- page (\d+) of (\d+)(?:;|$)/.exec(row)).find(Boolean) ??
        [];
      assertEquals(number, String(page));
      pages = Number(all);
      const last = screen.findLastIndex((row) => row.startsWith("-- page"));
      assert(
        !screen[last - 1]!.endsWith(":"),
        `no heading at the end of page ${page} at ${columns} × ${rows}`,
      );
      seen.push(...screen);
      person.types("/clear", "return");
    }
    const text = seen.join(" ").replaceAll(/ +/g, " ");
    for (const part of ["Talking:", "/msg NICK TEXT", "/unban", "Keys:", "Alt-Enter", "begins with"]) {
      assert(text.includes(part), `${part} at ${columns} × ${rows}`);
    }
  }
});

Deno.test("/help keys shows the keys, and what is no command is said without the way to post it", () => {
  const person = new Person({ columns: 110, rows: 20 }).enter().types("/help keys", "return");
  assert(person.lines.some((row) => row.startsWith("-- Tab completes")));
  assert(person.last.startsWith("-- Ctrl-C clears the line"));
  person.types("/help fortune", "return");
  assertEquals(person.last, "-- there is no command /fortune: /help lists all");
  person.types("/help jion", "return");
  assertEquals(person.last, "-- there is no /jion; did you mean /join?");
});

Deno.test("the help of a screen without cursor movement names no keys of the screen", () => {
  const text = helpText(undefined, new Map(), { hasKeys: false });
  for (const key of ["Tab", "Alt-", "Ctrl-Y", "Ctrl-L", "Up "]) assert(!text.includes(key), key);
  assert(text.includes("// posts"));
});
