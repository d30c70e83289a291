import { SYSTEM_CLOCK } from "../../lib/base/clock.ts";
import { Connection } from "../../lib/connection/connection.ts";
import type { Duplex } from "../../lib/connection/duplex.ts";
import { encodeFrame } from "../../lib/frame/mod.ts";
import { DEFAULT_LIMITS } from "../../lib/base/limits.ts";
import { assertEquals, assertRejects } from "../assert.ts";
import { ManualClock } from "../clock.ts";

const NO_FRAME = new Uint8Array(0);

/** A duplex that takes one write at a time, when it is told to, and keeps what was written. */
class SlowDuplex implements Duplex {
  readonly written: number[] = [];
  underWay = 0;
  mostUnderWay = 0;
  #finish: (() => void)[] = [];
  #endReading = () => {};

  read(): Promise<null> {
    return new Promise((resolve) => this.#endReading = () => resolve(null));
  }

  write(bytes: Uint8Array): Promise<number> {
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay);
    // One byte at a time: what a second write would tear apart.
    return new Promise((resolve) =>
      this.#finish.push(() => {
        this.underWay--;
        this.written.push(bytes[0]!);
        resolve(1);
      })
    );
  }

  async finishWrites(): Promise<void> {
    while (this.#finish.length > 0) await this.finishOne();
  }

  async finishOne(): Promise<void> {
    this.#finish.shift()!();
    await Promise.resolve();
    await Promise.resolve();
  }

  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.#endReading();
  }
}

/** An owner that ignores whatever its connection tells. */
const IGNORING = {
  payload() {},
  worked() {},
  broken() {},
  finished() {},
  evicted: () => NO_FRAME,
  ended() {},
};

Deno.test("frames that a room sends while it is asked for bytes start no second write", async () => {
  const duplex = new SlowDuplex();
  const connection = new Connection(duplex, IGNORING, {
    limits: DEFAULT_LIMITS,
    clock: SYSTEM_CLOCK,
  });
  const running = connection.run();
  let isAsked = false;
  const fallenBehind = {
    read() {
      if (!isAsked) connection.send(Uint8Array.of(1, 2, 3));
      isAsked = true;
      return null;
    },
  };
  let isRead = false;
  const other = {
    read() {
      if (isRead || !isAsked) return null;
      isRead = true;
      return Uint8Array.of(7, 8, 9);
    },
  };
  connection.follow(other);
  connection.follow(fallenBehind);
  connection.pump();
  await duplex.finishWrites();
  assertEquals(duplex.mostUnderWay, 1);
  assertEquals(duplex.written, [1, 2, 3, 7, 8, 9]);
  connection.close();
  await running;
});

/** A duplex that a payload comes from, and that takes all that is written. */
class QuickDuplex implements Duplex {
  #wire: Uint8Array | null = encodeFrame(Uint8Array.of(1, 2, 3));
  #endReading = () => {};
  isClosed = false;

  read(into: Uint8Array): Promise<number | null> {
    const wire = this.#wire;
    this.#wire = null;
    if (wire === null) return new Promise((resolve) => this.#endReading = () => resolve(null));
    into.set(wire);
    return Promise.resolve(wire.length);
  }

  write(bytes: Uint8Array): Promise<number> {
    return Promise.resolve(bytes.length);
  }

  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.isClosed = true;
    this.#endReading();
  }
}

const OPTIONS = { limits: DEFAULT_LIMITS, clock: SYSTEM_CLOCK };

Deno.test("a fault in a handler ends the connection, and is reported to its caller", async () => {
  for (const at of ["payload", "broken", "finished"] as const) {
    const duplex = new QuickDuplex();
    const ended: string[] = [];
    const fault = () => {
      throw new TypeError(`a fault in ${at}`);
    };
    const listening = {
      payload() {},
      worked() {},
      broken() {},
      finished() {},
      evicted: () => NO_FRAME,
      ended: (why: string) => ended.push(why),
    };
    const limits = at === "broken" ? { ...DEFAULT_LIMITS, maxFrame: 1 } : DEFAULT_LIMITS;
    const connection = new Connection(duplex, { ...listening, [at]: fault }, { ...OPTIONS, limits });
    const running = connection.run();
    if (at === "finished") {
      await Promise.resolve();
      await Promise.resolve();
      duplex.close();
    }
    await assertRejects(() => running, TypeError, `a fault in ${at}`);
    assertEquals([duplex.isClosed, ended], [true, ["failed"]]);
  }
});

Deno.test("a fault in a room or a replay ends the connection that reads it, and is reported to its caller", async () => {
  for (const isRoom of [true, false]) {
    const duplex = new QuickDuplex();
    const ended: string[] = [];
    const connection = new Connection(duplex, {
      payload() {},
      worked() {},
      broken() {},
      finished() {},
      evicted: () => NO_FRAME,
      ended: (why) => ended.push(why),
    }, OPTIONS);
    const running = connection.run();
    const fault = () => {
      throw new TypeError("a fault while reading");
    };
    if (isRoom) connection.follow({ read: fault });
    else connection.send({ next: fault, close() {} });
    await assertRejects(() => running, TypeError, "a fault while reading");
    assertEquals([duplex.isClosed, ended], [true, ["failed"]]);
  }
});

Deno.test("rooms are written once pieces of the private queue that came later have ended", async () => {
  const duplex = new SlowDuplex();
  const connection = new Connection(duplex, IGNORING, OPTIONS);
  const running = connection.run();
  const answers = ["later" as const, Uint8Array.of(1), "later" as const, null];
  let isRead = false;
  connection.send({ next: () => answers.shift()!, close() {} });
  connection.follow({
    read() {
      if (isRead) return null;
      isRead = true;
      return Uint8Array.of(2);
    },
  });
  await duplex.finishWrites();
  await duplex.finishWrites();
  assertEquals(duplex.written, [1, 2]);
  connection.close();
  await running;
});

Deno.test("a write is as old as the time for which it was seen under way, also where it begins after the machine slept", async () => {
  const clock = new ManualClock();
  const duplex = new SlowDuplex();
  const connection = new Connection(duplex, IGNORING, { limits: DEFAULT_LIMITS, clock });
  const running = connection.run();
  const ageNow = () => connection.writingFor(clock.ticks());
  assertEquals(ageNow(), 0);
  connection.send(Uint8Array.of(1));
  assertEquals(ageNow(), 0);
  clock.advance(1000);
  assertEquals(ageNow(), 1000);
  connection.send(Uint8Array.of(2));
  clock.sleep(3_600_000);
  await duplex.finishOne();
  // The second write is under way.
  assertEquals(ageNow(), 0);
  clock.advance(DEFAULT_LIMITS.writeStall);
  assertEquals(connection.isStalled(clock.ticks()), false);
  clock.advance(1);
  assertEquals(connection.isStalled(clock.ticks()), true);
  await duplex.finishOne();
  assertEquals([ageNow(), connection.isStalled(clock.ticks())], [0, false]);
  connection.close();
  await running;
});
