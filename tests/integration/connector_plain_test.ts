import { encodeFrame } from "../../lib/frame/mod.ts";
import { encode } from "../../lib/pickle/encode/encode.ts";
import { Float, Tuple } from "../../lib/pickle/values/values.ts";
import { assertEquals, assertStringIncludes } from "../assert.ts";
import { run, start, Typing, withListener } from "./connecting.ts";

const HI = new Map([[1, "hi"], [2, "there"]]);
const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("plain objects are shown as Python prints them, and the connector ends with the peer", async () => {
  await withListener(async (port, accept) => {
    const running = run({ port });
    const peer = await accept();
    await peer.send(HI);
    await peer.send("two\nlines \x1b[2J");
    await peer.send(new Tuple([1, null]));
    await peer.closeWrite();
    assertEquals(await peer.finish(), []);
    assertEquals(await running, {
      status: 0,
      out: "{1: 'hi', 2: 'there'}\ntwo\\nlines \\x1b[2J\n(1, None)\n",
      err: "",
    });
  });
});

Deno.test("--receive leaves after N objects, though more have come and the peer stays", async () => {
  await withListener(async (port, accept) => {
    const running = run({ port, receive: 2 });
    const peer = await accept();
    for (const word of ["a", "b", "c"]) await peer.send(word);
    assertEquals(await running, { status: 0, out: "a\nb\n", err: "" });
    peer.close();
  });
});

Deno.test("--receive that is not met is status 3", async () => {
  await withListener(async (port, accept) => {
    const running = run({ port, receive: 2 });
    const peer = await accept();
    await peer.send("a");
    peer.close();
    const { status, out, err } = await running;
    assertEquals([status, out], [3, "a\n"]);
    assertEquals(err, `chat: 127.0.0.1:${port} ended the connection\n`);
  });
});

Deno.test("in plain mode each line goes out as a str, the end of input half-closes, and it reads on", async () => {
  await withListener(async (port, accept) => {
    const running = run({ port }, { input: "one\n\nthree" });
    const peer = await accept();
    await peer.send("hello");
    assertEquals([await peer.receive(), await peer.receive(), await peer.receive()], ["one", "", "three"]);
    assertEquals(await peer.receive(), undefined);
    await peer.send("bye");
    peer.close();
    assertEquals(await running, { status: 0, out: "hello\nbye\n", err: "" });
  });
});

Deno.test("an empty line that is typed is not posted", async () => {
  await withListener(async (port, accept) => {
    const running = run({ port }, { input: "one\n\nthree\n", typed: true });
    const peer = await accept();
    await peer.send("hello");
    assertEquals(await peer.finish(), ["one", "three"]);
    assertEquals((await running).status, 0);
  });
});

Deno.test("a silent peer gets the input after a second", async () => {
  await withListener(async (port, accept) => {
    const running = run({ port }, { input: "hi\n" });
    const peer = await accept();
    assertEquals(await peer.finish(), ["hi"]);
    assertEquals((await running).status, 0);
  });
});

Deno.test("--send in plain mode writes the objects, half-closes and prints what is answered", async () => {
  await withListener(async (port, accept) => {
    const running = run({ port, send: [HI, "x"] }, { input: "not read\n" });
    const peer = await accept();
    await peer.send("hello");
    assertEquals([await peer.receive(), await peer.receive(), await peer.receive()], [HI, "x", undefined]);
    await peer.send("got it");
    peer.close();
    assertEquals(await running, { status: 0, out: "hello\ngot it\n", err: "" });
  });
});

Deno.test("--send does not wait forever for a peer that never closes", async () => {
  await withListener(async (port, accept) => {
    const running = run({ port, send: ["x"] });
    const peer = await accept();
    await peer.send("hello");
    assertEquals((await running).status, 0);
    peer.close();
  });
});

