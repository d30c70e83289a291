import { formatEndpoint } from "../../lib/base/address.ts";
import { SYSTEM_CLOCK } from "../../lib/base/clock.ts";
import { RECONNECT_OTHER_MS } from "../../lib/base/limits.ts";
import { Dialer } from "../../lib/connector/dialer.ts";
import type { LinkState } from "../../lib/view/view.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { randomOf } from "../random.ts";

/** Ports of this machine that nobody listens on. */
function closedPorts(count: number): [number, ...number[]] {
  const listeners = Array.from({ length: count }, () => Deno.listen({ hostname: "127.0.0.1", port: 0 }));
  const [first, ...others] = listeners.map(({ addr }) => addr.port);
  for (const listener of listeners) listener.close();
  return [first!, ...others];
}

/** A dialer, and what it tells. */
function dialerOf(ports: readonly [number, ...number[]], seed = 1) {
  const [first, ...others] = ports.map((port) => ({ host: "127.0.0.1", port }));
  const told: LinkState[] = [];
  const over = new AbortController();
  const random = randomOf(seed);
  const waits: (() => void)[] = [];
  const dialer = new Dialer([first!, ...others], {
    // The waits between attempts are short here; the time for an attempt is not.
    clock: { ...SYSTEM_CLOCK, after: (ms, then) => SYSTEM_CLOCK.after(ms < 3000 ? ms / 1000 : ms, then) },
    random: () => random(256) / 255,
    signal: over.signal,
    told: (state) => {
      if (state.is === "lost") {
        told.push(state);
        for (const wait of waits) wait();
      }
    },
  });
  const tries = async (count: number) => {
    while (told.length < count) await new Promise<void>((resolve) => waits.push(resolve));
  };
  return { dialer, told, tries, over };
}

Deno.test("a dialer tries each host once, and reports the reason for each", async () => {
  const ports = closedPorts(3);
  const { dialer, told } = dialerOf(ports);
  const { message } = await assertRejects(() => dialer.dial(), Error);
  for (const port of ports) assert(message.includes(`nobody is listening on 127.0.0.1:${port}`), message);
  assertMatch(message, /^none of the hosts lets you in: .*; check hosts and ports$/);
  assertEquals([told, dialer.hasOther], [[], false]);
});

Deno.test("a dialer goes from host to host in a random order that differs between connectors", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const ports = [listener.addr.port, other.addr.port] as const;
  const firsts = new Set<number>();
  for (let seed = 1; seed <= 20; seed++) {
    const { dialer } = dialerOf(ports, seed);
    const conn = await dialer.dial();
    assertEquals((conn!.remoteAddr as Deno.NetAddr).port, dialer.host.port);
    firsts.add(dialer.host.port);
    conn!.close();
  }
  assertEquals(firsts, new Set(ports));
});

Deno.test("after a loss the other hosts are tried at once, and a wait comes only after all", async () => {
  const { dialer, told, tries, over } = dialerOf(closedPorts(3));
  await assertRejects(() => dialer.dial());
  const lost = formatEndpoint(dialer.host);
  dialer.succeeded();
  const dialling = dialer.redial(`${lost} ended the connection`);
  await tries(7);
  over.abort();
  assertEquals(await dialling, null);
  const states = told.slice(0, 7).map((state) => {
    assert(state.is === "lost");
    return state;
  });
  assertEquals(states[0]!.reason, `${lost} ended the connection`);
  const others = states.map(({ next }) => next);
  assert(others[0] !== lost && others[1] !== lost && others[0] !== others[1]);
  // A round is the three hosts; where it begins, none is named, because that is some time off.
  assertEquals(others.map((next) => next === undefined), [false, false, true, false, false, true, false]);
  for (const { next, retryMs } of states) {
    if (next !== undefined) assert(retryMs <= RECONNECT_OTHER_MS);
    else assert(retryMs >= 500);
  }
  assertMatch(states[1]!.reason, new RegExp(`^nobody is listening on ${others[0]}: `));
});

Deno.test("a connection that did not work does not begin a new round", async () => {
  const { dialer, told, tries, over } = dialerOf(closedPorts(2));
  await assertRejects(() => dialer.dial());
  const dialling = dialer.redial("too large");
  await tries(2);
  over.abort();
  await dialling;
  assertEquals(told.slice(0, 2).map((state) => state.is === "lost" && state.next !== undefined), [
    false,
    true,
  ]);
});
