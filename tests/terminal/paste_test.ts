import { emitKeypressEvents } from "node:readline";
import { PassThrough } from "node:stream";
import type { DecodedKey } from "../../lib/terminal/key.ts";
import { pastedLines, PasteReader, type Typed } from "../../lib/terminal/paste.ts";
import { assertEquals } from "../assert.ts";

/** What comes of bytes that a terminal sends, decoded by the real node:readline. */
function decoded(chunks: string[]): Typed[] {
  const input = new PassThrough();
  const reader = new PasteReader();
  const all: Typed[] = [];
  emitKeypressEvents(input);
  input.on("keypress", (_text: string | undefined, key: DecodedKey) => {
    const one = reader.take(key);
    if (one !== null) all.push(one);
  });
  for (const chunk of chunks) input.emit("data", new TextEncoder().encode(chunk));
  return all;
}

Deno.test("PasteReader gives a paste as one text, exactly, and keys as keys", () => {
  const text = "one\rtwo\r\n\tthree 漢 e\u0301 👩‍👩‍👧 \x1b[31m[200~ ~ \x03end";
  assertEquals(decoded([`a\x1b[200~${text}\x1b[201~b`]), [
    { name: "a", text: "a" },
    { pasted: text.replace("\r\n", "\n").replace("\r", "\n") },
    { name: "b", text: "b" },
  ]);
});

Deno.test("PasteReader takes a paste that comes in any pieces", () => {
  const wire = "\x1b[200~ab\rc\x1b[201~x";
  for (let cut = 1; cut < wire.length; cut++) {
    // A lone escape is a key of its own after a while, so a terminal never cuts behind one.
    if (wire[cut - 1] === "\x1b") continue;
    assertEquals(decoded([wire.slice(0, cut), wire.slice(cut)]), [{ pasted: "ab\nc" }, {
      name: "x",
      text: "x",
    }], `cut at ${cut}`);
  }
});

Deno.test("PasteReader gives an empty paste, and a tilde that was typed", () => {
  assertEquals(decoded(["\x1b[200~\x1b[201~~"]), [{ pasted: "" }, { name: "", text: "~" }]);
});

Deno.test("the end of a paste's last line is no line of its own", () => {
  assertEquals([pastedLines("a\nb\n"), pastedLines("a"), pastedLines("\n")], [["a", "b"], ["a"], [""]]);
});
