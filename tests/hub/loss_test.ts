/** Members that read on lose nothing, as a property: random members, speeds and sizes, for thousands of seeded steps. */

import { LIFTED_LIMITS, type Limits } from "../../lib/base/limits.ts";
import { MemoryHistory } from "../../lib/history/memory/memory.ts";
import { Hub } from "../../lib/hub/hub.ts";
import { assert, assertEquals } from "../assert.ts";
import { ManualClock } from "../clock.ts";
import { randomOf } from "../random.ts";
import { PacedPeer, type Told } from "./paced_peer.ts";

const STEPS = Number(Deno.env.get("CHAT_LOSS_STEPS") ?? 2000);
const KIB = 1024;
const ROOMS = ["lobby", "a", "b"];

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A member that checks that it gets each message of its rooms once, in order. */
class Reader {
  readonly peer = new PacedPeer();
  /** The most bytes that it takes in a step. */
  readonly speed: number;
  /** The id that is to come next in each room, from its first replay on. */
  readonly next = new Map<string, number>();
  readonly #first = new Map<string, number>();
  gaps = 0;
  #replayed = 0;

  constructor(speed: number) {
    this.speed = speed;
    this.peer.onMessage = (told) => this.#take(told);
  }

  /** It entered where the newest message was `head`, and is to get all from there on. */
  enters(room: string, head: number): void {
    this.#first.set(room, head + 1);
  }

