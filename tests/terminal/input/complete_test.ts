import { Completer } from "../../../lib/terminal/input/complete.ts";
import { assertEquals } from "../../assert.ts";

const completions = {
  commands: ["join", "part", "names"],
  nicks: ["bob", "Bill", "漢"],
  rooms: ["ops", "office"],
};

/** Presses Tab as often as there are texts to see. */
function tabs(text: string, times: number, back = false): string[] {
  const completer = new Completer();
  let line = { text, cursor: text.length };
  return Array.from({ length: times }, () => {
    line = completer.next(line, { completions, back }) ?? line;
    return line.text;
  });
}

Deno.test("Tab completes commands, nicks and rooms where each may stand", () => {
  assertEquals(tabs("/jo", 1), ["/join "]);
  assertEquals(tabs("/join of", 1), ["/join office"]);
  assertEquals(tabs("/help jo", 1), ["/help join"]);
  assertEquals(tabs("hi 漢", 1), ["hi 漢 "]);
  assertEquals(tabs("漢", 1), ["漢: "]);
  assertEquals(tabs("/msg bi", 1), ["/msg Bill "]);
  assertEquals(tabs("ask @bo", 1), ["ask @bob "]);
  assertEquals(tabs("@bi", 1), ["@Bill "]);
  assertEquals(tabs("/join #of", 1), ["/join office"]);
  assertEquals(tabs("zzz", 1), ["zzz"]);
  assertEquals(tabs("", 1), [""]);
});

Deno.test("Tab again goes round, and passes the typed word", () => {
  assertEquals(tabs("b", 4), ["bob: ", "Bill: ", "b", "bob: "]);
  assertEquals(tabs("b", 3, true), ["Bill: ", "bob: ", "b"]);
});

Deno.test("Tab completes the word before the cursor and keeps the text after it", () => {
  const completer = new Completer();
  assertEquals(completer.next({ text: "/jo ops", cursor: 3 }, { completions }), {
    text: "/join  ops",
    cursor: 6,
  });
});

Deno.test("Tab begins again after the line was changed", () => {
  const completer = new Completer();
  completer.next({ text: "b", cursor: 1 }, { completions });
  assertEquals(completer.next({ text: "o", cursor: 1 }, { completions }), null);
});
