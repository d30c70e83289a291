import { Account } from "../../lib/connection/account.ts";
import { Connection, type ConnectionHandler } from "../../lib/connection/connection.ts";
import type { Duplex } from "../../lib/connection/duplex.ts";
import { Pin } from "../../lib/connection/pin.ts";
import { DEFAULT_LIMITS, MAX_WRITE } from "../../lib/base/limits.ts";
import { assert, assertEquals, assertLessOrEqual } from "../assert.ts";
import { ManualClock } from "../clock.ts";

/** A duplex whose writes are finished by the test. */
class StalledDuplex implements Duplex {
  readonly written: Uint8Array[] = [];
  isClosed = false;
  #finish: ((count: number) => void) | null = null;
  #endReading = () => {};

  read(): Promise<null> {
    return new Promise((resolve) => this.#endReading = () => resolve(null));
  }

  write(bytes: Uint8Array): Promise<number> {
    this.written.push(bytes);
    return new Promise((resolve) => this.#finish = resolve);
  }

  /** Lets the write that is under way finish. */
  async finish(): Promise<void> {
    this.#finish?.(this.written.at(-1)!.length);
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  }

  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.isClosed = true;
    this.#endReading();
  }
}

const BYE = new TextEncoder().encode("bye");

function connect(account: Account, owner: string) {
  const duplex = new StalledDuplex();
  const ended: string[] = [];
  const handler: ConnectionHandler = {
    payload() {},
    worked() {},
    broken() {},
    finished() {},
    evicted: () => BYE,
    ended: (reason) => ended.push(reason),
  };
  const connection = new Connection(duplex, handler, {
    limits: DEFAULT_LIMITS,
    clock: new ManualClock(),
    memory: { account, owner },
  });
  return { duplex, ended, connection, running: connection.run() };
}

const turns = async () => {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
};

Deno.test("the connection that holds most gives way: its queue is dropped, and it gets a bye with the reason", async () => {
  const account = new Account(100_000, new ManualClock());
  const greedy = connect(account, "greedy");
  const modest = connect(account, "modest");
  greedy.connection.send(new Uint8Array(60_000));
  greedy.connection.send(new Uint8Array(30_000));
  assertEquals(account.size, 90_128);
  modest.connection.send(new Uint8Array(20_000));
  await turns();
  assertEquals([greedy.ended, greedy.duplex.isClosed, modest.ended], [["slow"], true, []]);
  assertEquals(account.size, 20_000);
  // Inside a frame nothing can be said any more.
  assertEquals(greedy.duplex.written.length, 1);
  await greedy.running;
  modest.connection.close();
  await modest.running;
  assertEquals(account.size, 0);
});

Deno.test("a connection that gives way while nothing is written to it gets a bye", async () => {
  const account = new Account(100_000, new ManualClock());
  const idle = connect(account, "idle");
  idle.connection.giveWay();
  await idle.running;
  assertEquals([idle.duplex.written, idle.ended, idle.duplex.isClosed], [[BYE], ["slow"], true]);
});

Deno.test("a long frame is written in pieces, so that a write that cannot be cancelled holds on to little", async () => {
  const account = new Account(10_000_000, new ManualClock());
  const { duplex, connection, running } = connect(account, "ann");
  const frame = new Uint8Array(3 * MAX_WRITE + 5);
  connection.send(frame);
  for (let piece = 0; piece < 4; piece++) await duplex.finish();
  for (const { buffer } of duplex.written.slice(0, 3)) assertLessOrEqual(buffer.byteLength, MAX_WRITE);
  assertEquals(duplex.written.reduce((sum, { length }) => sum + length, 0), frame.length);
  assertEquals(account.size, 0);
  connection.close();
  await running;
});

Deno.test("memory that a room drops during writes is charged to the connections that write it, one at a time", async () => {
  const account = new Account(200_000, new ManualClock());
  const segment = new Uint8Array(100_000);
  const peers = ["ann", "bob"].map((owner) => connect(account, owner));
  const cursors = peers.map(() => {
    let isRead = false;
    return {
      read() {
        if (isRead) return null;
        isRead = true;
        return segment.subarray(10, 90_000);
      },
    };
  });
  for (const [index, { connection }] of peers.entries()) connection.follow(cursors[index]!);
  assertEquals(account.size, 0);
  const pin = new Pin(segment.length);
  for (const { connection } of peers) connection.pin(segment.buffer, pin);
  assertEquals(account.size, 100_000);
  await peers[0]!.duplex.finish();
  assertEquals(account.size, 100_000);
  await peers[1]!.duplex.finish();
  assertEquals(account.size, 0);
  for (const { connection, running } of peers) {
    connection.close();
    await running;
  }
});

Deno.test("a peer that leaves a room during a write is charged for the segment that is being written", async () => {
  const account = new Account(200_000, new ManualClock());
  const { connection, duplex, running } = connect(account, "ann");
  let isRead = false;
  const cursor = {
    read() {
      if (isRead) return null;
      isRead = true;
      return new Uint8Array(100_000).subarray(0, 10);
    },
  };
  connection.follow(cursor);
  connection.unfollow(cursor);
  assertEquals(account.size, 100_000);
  await duplex.finish();
  assertEquals(account.size, 0);
  connection.close();
  await running;
  assert(duplex.isClosed);
});