  #take(told: Told): void {
    const room = String(told["room"]);
    if (told.type === "replay" && told["ref"] === "page") this.#replayed = Number(told["count"]);
    else if (told.type === "gap") {
      this.gaps++;
      this.#replayed = 0;
      this.next.set(room, Math.max(this.next.get(room) ?? 0, Number(told["last"]) + 1));
    } else if (told.type === "message" && this.#replayed > 0) this.#replayed--;
    else if (told.type === "message") {
      const id = Number(told["id"]);
      assertEquals(id, this.next.get(room) ?? this.#first.get(room), `the next of ${room}`);
      this.next.set(room, id + 1);
    }
  }
}

interface Chat {
  readonly limits?: Partial<Limits>;
  readonly maxSpill?: number;
  /** Whether readers take all that there is before more is posted. */
  readonly isFast?: boolean;
}

async function run(seed: number, { limits = {}, maxSpill = 1 << 30, isFast = false }: Chat = {}) {
  const random = randomOf(seed);
  const folder = await Deno.makeTempDir();
  const failures: string[] = [];
  const clock = new ManualClock();
  const history = new MemoryHistory({
    epoch: "epoch",
    spill: { maxSize: maxSpill, folder, onFailure: (text) => failures.push(text) },
  });
  let names = 0;
  const hub = new Hub({
    limits: { ...LIFTED_LIMITS, roomRing: 16 * KIB, ...limits },
    clock,
    log: () => {},
    randomName: () => `session ${++names}`,
    atTurnsEnd: (then) => void setImmediate(then),
    version: "test",
    replay: 0,
    history,
    memory: () => 0,
  });
  const running: Promise<void>[] = [];
  const accept = (peer: PacedPeer) =>
    running.push(hub.accept(peer.duplex, { host: "127.0.0.1", address: `127.0.0.1:${running.length}` }));
  const heads = new Map(ROOMS.map((room) => [room, 0]));
  const poster = new PacedPeer();
  let acked = 0;
  poster.onMessage = (told) => {
    if (told.type !== "ack") return;
    acked++;
    heads.set(String(told["ref"]).split(" ")[0]!, Number(told["id"]));
  };
  accept(poster);
  poster.send({ type: "hello", nick: "poster" });
  for (const room of ROOMS) poster.send({ type: "join", room });
  const readers: Reader[] = [];
  let posted = 0;
  const settle = async () => {
    while (acked < posted) {
      poster.take(Infinity);
      await turn();
    }
  };
  let most = 0;
  for (let step = 0; step < STEPS; step++) {
    const burst = random(20) === 0;
    for (let count = random(burst ? 40 : 3); count > 0; count--) {
      const room = ROOMS[random(3)]!;
      const size = [10, 100, 1000, 30 * KIB][random(burst ? 4 : 3)]!;
      poster.send({ type: "message", room, body: "x".repeat(random(size)), ref: `${room} ${posted++}` });
    }
    if (readers.length < 12 && random(100) === 0) {
      // All that was posted has to be acked, so that it is known where the newcomer begins.
      await settle();
      const reader = new Reader(random(4) === 0 ? Infinity : 1 + random(3000));
      readers.push(reader);
      accept(reader.peer);
      reader.enters("lobby", heads.get("lobby")!);
      if (random(2) === 0) {
        reader.peer.send({ type: "hello", replay: 0 });
        for (const room of ["a", "b"]) {
          if (random(2) === 0) continue;
          reader.peer.send({ type: "join", room });
          reader.enters(room, heads.get(room)!);
        }
        // It has joined before anything else is posted.
        await turn();
        await turn();
      }
    }
    if (random(300) === 0) clock.advance(1000);
    for (const reader of readers) {
      reader.peer.take(1 + random(reader.speed === Infinity ? 1 << 20 : reader.speed));
      if (random(500) === 0) reader.peer.send({ type: "history", room: "lobby", limit: 20, ref: "page" });
    }
    poster.take(Infinity);
    await turn();
    if (isFast) {
      await settle();
      for (let idle = 0; idle < 3; idle++) {
        for (const { peer } of readers) while (peer.take(Infinity) > 0) idle = 0;
        await turn();
      }
    }
    most = Math.max(most, history.spilled);
  }
  await settle();
  assertEquals(readers.length, 12);
  for (let idle = 0; idle < 50; idle++) {
    clock.advance(100);
    for (const { peer } of readers) while (peer.take(1 << 20) > 0) idle = 0;
    await turn();
  }
  const expected = readers.flatMap((reader) =>
    [...reader.next].map(([room, next]) => [room, next === heads.get(room)! + 1])
  );
  const gaps = readers.reduce((sum, reader) => sum + reader.gaps, 0);
  poster.close();
  for (const { peer } of readers) peer.close();
  const ended = hub.end();
  for (let count = 0; count < 100; count++) {
    clock.advance(100);
    await turn();
  }
  await Promise.all([ended, ...running]);
  const left = [...Deno.readDirSync(folder)].length;
  await Deno.remove(folder, { recursive: true });
  assertEquals([poster, ...readers.map(({ peer }) => peer)].flatMap(({ faults }) => faults), []);
  return { gaps, most, failures, expected, left };
}

for (const seed of [1, 2, 3]) {
  Deno.test(`no member that reads on has a gap while the spill has room (seed ${seed})`, async () => {
    const { gaps, most, failures, expected, left } = await run(seed);
    assertEquals([gaps, failures, left], [0, [], 0]);
    assert(most > 0, "nothing was spilled, so nothing was proved");
    assert(expected.every(([, isWhole]) => isWhole));
  });
}

Deno.test("members that read have no gap when rings shrink for others", async () => {
  const { gaps, most } = await run(4, { limits: { roomRing: 1024 * KIB, memory: 1024 * KIB } });
  assertEquals(gaps, 0);
  assert(most > 0);
});

Deno.test("without a spill members that fall behind have gaps, and lose nothing else", async () => {
  const { gaps, most, expected } = await run(6, { maxSpill: 0 });
  assert(gaps > 0);
  assertEquals(most, 0);
  assert(expected.every(([, isWhole]) => isWhole));
});

Deno.test("members that read as fast as others post cause no spill", async () => {
  const { gaps, most } = await run(5, { limits: { roomRing: 1024 * KIB }, isFast: true });
  assertEquals([gaps, most], [0, 0]);
});
