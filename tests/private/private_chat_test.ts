import { SYSTEM_CLOCK } from "../../lib/base/clock.ts";
import { Exit } from "../../lib/base/errors.ts";
import { KnownHosts } from "../../lib/private/known_hosts.ts";
import { PrivateChat } from "../../lib/private/private_chat.ts";
import { PrivateFiles } from "../../lib/private/private_files.ts";
import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "../assert.ts";
import { makeKeyPair } from "../../lib/private/certificate.ts";
import { SHARED_CODE } from "./closed.ts";

/** Runs a test with a folder that does not exist yet. */
function test(name: string, fn: (folder: string) => Promise<void>): void {
  Deno.test(name, async () => {
    const root = await Deno.makeTempDir({ prefix: "chat-state-" });
    try {
      await fn(`${root}/chat`);
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  });
}

async function open(
  folder: string,
  options: { code?: string; attended?: boolean } = {},
): Promise<PrivateChat> {
  return await PrivateChat.open({
    folder,
    clock: SYSTEM_CLOCK,
    random: (size) => crypto.getRandomValues(new Uint8Array(size)),
    log: () => {},
    sharedCode: options.code,
    attended: options.attended ?? true,
    where: () => "HOST",
    note: () => {},
  });
}

function end(chat: PrivateChat): void {
  chat.door.close();
  chat.close();
}

test("the folder and the files of a listener are for their owner alone, and are kept", async (folder) => {
  end(await open(folder));
  const key = await Deno.readTextFile(`${folder}/listener.key`);
  const certificate = await Deno.readTextFile(`${folder}/listener.crt`);
  assertEquals(Deno.statSync(folder).mode! & 0o777, 0o700);
  for (const { name } of Deno.readDirSync(folder)) {
    assertEquals(Deno.statSync(`${folder}/${name}`).mode! & 0o777, 0o600, name);
  }
  end(await open(folder));
  assertEquals(await Deno.readTextFile(`${folder}/listener.key`), key);
  assertEquals(await Deno.readTextFile(`${folder}/listener.crt`), certificate);
});

test("files that others can read are refused, with advice", async (folder) => {
  end(await open(folder));
  for (const name of ["listener.key", "listener.crt", "members.json"]) {
    const path = `${folder}/${name}`;
    if (name === "members.json") {
      new PrivateFiles(folder).write(name, '{"version":1,"members":[],"invitations":[]}');
    }
    await Deno.chmod(path, 0o604);
    await assertRejects(() => open(folder), Exit, `chmod 600 '${path}'`);
    await Deno.chmod(path, 0o600);
  }
  await Deno.chmod(folder, 0o755);
  await assertRejects(() => open(folder), Exit, `chmod 700 '${folder}'`);
});

test("files and a folder of another user are refused, though nobody else can read them", async (folder) => {
  end(await open(folder));
  // Only root can give files away.
  if (Deno.uid() !== 0) return;
  const NOBODY = 65534;
  for (const path of [`${folder}/listener.key`, folder]) {
    await Deno.chown(path, NOBODY, NOBODY);
    await assertRejects(() => open(folder), Exit, `${path} belongs to another user`);
    await Deno.chown(path, 0, 0);
  }
  end(await open(folder));
});

test("a missing certificate is not created again beside its key, and damaged files are named", async (folder) => {
  end(await open(folder));
  await Deno.rename(`${folder}/listener.crt`, `${folder}/moved`);
  await assertRejects(() => open(folder), Exit, "listener.crt is gone");
  await Deno.rename(`${folder}/moved`, `${folder}/listener.crt`);
  const files = new PrivateFiles(folder);
  for (const text of ["", "{", '{"version":2}', '{"version":1,"members":[{}],"invitations":[]}']) {
    files.write("members.json", text);
    await assertRejects(() => open(folder), Exit, "is not a list of members");
  }
  Deno.removeSync(`${folder}/members.json`);
  files.write("listener.key", "nothing");
  await assertRejects(() => open(folder), Exit, "listener.key: it is not the PEM");
});

test("a missing key is not created again once there are members, and a key of another certificate is refused", async (folder) => {
  end(await open(folder));
  const files = new PrivateFiles(folder);
  const [key, certificate] = ["listener.key", "listener.crt"].map((name) => files.read(name)!);
  files.write("members.json", '{"version":1,"members":[],"invitations":[]}');
  Deno.removeSync(`${folder}/listener.key`);
  await assertRejects(() => open(folder), Exit, "listener.key is gone");
  files.write("listener.key", (await makeKeyPair(new Uint8Array(16))).key);
  await assertRejects(() => open(folder), Exit, "listener.key is not the key of listener.crt: restore both");
  files.write("listener.key", key!);
  end(await open(folder));
  assertEquals(files.read("listener.crt"), certificate);
  // Without members nobody knows it: a crash came between the two files.
  for (const name of ["listener.key", "members.json"]) Deno.removeSync(`${folder}/${name}`);
  end(await open(folder));
});

test("two listeners do not use one folder at a time", async (folder) => {
  const first = await open(folder);
  await assertRejects(() => open(folder), Exit, "another private listener uses");
  end(first);
  end(await open(folder));
});

test("a listener that nobody could join does not start, nor one whose CHAT_CODE is not a code", async (folder) => {
  const none = await assertRejects(() => open(folder, { attended: false }), Exit);
  assertMatch(none.message, /^nobody could join: set CHAT_CODE .* such as \w{4}-\w{4}-\w{4}-\w{4}$/);
  assertEquals(none.status, 2);
  const wrong = await assertRejects(() => open(folder, { code: "secret" }), Exit);
  assertEquals([wrong.status, /secret/.test(wrong.message)], [2, false]);
  await assertRejects(
    () => open(folder, { code: "aaaa-bbbb-cccc-dddd" }),
    Exit,
    "16 random letters and digits",
  );
  end(await open(folder, { attended: false, code: "aaaa-bbbb-cccc-ddde" }));
  end(await open(folder, { attended: false, code: SHARED_CODE }));
});

test("a file is written whole or not at all, and files that a crash left do not matter", (folder) => {
  const files = new PrivateFiles(folder);
  files.write("hosts.json", "old");
  Deno.writeTextFileSync(`${folder}/hosts.json.new`, "half");
  files.write("hosts.json", "new");
  assertEquals(files.read("hosts.json"), "new");
  Deno.mkdirSync(`${folder}/hosts.json.new/full`, { recursive: true });
  assertThrows(() => files.write("hosts.json", "newer"), Exit, "Cannot write");
  assertEquals(files.read("hosts.json"), "new");
  return Promise.resolve();
});

test("known hosts are found by name and port or by certificate, and names of one listener share the key", async (folder) => {
  const hosts = new KnownHosts(new PrivateFiles(folder));
  const { certificate } = await makeKeyPair(new Uint8Array(16));
  const { certificate: other } = await makeKeyPair(new Uint8Array(16));
  assert(certificate !== other);
  const secret = "ab".repeat(32);
  hosts.remember({ host: "Example.org", port: 1 }, { certificate });
  hosts.remember({ host: "::1", port: 1 }, { certificate, secret });
  hosts.remember({ host: "example.org", port: 2 }, { certificate: other });
  assertEquals(hosts.find({ host: "EXAMPLE.org", port: 1 })?.secret, secret);
  assertEquals(hosts.find({ host: "example.org", port: 2 }), { certificate: other });
  assertEquals(hosts.findCertificate(certificate)?.secret, secret);
  assertEquals(hosts.find({ host: "__proto__", port: 1 }), undefined);
  assertEquals(hosts.forget({ host: "::1", port: 1 }), true);
  assertEquals([hosts.forget({ host: "::1", port: 1 }), hosts.find({ host: "::1", port: 1 })], [
    false,
    undefined,
  ]);
});
