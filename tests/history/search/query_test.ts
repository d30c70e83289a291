import { assertEquals, assertThrows } from "../../assert.ts";
import { matches, parseQuery, QueryError } from "../../../lib/history/search/query.ts";
import { wordsOf } from "../../../lib/history/search/tokens.ts";

/** Why a query is refused. */
function why(text: string): string {
  return assertThrows(() => parseQuery(text), QueryError).message.replace("Cannot search: ", "");
}

Deno.test("a query that cannot be used is refused with the place", () => {
  assertEquals(why(""), "there is no word to search for");
  assertEquals(why("  "), "there is no word to search for");
  assertEquals(why('""'), 'there is no letter or digit in "" at character 1');
  assertEquals(why("tea --- milk"), 'there is no letter or digit in "---" at character 5');
  assertEquals(why('tea "black milk'), "the quote at character 5 is not closed");
  assertEquals(why('🫖 "'), "the quote at character 3 is not closed");
  assertEquals(why("te*a"), "the * at character 3 is not at the end of a word");
  assertEquals(why("milk *tea"), "the * at character 6 is not at the end of a word");
  assertEquals(why("milk *"), "the * at character 6 is not at the end of a word");
  assertEquals(why("t*"), "the * at character 2 needs at least 2 letters before it");
  assertEquals(why("x".repeat(501)), "a search has at most 500 characters");
  assertEquals(why("a ".repeat(33)), "a search has at most 32 words");
  assertEquals(parseQuery("a ".repeat(32)).length, 32);
});

Deno.test("FTS5's operators in a query are words, or nothing", () => {
  const words = (text: string) => parseQuery(text).map(({ words }) => words.join(" "));
  assertEquals(words("tea OR milk NOT cup"), ["tea", "or", "milk", "not", "cup"]);
  assertEquals(words("NEAR(a b) text:x ^start {col}:y"), ["near a", "b", "text x", "start", "col y"]);
  assertEquals(words("don't e-mail C++"), ["don t", "e mail", "c"]);
  assertEquals(words(`a;DROP'TABLE`), ["a drop table"]);
});

Deno.test("words are compared without case, accents and punctuation, as words and not as parts of them", () => {
  const found = (query: string, text: string) => matches(parseQuery(query), wordsOf(text));
  for (
    const [query, text] of [
      ["ECLAIR", "an Éclair!"],
      ["éclair", "AN ECLAIR"],
      ["ecl*", "an éclair"],
      ["tea milk", "milk, then tea"],
      ['"milk then"', "Milk — then tea"],
      ['"milk th"*', "Milk, then tea"],
      ["'don't'", "I don't"],
      ["東京", "今日は東京へ行く"],
      ["ｆｕｌｌ", "full width"],
      ["ГОРОД", "город"],
      ["한국", "한국 음식"],
      ["🫖", "tea 🫖🍵"],
      ["error_code", "the error_code=5"],
      ["2026-12-01", "on 2026-12-01 at 9"],
    ] as const
  ) assertEquals([query, found(query, text)], [query, true]);
  for (
    const [query, text] of [
      ["tea", "steam and teapot"],
      ["tea milk", "tea"],
      ['"tea milk"', "milk tea"],
      ['"tea milk"', "tea and milk"],
      ["京東", "東京"],
      ["teapot*", "tea"],
    ] as const
  ) assertEquals([query, found(query, text)], [query, false]);
});
