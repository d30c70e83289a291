/** One-shot commands and lines for scripts, with a listener. */

import { Source } from "../../lib/cli/sources.ts";
import { Tuple } from "../../lib/pickle/values/values.ts";
import { assertEquals, assertMatch } from "../assert.ts";
import { run, start, Typing } from "./connecting.ts";
import { Listening } from "./listening.ts";

Deno.test("texts, objects, files, the input and bytes are posted, and the script is not announced", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/a.json`, '\ufeff{"a": [1, 2.5, {"$tuple": [true]}]}\n');
    await Deno.writeTextFile(`${folder}/b.py`, "{1: ('x', None)}\n");
    await Deno.writeFile(`${folder}/c.bin`, Uint8Array.of(0, 0xff, 0x0a));
    await using listening = await Listening.start();
    using ann = await listening.enter("ann");
    const send = [
      "{no object",
      new Source(`${folder}/a.json`, "object"),
      new Source(`${folder}/b.py`, "object"),
      new Source("-", "object"),
      new Source(`${folder}/c.bin`, "bytes"),
    ];
    assertEquals(await run({ port: listening.port, nick: "script", send }, { input: "[None, 7]\n" }), {
      status: 0,
      out: "",
      err: "",
    });
    const got = [];
    for (let n = 0; n < send.length; n++) got.push(await ann.receive());
    assertEquals(got.map((message) => [message?.type, message?.from]), send.map(() => ["message", "script"]));
    assertEquals(got[0]?.body, "{no object");
    assertEquals((got[1]?.body as Map<string, unknown[]>).get("a")?.[2], new Tuple([true]));
    assertEquals(got[2]?.body, new Map([[1, new Tuple(["x", null])]]));
    assertEquals([got[3]?.body, got[4]?.body], [[null, 7], Uint8Array.of(0, 0xff, 0x0a)]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a source that cannot be read or is not an object is one line and status 1, before anything connects", async () => {
  const file = await Deno.makeTempFile();
  try {
    const cases: [Uint8Array, string | undefined, RegExp][] = [
      [new TextEncoder().encode("{1: "), file, /^cannot post .*: it is neither JSON nor a Python literal: /],
      [Uint8Array.of(0x22, 0xe9, 0x22), file, /^cannot post .*: it is not UTF-8; --send-bytes posts bytes/],
      [new Uint8Array(), file, /^cannot post .*: it is neither JSON/],
      [new Uint8Array(), `${file}.not`, /^cannot read .*: No such file or directory$/],
      [new Uint8Array(), "/", /^cannot read \/: Is a directory$/],
    ];
    for (const [content, path, said] of cases) {
      await Deno.writeFile(file, content);
      const error = await run({ port: 1, send: [new Source(path!, "object")] }).catch((error) => error);
      assertEquals([error.name, error.status], ["Exit", 1]);
      assertMatch(error.message, said);
    }
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("--to posts to one person alone, and an absent person is a refusal", async () => {
  await using listening = await Listening.start();
  using ann = await listening.enter("ann");
  using bob = await listening.enter("bob");
  const { port } = listening;
  assertEquals((await run({ port, nick: "script", send: ["psst"], to: "bob" })).status, 0);
  assertEquals((await bob.until("message")).to, "bob");
  const { status, err } = await run({ port, send: ["psst"], to: "zoe" });
  assertEquals(status, 1);
  assertMatch(err, /^chat: not posted: .*zoe.* \(no-such-nick\)\n$/);
  bob.send({ type: "message", body: "for all" });
  await ann.until("joined");
  assertEquals((await ann.receive())?.body, "for all");
});

Deno.test("a pipe without input that asks for old messages waits for them", async () => {
  await using listening = await Listening.start();
  const { port } = listening;
  assertEquals((await run({ port, send: ["one", "two"] })).status, 0);
  for (let time = 0; time < 20; time++) {
    assertEquals((await run({ port, replay: 3 }, { input: "" })).out.split("\n").length, 3);
  }
});

Deno.test("a pipe prints old messages only with --replay, and is in no list of members", async () => {
  await using listening = await Listening.start();
  using ann = await listening.enter("ann");
  for (const [ref, body] of ["one", "two", "three"].entries()) {
    ann.send({ type: "message", body, ref });
    await ann.until("ack");
  }
  const { port } = listening;
  assertEquals(await run({ port }, { input: "hi\n" }), { status: 0, out: "", err: "" });
  assertEquals((await ann.receive())?.type, "message");
  const { out } = await run({ port, replay: 2 }, { input: "ho\n" });
  assertEquals(out.split("\n").length, 3);
  const following = start({ port, nick: "log", follow: true }, { input: new Typing().readable });
  assertEquals((await ann.until("joined")).nick, "log");
  following.interrupt(143);
  await following.status;
  assertEquals((await ann.until("left")).nick, "log");
});

Deno.test("--receive with --json prints nothing before the first message", async () => {
  await using listening = await Listening.start();
  using ann = await listening.enter("ann");
  const { port } = listening;
  const waiting = start({ port, receive: 1, json: "exact", trace: true });
  await waiting.stderr.until((text) => text.includes("replay"));
  using _bob = await listening.enter("bob");
  ann.send({ type: "message", body: "first" });
  assertEquals(await waiting.status, 0);
  assertEquals(waiting.stdout.lines.map((line) => JSON.parse(line).body), ["first"]);
});

Deno.test("--bodies prints texts as they are, and objects as Python or JSON shows them", async () => {
  await using listening = await Listening.start();
  using ann = await listening.enter("ann");
  const { port } = listening;
  const bodies = ["two\nlines\x1b[1m", new Map<string, number[]>([["a", [1]]]), new Tuple([1, "x"])];
  for (const [ref, body] of bodies.entries()) {
    ann.send({ type: "message", body, ref });
    await ann.until("ack");
  }
  const last = { port, last: 3, bodies: true } as const;
  assertEquals((await run(last)).out, "two\nlines\x1b[1m\n{'a': [1]}\n(1, 'x')\n");
  assertEquals(
    (await run({ ...last, json: "exact" })).out,
    [
      '"two\\nlines\\u001b[1m"',
      '{"a": [1]}',
      '{"$tuple": [1, "x"]}',
      "",
    ].join("\n"),
  );
  assertEquals((await run({ ...last, json: "plain" })).out.split("\n")[2], '[1, "x"]');
});

Deno.test("with --json=plain each line is a body, whatever its keys", async () => {
  await using listening = await Listening.start();
  using ann = await listening.enter("ann");
  const input = '7\n"text"\n{"type": "join", "room": "ops"}\n{"$tuple": []}\nnull\n';
  const { status } = await run({ port: listening.port, json: "plain" }, { input });
  assertEquals(status, 0);
  const got = [];
  for (let n = 0; n < 5; n++) got.push((await ann.until("message")).body);
  assertEquals(got, [
    7,
    "text",
    new Map([["type", "join"], ["room", "ops"]]),
    new Map([["$tuple", []]]),
    null,
  ]);
});

Deno.test("--timeout ends any one-shot command with status 3 and one line", async () => {
  await using listening = await Listening.start();
  const { port } = listening;
  for (const command of [{ receive: 1 }, { follow: true }, { json: "exact" as const, receive: 1 }]) {
    const input = new Typing().readable;
    const { status, out, err } = await run({ port, ...command, timeout: 300 }, { input });
    assertEquals([status, err], [3, "chat: timed out after 300ms (--timeout)\n"]);
    assertEquals(out, "");
  }
  assertEquals((await run({ port, send: ["x"], timeout: 60_000 })).status, 0);
});
