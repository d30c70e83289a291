/** How a connector ends where the other end, or whoever reads its output, does not do its part. */

import type { Value } from "../../lib/pickle/values/values.ts";
import type { View } from "../../lib/view/view.ts";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { ManualClock } from "../clock.ts";
import { type Peer, run, start, Typing, withListener, Written } from "./connecting.ts";

/** A terminal that a person looks at. */
class Screen extends Written {
  override isTerminal(): boolean {
    return true;
  }
}

/** Output that nobody reads. */
class Stalled extends Written {
  readonly stalled = Promise.withResolvers<void>();

  override write(): Promise<number> {
    this.stalled.resolve();
    return new Promise(() => {});
  }
}

/** Lets in whoever connects, and does what is to be done with them, until nobody is listened to any more. */
async function play(accept: () => Promise<Peer>, withPeer: (peer: Peer) => Promise<void>): Promise<void> {
  const playing: Promise<void>[] = [];
  const one = async (peer: Peer) => {
    try {
      await peer.letIn();
      await withPeer(peer);
    } catch {
      // The connector is gone, which is what was waited for.
    } finally {
      peer.close();
    }
  };
  try {
    for (;;) playing.push(one(await accept()));
  } catch {
    await Promise.all(playing);
  }
}

/** Answers pings and nothing else, until the connector is gone. */
async function answerPings(peer: Peer): Promise<void> {
  for (;;) {
    const ping = await peer.hear("ping");
    await peer.say({ type: "pong", ref: ping.get("ref") as number });
  }
}

Deno.test("a post that an error without a ref refuses is reported, and the end of the input does not wait for it", async () => {
  await withListener(async (port, accept) => {
    const running = run({ port }, { input: "good\nbad\ngood\n" });
    const peer = await accept();
    await peer.letIn();
    const refs = [];
    for (let n = 0; n < 3; n++) refs.push((await peer.hear("message")).get("ref") as number);
    await peer.say({ type: "ack", id: 1, at: 1.5, ref: refs[0]! });
    await peer.say({ type: "error", code: "unsafe-pickle", text: "it calls os.system" });
    await peer.say({ type: "ack", id: 2, at: 1.5, ref: refs[2]! });
    await answerPings(peer).catch(() => {});
    peer.close();
    assertEquals(await running, {
      status: 1,
      out: "",
      err: "chat: not posted: it calls os.system (unsafe-pickle)\n",
    });
  });
});

Deno.test("a listener that never acks is left: after one minute by a one-shot command, after two by a pipe", async () => {
  await withListener(async (port, accept) => {
    const clock = new ManualClock();
    const running = run({ port, send: ["x"] }, { clock });
    const peer = await accept();
    await peer.letIn();
    const answering = answerPings(peer).catch(() => {});
    assertEquals(await clock.pass(running), {
      status: 3,
      out: "",
      err: `chat: 127.0.0.1:${port} does not confirm what was posted; 1 post was not confirmed: 'x'\n`,
    });
    await answering;
    peer.close();
  });
  await withListener(async (port, accept, after) => {
    const clock = new ManualClock();
    after(play(accept, answerPings));
    const { status, err } = await clock.pass(run({ port }, { input: "x\ny\n", clock }));
    assertEquals(status, 3);
    assertMatch(err, /does not confirm what was posted; retrying in \d+ s\n/);
    assertMatch(err, /chat: 127\.0\.0\.1:\d+ does not answer; 2 posts were not confirmed, the first: 'x'\n$/);
  });
});

Deno.test("a lost listener is waited for two minutes after the end of the input", async () => {
  await withListener(async (port, accept, after) => {
    const clock = new ManualClock();
    const running = run({ port }, { input: "x\n", clock });
    const peer = await accept();
    await peer.letIn();
    await peer.hear("message");
    peer.close();
    after(play(accept, () => Promise.resolve()));
    const { status, err } = await clock.pass(running);
    assertEquals(status, 3);
    assertMatch(err, /1 post was not confirmed: 'x'\n$/);
  });
});