Deno.test("an object that cannot be read is reported and the next one is shown", async () => {
  await withListener(async (port, accept) => {
    const running = run({ port });
    const peer = await accept();
    await peer.sendBytes(encodeFrame(bytes("garbage")));
    await peer.sendBytes(bytes("0         "));
    await peer.send("next");
    peer.close();
    const { status, out, err } = await running;
    assertEquals([status, out], [0, "next\n"]);
    assertStringIncludes(err, "chat: cannot decode the pickle");
  });
});

Deno.test("a stream that ends inside a frame, or breaks, is status 3 and one line", async () => {
  await withListener(async (port, accept) => {
    const running = run({ port });
    const peer = await accept();
    await peer.send("hello");
    await peer.sendBytes(encodeFrame(encode("cut")).subarray(0, 20));
    peer.close();
    assertEquals(await running, {
      status: 3,
      out: "hello\n",
      err: `chat: 127.0.0.1:${port} ended the connection inside an object\n`,
    });
  });
});

Deno.test("a stream without frames is reported", async () => {
  for (const greeting of ["\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09", "9999999999"]) {
    await withListener(async (port, accept) => {
      const running = run({ port });
      const peer = await accept();
      await peer.sendBytes(bytes(greeting));
      const { status, out, err } = await running;
      assertEquals([status, out, err.split("\n").length], [3, "", 2]);
      assertStringIncludes(err, "sends no frames: Cannot");
      peer.close();
    });
  }
});

Deno.test("a closed port and an unknown host are each one line and status 3", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  assertEquals(await run({ port }), {
    status: 3,
    out: "",
    err: `chat: nobody is listening on 127.0.0.1:${port}: start a chat there with \`chat --serve\`, ` +
      "or check host and port\n",
  });
  assertEquals(await run({ port, host: "no-such-host.invalid" }), {
    status: 3,
    out: "",
    err: "chat: there is no host named no-such-host.invalid: check the spelling, or give its address\n",
  });
});

Deno.test("--trace writes the words of the tutorial's client to standard error", async () => {
  await withListener(async (port, accept) => {
    const running = run({ port, trace: true });
    const peer = await accept();
    await peer.sendBytes(bytes("4         K\x01.\0"));
    peer.close();
    assertEquals(await running, {
      status: 0,
      out: "1\n",
      err: "new msg len: b'4         '\nfull message length: 4\n14\nfull msg recvd\nb'K\\x01.\\x00'\n",
    });
  });
});

Deno.test("--json reads and writes plain objects as bodies", async () => {
  await withListener(async (port, accept) => {
    const input = '{"body": {"$tuple": [1, 2.0]}}\nnonsense\n[1]\n{"body": "x", "room": "y"}\n';
    const running = run({ port, json: "exact" }, { input });
    const peer = await accept();
    await peer.send(HI);
    assertEquals(await peer.finish(), [new Tuple([1, new Float(2)]), "x"]);
    const { status, out } = await running;
    assertEquals(status, 1);
    const lines = out.trimEnd().split("\n").map((line) => JSON.parse(line));
    assertEquals(lines[0], { body: { $dict: [[1, "hi"], [2, "there"]] } });
    assertEquals(lines.slice(1).map(({ type, code }) => [type, code]), [
      ["error", "bad-message"],
      ["error", "bad-message"],
    ]);
  });
});

Deno.test("standard output that is closed early ends quietly", async () => {
  await withListener(async (port, accept) => {
    const typing = new Typing();
    const running = start({ port }, { input: typing.readable });
    running.stdout.write = () => Promise.reject(new Deno.errors.BrokenPipe());
    const peer = await accept();
    await peer.send("hello");
    assertEquals([await running.status, running.stderr.text], [0, ""]);
    peer.close();
  });
});

Deno.test("a signal ends the connector at once, with its status", async () => {
  await withListener(async (port, accept) => {
    const running = start({ port }, { input: new Typing().readable });
    const peer = await accept();
    running.interrupt(143);
    assertEquals([await running.status, running.stderr.text], [143, ""]);
    peer.close();
  });
});
