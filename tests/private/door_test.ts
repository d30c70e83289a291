import { OFF_MS } from "../../lib/private/attempts.ts";
import { HELLO_TIMEOUT_MS, MAX_HELLO, SILENCE_MS } from "../../lib/private/door.ts";
import { INVITATION_MS } from "../../lib/private/members/members.ts";
import { memoryDuplex } from "../../lib/connection/memory_duplex.ts";
import { encodeFrame } from "../../lib/frame/mod.ts";
import { encode } from "../../lib/pickle/encode/encode.ts";
import { formatCode, keyOfCode } from "../../lib/private/code.ts";
import { parsePem } from "../../lib/private/pem.ts";
import { makeProof, memberId } from "../../lib/private/proof.ts";
import { assert, assertEquals, assertMatch, assertNotEquals } from "../assert.ts";
import { AwaitedClock, Closed, SHARED_CODE, WRONG_CODE } from "./closed.ts";

Deno.test("a plain program that speaks first is told that the chat is private, gets its certificate, and is closed", async () => {
  await using closed = await Closed.start();
  using peer = await closed.knock();
  peer.send({ type: "hello", nick: "ann" });
  const bye = await peer.receive();
  assertEquals([bye?.type, bye?.code, bye?.certificate], ["bye", "private", closed.certificate]);
  assertEquals(await peer.receive(), null);
});

Deno.test("a plain program that waits is told the same after 0.7 s", async () => {
  const clock = new AwaitedClock();
  await using closed = await Closed.start({ clock });
  using peer = await closed.knock();
  await clock.isSet(SILENCE_MS);
  clock.advance(SILENCE_MS);
  assertEquals((await peer.receive())?.code, "private");
});

Deno.test("a plain program that ends its input at once is told the same", async () => {
  await using closed = await Closed.start();
  using peer = await closed.knock();
  await peer.closeWrite();
  assertEquals((await peer.receive())?.code, "private");
});

Deno.test("a code lets one person in, who has the listener's proof and a secret", async () => {
  await using closed = await Closed.start();
  const code = await closed.invite();
  using ann = await closed.enter(code, { nick: "ann" });
  assertEquals([ann.nick, ann.secret?.length], ["ann", 32]);
  assertEquals(closed.log.filter(({ event }) => event === "enrolled").length, 1);
  assertMatch(closed.notes.at(-1)!, /^others join with: chat --connect HOST, code /);
});

Deno.test("the secret takes the place of the code: its first use ends the code", async () => {
  await using closed = await Closed.start();
  const code = await closed.invite("ann");
  const first = await closed.enter(code);
  first[Symbol.dispose]();
  using again = await closed.enter(first.secret!);
  assertEquals([again.nick, again.secret], ["ann", undefined]);
  using late = await closed.come(code);
  assertEquals([late.first?.code, late.isProved], ["not-allowed", false]);
});

Deno.test("a code that was used, and whose secret never arrived, lets in again with another secret", async () => {
  await using closed = await Closed.start();
  const code = await closed.invite("ann");
  const first = await closed.enter(code);
  first.peer.conn.close();
  const second = await untilIn(closed, code);
  assertNotEquals(second.secret, first.secret);
  second[Symbol.dispose]();
  using lost = await closed.come(first.secret!);
  assertEquals(lost.first?.code, "not-allowed");
  using third = await closed.enter(second.secret!);
  assertEquals(third.nick, "ann");
});

/** Comes until the one who used the code before has gone. */
async function untilIn(closed: Closed, code: string) {
  for (;;) {
    try {
      return await closed.enter(code);
    } catch (error) {
      assertMatch(String(error), /has used this code/);
    }
  }
}

Deno.test("of two peers that use a code at once, one gets in", async () => {
  await using closed = await Closed.start();
  const code = await closed.invite();
  const both = await Promise.all([closed.come(code), closed.come(code)]);
  assertEquals(both.map(({ isProved }) => isProved).toSorted(), [false, true]);
  assertEquals(both.find(({ isProved }) => !isProved)?.first?.code, "not-allowed");
  for (const guest of both) guest[Symbol.dispose]();
});

