import type { LogEvent } from "../../lib/log/log.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { run, start } from "../integration/connecting.ts";
import { Listening } from "../integration/listening.ts";
import { Relay } from "../integration/relay.ts";
import { formatCode } from "../../lib/private/code.ts";
import { forgetHost } from "../../lib/private/known_hosts.ts";
import { encodeFrame, HEADER_SIZE } from "../../lib/frame/mod.ts";
import { decode } from "../../lib/pickle/decode/decode.ts";
import { encode } from "../../lib/pickle/encode/encode.ts";
import type { Value } from "../../lib/pickle/values/values.ts";
import { makeKeyPair } from "../../lib/private/certificate.ts";
import type { ListenerMessage } from "../../lib/protocol/message.ts";
import { Closed, SHARED_CODE, WRONG_CODE } from "./closed.ts";
import { InTheMiddle, lie, passOn } from "./mitm.ts";

/** Runs a test with a state folder of a connector's own. */
function test(name: string, fn: (state: State) => Promise<void>): void {
  Deno.test(name, async () => {
    const folder = await Deno.makeTempDir({ prefix: "chat-state-" });
    await Deno.chmod(folder, 0o700);
    try {
      await fn({
        folder,
        env: { STATE_DIRECTORY: folder },
        withCode: (code) => ({ STATE_DIRECTORY: folder, CHAT_CODE: code }),
        files: () => [...Deno.readDirSync(folder)].map(({ name }) => name).sort(),
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

interface State {
  readonly folder: string;
  readonly env: Record<string, string>;
  readonly withCode: (code: string) => Record<string, string>;
  readonly files: () => string[];
}

/** A welcome without the right proof. */
const WELCOME: ListenerMessage = {
  type: "welcome",
  protocol: 1,
  nick: "ann",
  room: "lobby",
  session: "s",
  epoch: "e",
  server: "chat",
  version: "0",
  limits: new Map(),
  proof: new Uint8Array(32),
  secret: new Uint8Array(32),
};

/** Whether somebody came who said a name: a connection that sends nothing may come as a guest. */
function saidHello(told: LogEvent): boolean {
  return told.event === "came" && !told.nick.startsWith("guest-");
}

test("a code in CHAT_CODE lets a pipe in once; from then on the secret does", async ({ env, withCode, folder }) => {
  await using closed = await Closed.start();
  const code = await closed.invite("ann");
  const first = await run({ port: closed.port }, { input: "hi\n", env: withCode(formatCode(code)) });
  assertEquals([first.status, first.err], [0, ""]);
  const again = await run({ port: closed.port, last: 1 }, { env });
  assertEquals([again.status, again.out], [0, "ann: hi\n"]);
  const late = await run({ port: closed.port, last: 1 }, {
    env: { STATE_DIRECTORY: `${folder}/other`, CHAT_CODE: code },
  });
  assertEquals([late.status, late.out], [4, ""]);
  assertMatch(late.err, /the code is not valid.*not-allowed/);
});

test("the files of a connector are for their owner alone, and are refused where others can read them", async ({ env, withCode, folder }) => {
  await using closed = await Closed.start({ sharedCode: SHARED_CODE });
  await run({ port: closed.port, last: 1 }, { env: withCode(SHARED_CODE) });
  const path = `${folder}/hosts.json`;
  assertEquals(Deno.statSync(path).mode! & 0o777, 0o600);
  for (const [changed, mode] of [[path, 0o640], [folder, 0o750]] as const) {
    const before = Deno.statSync(changed).mode! & 0o777;
    Deno.chmodSync(changed, mode);
    const { status, err } = await run({ port: closed.port, last: 1 }, { env });
    assertEquals(status, 1);
    assertMatch(err, /other users can read .*chmod/);
    Deno.chmodSync(changed, before);
  }
});

test("without a code a pipe ends with status 2, which names CHAT_CODE, and sends nothing", async ({ env, files }) => {
  await using closed = await Closed.start();
  const { status, err } = await run({ port: closed.port, nick: "ann" }, { input: "hi\n", env });
  assertEquals(status, 2);
  assertMatch(err, /is a private chat: set CHAT_CODE to the code .* 1 post was not sent/);
  assertEquals(files(), []);
});

test("a person is asked once, and text that is not a code is not sent", async ({ env }) => {
  await using closed = await Closed.start();
  const code = await closed.invite("ann");
  const typed = `hello there\n${formatCode(code).toUpperCase()}\nhi\n`;
  const first = await run({ port: closed.port }, { input: typed, typed: true, env });
  assertEquals(first.status, 0);
  assertMatch(first.err + first.out, /"hello there" is not a code, and was not sent/);
  const again = await run({ port: closed.port, last: 5 }, { typed: true, env });
  assertEquals([again.status, again.out], [0, "ann: hi\n"]);
});

test("a reusable code is stored where a person typed it", async ({ env }) => {
  await using closed = await Closed.start();
  const code = (await closed.command("invite", "--keep robot")).match(/CODE=(\S+)/)![1]!;
  const first = await run({ port: closed.port }, { input: `${code}\nhi\n`, typed: true, env });
  assertEquals(first.status, 0);
  const again = await run({ port: closed.port, last: 1 }, { env });
  assertEquals([again.status, again.out], [0, "robot: hi\n"]);
});

test("a certificate that is known brings its key along under another name", async ({ env, withCode }) => {
  await using closed = await Closed.start();
  const code = await closed.invite("ann");
  await run({ port: closed.port }, { input: "hi\n", env: withCode(code) });
  const other = await run({ host: "127.0.0.2", port: closed.port, last: 1 }, { env });
  if (/nobody is listening/.test(other.err)) return;
  assertEquals([other.status, other.out], [0, "ann: hi\n"]);
});

test("a private chat of several listeners needs one code, and none of them may be open", async ({ env, withCode }) => {
  await using closed = await Closed.start();
  await using first = new Relay(closed.port);
  await using second = new Relay(closed.port);
  const [left, right] = [first, second].map(({ port }) => ({ host: "127.0.0.1", port }));
  const code = await closed.invite("ann");
  // The code is used up at the first host that is reached; the other one has the same certificate.
  for (let time = 0; time < 4; time++) {
    const { status, err } = await run({ hosts: [left!, right!] }, {
      input: `${time}\n`,
      env: time === 0 ? withCode(code) : env,
    });
    assertEquals([status, err], [0, ""]);
  }
  const { out } = await run({ hosts: [left!, right!], last: 4 }, { env });
  assertEquals(out, "ann: 0\nann: 1\nann: 2\nann: 3\n");
  // Somebody else answers at the other address.
  await using open = await Listening.start();
  const other = { host: "127.0.0.1", port: open.port };
  const cut = [];
  // Which of the two is tried first is chance.
  for (let time = 0; cut.length === 0 && time < 64; time++) {
    const { status, err } = await run({ hosts: [left!, other], last: 1 }, { env });
    if (status === 0) continue;
    assertEquals(status, 4);
    assertMatch(
      err,
      /is not private: nothing was sent; connect to it alone, because 127\.0\.0\.1:\d+ is private/,
    );
    cut.push(err);
  }
  assert(cut.length > 0);
  assertEquals(open.log.filter(saidHello), []);
});

test("--private, or CHAT_CODE, refuses an open chat, and nothing is sent", async ({ env, withCode, files }) => {
  await using open = await Listening.start();
  for (const [command, variables] of [[{ private: true }, env], [{}, withCode(SHARED_CODE)]] as const) {
    const { status, err } = await run({ port: open.port, ...command }, { input: "secret\n", env: variables });
    assertEquals(status, 4);
    assertMatch(err, /is not private: nothing was sent/);
  }
  assertEquals(open.log.filter(saidHello), []);
  assertEquals(files(), []);
});

test("a connection that ends inside its first frame is lost, and nobody is told to leave out --private", async ({ withCode }) => {
  const bye = encodeFrame(
    encode(new Map<Value, Value>([["type", "bye"], ["code", "private"], ["text", "x"]])),
  );
  for (const kept of [0, HEADER_SIZE - 1, HEADER_SIZE, bye.length - 1]) {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const cut = async () => {
      using conn = await listener.accept();
      await conn.write(bye.subarray(0, kept));
    };
    const { port } = listener.addr;
    const [{ status, err }] = await Promise.all([
      run({ port, private: true, reconnect: false }, { env: withCode(SHARED_CODE) }),
      cut(),
    ]);
    assertEquals(status, 3);
    assertMatch(err, /sent no certificate: the connection was lost/);
  }
});

test("--private meets a private chat without a word in plain", async ({ withCode }) => {
  await using closed = await Closed.start({ sharedCode: SHARED_CODE });
  const { status } = await run({ port: closed.port, private: true }, {
    input: "hi\n",
    env: withCode(SHARED_CODE),
  });
  assertEquals(status, 0);
});

test("a host that was forgotten asks for a code again", async ({ env, withCode }) => {
  await using closed = await Closed.start();
  await run({ port: closed.port }, { input: "hi\n", env: withCode(await closed.invite("ann")) });
  const endpoint = { host: "127.0.0.1", port: closed.port };
  const world = { os: Deno.build.os, env: (name: string) => env[name] };
  assertEquals(forgetHost(endpoint, world), `127.0.0.1:${closed.port} is forgotten`);
  const { status } = await run({ port: closed.port }, { input: "", env });
  assertEquals(status, 2);
});

test("a program in the middle that passes everything on is refused by the listener, and nothing is kept", async ({ withCode, files }) => {
  await using closed = await Closed.start();
  const code = await closed.invite("ann");
  await using middle = await InTheMiddle.start(passOn(closed.port, closed.certificate));
  const { status, err } = await run({ port: middle.port }, { input: "secret\n", env: withCode(code) });
  assertEquals(status, 4);
  assertMatch(err, /the code is not valid/);
  assertEquals(files(), []);
  // The code is not used up by that.
  using ann = await closed.enter(code);
  assertEquals(ann.nick, "ann");
});

test("a program in the middle that lies is refused by the connector, and nothing is kept", async ({ withCode, files }) => {
  const { proof: _, ...unproved } = WELCOME;
  const ack: ListenerMessage = { type: "ack", at: 0 };
  for (const message of [WELCOME, unproved as ListenerMessage, ack]) {
    await using middle = await InTheMiddle.start(lie(message));
    const { status, err } = await run({ port: middle.port }, {
      input: "secret\n",
      env: withCode(WRONG_CODE),
    });
    assertEquals(status, 4);
    assertMatch(err, /DOES NOT PROVE that it knows your code/);
    assertEquals(files(), []);
  }
});

test("a listener that answers a proof with bye private again is not tried endlessly", async ({ withCode, files }) => {
  let hellos = 0;
  const { certificate } = await makeKeyPair(new Uint8Array(16));
  const again: ListenerMessage = { type: "bye", code: "private", text: "come in", certificate };
  await using middle = await InTheMiddle.start(lie(again, () => hellos++));
  const { status, err } = await run({ port: middle.port }, { input: "secret\n", env: withCode(WRONG_CODE) });
  assertEquals([status, hellos, files()], [4, 1, []]);
  assertMatch(err, /closed the connection: come in \(private\)/);
});

test("the session of a hello that went out in plain is not that of the private chat", async ({ env }) => {
  const hellos: Map<Value, Value>[] = [];
  const heard = (payload: Uint8Array) => void hellos.push(decode(payload) as Map<Value, Value>);
  await using middle = await InTheMiddle.start(lie(WELCOME, heard), { introductions: 0 });
  const typed = `${WRONG_CODE}\n`;
  const { status } = await run({ port: middle.port, nick: "ann" }, { input: typed, typed: true, env });
  assertEquals(status, 4);
  const plain = decode(middle.heard[0]!.subarray(HEADER_SIZE)) as Map<Value, Value>;
  const [secret] = hellos;
  assertEquals([plain.get("nick"), secret?.get("nick")], ["ann", "ann"]);
  for (const hello of [plain, secret!]) assertMatch(String(hello.get("session")), /^[0-9a-f]{32}$/);
  assert(plain.get("session") !== secret!.get("session"));
});

test("a key that is no longer accepted is replaced by a new code, from CHAT_CODE or a person", async ({ env, withCode }) => {
  await using closed = await Closed.start();
  const revokeAnn = () => closed.command("revoke", "ann");
  await run({ port: closed.port }, { input: "", env: withCode(await closed.invite("ann")) });
  await revokeAnn();
  const refused = await run({ port: closed.port }, { input: "hi\n", env });
  assertEquals(refused.status, 4);
  assertMatch(refused.err, /does not let you in: the code is not valid.*; set CHAT_CODE to a new code/);
  const given = await run({ port: closed.port }, { input: "", env: withCode(await closed.invite("ann")) });
  assertEquals([given.status, given.err], [0, ""]);
  const known = await run({ port: closed.port }, { input: "", env });
  assertEquals([known.status, known.err], [0, ""]);
  await revokeAnn();
  const typed = `${await closed.invite("ann")}\n`;
  const asked = await run({ port: closed.port }, { input: typed, typed: true, env });
  assertEquals(asked.status, 0);
  assertMatch(asked.out + asked.err, /does not let you in: .*; if you have a new code, type it/);
  assertEquals((await run({ port: closed.port }, { input: "", env })).status, 0);
});

test("from source no authority of the environment is trusted: the variable is named, and nothing is sent", async ({ env, withCode }) => {
  await using closed = await Closed.start({ sharedCode: SHARED_CODE });
  for (const name of ["DENO_CERT", "DENO_TLS_CA_STORE"]) {
    const variables = { ...withCode(SHARED_CODE), [name]: "system" };
    const { status, err } = await run({ port: closed.port }, { input: "hi\n", env: variables });
    assertEquals(status, 2);
    assertMatch(err, new RegExp(`${name} makes this runtime trust other certificates .* unset it`));
  }
  assertEquals((await run({ port: closed.port, last: 1 }, { env })).status, 2);
  assertEquals(closed.log.filter(({ event }) => event === "came"), []);
});

test("another key in the place of a known one has its own loud line, and nothing is sent", async ({ withCode, folder }) => {
  await using first = await Closed.start({ sharedCode: SHARED_CODE });
  await run({ port: first.port, last: 1 }, { env: withCode(SHARED_CODE) });
  await using middle = await InTheMiddle.start(passOn(first.port, first.certificate), { introductions: 0 });
  const hosts = (await Deno.readTextFile(`${folder}/hosts.json`)).replaceAll(
    `:${first.port}`,
    `:${middle.port}`,
  );
  await Deno.writeTextFile(`${folder}/hosts.json`, hosts);
  const { status, err } = await run({ port: middle.port }, { input: "secret\n", env: withCode(SHARED_CODE) });
  assertEquals(status, 4);
  assertMatch(err, /HAS ANOTHER KEY than before.*--forget/);
  assertEquals(middle.heard, []);
  assertEquals(await Deno.readTextFile(`${folder}/hosts.json`), hosts);
});

test("an open chat in the place of a private one has its own loud line after one more attempt", async ({ withCode, folder, env }) => {
  await using first = await Closed.start();
  await run({ port: first.port }, { input: "hi\n", env: withCode(await first.invite("ann")) });
  await using open = await Listening.start();
  const hosts = (await Deno.readTextFile(`${folder}/hosts.json`)).replaceAll(
    `:${first.port}`,
    `:${open.port}`,
  );
  await Deno.writeTextFile(`${folder}/hosts.json`, hosts);
  const { status, err } = await run({ port: open.port, nick: "ann" }, { input: "secret\n", env });
  assertEquals(status, 4);
  assertMatch(err, /IS NOT PRIVATE ANY MORE.*--forget/);
  assertEquals(open.log.filter(({ event }) => event === "accepted").length, 2);
  assertEquals(open.log.filter(saidHello), []);
});

test("members and their secrets outlive the listener", async ({ env, withCode }) => {
  const first = await Closed.start();
  const { folder } = first;
  await run({ port: first.port }, { input: "", env: withCode(await first.invite("ann")) });
  await first.stop();
  await using again = await Closed.start({ folder });
  assertMatch(await again.command("members"), /^ann$/m);
  const endpoint = `:${first.port}`;
  const path = `${env.STATE_DIRECTORY}/hosts.json`;
  await Deno.writeTextFile(path, (await Deno.readTextFile(path)).replaceAll(endpoint, `:${again.port}`));
  const { status } = await run({ port: again.port, last: 1 }, { env });
  assertEquals(status, 0);
});

test("no view, no trace and no JSON shows the secret", async ({ withCode, folder }) => {
  await using closed = await Closed.start();
  const code = await closed.invite("ann");
  const running = start({ port: closed.port, json: "exact", trace: true }, {
    input: '{"body": "hi"}\n',
    env: withCode(code),
  });
  assertEquals(await running.status, 0);
  const { secret } = Object.values(JSON.parse(await Deno.readTextFile(`${folder}/hosts.json`)).hosts)[0] as {
    secret: string;
  };
  const bytes = Uint8Array.fromHex(secret);
  const shown = running.stdout.text + running.stderr.text;
  for (const text of [secret, bytes.toBase64(), code, formatCode(code)]) assert(!shown.includes(text));
});