Deno.test("a peer that does not answer hello is left after ten seconds", async () => {
  for (const first of ["nothing", "a welcome", "an object and a welcome"]) {
    await withListener(async (port, accept) => {
      const clock = new ManualClock();
      const running = run({ port, ...first === "nothing" ? { nick: "me" } : {} }, { input: "x\n", clock });
      const peer = await accept();
      if (first.includes("object")) await peer.send("greeting");
      if (first !== "nothing") await peer.welcome({ nick: "guest-1", epoch: "e" });
      await peer.hear("hello");
      const { status, err } = await clock.pass(running);
      assertEquals(status, 3, first);
      if (first === "nothing") {
        assertStringIncludes(err, `chat: waiting for 127.0.0.1:${port} to answer …\n`);
      }
      assertStringIncludes(err, `127.0.0.1:${port} does not answer: if it is not a chat`);
      peer.close();
    });
  }
});

Deno.test("a chat that stops answering hello is still known as one, and retried", async () => {
  await withListener(async (port, accept) => {
    const clock = new ManualClock();
    const running = start({ port }, { input: new Typing().readable, clock });
    const first = await accept();
    await first.letIn();
    first.close();
    const second = await clock.pass(accept());
    await second.hear("hello");
    const again = `chat: 127.0.0.1:${port} does not answer; retrying in `;
    await clock.pass(running.stderr.until((text) => text.includes(again)));
    second.close();
    running.interrupt(143);
    assertEquals(await clock.pass(running.status), 143);
  });
});

Deno.test("--stats and --last without an answer fail", async () => {
  for (const errand of [{ stats: true }, { last: 3 }]) {
    await withListener(async (port, accept) => {
      const running = run({ port, ...errand });
      const peer = await accept();
      await peer.letIn();
      await answerPings(peer).catch(() => {});
      peer.close();
      assertEquals(await running, {
        status: 1,
        out: "",
        err: `chat: 127.0.0.1:${port} does not answer the request\n`,
      });
    });
  }
});

Deno.test("a plain peer that neither speaks nor ends is left five minutes after the end of the input", async () => {
  await withListener(async (port, accept) => {
    const clock = new ManualClock();
    const running = run({ port }, { input: "x\n", clock });
    const peer = await accept();
    await peer.send("hello");
    assertEquals([await peer.receive(), await peer.receive()], ["x", undefined]);
    const { status, out, err } = await clock.pass(running, 1000);
    assertEquals([status, out], [3, "hello\n"]);
    assertStringIncludes(err, "got everything, but neither answers nor ends the connection");
    peer.close();
  });
});

Deno.test("--send leaves a plain peer that reads nothing", async () => {
  await withListener(async (port, accept) => {
    const clock = new ManualClock();
    const running = run({ port, send: ["x".repeat(1 << 24)] }, { clock });
    const peer = await accept();
    await peer.send("hello");
    const { status, err } = await clock.pass(running);
    assertEquals(status, 3);
    assertEquals(
      err,
      `chat: 127.0.0.1:${port} reads nothing more; 1 post was not sent: '${"x".repeat(59)}…\n`,
    );
    peer.close();
  });
});

Deno.test("a post that is too large for the listener is refused, and the next connection goes on behind it", async () => {
  await withListener(async (port, accept) => {
    const clock = new ManualClock();
    const running = run({ port }, { input: "small\nand this one is the larger of the two\n", clock });
    const peer = await accept();
    await peer.letIn();
    await peer.hear("message");
    await peer.hear("message");
    await peer.say({ type: "error", code: "too-large", text: "the frame is too large" });
    await peer.say({ type: "bye", code: "too-large", text: "the frame is too large" });
    await peer.finish();
    const again = await clock.pass(accept());
    await again.letIn();
    const small = await again.hear("message");
    assertEquals(small.get("body"), "small");
    await again.say({ type: "ack", id: 1, at: 1.5, ref: small.get("ref") as number });
    await again.finish();
    const { status, err } = await running;
    assertEquals(status, 1);
    assertStringIncludes(err, "not posted: the frame is too large (too-large)");
  });
});

Deno.test("a waiting post above the limit of a restarted listener is refused", async () => {
  await withListener(async (port, accept) => {
    const clock = new ManualClock();
    const running = run({ port }, { input: `${"x".repeat(400)}\n`, clock });
    const peer = await accept();
    await peer.letIn();
    await peer.hear("message");
    peer.close();
    const again = await clock.pass(accept());
    await again.letIn({ maxFrame: 420 });
    await again.finish();
    const { status, err } = await running;
    assertEquals(status, 1);
    assertMatch(
      err,
      /not posted: its \d+ bytes are above .* limit of 420 \(too-large\)/,
    );
  });
});