Deno.test("a code ends after a day, used or not", async () => {
  const clock = new AwaitedClock();
  await using closed = await Closed.start({ clock });
  const [unused, used] = [await closed.invite(), await closed.invite("bob")];
  (await closed.enter(used))[Symbol.dispose]();
  clock.advance(INVITATION_MS - 1);
  const just = await closed.enter(await closed.invite("carl"));
  just[Symbol.dispose]();
  clock.advance(1);
  for (const code of [unused, used]) {
    using guest = await closed.come(code);
    assertEquals(guest.first?.code, "not-allowed");
  }
});

Deno.test("a revoked member is disconnected, and their secret and code end; so does the code of a revoked invitation", async () => {
  await using closed = await Closed.start();
  const code = await closed.invite("ann");
  using ann = await closed.enter(code);
  const unused = await closed.invite("bob");
  assertEquals(await closed.command("revoke", "ANN"), "ann is no longer a member");
  assertEquals((await ann.peer.until("bye")).code, "not-allowed");
  assertMatch(await closed.command("revoke", "bob"), /^the code \S+ is no longer valid$/);
  for (const key of [code, ann.secret!, unused]) {
    using guest = await closed.come(key);
    assertEquals(guest.first?.code, "not-allowed");
  }
  assertMatch(await closed.command("revoke", "bob"), /there is no member or code bob/);
});

Deno.test("five wrong codes block an address for five minutes, also for right codes; it is logged once", async () => {
  const clock = new AwaitedClock();
  await using closed = await Closed.start({ clock, sharedCode: SHARED_CODE });
  for (let n = 0; n < 4; n++) (await closed.come(WRONG_CODE))[Symbol.dispose]();
  (await closed.enter(SHARED_CODE))[Symbol.dispose]();
  for (let n = 0; n < 7; n++) {
    using guest = await closed.come(WRONG_CODE);
    assertMatch(String(guest.first?.text), n < 5 ? /not valid/ : /too many wrong codes/);
  }
  using off = await closed.come(SHARED_CODE);
  assertEquals([off.isProved, off.first?.code], [false, "not-allowed"]);
  assertEquals(closed.log.filter(({ event }) => event === "refused").length, 1);
  clock.advance(OFF_MS);
  using back = await closed.enter(SHARED_CODE);
  assert(back.nick);
});

Deno.test("of many guesses at once only five are checked", async () => {
  await using closed = await Closed.start({ sharedCode: SHARED_CODE });
  const guess = async () => {
    using guest = await closed.come(WRONG_CODE);
    return String(guest.first?.text);
  };
  const answers = await Promise.all(Array.from({ length: 20 }, guess));
  const checked = answers.filter((text) => text.startsWith("the code is not valid"));
  const others = answers.filter((text) => text.startsWith("too many wrong codes"));
  assertEquals([checked.length, others.length], [5, 15]);
});

Deno.test("an invitation without a name is revoked by its code", async () => {
  await using closed = await Closed.start();
  const code = await closed.invite();
  assertMatch(await closed.command("revoke", formatCode(code)), /is no longer valid/);
  using guest = await closed.come(code);
  assertEquals(guest.first?.code, "not-allowed");
});

Deno.test("nobody is invited under the operator's nick, and a new member gets another one", async () => {
  await using closed = await Closed.start({ operator: "Anna" });
  for (const name of ["anna", "operator"]) {
    assertMatch(
      await closed.command("invite", name),
      new RegExp(`only the operator may be called ${name}`),
    );
  }
  using guest = await closed.enter(await closed.invite(), { nick: "ANNA" });
  assertEquals(guest.nick, "ANNA-2");
});

Deno.test("the first message must be a hello with a proof, of at most 4 KiB", async () => {
  await using closed = await Closed.start({ sharedCode: SHARED_CODE });
  const cases: [Uint8Array, RegExp][] = [
    [encodeFrame(encode("hi")), /first message must be a hello/],
    [encodeFrame(encode(new Map([["type", "ping"]]))), /first message must be a hello/],
    [encodeFrame(encode(new Map([["type", "hello"]]))), /must have the keys/],
    [
      encodeFrame(encode(new Map<string, string>([["type", "hello"], ["proof", "x"]]))),
      /proof must hold bytes/,
    ],
    [encodeFrame(new Uint8Array(MAX_HELLO).fill(0x80)), /.+/],
  ];
  for (const [bytes, text] of cases) {
    using peer = await closed.shakeHands();
    peer.sendBytes(bytes);
    const bye = await peer.receive();
    assertEquals([bye?.type, bye?.code], ["bye", "not-allowed"]);
    assertMatch(String(bye?.text), text);
  }
});

