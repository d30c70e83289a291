import { OFF_MS } from "../../../lib/private/attempts.ts";
import { formatCode } from "../../../lib/private/code.ts";
import { assert, assertEquals, assertMatch, assertNotEquals } from "../../assert.ts";
import { asking } from "../people/sharing.ts";
import { AwaitedClock, type Closed, codeIn, SHARED_CODE, WRONG_CODE } from "../../private/closed.ts";
import { NATS_SERVER, type NatsCluster, startNats } from "../nats_server.ts";
import { closedListeners, until } from "./closing.ts";

function test(name: string, run: (nats: NatsCluster) => Promise<void>): void {
  Deno.test({
    name,
    ignore: NATS_SERVER === undefined,
    async fn() {
      await using nats = await startNats();
      await run(nats);
    },
  });
}

test("a code of one listener lets in at another, once over all, and its secret at each", async (nats) => {
  await using nodes = await closedListeners(nats, { count: 3 });
  const [a, b, c] = [nodes[0]!, nodes[1]!, nodes[2]!];
  const code = await a.invite("ann");
  using ann = await b.enter(code);
  assertEquals([ann.nick, ann.secret?.length], ["ann", 32]);
  for (const node of nodes) {
    using late = await node.come(code);
    assertEquals([late.isProved, late.first?.code], [false, "not-allowed"]);
    assertMatch(String(late.first?.text), /somebody who is still here/);
  }
  ann[Symbol.dispose]();
  using again = await c.enter(ann.secret!);
  assertEquals(again.secret, undefined);
  // The first use of the secret has ended the code.
  for (const node of nodes) {
    using late = await node.come(code);
    assertMatch(String(late.first?.text), /the code is not valid/);
  }
});

test("of many who race for one code at all listeners one gets in", async (nats) => {
  await using nodes = await closedListeners(nats, { count: 3 });
  for (let round = 0; round < 10; round++) {
    const code = await nodes[round % 3]!.invite(`p${round}`);
    const guests = await Promise.all([...nodes, ...nodes].map((node) => node.come(code)));
    const isIn = guests.filter(({ isProved }) => isProved);
    assertEquals(isIn.length, 1, JSON.stringify(guests.map(({ first }) => first)));
    const secret = isIn[0]!.first!.secret as Uint8Array<ArrayBuffer>;
    for (const guest of guests) {
      if (!guest.isProved) assertEquals(guest.first?.code, "not-allowed");
      guest[Symbol.dispose]();
    }
    using back = await nodes[(round + 1) % 3]!.enter(secret);
    assertEquals(back.nick, `p${round}`);
  }
});

test("a code whose secret never arrived lets in again at another listener, once who had it is gone", async (nats) => {
  await using nodes = await closedListeners(nats, { count: 2 });
  const code = await nodes[0]!.invite("ann");
  const first = await nodes[0]!.enter(code);
  first[Symbol.dispose]();
  using second = await until(() => nodes[1]!.enter(code).catch(() => undefined));
  assertNotEquals(second.secret, first.secret);
  using lost = await nodes[0]!.come(first.secret!);
  assertEquals(lost.first?.code, "not-allowed");
});

test("members who are made at all listeners at once all stay, each with a name of its own", async (nats) => {
  await using nodes = await closedListeners(nats, { count: 3, sharedCode: SHARED_CODE });
  const eight = [...nodes, ...nodes, ...nodes].slice(0, 8);
  const inside = await Promise.all(
    eight.map((node) => node.enter(SHARED_CODE, { nick: "ann", enrol: true })),
  );
  const nicks = inside.map(({ nick }) => nick as string);
  const expected = Array.from({ length: 8 }, (_, i) => i === 0 ? "ann" : `ann-${i + 1}`);
  assertEquals(nicks.toSorted(), expected);
  for (const [i, { secret, nick }] of inside.entries()) {
    inside[i]![Symbol.dispose]();
    using back = await until(async () => {
      const back = await nodes[(i + 1) % 3]!.enter(secret!);
      // The nick is free when the other listener has told so.
      if (back.nick === nick) return back;
      back[Symbol.dispose]();
      return undefined;
    });
    assertEquals(back.nick, nick);
  }
  using script = await nodes[0]!.enter(SHARED_CODE, { nick: "robot" });
  assertEquals([script.nick, script.secret], ["robot", undefined]);
});

