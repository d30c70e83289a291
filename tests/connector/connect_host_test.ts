import { ATTEMPT_DELAY_MS, connectToHost } from "../../lib/connector/connect_host.ts";
import { ManualClock } from "../clock.ts";
import { assertEquals, assertRejects, assertStrictEquals } from "../assert.ts";

/** What becomes of an attempt: a connection, an error, or nothing for so many milliseconds before one of these. */
type Fate = "open" | "refused" | "unreachable" | "unknown" | "silent" | {
  after: number;
  then: "open" | "refused";
};

const ERRORS = {
  refused: () => new Deno.errors.ConnectionRefused("Connection refused (os error 111)"),
  unreachable: () => new Error("Network is unreachable (os error 101)"),
  unknown: () => new Error("failed to lookup address information: Name or service not known"),
};

/** A network of names and addresses; `chat.test` is the name that is connected to. */
function network(fates: Record<string, Fate>, addresses: readonly string[]) {
  const clock = new ManualClock();
  const tried: string[] = [];
  const closed: string[] = [];
  const answer = (hostname: string, fate: Fate, signal: AbortSignal): Promise<Deno.TcpConn> => {
    const conn = { name: hostname, close: () => closed.push(hostname) } as unknown as Deno.TcpConn;
    if (fate === "open") return Promise.resolve(conn);
    if (fate === "silent") {
      return new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason), { once: true })
      );
    }
    if (typeof fate === "string") return Promise.reject(ERRORS[fate]());
    return new Promise((resolve) =>
      clock.after(fate.after, () => resolve(answer(hostname, fate.then, signal)))
    );
  };
  const stop = new AbortController();
  const connecting = connectToHost({ host: "chat.test", port: 1243 }, {
    clock,
    signal: stop.signal,
    lookup: () => Promise.resolve(addresses),
    connect: ({ hostname = "", signal }) => {
      tried.push(hostname);
      return answer(hostname, fates[hostname] ?? "refused", signal);
    },
  });
  connecting.catch(() => {});
  return { clock, tried, closed, stop, connecting };
}

async function connected(net: ReturnType<typeof network>): Promise<string> {
  const conn = await net.clock.pass(net.connecting, 50) as unknown as { name: string };
  return conn.name;
}

Deno.test("one attempt is made if the first address answers", async () => {
  const net = network({ "chat.test": "open" }, ["::1", "127.0.0.1"]);
  assertEquals(await connected(net), "chat.test");
  assertEquals(net.tried, ["chat.test"]);
});

Deno.test("the other addresses are tried at once where the first attempt fails", async () => {
  for (const fate of ["refused", "unreachable"] as const) {
    const net = network({ "chat.test": fate, "127.0.0.1": "open" }, ["::1", "127.0.0.1", "192.0.2.1"]);
    const conn = await net.connecting as unknown as { name: string };
    assertEquals(conn.name, "127.0.0.1");
    assertEquals(net.tried, ["chat.test", "::1", "127.0.0.1"]);
  }
});

Deno.test("a silent address delays the next one by 250 ms, and the attempt goes on beside it", async () => {
  const net = network({ "chat.test": "silent", "127.0.0.1": "silent", "192.0.2.1": "open" }, [
    "::1",
    "127.0.0.1",
    "192.0.2.1",
  ]);
  const start = net.clock.now();
  assertEquals(await connected(net), "192.0.2.1");
  assertEquals(net.tried, ["chat.test", "127.0.0.1", "192.0.2.1"]);
  assertEquals(net.clock.now() - start >= 2 * ATTEMPT_DELAY_MS, true);
});

Deno.test("a slow first address wins where no other answers, and later connections are closed", async () => {
  const slow = network({ "chat.test": { after: 900, then: "open" }, "127.0.0.1": "refused" }, [
    "::1",
    "127.0.0.1",
  ]);
  assertEquals(await connected(slow), "chat.test");
  const late = network({
    "chat.test": { after: 300, then: "open" },
    "127.0.0.1": { after: 100, then: "open" },
  }, [
    "::1",
    "127.0.0.1",
  ]);
  assertEquals(await connected(late), "chat.test");
  late.clock.advance(1000);
  await new Promise((resolve) => setImmediate(resolve));
  assertEquals(late.closed, ["127.0.0.1"]);
});

Deno.test("the error says that a port is closed, where one of the addresses says so", async () => {
  const fates = { "chat.test": "unreachable", "::1": "unreachable", "127.0.0.1": "refused" } as const;
  await assertRejects(() => network(fates, ["::1", "127.0.0.1"]).connecting, Deno.errors.ConnectionRefused);
  const none = network({ "chat.test": "unreachable", "::1": "unreachable" }, ["::1"]);
  await assertRejects(() => none.connecting, Error, "unreachable");
  assertEquals(none.tried, ["chat.test"]);
});

Deno.test("a name that is not known is looked up once", async () => {
  const net = network({ "chat.test": "unknown" }, ["never", "asked"]);
  await assertRejects(() => net.connecting, Error, "lookup");
  assertEquals(net.tried, ["chat.test"]);
});

Deno.test("the signal ends all attempts at any time", async () => {
  for (const wait of [0, 100, 300, 600]) {
    const net = network({ "chat.test": "silent", "127.0.0.1": "silent" }, ["::1", "127.0.0.1"]);
    await net.clock.pass(new Promise((resolve) => net.clock.after(wait, () => resolve(null))), 50);
    const reason = new Error("enough");
    net.stop.abort(reason);
    assertStrictEquals(await net.connecting.catch((error) => error), reason);
  }
});

Deno.test("a listener on one of a name's real addresses is found", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const accepted = listener.accept();
  const conn = await connectToHost({ host: "127.0.0.9", port }, {
    clock: new ManualClock(),
    signal: new AbortController().signal,
    lookup: () => Promise.resolve(["127.0.0.9", "::1", "127.0.0.1"]),
  });
  assertEquals(conn.remoteAddr.hostname, "127.0.0.1");
  conn.close();
  (await accepted).close();
});
