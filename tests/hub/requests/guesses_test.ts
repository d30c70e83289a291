import { Guesses } from "../../../lib/hub/requests/guesses.ts";
import type { LogEvent } from "../../../lib/log/log.ts";
import { assertEquals } from "../../assert.ts";
import { ManualClock } from "../../clock.ts";

function newGuesses() {
  const clock = new ManualClock();
  const log: LogEvent[] = [];
  return { clock, log, guesses: new Guesses({ clock, log: (event) => log.push(event) }) };
}

Deno.test("an address may guess at the token a second after a wrong guess, whatever connections it has", () => {
  const { clock, guesses } = newGuesses();
  const may = () => ["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"].map((host) => guesses.mayGuess(host));
  assertEquals(may(), [true, true, true]);
  for (let n = 0; n < 100; n++) guesses.wrong({ host: "192.0.2.1", address: "192.0.2.1:5000" });
  assertEquals(may(), [false, false, true]);
  clock.advance(999);
  assertEquals(may(), [false, false, true]);
  clock.advance(1);
  assertEquals(may(), [true, true, true]);
});

Deno.test("the first wrong guess of an address is logged, those of the next minute together", () => {
  const { clock, log, guesses } = newGuesses();
  const from = { host: "192.0.2.1", address: "192.0.2.1:5000" };
  for (let n = 0; n < 100; n++) guesses.wrong(from);
  clock.advance(59_999);
  guesses.wrong(from);
  assertEquals(log.length, 1);
  clock.advance(1);
  guesses.wrong(from);
  assertEquals(log, [1, 101].map((count) => ({ event: "guessed", address: from.address, count })));
});

Deno.test("of more than 10,000 addresses the one that guessed longest ago is forgotten", () => {
  const { guesses } = newGuesses();
  for (let n = 0; n <= 10_000; n++) guesses.wrong({ host: `10.0.${n >> 8}.${n & 255}`, address: "" });
  assertEquals([guesses.mayGuess("10.0.0.1"), guesses.mayGuess("10.0.0.0")], [false, true]);
});