test("who is revoked is sent away at all listeners, and gets in at none, from that moment on", async (nats) => {
  await using nodes = await closedListeners(nats, { count: 3 });
  const [a, b, c] = [nodes[0]!, nodes[1]!, nodes[2]!];
  const code = codeIn(await a.command("invite", "--keep robot"));
  const robots = await Promise.all(nodes.map((node) => node.enter(code)));
  using ann = await b.enter(await b.invite("ann"));
  assertEquals(await c.command("revoke", "ROBOT"), "robot is no longer a member");
  // A listener knows it as soon as the command has ended, whether it was told yet or not.
  for (const node of nodes) {
    using late = await node.come(code);
    assertEquals([late.isProved, late.first?.code], [false, "not-allowed"]);
  }
  for (const { peer } of robots) {
    assertEquals((await peer.until("bye")).code, "not-allowed");
    peer[Symbol.dispose]();
  }
  ann.peer.send({ type: "ping", ref: 1 });
  assertEquals((await ann.peer.answer(1)).type, "pong");
});

test("who is revoked and invited anew under the name at once is sent away all the same", async (nats) => {
  await using nodes = await closedListeners(nats, { count: 2 });
  using ann = await nodes[0]!.enter(await nodes[0]!.invite("ann"));
  await nodes[1]!.command("revoke", "ann");
  const code = codeIn(await nodes[1]!.command("invite", "--keep ann"));
  assertEquals((await ann.peer.until("bye")).code, "not-allowed");
  using other = await nodes[0]!.enter(code);
  assertMatch(String(other.nick), /^ann/);
});

test("the list of members and codes is the same everywhere, and says who is at another listener", async (nats) => {
  await using nodes = await closedListeners(nats, { count: 2 });
  const [a, b] = [nodes[0]!, nodes[1]!];
  using ann = await a.enter(await b.invite("ann"));
  assert(ann.secret);
  await b.command("invite", "--keep robot");
  const code = await a.invite("bob");
  for (const node of nodes) {
    const list = await until(async () => {
      const list = await node.command("members");
      return list.includes("ann: here") && list.includes("bob") ? list : undefined;
    });
    assertMatch(list, /^robot \(.*\)$/m);
    assertMatch(list, new RegExp(`^code ${formatCode(code)} for bob: not used, until `, "m"));
  }
  assertMatch(await b.command("invite", "ann"), /ann is a member already/);
  assertMatch(await b.command("revoke", formatCode(code)), /is no longer valid/);
  using late = await a.come(code);
  assertEquals(late.first?.code, "not-allowed");
});

test("each listener shows a code of its own, and the next one once when that was used", async (nats) => {
  await using nodes = await closedListeners(nats, { count: 2 });
  const [a, b] = [nodes[0]!, nodes[1]!];
  await Promise.all([a.chat.showCode(), b.chat.showCode()]);
  const codes = [a, b].map(({ notes }) => codeIn(notes.at(-1)!));
  assertNotEquals(codes[0], codes[1]);
  using ann = await b.enter(codes[0]!, { nick: "ann" });
  assertEquals(ann.nick, "ann");
  const next = await until(() => a.notes.map(codeIn).find((code) => code !== codes[0]));
  assert(!codes.includes(next));
  using bob = await b.enter(codes[1]!, { nick: "bob" });
  assertEquals(bob.nick, "bob");
  for (const node of [a, b]) {
    const isNext = (note: string) => note.startsWith("others join") && !codes.includes(codeIn(note));
    await until(() => node.notes.find(isNext));
    // What is shown besides is shown before the answer to a command.
    await node.command("revoke", "nobody");
    assertEquals(node.notes.filter(isNext).length, 1);
  }
});

