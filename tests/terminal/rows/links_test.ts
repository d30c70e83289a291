import { linked, opensLinks } from "../../../lib/terminal/rows/links.ts";
import { assertEquals } from "../../assert.ts";

Deno.test("opensLinks knows terminals by what they set, and trusts none behind tmux", () => {
  const opens = (variables: Record<string, string>) => opensLinks((name) => variables[name]);
  assertEquals(opens({ TERM: "xterm-256color" }), false);
  assertEquals(opens({ TERM: "xterm-kitty" }), true);
  assertEquals(opens({ TERM: "xterm-256color", VTE_VERSION: "4999" }), false);
  assertEquals(opens({ TERM: "xterm-256color", VTE_VERSION: "5000" }), true);
  assertEquals(opens({ TERM: "tmux-256color", VTE_VERSION: "7600" }), false);
});

Deno.test("linked leaves out what ends a sentence, and everything that is not visible ASCII", () => {
  const link = (url: string) => `\x1b]8;;${url}\x1b\\${url}\x1b]8;;\x1b\\`;
  assertEquals(linked("(http://a.example/x)."), `(${link("http://a.example/x")}).`);
  assertEquals(linked("http://a.example/漢"), `${link("http://a.example/")}漢`);
  assertEquals(linked("ftp://a.example javascript:x"), "ftp://a.example javascript:x");
});
