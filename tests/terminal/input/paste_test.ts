import { pasteChoice, pastedLines, pasteQuestion } from "../../../lib/terminal/input/paste.ts";
import { assertEquals } from "../../assert.ts";
import { key } from "../keys.ts";

Deno.test("the end of a paste's last line is no line of its own", () => {
  assertEquals([pastedLines("a\nb\n"), pastedLines("a"), pastedLines("\n")], [["a", "b"], ["a"], [""]]);
});

Deno.test("only a clear answer sends a paste", () => {
  assertEquals(pasteQuestion(["a", "b", "c"]), "send 3 lines? [y/N, o: as one message] ");
  assertEquals(
    pasteQuestion(["a", "", "c"]),
    "send 2 lines? [y/N, o: as one message] ",
    "empty ones are not sent",
  );
  assertEquals(pasteQuestion(["a", ""]), "send 1 line? [y/N, o: as one message] ");
  assertEquals(["y", "Y", "o", "O"].map((text) => pasteChoice(key(text))), ["lines", "lines", "one", "one"]);
  for (const name of ["n", "return", "escape", "C-c", "ö"]) assertEquals(pasteChoice(key(name)), "no", name);
});
