import { Guesses } from "../../../lib/hub/requests/guesses.ts";
import type { LogEvent } from "../../../lib/log/log.ts";
import { assertEquals } from "../../assert.ts";
import { ManualClock } from "../../clock.ts";

function newGuesses() {
  const clock = new ManualClock();
  const log: LogEvent[] = [];
  return { clock, log, guesses: new Guesses({ clock, log: (event) => log.push(event) }) };
}

/** A peer of that address, whose origin is the client. */
function from(host: string, origin = host): { host: string; address: string; origin: string } {
  return { host, address: `${host}:5000`, origin };
}

Deno.test("an origin may guess the token again a second after a wrong guess, on any connection", () => {
  const { clock, guesses } = newGuesses();
  const may = () => ["192.0.2.1", "192.0.2.2"].map((origin) => guesses.mayGuess({ origin }));
  assertEquals(may(), [true, true]);
  for (let n = 0; n < 100; n++) guesses.wrong(from("192.0.2.1"));
  assertEquals(may(), [false, true]);
  clock.advance(999);
  assertEquals(may(), [false, true]);
  clock.advance(1);
  assertEquals(may(), [true, true]);
});

Deno.test("the first wrong guess of an address is logged, those of the next minute together", () => {
  const { clock, log, guesses } = newGuesses();
  // Also where each of its connections is an origin.
  const guesser = (n: number) => from("127.0.0.1", `127.0.0.1:${n}`);
  for (let n = 0; n < 100; n++) guesses.wrong(guesser(n));
  clock.advance(59_999);
  guesses.wrong(guesser(1));
  assertEquals(log.length, 1);
  clock.advance(1);
  guesses.wrong(guesser(2));
  assertEquals(log, [1, 101].map((count) => ({ event: "guessed", address: "127.0.0.1:5000", count })));
});

Deno.test("with more than 10,000 origins the one that guessed longest ago is forgotten", () => {
  const { guesses } = newGuesses();
  for (let n = 0; n <= 10_000; n++) guesses.wrong(from(`10.0.${n >> 8}.${n & 255}`));
  const may = ["10.0.0.1", "10.0.0.0"].map((origin) => guesses.mayGuess({ origin }));
  assertEquals(may, [false, true]);
});