Deno.test("a post that the listener takes minutes to read is not given up", async () => {
  await withListener(async (port, accept) => {
    const clock = new ManualClock();
    const running = start({ port, send: ["x".repeat(60 << 20)] }, { clock });
    const peer = await accept();
    await peer.letIn({ maxFrame: 1 << 27 });
    // By bytes and not by reads: how many of those there are is the machine's to say. What its buffers hold, some MiB,
    // is read before this end sees that it may write on: that has to be far less than half a minute of it.
    let passed = 0;
    peer.afterRead = (count) => {
      for (passed += count; passed >= 1 << 20; passed -= 1 << 20) clock.advance(2_100);
    };
    const post = await peer.hear("message");
    assert(clock.now() > 120_000, `only ${clock.now()} ms`);
    await peer.say({ type: "ack", id: 1, at: 1.5, ref: post.get("ref") as number });
    await peer.finish();
    assertEquals([await running.status, running.stderr.text], [0, ""]);
  });
});

Deno.test("silence does not count while the output is not read", async () => {
  await withListener(async (port, accept) => {
    const stdout = new Stalled();
    const clock = new ManualClock();
    const running = start({ port }, { input: new Typing().readable, stdout, clock });
    const peer = await accept();
    await peer.letIn();
    await peer.say({ type: "message", id: 1, room: "lobby", from: "a", at: 1.5, body: "x" });
    await stdout.stalled.promise;
    clock.advance(600_000);
    assertEquals(running.stderr.text, "");
    running.interrupt(143);
    assertEquals(await clock.pass(running.status), 143);
    peer.close();
  });
});

Deno.test("a signal ends a connector whose output is not read, also while it is ending", async () => {
  await withListener(async (port, accept) => {
    const stdout = new Stalled();
    const running = start({ port }, { input: new Typing().readable, stdout });
    const peer = await accept();
    await peer.send("hello");
    await stdout.stalled.promise;
    running.interrupt(143);
    assertEquals([await running.status, running.stderr.text], [143, ""]);
    peer.close();
  });
  await withListener(async (port, accept) => {
    const stdout = new Stalled();
    const running = start({ port, receive: 1 }, { input: new Typing().readable, stdout });
    const peer = await accept();
    await peer.send("hello");
    await stdout.stalled.promise;
    // It has received what it came for: what remains is to write it.
    assertEquals(await peer.finish(), []);
    running.interrupt(130);
    assertEquals([await running.status, running.stderr.text], [130, ""]);
  });
});

Deno.test("lines that were typed before /quit are sent and acked before it leaves", async () => {
  await withListener(async (port, accept) => {
    const typing = new Typing();
    const setting = { input: typing.readable, typed: true, stdout: new Screen() };
    const running = start({ port, plainScreen: true }, setting);
    const peer = await accept();
    await peer.letIn();
    await peer.say({ type: "replay", room: "lobby", count: 0 });
    typing.type(`${Array.from({ length: 300 }, (_, n) => `line ${n}`).join("\n")}\n/quit\n`);
    for (let n = 0; n < 300; n++) {
      const post = await peer.hear("message");
      assertEquals(post.get("body"), `line ${n}`);
      await peer.say({ type: "ack", id: n + 1, at: 1.5, ref: post.get("ref") as number });
    }
    await peer.finish();
    assertEquals([await running.status, running.stderr.text], [0, ""]);
  });
});

Deno.test("/quit waits for acks and says so; a second /quit leaves at once", async () => {
  await withListener(async (port, accept) => {
    const typing = new Typing();
    const setting = { input: typing.readable, typed: true, stdout: new Screen() };
    const running = start({ port, plainScreen: true }, setting);
    const peer = await accept();
    await peer.letIn();
    typing.type("hi\n/quit\n");
    await peer.hear("message");
    await running.stdout.until((text) =>
      text.includes("-- waiting for 1 answer; /quit again leaves at once")
    );
    typing.type("/quit\n");
    await peer.finish();
    assertEquals(await running.status, 0);
  });
});

