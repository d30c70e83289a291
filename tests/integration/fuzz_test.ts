/**
 * Nonsense against a running listener, while two peers talk. `CHAT_FUZZ_FRAMES` tells how many frames of it,
 * `CHAT_FUZZ_SEED` which; `deno task fuzz` sends 1,000,000.
 */

import { FrameReader } from "../../lib/frame/mod.ts";
import { verify } from "../../lib/pickle/verify/verify.ts";
import { assertEquals, assertGreater } from "../assert.ts";
import { randomOf } from "../random.ts";
import { Listening, type TestPeer, type Told } from "./listening.ts";
import { Nonsense } from "./nonsense.ts";

const FRAMES = Number(Deno.env.get("CHAT_FUZZ_FRAMES") ?? 20_000);
const SEED = Number(Deno.env.get("CHAT_FUZZ_SEED") ?? 1);

/** How many strangers there are at a time, and what one of them sends at most, in frames. */
const STRANGERS = 8;
const LIFE = 60;

/** Strangers, one after the other: each sends nonsense until it is thrown out, has enough, or goes in the midst of it. */
async function pester(port: number, { seed, frames }: { seed: number; frames: number }): Promise<void> {
  const random = randomOf(seed);
  const nonsense = new Nonsense(random);
  for (let left = frames; left > 0;) {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    // One that reads nothing is read no more at some time, so it says little.
    const isDeaf = random(4) === 0;
    const isPatient = !isDeaf && random(2) === 0;
    const reading = isDeaf ? undefined : readAll(conn);
    try {
      for (let count = 1 + random(isDeaf ? LIFE / 6 : LIFE); count > 0 && left > 0; count--, left--) {
        const bytes = nonsense.next();
        for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
      }
      if (isPatient) {
        await conn.closeWrite();
        await reading;
      }
    } catch {
      // It was thrown out.
    }
    conn.close();
    await reading;
  }
}

/** Reads what a stranger is told: frames of pickles that are safe to load, whatever happened. */
async function readAll(conn: Deno.TcpConn): Promise<void> {
  const reader = new FrameReader(conn, { maxPayload: 1 << 24 });
  try {
    for await (const payload of reader) verify(payload);
  } catch (error) {
    const isEnd = error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BadResource ||
      error instanceof Deno.errors.Interrupted || error instanceof Deno.errors.BrokenPipe ||
      error instanceof Error && error.message.includes("ended inside a frame");
    if (!isEnd) throw error;
  }
}

/** Says a number after the other, each once the one before was heard and stored. */
async function talk(ann: TestPeer, bob: TestPeer, until: () => boolean): Promise<number> {
  let said = 0;
  for (; !until(); said++) {
    ann.send({ type: "message", room: "quiet", body: ["number", said], ref: said });
    let heard: Told;
    do heard = await bob.until("message"); while (heard.from !== "ann");
    assertEquals(heard.body, ["number", said]);
    assertEquals((await ann.until("ack")).ref, said);
  }
  return said;
}

async function fuzz(options: { seed: number; frames: number; history?: string }): Promise<void> {
  const { seed, frames, history } = options;
  const unlimited = { messageBurst: Infinity, byteBurst: Infinity };
  await using listener = await Listening.start({ limits: unlimited, ...(history ? { history } : {}) });
  using ann = await listener.enter("ann", { room: "quiet" });
  using bob = await listener.enter("bob", { room: "quiet" });
  let isOver = false;
  const talking = talk(ann, bob, () => isOver);
  const each = Math.ceil(frames / STRANGERS);
  const pestering = Array.from(
    { length: STRANGERS },
    (_, n) => pester(listener.port, { seed: 100 * seed + n, frames: each }),
  );
  const pestered = Promise.all(pestering).finally(() => isOver = true);
  const [said] = await Promise.all([talking, pestered]);
  assertGreater(said, 10);
  assertEquals(listener.log.filter(({ event }) => event === "failed"), []);
}

Deno.test(`${FRAMES} malformed frames keep nobody from talking, seed ${SEED}`, async () => {
  await fuzz({ seed: SEED, frames: FRAMES / 2 });
  const folder = await Deno.makeTempDir();
  try {
    await fuzz({ seed: SEED + 1, frames: FRAMES / 2, history: `${folder}/chat.db` });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
