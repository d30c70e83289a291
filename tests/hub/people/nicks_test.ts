import { newNick, Nicks } from "../../../lib/hub/people/nicks.ts";
import { normalizeName } from "../../../lib/base/text.ts";
import { Refusal } from "../../../lib/protocol/message.ts";
import { assert, assertEquals, assertThrows } from "../../assert.ts";

Deno.test("a nick belongs to one person in upper and lower case, and a taken one gets a suffix", () => {
  const nicks = new Nicks<number>();
  assertEquals(nicks.take(1, "Zoé"), "Zoé");
  assertEquals(nicks.take(2, "ZOÉ"), "ZOÉ-2");
  assertEquals(nicks.take(3, "zoé"), "zoé-3");
  assertEquals(nicks.take(1, "zoé"), "zoé");
  assertEquals([nicks.find("ZOÉ"), nicks.find("zoé-2"), nicks.find("x".repeat(100_000))], [1, 2, undefined]);
  nicks.free(2, "zoé");
  assertEquals(nicks.find("zoé"), 1);
  nicks.free(1, "ZOÉ");
  assertEquals(nicks.find("zoé"), undefined);
});

Deno.test("nicks with a suffix are valid and different, however many peers ask for one long nick", () => {
  const nicks = new Nicks<number>();
  const taken = new Set<string>();
  for (let n = 0; n < 5000; n++) taken.add(nicks.take(n, "m".repeat(32)));
  assertEquals(taken.size, 5000);
  for (const nick of taken) assertEquals(normalizeName(nick), nick);
});

Deno.test("a guest gets a nick that nobody has", () => {
  const nicks = new Nicks<string>();
  nicks.take("ann", "GUEST-2");
  const names = ["a", "b", "c"].map((guest) => nicks.takeGuest(guest));
  assertEquals(names, ["guest-1", "guest-3", "guest-4"]);
  assert(names.every((name) => nicks.find(name) !== "ann"));
});

Deno.test("newNick refuses a nick that mixes scripts", () => {
  assertEquals(newNick("Кирилл"), "Кирилл");
  assertThrows(() => newNick("p\u0430ul"), Refusal, "mixes letters of several scripts");
});
