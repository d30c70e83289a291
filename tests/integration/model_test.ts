/**
 * Random sessions against a model of what each must be told. `CHAT_MODEL_STEPS` tells how many steps they take,
 * `CHAT_MODEL_SEED` what is random.
 */

import { MemoryHistory } from "../../lib/history/memory/memory.ts";
import { openHistory } from "../../lib/history/sqlite/sqlite.ts";
import { assert, assertGreater } from "../assert.ts";
import { play, report } from "./model_play.ts";

const STEPS = Number(Deno.env.get("CHAT_MODEL_STEPS") ?? 2000);
const SEED = Number(Deno.env.get("CHAT_MODEL_SEED") ?? 1);

/** The most bytes of messages in the spill. */
const SPILL = 64 * 1024 * 1024;

Deno.test(`everybody is told what the model says, from memory; ${STEPS} steps, seed ${SEED}`, async () => {
  // What a slow reader still needs waits in the spill, as it does by default.
  const open = () =>
    Promise.resolve([{ history: new MemoryHistory({ epoch: "epoch", spill: { maxSize: SPILL } }) }]);
  const played = await play({ seed: SEED, steps: STEPS, keepsAll: false, open });
  const { counts } = played.ledger;
  assert(counts.gaps > 0 && counts.caughtUp > 0 && counts.resumed > 0, report(played));
  assertGreater(counts.messages, STEPS);
});

Deno.test(`everybody is told what the model says, from a file; ${STEPS} steps, seed ${SEED}`, async () => {
  const folder = await Deno.makeTempDir();
  try {
    const options = { durability: "os", randomEpoch: () => "epoch" } as const;
    const open = () => Promise.resolve([{ history: openHistory(`${folder}/chat.db`, options) }]);
    const played = await play({ seed: SEED + 1000, steps: STEPS, keepsAll: true, open });
    const { counts } = played.ledger;
    assert(counts.gaps === 0 && counts.caughtUp > 0 && counts.resumed > 0, report(played));
    assertGreater(counts.messages, STEPS);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
