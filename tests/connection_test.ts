import { SYSTEM_CLOCK } from "../lib/clock.ts";
import { Connection, type Duplex } from "../lib/connection.ts";
import { DEFAULT_LIMITS } from "../lib/limits.ts";
import { assertEquals } from "./assert.ts";

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
    while (this.#finish.length > 0) {
      this.#finish.shift()!();
      await Promise.resolve();
      await Promise.resolve();
    }
  }

  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.#endReading();
  }
}

Deno.test("what a room sends while it is asked for bytes begins no second write, and tears none apart", async () => {
  const duplex = new SlowDuplex();
  const connection = new Connection(duplex, { payload() {}, broken() {}, finished() {}, ended() {} }, {
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
