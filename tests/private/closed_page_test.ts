/** What docs/closed.md says holds: its test vectors, and its client on each Python of this machine. */

import { SYSTEM_CLOCK } from "../../lib/base/clock.ts";
import { keyOfCode } from "../../lib/private/code.ts";
import { checkProof, makeProof, memberId } from "../../lib/private/proof.ts";
import { assertEquals, assertMatch } from "../assert.ts";
import { Closed, SHARED_CODE, WRONG_CODE } from "./closed.ts";

const PAGE = await Deno.readTextFile(new URL("../../docs/closed.md", import.meta.url));

/** The commands that start a Python 3 on this machine, each version once. */
const PYTHONS = findPythons();

function findPythons(): string[] {
  const found = new Map<string, string>();
  const folder = `${Deno.env.get("PYENV_ROOT") ?? `${Deno.env.get("HOME")}/.pyenv`}/versions`;
  for (const command of ["python3", ...listed(folder).map((name) => `${folder}/${name}/bin/python3`)]) {
    try {
      const { stdout } = new Deno.Command(command, { args: ["--version"], stderr: "null" }).outputSync();
      const version = new TextDecoder().decode(stdout).trim();
      if (version.startsWith("Python 3") && !found.has(version)) found.set(version, command);
    } catch {
      // There is none.
    }
  }
  return [...found.values()];
}

function listed(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  } catch {
    return [];
  }
}

Deno.test("the test vectors of docs/closed.md hold", async () => {
  const row = (name: string) =>
    new RegExp(`^\\| ${name} \\| (\\S+) \\| (\\S+) \\|$`, "m").exec(PAGE)!.slice(1).map((hex) =>
      Uint8Array.fromHex(hex)
    );
  const certificate = Uint8Array.of(0x30);
  const nonce = Uint8Array.from({ length: 32 }, (_, index) => index);
  const keys = row("key");
  assertEquals(keys[0], keyOfCode("k7qm2xhp9dnvc4ta"));
  for (const [index, key] of keys.entries()) {
    assertEquals(await memberId(key), row("member")[index]!.toHex());
    for (const by of ["peer", "listener"] as const) {
      const proof = row(`proof of the ${by}`)[index]!;
      assertEquals(await makeProof(key, { by, certificate, nonce }), proof);
      assertEquals(await checkProof(key, proof, { by, certificate, nonce }), true);
      for (const at of [0, 31]) {
        const wrong = proof.slice();
        wrong[at]! ^= 1;
        assertEquals(await checkProof(key, wrong, { by, certificate, nonce }), false);
      }
      assertEquals(await checkProof(key, proof.subarray(1), { by, certificate, nonce }), false);
    }
  }
});

for (const python of PYTHONS) {
  Deno.test(`the client of docs/closed.md, run from the file by ${python}, posts, and believes no listener without a proof`, async () => {
    const client = PAGE.split("```python\n")[1]!.split("```")[0]!;
    assertEquals(client.split("\n").filter(Boolean).length, 17);
    const file = await Deno.makeTempFile({ suffix: ".py" });
    try {
      await Deno.writeTextFile(file, client);
      await using closed = await Closed.start({ sharedCode: SHARED_CODE, clock: SYSTEM_CLOCK });
      using ann = await closed.enter(SHARED_CODE, { nick: "ann" });
      const say = async (code: string) => {
        const args = [file, "127.0.0.1", String(closed.port), code, "hello from Python"];
        const { code: status, stderr } = await new Deno.Command(python, { args }).output();
        return { status, err: new TextDecoder().decode(stderr) };
      };
      assertEquals(await say(SHARED_CODE), { status: 0, err: "" });
      const { from, body } = await ann.peer.until("message");
      assertEquals([from, body], ["python", "hello from Python"]);
      const { status, err } = await say(WRONG_CODE);
      assertEquals(status, 1);
      assertMatch(err, /does not prove that it knows the code/);
    } finally {
      await Deno.remove(file);
    }
  });
}

Deno.test({
  name: "Python in its strict mode, and OpenSSL, take the certificate for the name and for no other",
  ignore: PYTHONS.length === 0,
  async fn() {
    await using closed = await Closed.start({ sharedCode: SHARED_CODE });
    const program = `
import socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[2])
context.verify_flags |= ssl.VERIFY_X509_STRICT
for name in "chat.invalid", "other.invalid":
    try:
        with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as sock:
            context.wrap_socket(sock, server_hostname=name).close()
            print("taken")
    except ssl.SSLCertVerificationError:
        print("refused")
`;
    const args = ["-c", program, String(closed.port), `${closed.folder}/listener.crt`];
    const { stdout } = await new Deno.Command(PYTHONS[0]!, { args }).output();
    assertEquals(new TextDecoder().decode(stdout).split(/\r?\n/), ["taken", "refused", ""]);
  },
});
