import { formatHelp, formatShortHelp } from "../../lib/cli/help.ts";
import { optionOfLimit, OPTIONS } from "../../lib/cli/options.ts";
import { LIMIT_NAMES, LIMITS } from "../../lib/base/limits.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";

Deno.test("the help fits 80 columns, without blanks at the end of a line", () => {
  for (const line of `${formatHelp()}\n${formatShortHelp()}`.split("\n")) {
    assert(line.length < 80, `${line.length} columns: ${line}`);
    assertEquals(line, line.trimEnd());
    assertMatch(line, /^[\x20-\x7e]*$/);
  }
});

Deno.test("the help names every option once, with what it is about", () => {
  const help = formatHelp();
  for (const [name, { about }] of OPTIONS) {
    const found = [...help.matchAll(new RegExp(`^  --${name}(?= |$)`, "gm"))];
    assertEquals(found.length, 1, name);
    assertStringIncludes(help.replaceAll(/\s+/g, " "), about);
  }
});

Deno.test("the help shows each limit with its value, and a star where --no-limits lifts it", () => {
  const help = formatHelp().replaceAll(/\s+/g, " ");
  assertStringIncludes(help, "--max-frame SIZE payload of one frame (16M) --");
  assertStringIncludes(help, "--half-frame TIME a frame that has begun and gets no further (30s) --");
  for (const name of LIMIT_NAMES) {
    const star = "lifted" in LIMITS[name];
    assertMatch(
      help,
      new RegExp(`--${optionOfLimit(name)} [A-Z]+ [^(]+\\([0-9]+[a-zA-Z]*\\)${star ? " \\*" : " [^*]"}`),
    );
  }
});

Deno.test("the short help has three lines and names both ends", () => {
  const lines = formatShortHelp().split("\n");
  assertEquals(lines.length, 3);
  for (const word of ["--serve", "--connect", "--help"]) assertStringIncludes(formatShortHelp(), word);
});
