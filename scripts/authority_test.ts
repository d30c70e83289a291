/**
 * Checks that the executable accepts only the pinned certificate, not one of an authority that the runtime trusts. Run
 * `deno task build` before.
 */

import type { KeyPair } from "../lib/private/certificate.ts";
import { assertEquals, assertMatch } from "../tests/assert.ts";
import { Closed, SHARED_CODE } from "../tests/private/closed.ts";
import { InTheMiddle, passOn } from "../tests/private/mitm.ts";

const CHAT = new URL("../dist/chat", import.meta.url).pathname;

/** A TLS client of the runtime, which trusts the authorities that the environment names. */
const CLIENT = `
const [port, caCerts] = [Number(Deno.args[0]), [Deno.args[1]]];
const conn = await Deno.connect({ hostname: "127.0.0.1", port });
const tls = await Deno.startTls(conn, { hostname: "chat.invalid", caCerts });
await tls.handshake();
tls.close();
`;

/** Runs a program to its end; gives its exit status and its errors. */
async function run(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<[number, string]> {
  const { code, stderr } = await new Deno.Command(program, {
    args: [...args],
    env,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  return [code, new TextDecoder().decode(stderr)];
}

async function openssl(folder: string, line: string): Promise<void> {
  const command = new Deno.Command("openssl", { args: line.split(" "), cwd: folder, stdout: "null" });
  const { success, stderr } = await command.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** Makes an authority in a folder, as root.pem, and a certificate of it for the name of every private chat. */
async function makeAuthority(folder: string): Promise<KeyPair> {
  const curve = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
  await openssl(folder, `req -x509 ${curve} -days 2 -subj /CN=Authority -keyout root.key -out root.pem`);
  await openssl(folder, `req ${curve} -subj /CN=chat.invalid -keyout leaf.key -out leaf.csr`);
  await Deno.writeTextFile(
    `${folder}/leaf.ext`,
    "subjectAltName=DNS:chat.invalid\nbasicConstraints=CA:FALSE\n",
  );
  await openssl(
    folder,
    "x509 -req -in leaf.csr -CA root.pem -CAkey root.key -CAcreateserial -days 2 -extfile leaf.ext -out leaf.pem",
  );
  const [leaf, root, key] = await Promise.all(
    ["leaf.pem", "root.pem", "leaf.key"].map((name) => Deno.readTextFile(`${folder}/${name}`)),
  );
  return { certificate: leaf! + root!, key: key! };
}

Deno.test({
  name:
    "a man in the middle with a certificate of an authority that the system trusts is refused, and nothing is sent",
  ignore: Deno.build.os === "windows",
  async fn() {
    const folder = await Deno.makeTempDir({ prefix: "chat-authority-" });
    try {
      await Deno.chmod(folder, 0o700);
      await using closed = await Closed.start({ sharedCode: SHARED_CODE });
      const pair = await makeAuthority(folder);
      const introduced = closed.certificate;
      const passesOn = passOn(closed.port, closed.certificate);
      await using middle = await InTheMiddle.start(passesOn, { introductions: 0, pair, introduced });
      const authority = `${folder}/root.pem`;
      for (
        const trust of [{ DENO_CERT: authority }, {
          DENO_TLS_CA_STORE: "system",
          SSL_CERT_FILE: authority,
        }] as const
      ) {
        const client = `data:application/javascript,${encodeURIComponent(CLIENT)}`;
        const trusting = await run(
          Deno.execPath(),
          ["run", "-A", client, String(middle.port), introduced],
          trust,
        );
        assertEquals(trusting, [0, ""], "the runtime trusts the authority");
        middle.introductions = 1;
        const args = ["--connect", `127.0.0.1:${middle.port}`, "--private", "--say", "secret"];
        const env = { ...trust, STATE_DIRECTORY: folder, CHAT_CODE: SHARED_CODE };
        const [status, error] = await run(CHAT, args, env);
        assertEquals(status, 4);
        assertMatch(error, /HAS ANOTHER KEY than before.*nothing was sent/);
        assertEquals(closed.log.filter(({ event }) => event === "came"), []);
        // The same environment does not keep it from the chat itself.
        const there = ["--connect", `127.0.0.1:${closed.port}`, "--last", "1"];
        assertEquals(await run(CHAT, there, env), [0, ""]);
        Deno.removeSync(`${folder}/hosts.json`);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
