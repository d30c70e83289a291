import type { Endpoint, Endpoints } from "../../lib/base/address.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { fasterClock, run, start, Typing } from "./connecting.ts";
import { Listening } from "./listening.ts";
import { Relay } from "./relay.ts";

/** Ports of this machine as the hosts of a command. */
function hostsOf(...ports: number[]): Endpoints {
  const [first, ...others] = ports.map((port): Endpoint => ({ host: "127.0.0.1", port }));
  return [first!, ...others];
}

/** Stops listening, and gives the port. */
function closedPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

Deno.test("a connector finds the one of its hosts that listens", async () => {
  await using listening = await Listening.start();
  const hosts = hostsOf(closedPort(), listening.port, closedPort());
  // The order is random, so the listener is the first, second or third.
  for (let time = 0; time < 8; time++) {
    const { status, err } = await run({ hosts, nick: "ann", send: [time] });
    assertEquals([status, err], [0, ""]);
  }
  const { out } = await run({ hosts, last: 8 });
  assertEquals(out, Array.from({ length: 8 }, (_, n) => `ann: ${n}\n`).join(""));
});

Deno.test("a connector ends with status 3 and names its hosts if none of them listens", async () => {
  const ports = [closedPort(), closedPort()];
  const { status, err } = await run({ hosts: hostsOf(...ports) });
  assertEquals(status, 3);
  for (const port of ports) assert(err.includes(`nobody is listening on 127.0.0.1:${port}`), err);
  assertMatch(err, /^chat: none of the hosts lets you in: .*; check hosts and ports\n$/);
});

Deno.test("a connector goes to the next host if one is full, or ends the connection without sending anything", async () => {
  await using full = await Listening.start({ limits: { connections: 1 } });
  using _first = await full.enter("first");
  await using listening = await Listening.start();
  await using cutting = new Relay(listening.port);
  cutting.refusing = true;
  const hosts = hostsOf(full.port, listening.port, cutting.port);
  for (let time = 0; time < 6; time++) {
    const { status } = await run({ hosts, nick: "ann", send: [time] });
    assertEquals(status, 0);
  }
  assertEquals((await run({ port: listening.port, last: 9 })).out.split("\n").length - 1, 6);
  await listening.end();
  const { status, err } = await run({ hosts: hostsOf(full.port, closedPort()), nick: "ann", send: [0] });
  assert(status === 3 || status === 4);
  assertMatch(err, /\(full\)/);
});

Deno.test("a connector goes on at the next host where one is lost, and loses and repeats nothing", async () => {
  await using listening = await Listening.start();
  await using left = new Relay(listening.port);
  await using right = new Relay(listening.port);
  const typing = new Typing();
  using bob = await listening.enter("bob");
  const ann = start({ hosts: hostsOf(left.port, right.port), nick: "ann" }, {
    input: typing.readable,
    clock: fasterClock(20),
  });
  const posts: unknown[] = [];
  // A connection of the same session takes the nick over, so that nobody sees an ann-2.
  const hear = async () => {
    const { from, body } = await bob.until("message");
    posts.push(`${from}: ${body}`);
  };
  for (let round = 0; round < 10; round++) {
    typing.type(Array.from({ length: 20 }, (_, n) => `${round * 20 + n}\n`).join(""));
    // What is on the way to either end is lost.
    while (posts.length <= round * 20) await hear();
    assertEquals(left.cut() + right.cut(), 1);
  }
  while (posts.length < 200) await hear();
  typing.end();
  assertEquals(await ann.status, 0);
  assertEquals(posts, Array.from({ length: 200 }, (_, n) => `ann: ${n}`));
  const told = ann.stderr.text;
  assertMatch(told, /^chat: .*(ended|broke).*; trying 127\.0\.0\.1:\d+$/m);
  for (const relay of [left, right]) assert(told.includes(`trying 127.0.0.1:${relay.port}\n`), told);
});
