import { Exit } from "../../../lib/base/errors.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../../assert.ts";
import { Listening } from "../../integration/listening.ts";
import type { Member } from "../../../lib/private/members/members.ts";
import { formatMembers } from "../../../lib/private/members/text.ts";
import { PrivateFiles } from "../../../lib/private/private_files.ts";
import { Closed, SHARED_CODE } from "../../private/closed.ts";
import { NATS_SERVER, type NatsCluster, type NatsOptions, startNats } from "../nats_server.ts";
import { brokerOf, copyOf, until } from "./closing.ts";

function test(name: string, run: (nats: NatsCluster) => Promise<void>, options: NatsOptions = {}): void {
  Deno.test({
    name,
    ignore: NATS_SERVER === undefined,
    async fn() {
      await using nats = await startNats(options);
      await run(nats);
    },
  });
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

test("a listener without the certificate of the chat is refused, is told which files to copy, and makes none", async (nats) => {
  const broker = brokerOf(nats, "cert");
  await using first = await Closed.start({ broker });
  const folder = await Deno.makeTempDir({ prefix: "chat-private-" });
  const refused = await assertRejects(() => Closed.start({ broker, folder }), Exit);
  assertEquals(
    [refused.status, refused.message],
    [
      1,
      `this chat has a certificate already: copy listener.key and listener.crt to ${folder} from a machine that serves it`,
    ],
  );
  assert(!await exists(`${folder}/listener.key`) && !await exists(`${folder}/listener.crt`));
  // One that has served another chat has another certificate.
  await (await Closed.start({ folder })).stop();
  await assertRejects(() => Closed.start({ broker, folder }), Exit, "copy listener.key and listener.crt to");
  await Deno.remove(folder, { recursive: true });
  await using second = await Closed.start({ broker, folder: await copyOf(first.folder) });
  using ann = await second.enter(await first.invite("ann"));
  assertEquals(ann.nick, "ann");
});

test("of listeners with several certificates that start a chat at once those with one of them serve it", async (nats) => {
  const broker = brokerOf(nats, "race");
  const folders = await Promise.all([1, 2, 3].map(() => Deno.makeTempDir({ prefix: "chat-private-" })));
  const started = await Promise.allSettled(folders.map((folder) => Closed.start({ broker, folder })));
  const running = started.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
  assertEquals(running.length, 1);
  for (const one of started) {
    if (one.status === "rejected") assertMatch(String(one.reason), /this chat has a certificate already/);
  }
  await running[0]!.stop();
  for (const folder of folders) await Deno.remove(folder, { recursive: true });
});

test("a chat is not served open and for members at once", async (nats) => {
  const broker = brokerOf(nats, "kind");
  const folder = await Deno.makeTempDir({ prefix: "chat-private-" });
  const open = await Listening.start({ broker });
  const closed = await assertRejects(() => Closed.start({ broker, folder }), Exit);
  assertMatch(closed.message, /^The chat kind is open at .*: end the listeners without --private first/);
  await open.end();
  // The open listener is gone, but a closed one was there, even if for a moment.
  const text = "The chat kind is private: add --private, or give --history another NAME; " +
    "to open it, end its listeners and remove its members: nats kv del chat-kind-members";
  await assertRejects(() => Listening.start({ broker }), Exit, text);
  await using running = await Closed.start({ broker, folder });
  await assertRejects(() => Listening.start({ broker }), Exit, text);
  await using other = await Closed.start({ broker, folder: await copyOf(folder) });
  using ann = await other.enter(await running.invite("ann"));
  assertEquals(ann.nick, "ann");
});

test("the first listener brings the members of its file along, and the file is put aside", async (nats) => {
  const alone = await Closed.start();
  const { folder } = alone;
  const ann = await alone.enter(await alone.invite("ann"));
  const code = await alone.invite("bob");
  ann[Symbol.dispose]();
  await alone.stop();
  const broker = brokerOf(nats, "moved");
  await using first = await Closed.start({ broker, folder });
  assertEquals(
    [await exists(`${folder}/members.json`), await exists(`${folder}/members.json.moved`)],
    [false, true],
  );
  await using second = await Closed.start({ broker, folder: await copyOf(folder) });
  (await second.enter(ann.secret!))[Symbol.dispose]();
  using bob = await first.enter(code);
  assertEquals(bob.nick, "bob");
});

test("a listener that nobody could ever join does not start, one whose chat has members does", async (nats) => {
  const broker = brokerOf(nats, "nobody");
  const folder = await Deno.makeTempDir({ prefix: "chat-private-" });
  await assertRejects(
    () => Closed.start({ broker, folder, attended: false }),
    Exit,
    "nobody could join: set CHAT_CODE",
  );
  const first = await Closed.start({ broker, folder });
  const code = await first.invite("ann");
  await first.stop();
  await using second = await Closed.start({ broker, folder, attended: false });
  using ann = await second.enter(code);
  assertEquals(ann.nick, "ann");
});

test("CHAT_CODE is each listener's own", async (nats) => {
  const broker = brokerOf(nats, "code");
  await using a = await Closed.start({ broker, sharedCode: SHARED_CODE });
  await using b = await Closed.start({ broker, folder: await copyOf(a.folder) });
  using script = await a.enter(SHARED_CODE, { nick: "robot" });
  assertEquals(script.nick, "robot");
  using none = await b.come(SHARED_CODE);
  assertEquals(none.first?.code, "not-allowed");
});

test("a listener whose chat loses its members on the broker ends and says so", async (nats) => {
  const broker = brokerOf(nats, "gone");
  const closed = await Closed.start({ broker });
  const { connectBroker } = await import("../../../lib/cluster/broker/broker.ts");
  const connection = await connectBroker({ address: broker.address });
  const kv = await connection.openBucket({ name: "chat-gone-members", storage: "file" });
  await kv.delete("members");
  const error = await assertRejects(() => closed.ended, Exit);
  assertMatch(error.message, /^The members of the chat are gone from the broker/);
  closed.chat.close();
  // Whoever starts it again begins anew, with the certificate that it has.
  await using again = await Closed.start({ broker, folder: closed.folder });
  assertEquals(await again.command("members"), "there are no members yet");
  await connection.close();
});

test(
  "what the broker cannot take for its length is refused with advice, and nothing has changed",
  async (nats) => {
    const folder = await Deno.makeTempDir({ prefix: "chat-private-" });
    const files = new PrivateFiles(folder);
    await Deno.chmod(folder, 0o700);
    const key = "ab".repeat(32);
    const members = (count: number) =>
      Array.from({ length: count }, (_, i): Member => ({ name: `member${i}`, key, kind: "secret" }));
    const keep = (count: number) =>
      files.write("members.json", formatMembers({ members: members(count), invitations: [] }));
    const broker = brokerOf(nats, "long");
    keep(700);
    await assertRejects(() => Closed.start({ broker, folder }), Error, "raise max_payload of its servers");
    keep(500);
    await using a = await Closed.start({ broker, folder });
    await using b = await Closed.start({ broker, folder: await copyOf(folder) });
    const code = await b.invite("ann");
    let said = "";
    let kept = 0;
    for (; !/raise max_payload/.test(said); kept++) said = await a.command("invite", `--keep m${kept}`);
    assert(kept > 10, `${kept}`);
    const list = await until(async () => {
      const list = await b.command("members");
      return list.includes(`m${kept - 2} `) ? list : undefined;
    });
    assert(!list.includes(`m${kept - 1} `));
    for (const name of ["m0", "m1", "m2"]) assertMatch(await a.command("revoke", name), /no longer a member/);
    using ann = await a.enter(code);
    assertEquals(ann.nick, "ann");
  },
  { maxPayload: 1 << 16 },
);
