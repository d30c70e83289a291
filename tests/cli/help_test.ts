import { formatHelp, formatShortHelp } from "../../lib/cli/help.ts";
import { HELP_TOPICS, type HelpTopic, type Option, optionOfLimit, OPTIONS } from "../../lib/cli/options.ts";
import { LIMIT_OPTIONS, LIMITS } from "../../lib/base/limits.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";

const PAGES: readonly HelpTopic[] = ["common", ...HELP_TOPICS];

/** The options that a page shows, each with the text beside it. */
function shownOn(topic: HelpTopic): Map<string, string> {
  const found = formatHelp(topic).matchAll(/^ {2}(?:-\w, )?--([\w-]+)(?: \S+)? {2,}(\S.*)$/gm);
  return new Map([...found].map(([, name, text]) => [name!, text!]));
}

function names(which: (option: Option) => boolean): string[] {
  return OPTIONS.filter(which).map(({ name }) => name).sort();
}

Deno.test("each page of the help has lines of at most 79 columns of ASCII, without blanks at their end", () => {
  for (const page of [...PAGES.map(formatHelp), formatShortHelp()]) {
    for (const line of page.split("\n")) {
      assert(line.length < 80, `${line.length} columns: ${line}`);
      assertEquals(line, line.trimEnd());
      assertMatch(line, /^[\x20-\x7e]*$/);
    }
  }
});

Deno.test("the common options of both ends fit a screen of 24 lines with the prompt below them", () => {
  const lines = formatHelp("common").split("\n").length;
  assert(lines <= 23, `${lines} lines`);
});

Deno.test("each page shows the options of its end and group, each once and on one line", () => {
  assertEquals([...shownOn("common").keys()].sort(), names(({ group }) => group === "common"));
  assertEquals([...shownOn("limits").keys()].sort(), names(({ group }) => group === "limits"));
  assertEquals([...shownOn("all").keys()].sort(), names(() => true));
  for (const page of ["serve", "connect"] as const) {
    const own = names(({ end, group }) => group !== "limits" && (end === page || end === "both"));
    assertEquals([...shownOn(page).keys()].sort(), own);
  }
});

Deno.test("the help describes each option, with its default", () => {
  const page = shownOn("all");
  for (const { name, about, default: value } of OPTIONS) {
    assert(page.get(name)?.startsWith(value === undefined ? about : `${about} (${value})`), name);
  }
  assertEquals(page.get("nick"), "your name; with --serve the operator's");
  assertEquals(page.get("room"), "the room to enter (lobby)");
  assertEquals(page.get("port"), "the port; for --serve, 0 is any free one (1243)");
});

Deno.test("the help shows each limit with its value, and a star where --no-limits lifts it", () => {
  const page = shownOn("limits");
  assertEquals(page.get("max-frame"), "payload of one frame (16M)");
  assertEquals(page.get("half-frame"), "longest pause inside a frame (30s)");
  for (const name of LIMIT_OPTIONS) {
    const star = "lifted" in LIMITS[name];
    assertMatch(page.get(optionOfLimit(name))!, star ? /\(\d+[A-Za-z]*\) \*$/ : /\(\d+[A-Za-z]*\)$/);
  }
});

Deno.test("the short help has three lines and names both ends", () => {
  const lines = formatShortHelp().split("\n");
  assertEquals(lines.length, 3);
  for (const word of ["--serve", "--connect", "--help"]) assertStringIncludes(formatShortHelp(), word);
});
