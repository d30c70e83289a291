import { assertEquals, assertMatch } from "../../assert.ts";
import { Relay } from "../../integration/relay.ts";
import { Closed, codeIn, WRONG_CODE } from "../../private/closed.ts";
import { NATS_SERVER, startNats } from "../nats_server.ts";
import { brokerOf, closedListeners, copyOf, until } from "./closing.ts";

const ignore = NATS_SERVER === undefined;

/** Waits until a listener has logged an event of its broker so many times. */
async function logged(node: Closed, event: "failing" | "working", count = 1): Promise<void> {
  await until(() => {
    const found = node.served.filter((logged) =>
      logged.event === event && "what" in logged && logged.what === "broker"
    );
    return found.length >= count ? true : undefined;
  });
}

Deno.test({
  name:
    "while the broker is away known members get in, and fresh codes and unknown keys are told to try again, as many as come",
  ignore,
  async fn() {
    await using nats = await startNats();
    await using nodes = await closedListeners(nats, { count: 2 });
    const [a, b] = [nodes[0]!, nodes[1]!];
    const ann = await a.enter(await a.invite("ann"));
    const bobs = await b.invite("bob");
    const bob = await b.enter(bobs);
    const robot = codeIn(await a.command("invite", "--keep robot"));
    const fresh = await b.invite("dora");
    const carl = await b.enter(await b.invite("carl"));
    await b.command("revoke", "carl");
    for (const guest of [ann, bob, carl]) guest[Symbol.dispose]();
    (await a.enter(ann.secret!))[Symbol.dispose]();

    await nats.nodes[0]!.term();
    for (const node of nodes) await logged(node, "failing");
    for (const node of nodes) {
      for (const key of [ann.secret!, bob.secret!, robot]) (await node.enter(key))[Symbol.dispose]();
      for (const key of [fresh, carl.secret!, bobs, ...Array.from({ length: 6 }, () => WRONG_CODE)]) {
        using guest = await node.come(key);
        assertEquals([guest.isProved, guest.first?.type, guest.first?.code], [false, "bye", "busy"]);
        assertMatch(String(guest.first?.text), /try again in a moment/);
      }
    }
    assertMatch(await a.command("invite", "eve"), /the broker is away, so nothing was changed/);
    assertMatch(await b.command("revoke", "ann"), /the broker is away, so nothing was changed/);

    await nats.nodes[0]!.restart();
    for (const node of nodes) await logged(node, "working");
    using dora = await until(() => a.enter(fresh).catch(() => undefined));
    assertEquals(dora.nick, "dora");
    // That the secret was used is noted now.
    const text = await until(async () => {
      using guest = await b.come(bobs);
      return guest.first?.code === "busy" ? undefined : String(guest.first?.text);
    });
    assertMatch(text, /the code is not valid/);
    for (const node of nodes) {
      for (const key of [ann.secret!, bob.secret!]) (await node.enter(key))[Symbol.dispose]();
      using late = await node.come(carl.secret!);
      assertEquals(late.first?.code, "not-allowed");
    }
  },
});

Deno.test({
  name: "who is revoked while a listener is cut off is sent away there as soon as it is back",
  ignore,
  async fn() {
    await using nats = await startNats();
    await using relay = new Relay(nats.nodes[0]!.port);
    await using b = await Closed.start({ broker: brokerOf(nats, "cut") });
    await using a = await Closed.start({
      broker: brokerOf({ nodes: [relay] }, "cut"),
      folder: await copyOf(b.folder),
    });
    using ann = await a.enter(await a.invite("ann"));
    relay.refusing = true;
    relay.cut();
    await logged(a, "failing");
    await b.command("revoke", "ann");
    // What this listener cannot know, it cannot do.
    using again = await a.enter(ann.secret!);
    relay.refusing = false;
    assertEquals((await ann.peer.until("bye")).code, "not-allowed");
    assertEquals((await again.peer.until("bye")).code, "not-allowed");
    using late = await until(async () => {
      const late = await a.come(ann.secret!);
      if (late.first?.code !== "busy") return late;
      late[Symbol.dispose]();
      return undefined;
    });
    assertEquals(late.first?.code, "not-allowed");
  },
});

Deno.test({
  name: "the members outlive the listeners and the broker's restart",
  ignore,
  async fn() {
    await using nats = await startNats();
    const first = await Closed.start({ broker: brokerOf(nats, "kept") });
    const ann = await first.enter(await first.invite("ann"));
    const code = await first.invite("bob");
    ann[Symbol.dispose]();
    await first.stop();
    await nats.nodes[0]!.kill9();
    await nats.nodes[0]!.restart();
    await nats.healthy();
    await using again = await Closed.start({ broker: brokerOf(nats, "kept"), folder: first.folder });
    (await again.enter(ann.secret!))[Symbol.dispose]();
    using bob = await again.enter(code);
    assertEquals(bob.nick, "bob");
  },
});
