/** Crashes inside the swap of a code for a secret, of listeners and connectors as processes: nobody is locked out. */

import { assertEquals, assertMatch } from "../../assert.ts";
import { Serving } from "../../integration/serving.ts";
import { Closed } from "../../private/closed.ts";
import { NATS_SERVER, type NatsCluster, startNats, startNatsCluster } from "../nats_server.ts";
import { brokerOf, closedListeners, copyOf, until } from "./closing.ts";

const MAIN = new URL("../../../main.ts", import.meta.url).pathname;
const ignore = NATS_SERVER === undefined || Deno.build.os === "windows";

/** Runs a connector as a process. */
function connector(port: number, env: Record<string, string>): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "-A", MAIN, "--connect", `127.0.0.1:${port}`, "--last", "1"],
    env,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
}

/** Starts a listener of the chat `crash` as a process, with a copy of a key and a certificate. */
async function start(nats: NatsCluster, folder: string): Promise<Serving> {
  const args = ["--private", "--quiet", "--no-config", "--history", `nats://${nats.address}/crash`];
  return await Serving.start({ args, env: { STATE_DIRECTORY: folder, CHAT_CODE: "aaaabbbbccccddde" } });
}

Deno.test({
  name: "who was let in by a listener that is killed gets in at another, with the code or with the secret",
  ignore,
  async fn() {
    await using nats = await startNats();
    await using stays = await Closed.start({ broker: brokerOf(nats, "crash") });
    for (const when of ["enrolled", "accepted", "came"] as const) {
      const code = await stays.invite(`ann-${when}`);
      const [folder, state] = [await copyOf(stays.folder), await Deno.makeTempDir({ prefix: "chat-crash-" })];
      await Deno.chmod(state, 0o700);
      const env = { STATE_DIRECTORY: state, CHAT_CODE: code };
      const killed = await start(nats, folder);
      const waiting = connector(killed.port, env);
      await killed.until(when);
      killed.kill("SIGKILL");
      await killed[Symbol.asyncDispose]();
      await waiting.output();
      const { code: status, stderr } = await connector(stays.port, env).output();
      assertEquals(status, 0, `${when}: ${new TextDecoder().decode(stderr)}`);
      assertMatch(await stays.command("members"), new RegExp(`^ann-${when}(: here)?$`, "m"));
      // The secret was used, or the code was given another one: then that is used next.
      const again = await connector(stays.port, env).output();
      assertEquals(again.code, 0, `${when}: ${new TextDecoder().decode(again.stderr)}`);
      using late = await stays.come(code);
      assertEquals(late.first?.code, "not-allowed");
      for (const path of [folder, state]) await Deno.remove(path, { recursive: true });
    }
  },
});

Deno.test({
  name: "a code is used once while the server that leads the members is killed",
  ignore,
  async fn() {
    await using nats = await startNatsCluster();
    await using nodes = await closedListeners(nats, { count: 2, chat: "elect", replicas: 3 });
    const [a, b] = [nodes[0]!, nodes[1]!];
    const codes: string[] = [];
    for (let n = 0; n < 4; n++) codes.push(await a.invite(`p${n}`));
    const { leader } = await nats.rolesOf("KV_chat-elect-members");
    /** Comes until the answer is final: in, or not. */
    const come = (node: Closed, code: string | Uint8Array<ArrayBuffer>) =>
      until(async () => {
        // A hello whose answer would take more than 10 s is not answered.
        const guest = await node.come(code).catch(() => null);
        if (guest !== null && guest.first !== null && guest.first.code !== "busy") return guest;
        guest?.[Symbol.dispose]();
        return undefined;
      });
    const racing = codes.flatMap((code) => [come(a, code), come(b, code)]);
    await leader.kill9();
    const guests = await Promise.all(racing);
    for (const n of codes.keys()) {
      const both = guests.slice(2 * n, 2 * n + 2);
      assertEquals(both.filter(({ isProved }) => isProved).length, 1, `p${n}`);
      const secret = both.find(({ isProved }) => isProved)!.first!.secret as Uint8Array<ArrayBuffer>;
      for (const guest of both) guest[Symbol.dispose]();
      using back = await come(b, secret);
      assertEquals(back.isProved, true, `p${n}`);
    }
    await leader.restart();
  },
});