test("the name of a member is nobody else's at any listener", async (nats) => {
  await using nodes = await closedListeners(nats, { count: 2, sharedCode: SHARED_CODE });
  const [a, b] = [nodes[0]!, nodes[1]!];
  const code = await a.invite("ann");
  // As soon as another listener has heard of the invitation, which a member's hello makes sure of.
  using thief = await b.enter(SHARED_CODE, { nick: "ANN" });
  assertEquals(thief.nick, "ANN-2");
  using ann = await a.enter(code);
  thief.peer.send({ type: "nick", nick: "ann", ref: 1 });
  assertEquals((await thief.peer.answer(1)).to, "ann-2");
  ann.peer.send({ type: "nick", nick: "boss", ref: 1 });
  assertEquals((await ann.peer.answer(1)).code, "not-allowed");
});

test("connections of one member at two listeners have the nick and a suffixed one, and a session moves", async (nats) => {
  await using nodes = await closedListeners(nats, { count: 2 });
  const [a, b] = [nodes[0]!, nodes[1]!];
  const keep = codeIn(await a.command("invite", "--keep robot"));
  using one = await a.enter(keep, { keys: { session: "of one" } });
  const seen = await until(async () => {
    const two = await b.enter(keep);
    if (two.nick !== "robot") return two;
    // It came before the first one was heard of: then one of them is renamed.
    const { to } = await Promise.race([one.peer.until("renamed"), two.peer.until("renamed")]);
    assertEquals(to, "robot-2");
    two[Symbol.dispose]();
    return undefined;
  });
  using two = seen;
  assertMatch(String(two.nick), /^robot-\d+$/);
  const who = await asking(two.peer, { type: "who", room: "lobby" }, ({ count }) => count === 2);
  assertEquals(new Set(who.nicks as string[]), new Set([one.nick, two.nick]));
  using ann = await b.come(await b.invite("ann"), { keys: { session: "of one", ref: 7 } });
  assertEquals((await ann.peer.answer(7)).code, "not-allowed");
  using moved = await b.enter(keep, { keys: { session: "of one" } });
  assertEquals((await one.peer.until("bye")).code, "replaced");
  assertEquals(moved.nick, "robot");
});

test("wrong codes at all listeners count together, and put an address off at each", async (nats) => {
  const clock = new AwaitedClock();
  await using nodes = await closedListeners(nats, { count: 2, sharedCode: SHARED_CODE, clock });
  const [a, b] = [nodes[0]!, nodes[1]!];
  const heard = [hearing(a), hearing(b)];
  const guess = async (node: Closed) => {
    using guest = await node.come(WRONG_CODE);
    return String(guest.first?.text);
  };
  for (const node of [a, b, a, b]) assertMatch(await guess(node), /not valid/);
  await Promise.all(heard.map((tries) => tries(["wrong", "wrong"])));
  // Four in a row were wrong, and what is right ends the row everywhere.
  (await a.enter(SHARED_CODE))[Symbol.dispose]();
  await heard[1]!(["wrong", "wrong", "right"]);
  for (const node of [b, a, a, a]) assertMatch(await guess(node), /not valid/);
  await heard[1]!(["wrong", "wrong", "right", "wrong", "wrong", "wrong"]);
  assertMatch(await guess(b), /not valid/);
  await heard[0]!(["wrong", "wrong", "wrong", "wrong"]);
  for (const node of nodes) {
    using guest = await node.come(SHARED_CODE);
    assertMatch(String(guest.first?.text), /too many wrong codes/);
  }
  assertEquals(nodes.flatMap(({ log }) => log).filter(({ event }) => event === "refused").length, 1);
  clock.advance(OFF_MS);
  for (const node of nodes) (await node.enter(SHARED_CODE))[Symbol.dispose]();
});

/** Hears what a door is told of others; gives a function that waits until that is what it was told. */
function hearing({ chat: { door } }: Closed): (expected: string[]) => Promise<unknown> {
  const told: string[] = [];
  const tried = door.tried.bind(door);
  door.tried = (client, isRight) => {
    told.push(isRight ? "right" : "wrong");
    tried(client, isRight);
  };
  return (expected) => until(() => told.join() === expected.join() ? true : undefined);
}
