import { assertEquals } from "@std/assert";
import { NATS_SERVER } from "../nats_server.ts";
import { Chaos } from "./chaos.ts";
import { FAULTS } from "./faults.ts";

/**
 * How often each fault comes. By default each comes once and is short; `deno task chaos` has them come 50 times, CHAT_CHAOS_FAULTS
 * as often as it says.
 */
const TIMES = Number(Deno.env.get("CHAT_CHAOS_FAULTS") ?? 0);
const SEED = Number(Deno.env.get("CHAT_CHAOS_SEED") ?? 1);

/** The faults of a short run: each part is killed and paused once. */
const SHORT = [
  "kill -9 of the stream's leader",
  "kill -9 of a listener",
  "a paused listener",
  "cut connections",
];

/** Faults that take long are fewer. */
const RARE = /paused|all servers/;

function scheduled(random: (n: number) => number): string[] {
  if (TIMES === 0) return SHORT;
  const only = Deno.env.get("CHAT_CHAOS_ONLY");
  const names = Object.keys(FAULTS).filter((name) => only === undefined || name.includes(only));
  const all = names.flatMap((name) =>
    Array(RARE.test(name) ? Math.ceil(TIMES / 10) : TIMES).fill(name) as string[]
  );
  for (let last = all.length - 1; last > 0; last--) {
    const other = random(last + 1);
    [all[last], all[other]] = [all[other]!, all[last]!];
  }
  return all;
}

Deno.test({
  name:
    "through faults of servers and listeners nothing is lost, doubled, out of order or different anywhere",
  ignore: NATS_SERVER === undefined,
  async fn() {
    await using chaos = await Chaos.start({ seed: SEED });
    const waits = new Map<string, number[]>();
    for (const [n, name] of scheduled(chaos.random).entries()) {
      const isRare = RARE.test(name);
      const times = TIMES === 0
        ? { least: 100, most: 2_000 }
        : isRare
        ? { least: 15_000, most: 30_000 }
        : { least: 0, most: 5_000 };
      await FAULTS[name]!(chaos, times);
      // A long run has the lowest priority: the refs of 10,000 messages alone may then take minutes to read.
      const took = await chaos.progress(5, TIMES === 0 ? 60_000 : 300_000);
      waits.set(name, [...waits.get(name) ?? [], took]);
      const faults = [...chaos.peers, ...chaos.nodes].flatMap(({ faults }) => faults);
      if (TIMES > 0) {
        console.log(
          `${n + 1} ${name}: all have acks again after ${Math.round(took)} ms, ${faults.length} faults`,
        );
      }
      assertEquals(faults, [], name);
    }
    assertEquals(await chaos.check(), []);
    if (TIMES > 0) console.log(chaos.summary);
  },
});