Deno.test("a header of garbage or above 4 KiB is refused before a byte behind it", async () => {
  await using closed = await Closed.start();
  for (const header of [`${MAX_HELLO + 1}`.padEnd(10), "GET / HTTP"]) {
    using peer = await closed.shakeHands();
    peer.sendBytes(new TextEncoder().encode(header));
    assertEquals((await peer.receive())?.code, "not-allowed");
  }
});

Deno.test("a hello may come byte by byte, and with more behind it", async () => {
  await using closed = await Closed.start({ sharedCode: SHARED_CODE });
  using peer = await closed.shakeHands();
  const key = keyOfCode(SHARED_CODE);
  const nonce = new Uint8Array(32);
  const certificate = parsePem(closed.certificate, "CERTIFICATE")!;
  const proof = await makeProof(key, { by: "peer", certificate, nonce });
  const hello = new Map<string, string | Uint8Array>([["type", "hello"], ["nonce", nonce], ["proof", proof]]);
  const bytes = encodeFrame(encode(hello.set("member", await memberId(key))));
  for (const byte of bytes.subarray(0, -1)) peer.sendBytes(Uint8Array.of(byte));
  const post = encodeFrame(
    encode(new Map<string, string | number>([["type", "message"], ["body", "hi"], ["ref", 1]])),
  );
  peer.sendBytes(Uint8Array.of(...bytes.subarray(-1), ...post));
  assertEquals((await peer.until("ack")).ref, 1);
});

Deno.test("a connection without a handshake, or without a whole hello, is closed after 10 s", async () => {
  const clock = new AwaitedClock();
  await using closed = await Closed.start({ clock });
  using half = await closed.knock();
  half.sendBytes(Uint8Array.of(0x16, 3, 1));
  await clock.isSet(HELLO_TIMEOUT_MS);
  using silent = await closed.shakeHands();
  await clock.isSet(HELLO_TIMEOUT_MS);
  using begun = await closed.shakeHands();
  begun.sendBytes(new TextEncoder().encode("100       abc"));
  await clock.isSet(HELLO_TIMEOUT_MS);
  clock.advance(HELLO_TIMEOUT_MS);
  for (const peer of [half, silent, begun]) {
    const end = await peer.conn.read(new Uint8Array(1)).catch(() => null);
    assertEquals(end, null);
  }
});

Deno.test("a member has the name of its code, and nobody else can have it", async () => {
  await using closed = await Closed.start({ sharedCode: SHARED_CODE });
  const code = await closed.invite("ann");
  using thief = await closed.enter(SHARED_CODE, { nick: "ANN" });
  assertEquals(thief.nick, "ANN-2");
  using ann = await closed.enter(code, { nick: "boss" });
  assertEquals(ann.nick, "ann");
  ann.peer.send({ type: "nick", nick: "boss", ref: 1 });
  assertEquals((await ann.peer.answer(1)).code, "not-allowed");
  thief.peer.send({ type: "nick", nick: "ann", ref: 2 });
  assertEquals((await thief.peer.answer(2)).to, "ann-2");
});

Deno.test("a reusable code is one member with several connections, and no secret replaces it", async () => {
  await using closed = await Closed.start();
  const text = await closed.command("invite", "--keep robot");
  assertMatch(text, /^robot joins with: CHAT_CODE=\S+ chat --connect HOST/);
  const code = text.match(/CODE=(\S+)/)![1]!.replaceAll("-", "");
  using one = await closed.enter(code);
  using two = await closed.enter(code);
  assertEquals([one.nick, two.nick, one.secret], ["robot", "robot-2", undefined]);
});

Deno.test("the listener's own code makes a member with enrol, and lets a script in without", async () => {
  await using closed = await Closed.start({ sharedCode: SHARED_CODE });
  using script = await closed.enter(SHARED_CODE, { nick: "robot" });
  assertEquals([script.nick, script.secret], ["robot", undefined]);
  using one = await closed.enter(SHARED_CODE, { nick: "ann", enrol: true });
  using two = await closed.enter(SHARED_CODE, { nick: "ann", enrol: true });
  assertEquals([one.nick, two.nick], ["ann", "ann-2"]);
  assertNotEquals(one.secret, two.secret);
});

