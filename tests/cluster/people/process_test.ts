import { assert, assertEquals } from "../../assert.ts";
import { chat } from "../../integration/chat_process.ts";
import { TestPeer } from "../../integration/listening.ts";
import { NATS_SERVER, type NatsCluster, startNats } from "../nats_server.ts";
import { about, asking, listeners } from "./sharing.ts";

const ignore = NATS_SERVER === undefined || Deno.build.os === "windows";

/** A listener as a process of its own, until it is disposed of. */
class Process implements AsyncDisposable {
  readonly child: Deno.ChildProcess;
  readonly port: number;
  readonly #rest: Promise<unknown>;

  private constructor(child: Deno.ChildProcess, port: number, rest: Promise<unknown>) {
    this.child = child;
    this.port = port;
    this.#rest = rest;
  }

  static async start(nats: NatsCluster, name: string): Promise<Process> {
    const words = ["--serve", "--quiet", "--log-json", "--host", "127.0.0.1", "--port", "0", "--no-config"];
    const child = chat([...words, "--history", `nats://${nats.address}/${name}`], { stdout: "null" }).spawn();
    const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
    let log = "";
    let port: string | undefined;
    while (port === undefined) {
      const { value, done } = await reader.read();
      if (done) throw new Error(log);
      log += value;
      port = /"event":"listening","address":"127\.0\.0\.1:(\d+)"/.exec(log)?.[1];
    }
    const rest = (async () => {
      while (!(await reader.read()).done);
    })();
    return new Process(child, Number(port), rest);
  }

  async enter(nick: string, session: string): Promise<TestPeer> {
    const peer = new TestPeer(await Deno.connect({ hostname: "127.0.0.1", port: this.port }));
    peer.send({ type: "hello", nick, session });
    await peer.until("replay");
    return peer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.child.kill("SIGKILL");
    } catch {
      // The test has killed it.
    }
    await this.child.stdin.close().catch(() => {});
    await this.child.status;
    await this.#rest;
  }
}

Deno.test({
  name:
    "the people of a listener that is killed leave within 6 s, except who continues at another one, whom nobody sees leave",
  ignore,
  async fn() {
    await using nats = await startNats();
    await using killed = await Process.start(nats, "killed");
    await using nodes = await listeners(nats, { count: 1, chat: "killed" });
    using eve = await nodes[0]!.enter("eve");
    using _ann = await killed.enter("ann", "session of ann");
    using _cat = await killed.enter("cat", "session of cat");
    await asking(eve, { type: "who", room: "lobby" }, ({ count }) => count === 3);
    killed.child.kill("SIGKILL");
    const began = performance.now();
    await killed.child.status;
    using ann = await nodes[0]!.connect();
    ann.send({ type: "hello", nick: "ann", session: "session of ann", ref: 1 });
    assertEquals((await ann.answer(1)).nick, "ann");
    const seen: unknown[] = [];
    for (let left; left !== "cat";) {
      const told = await eve.receive();
      if (told?.type === "left" || told?.type === "joined") seen.push(`${told.nick} ${told.type}`);
      if (told?.type === "left") left = told.nick;
    }
    const took = performance.now() - began;
    assertEquals(seen.slice(-1), ["cat left"]);
    assertEquals(seen.filter((event) => event === "ann left"), []);
    assert(took < 6_500, `${took} ms`);
    using again = await nodes[0]!.enter("cat");
    again.send({ type: "who", room: "lobby" });
    assertEquals(new Set((await again.until("who")).nicks as string[]), new Set(["eve", "ann", "cat"]));
  },
});

Deno.test({
  name: "after a pause a listener renames people who have lost their nick meanwhile",
  ignore,
  async fn() {
    await using nats = await startNats();
    await using paused = await Process.start(nats, "paused");
    await using nodes = await listeners(nats, { count: 1, chat: "paused" });
    using eve = await nodes[0]!.enter("eve");
    using ann = await paused.enter("ann", "session of ann");
    using _bob = await paused.enter("bob", "session of bob");
    await asking(eve, { type: "who", room: "lobby" }, ({ count }) => count === 3);
    paused.child.kill("SIGSTOP");
    await about(eve, "left", "ann");
    using other = await nodes[0]!.enter("ann");
    // This person continues here, and so must not go on there.
    using bob = await nodes[0]!.connect();
    bob.send({ type: "hello", nick: "bob", session: "session of bob", ref: 1 });
    assertEquals((await bob.answer(1)).nick, "bob");
    paused.child.kill("SIGCONT");
    assertEquals((await about(ann, "renamed", "ann")).to, "ann-2");
    await about(eve, "joined", "ann-2");
    const who = await asking(eve, { type: "who", room: "lobby" }, ({ count }) => count === 4);
    assertEquals(new Set(who.nicks as string[]), new Set(["eve", "ann", "ann-2", "bob"]));
    other.send({ type: "message", to: "ann-2", body: "hello", ref: 2 });
    await other.answer(2);
    assertEquals((await ann.until("message")).body, "hello");
  },
});
