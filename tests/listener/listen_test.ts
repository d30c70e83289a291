import { SYSTEM_CLOCK } from "../../lib/base/clock.ts";
import { dial } from "../../lib/connector/dial.ts";
import { Exit } from "../../lib/base/errors.ts";
import { listen } from "../../lib/listener/listen.ts";
import type { LogEvent } from "../../lib/log/log.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../assert.ts";

const hasIpv6 = (() => {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
})();

/** Listens on a name that has these addresses; gives where it listens, and the lines of the log. */
async function listenOnName(addresses: readonly string[], port = 0) {
  const log: LogEvent[] = [];
  const listeners = await listen({
    host: "chat.test",
    port,
    log: (event) => log.push(event),
    lookup: () => Promise.resolve(addresses),
  });
  const places = listeners.map(({ addr }) => addr.hostname);
  const ports = new Set(listeners.map(({ addr }) => addr.port));
  for (const { addr: { hostname, port } } of listeners) (await Deno.connect({ hostname, port })).close();
  for (const listener of listeners) listener.close();
  return { places, ports, log: log.map((event) => event.event === "failed" ? event.text : event.event) };
}

Deno.test({
  name: "a listener listens on all addresses of its name, on the same port, and each takes connections",
  ignore: !hasIpv6 || Deno.build.os !== "linux",
  async fn() {
    const names = [["127.0.0.1", "::1"], ["::1", "127.0.0.1"], ["127.0.0.1", "127.0.0.2", "127.0.0.3"], [
      "::1",
    ], [
      "127.0.0.9",
    ]];
    for (const addresses of names) {
      const { places, ports, log } = await listenOnName(addresses);
      assertEquals([places, ports.size, log], [addresses, 1, []]);
    }
  },
});

Deno.test("an address that this machine does not have is left out and logged where there is another", async () => {
  const { places, log } = await listenOnName(["203.0.113.77", "127.0.0.1", "2001:db8::1"]);
  assertEquals(places, ["127.0.0.1"]);
  assertEquals(log.length, 2);
  assertMatch(log[0]!, /^Cannot listen on 203\.0\.113\.77:0: this machine has no such address/);
  assertMatch(log[1]!, /^Cannot listen on \[2001:db8::1\]:\d+: /);
});

Deno.test("a name without an address of this machine cannot be listened on", async () => {
  const none = await assertRejects(() => listenOnName([]), Exit);
  assertMatch(none.message, /^Cannot listen on chat\.test: there is no host of that name/);
  const foreign = await assertRejects(() => listenOnName(["203.0.113.77", "203.0.113.78"]), Exit);
  assertMatch(foreign.message, /^Cannot listen on 203\.0\.113\.77:0: this machine has no such address/);
});

Deno.test("a port that is taken on one address of a name is an error, and no socket stays open", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.2", port: 0 });
  const { port } = taken.addr;
  const error = await assertRejects(() => listenOnName(["127.0.0.1", "127.0.0.2"], port), Exit);
  assertEquals(
    error.message,
    `Cannot listen on 127.0.0.2:${port}: port ${port} is in use: end what uses it, or choose another with --port`,
  );
  Deno.listen({ hostname: "127.0.0.1", port }).close();
});

Deno.test({
  name: "a zone that is missing, unknown or out of place is explained",
  ignore: !hasIpv6 || Deno.build.os !== "linux",
  async fn() {
    const cases: [string, RegExp][] = [
      ["fe80::5", /[:;] a link-local address needs its interface: write fe80::5%eth0, for example$/],
      ["fe80::5%nosuch0", /[:;] check whether this machine has an interface nosuch0$/],
      ["febf::5%999", /[:;] check whether this machine has an interface 999$/],
      ["::1%lo", /[:;] only a link-local address has an interface: leave %lo out$/],
      ["2001:db8::1%lo", /[:;] only a link-local address has an interface: leave %lo out$/],
    ];
    for (const [host, message] of cases) {
      const options = { host, port: 0, log: () => {} };
      const error = await assertRejects(() => listen(options), Exit);
      assertMatch(error.message, message);
      const signal = new AbortController().signal;
      const dialling = dial({ host, port: 1 }, {
        clock: SYSTEM_CLOCK,
        signal,
        timeout: 10_000,
        waiting: () => {},
      });
      assertMatch((await assertRejects(() => dialling, Exit)).message, message);
    }
  },
});

Deno.test("without a host a listener takes IPv4 and IPv6", async () => {
  const listeners = await listen({ port: 0, log: () => {} });
  const { port } = listeners[0]!.addr;
  (await Deno.connect({ hostname: "127.0.0.1", port })).close();
  if (hasIpv6) (await Deno.connect({ hostname: "::1", port })).close();
  for (const listener of listeners) listener.close();
  assert(listeners.length <= 2);
});