Deno.test("a fault in a view is one line and status 1, not a lost connection", async () => {
  await withListener(async (port, accept) => {
    let isClosed = false;
    const faulty: View = {
      show: (event) => {
        if (event.kind === "message") throw new TypeError("x is not a function");
      },
      flush: () => Promise.resolve(),
      next: () => new Promise<never>(() => {}),
      close: () => Promise.resolve(void (isClosed = true)),
    };
    const running = start({ port }, { view: faulty });
    const peer = await accept();
    await peer.letIn();
    await peer.say({ type: "message", id: 1, room: "lobby", from: "alice", at: 1.5, body: "hi" });
    assertEquals(await peer.finish(), []);
    const text = "chat: this is a fault in chat itself, please report it: x is not a function\n";
    assertEquals([await running.status, running.stderr.text, isClosed], [1, text, true]);
  });
});

/** An input whose reads fail after some text. */
function failing(error: Error, text = ""): ReadableStream<Uint8Array> {
  const chunks = text === "" ? [] : [new TextEncoder().encode(text)];
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk === undefined) controller.error(error);
      else controller.enqueue(chunk);
    },
  });
}

const UNREADABLE = [
  new Error("Bad file descriptor (os error 9)"),
  new Error("Input/output error (os error 5)"),
  new Error("No such device or address (os error 6)"),
  new Deno.errors.NotConnected("Transport endpoint is not connected (os error 107)"),
  new Deno.errors.PermissionDenied("Permission denied (os error 13)"),
];

Deno.test("with --follow, --receive and --json an unreadable input counts as empty", async () => {
  for (const error of UNREADABLE) {
    for (
      const command of [{ follow: true }, { receive: 1 }, { json: "exact" as const, receive: 1 }, {
        json: "exact" as const,
      }]
    ) {
      await withListener(async (port, accept) => {
        const running = start({ port, ...command }, { input: failing(error) });
        const peer = await accept();
        await peer.letIn();
        if (!("receive" in command || "follow" in command)) {
          await peer.finish();
          assertEquals([await running.status, running.stderr.text], [0, ""]);
          return;
        }
        await peer.say({ type: "message", id: 1, room: "lobby", from: "ann", at: 1.5, body: "hi" });
        await running.stdout.until((text) => text.includes("hi"));
        if ("follow" in command) running.interrupt(143);
        await peer.finish().catch(() => peer.close());
        assertEquals([await running.status, running.stderr.text], ["follow" in command ? 143 : 0, ""]);
      });
    }
  }
});

Deno.test("an input that fails after its first lines is one line and status 1, whatever the options", async () => {
  for (const command of [{}, { follow: true }, { json: "exact" as const }]) {
    await withListener(async (port, accept) => {
      const input = failing(UNREADABLE[1]!, '{"body": 1}\n');
      const running = run({ port, ...command }, { input });
      const peer = await accept();
      await peer.letIn();
      const post = await peer.hear("message");
      await peer.say({ type: "ack", id: 1, at: 1.5, ref: post.get("ref") as number });
      await peer.finish();
      const { status, err } = await running;
      assertEquals([status, err], [1, "chat: cannot read the input: Input/output error\n"]);
    });
  }
});

Deno.test("unreadable input is one line, and no fault of the program", async () => {
  await withListener(async (port, accept) => {
    const input = new ReadableStream<Uint8Array>({
      pull: () => Promise.reject(new Deno.errors.IsADirectory("Is a directory (os error 21)")),
    });
    const running = run({ port }, { input });
    const peer = await accept();
    await peer.letIn();
    await peer.finish();
    assertEquals(await running, { status: 1, out: "", err: "chat: cannot read the input: Is a directory\n" });
  });
});

Deno.test("an error about no post is shown as an error", async () => {
  await withListener(async (port, accept) => {
    const running = run({ port, json: "exact" as const }, {
      input: '{"type": "join", "room": "ops"}\n{"body": 1, "ref": 7}\n',
    });
    const peer = await accept();
    await peer.letIn();
    const ping = await peer.hear("ping");
    const post = await peer.hear("message");
    await peer.say({ type: "error", code: "not-allowed", text: "Cannot join" });
    await peer.say({ type: "pong", ref: ping.get("ref") as number });
    await peer.say({ type: "ack", id: 1, at: 1.5, ref: post.get("ref") as number });
    await answerPings(peer).catch(() => {});
    peer.close();
    const { status, out } = await running;
    const told = out.trimEnd().split("\n").map((line) => JSON.parse(line) as Record<string, Value>);
    assertEquals(status, 0);
    assert(
      told.some(({ type, text, ref }) => type === "error" && text === "Cannot join" && ref === undefined),
    );
    assert(told.some(({ type, ref }) => type === "ack" && ref === 7));
  });
});
