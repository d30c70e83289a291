import type { Value } from "../../lib/pickle/values/values.ts";
import { assert, assertEquals, assertMatch } from "../assert.ts";
import { Listening } from "./listening.ts";
import { peerProgram, PYTHON, runPython } from "./python.ts";

const ignore = PYTHON === undefined;
const peers = Deno.env.get("CHAT_TUTORIAL_PEERS");

for (
  const [what, name] of [
    ["byte_by_byte", "a Python program may write its frames one byte at a time"],
    ["many_in_one_send", "a Python program may write thousands of frames in one send"],
    ["fifty_megabytes", "a Python program gets a 50 MB bytes object back, with the limit raised"],
    [
      "every_protocol",
      "Python's pickle.loads reads what it posted in every protocol, equal and of the same type",
    ],
  ] as const
) {
  Deno.test({
    name,
    ignore,
    async fn() {
      await using listener = await Listening.start({ limits: { maxFrame: 64 * 2 ** 20 } });
      const { code, err } = await runPython(peerProgram("listener_peer.py"), [listener.port, what]);
      assertEquals([code, err], [0, ""]);
    },
  });
}

Deno.test({
  name: "the client in docs/protocol.md, run from the file, posts and prints messages",
  ignore,
  async fn() {
    const text = await Deno.readTextFile(new URL("../../docs/protocol.md", import.meta.url));
    const client = text.split("```python\n")[1]!.split("```")[0]!;
    const file = await Deno.makeTempFile({ suffix: ".py" });
    try {
      await Deno.writeTextFile(file, client);
      await using listener = await Listening.start();
      using ann = await listener.enter("ann");
      ann.send({ type: "message", body: "hi all", ref: 1 });
      await ann.until("ack");
      const { code, out, err } = await runPython(file, ["127.0.0.1", listener.port, "hello from Python"]);
      assertEquals([code, err], [0, ""]);
      assertMatch(out, /^ann: hi all\n/);
      assertEquals((await ann.until("message")).body, "hello from Python");
    } finally {
      await Deno.remove(file);
    }
  },
});

Deno.test({
  name: "the lines of Python in the README, run from the file, post a dict",
  ignore,
  async fn() {
    const text = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
    const lines = text.split("```python\n")[1]!.split("```")[0]!;
    const file = await Deno.makeTempFile({ suffix: ".py" });
    try {
      await using listener = await Listening.start();
      using ann = await listener.enter("ann");
      await Deno.writeTextFile(
        file,
        lines.replace('("localhost", 1243)', `("127.0.0.1", ${listener.port})`),
      );
      const { code, err } = await runPython(file, []);
      assertEquals([code, err], [0, ""]);
      const { from, body } = await ann.until("message");
      assertEquals([from, body], ["sensor", new Map<Value, Value>([["temperature", 21.5], ["unit", "C"]])]);
    } finally {
      await Deno.remove(file);
    }
  },
});

/** Starts the tutorial's client, and gives its lines as they come. */
async function withTutorialClient(
  port: number,
  use: (lines: AsyncGenerator<string>) => Promise<void>,
): Promise<void> {
  const client = new Deno.Command(PYTHON!, {
    args: ["-u", `${peers}/tutorial_client.py`, "127.0.0.1", String(port)],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const lines = linesOf(client.stdout);
  try {
    await use(lines);
  } finally {
    try {
      client.kill("SIGKILL");
    } catch {
      // It has ended, and what the test found says more than that.
    }
    await lines.return(undefined);
    await client.status;
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

async function lineThat(lines: AsyncIterator<string>, is: (line: string) => boolean): Promise<string> {
  for (;;) {
    const { done, value } = await lines.next();
    assert(!done, "the client ended");
    if (is(value)) return value;
  }
}

Deno.test({
  name: "the tutorial's client prints the greeting unchanged [tutorial peers]",
  ignore: ignore || peers === undefined,
  async fn() {
    await using listener = await Listening.start({ greeting: new Map([[1, "hi"], [2, "there"]]) });
    await withTutorialClient(listener.port, async (lines) => {
      assertEquals(await lineThat(lines, (line) => line.startsWith("{")), "{1: 'hi', 2: 'there'}");
    });
  },
});

Deno.test({
  name:
    "the tutorial's client gets each of 1,000 messages that are posted as fast as they go [tutorial peers]",
  ignore: ignore || peers === undefined,
  async fn() {
    await using listener = await Listening.start({ limits: { enterAfter: 1 } });
    using ann = await listener.enter("ann");
    await withTutorialClient(listener.port, async (lines) => {
      // Her own hello may find her a guest already; the client is there once somebody else has joined.
      while ((await ann.until("joined")).nick === "ann");
      for (let n = 0; n < 1000; n++) ann.sendValue(`message ${n} of many`);
      for (let n = 0; n < 1000; n++) {
        await lineThat(lines, (line) => line.includes(`'body': 'message ${n} of many'`));
      }
    });
  },
});