Deno.test("a member gets the name of its code, and whoever had that nick before gets another one", async () => {
  await using closed = await Closed.start({ sharedCode: SHARED_CODE });
  using early = await closed.enter(SHARED_CODE, { nick: "early" });
  using ann = await closed.enter(await closed.invite("ann"));
  using second = await closed.enter(ann.secret!);
  assertEquals(second.nick, "ann-2");
  using member = await closed.enter(await closed.invite("early"));
  assertEquals(member.nick, "early");
  const renamed = await early.peer.until("renamed");
  assertEquals([renamed.nick, renamed.to], ["early", "early-2"]);
  using other = await closed.enter(await closed.invite("ann-2"));
  assertEquals(other.nick, "ann-2");
  for (const nicks of [["early", "early-2"], ["ann-2", "ann-2-2"]]) {
    const again = await second.peer.until("renamed");
    assertEquals([again.nick, again.to], nicks);
  }
  ann.peer.send({ type: "message", to: "early", body: "hi" });
  assertEquals((await member.peer.until("message")).body, "hi");
});

Deno.test("a session of one member cannot be taken over by another", async () => {
  await using closed = await Closed.start({ sharedCode: SHARED_CODE });
  using ann = await closed.enter(await closed.invite("ann"), { keys: { session: "ours" } });
  using bob = await closed.come(await closed.invite("bob"), { keys: { session: "ours", ref: 7 } });
  assertEquals((await bob.peer.answer(7)).code, "not-allowed");
  using again = await closed.enter(ann.secret!, { keys: { session: "ours" } });
  assertEquals(again.nick, "ann");
  assertEquals((await ann.peer.until("bye")).code, "replaced");
});

Deno.test("members, their nicks and their operators' rights work as in an open chat", async () => {
  await using closed = await Closed.start({ sharedCode: SHARED_CODE, operatorToken: "token" });
  using ann = await closed.enter(SHARED_CODE, { nick: "ann" });
  using bob = await closed.enter(await closed.invite("bob"));
  ann.peer.send({ type: "op", token: "token", ref: 1 });
  await ann.peer.answer(1);
  ann.peer.send({ type: "ban", nick: "bob", ref: 2 });
  assertEquals((await bob.peer.until("bye")).code, "banned");
  using back = await closed.come(bob.secret!);
  assertEquals(back.isProved, true);
  assertEquals((await back.peer.until("bye")).code, "banned");
});

Deno.test("the list of members says who is here, and which codes are open", async () => {
  await using closed = await Closed.start();
  assertEquals(await closed.command("members"), "there are no members yet");
  using ann = await closed.enter(await closed.invite("ann"));
  assert(ann.secret);
  await closed.command("invite", "--keep robot");
  await closed.invite("bob");
  const list = await closed.command("members");
  assertMatch(list, /^ann: here$/m);
  assertMatch(list, /^robot \(a reusable code\)$/m);
  assertMatch(list, /^code \S+ for bob: not used, until /m);
  assertMatch(await closed.command("invite", "ann"), /ann is a member already/);
  assertMatch(await closed.command("invite", "operator"), /only the operator/);
});

Deno.test("without a free place a plain program gets bye full, TLS is closed, and few connections are kept waiting", async () => {
  const clock = new AwaitedClock();
  await using closed = await Closed.start({ clock });
  const { door } = closed.chat;
  const speak = async (first: number | null) => {
    const [near, far] = memoryDuplex();
    const hearing = door.canHear(far);
    if (first !== null) await near.write(Uint8Array.of(first));
    return { near, hearing };
  };
  const plain = await speak(0x31);
  assert(await plain.hearing !== null);
  const tls = await speak(0x16);
  assertEquals(await tls.hearing, null);
  const waiting = [];
  for (let n = 0; n < 256; n++) waiting.push(await speak(null));
  const late = await speak(null);
  assertEquals(await late.hearing, null);
  clock.advance(SILENCE_MS);
  for (const { hearing } of waiting) assert(await hearing !== null);
  for (const { near } of [plain, tls, ...waiting]) near.close();
});
