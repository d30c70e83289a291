/** The connector and other ends that are no chat, or one that dies: what is said, and with which status. */

import { encodeFrame } from "../../lib/frame/mod.ts";
import { encode } from "../../lib/pickle/encode/encode.ts";
import { assertEquals, assertMatch } from "../assert.ts";
import { type Peer, run, type Setting, start, Typing, withListener, Written } from "./connecting.ts";

type Command = Partial<Parameters<typeof run>[0]>;

const bytes = (text: string) => new TextEncoder().encode(text);
const frame = (text: string) => encodeFrame(bytes(text));

/** Sends bytes, and ends its direction. */
const saying = (first: Uint8Array) => async (peer: Peer) => {
  await peer.sendBytes(first);
  await peer.closeWrite();
  await peer.finish().catch(() => peer.close());
};

/** Sends bytes once the first line has come, as an HTTP server does. */
const answering = (answer: Uint8Array) => async (peer: Peer) => {
  await peer.receive();
  await saying(answer)(peer);
};

/** Sends bytes, and leaves it to the connector to end the connection. */
const staying = (first: Uint8Array) => async (peer: Peer) => {
  await peer.sendBytes(first);
  await peer.finish().catch(() => peer.close());
};

const closing = (peer: Peer) => Promise.resolve(peer.close());

/** Plays the other end once, and gives what the connector said, with "HERE" for the address. */
async function meet(
  play: (peer: Peer) => Promise<void>,
  command: Command = {},
  setting: Setting = {},
): Promise<[status: number, out: string, err: string]> {
  let result!: [number, string, string];
  await withListener(async (port, accept) => {
    const running = run({ port, ...command }, setting);
    await play(await accept());
    const { status, out, err } = await running;
    result = [status, out, err.replaceAll(`127.0.0.1:${port}`, "HERE")];
  });
  return result;
}

const NOTHING = "HERE ended the connection without sending anything: perhaps nothing runs behind that port";
const NO_ANSWER = "HERE ended the connection without an answer";
const looksLike = (service: string) => `HERE is not a chat: it looks like ${service}; check host and port`;

/** Fake servers: what they do, what is said of them, and the status. */
const SERVERS: Record<string, [play: (peer: Peer) => Promise<void>, said: string, status: number]> = {
  "a proxy with nothing behind it": [closing, NOTHING, 3],
  "an HTTP server": [
    saying(bytes("HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n")),
    looksLike("an HTTP server: 'HTTP/1.1 400 Bad Request'"),
    3,
  ],
  "an HTTP server that answers what it got": [
    answering(bytes("HTTP/1.0 400 Bad request\r\n\r\n")),
    looksLike("an HTTP server: 'HTTP/1.0 400 Bad request'"),
    3,
  ],
  "an SSH server": [
    saying(bytes("SSH-2.0-OpenSSH_9.6p1 Debian-3\r\n")),
    looksLike("an SSH server: 'SSH-2.0-OpenSSH_9.6p1 Debian-3'"),
    3,
  ],
  "a TLS server": [answering(Uint8Array.of(0x15, 3, 3, 0, 2, 2, 0x16)), looksLike("a TLS server"), 3],
  "a mail server": [
    saying(bytes("220 mail.example.org ESMTP Postfix\r\n")),
    looksLike("a mail or FTP server: '220 mail.example.org ESMTP Postfix'"),
    3,
  ],
  "a Redis server": [
    answering(bytes("-ERR unknown command\r\n")),
    looksLike("a Redis server: '-ERR unknown command'"),
    3,
  ],
  "a MySQL server": [
    saying(Uint8Array.of(0x4a, 0, 0, 0, 0x0a, ...bytes("8.0.36\0........"))),
    looksLike("a MySQL or MariaDB server"),
    3,
  ],
  "the tutorial's part 1": [
    saying(bytes("Welcome to the server!")),
    looksLike("a program that sends text without a header: 'Welcome to the server!'"),
    3,
  ],
  "the tutorial's part 1 with a short text": [
    saying(bytes("Hey!")),
    looksLike("a program that sends text without a header: 'Hey!'"),
    3,
  ],
  "the tutorial's part 2": [
    saying(bytes("22        Welcome to the server!")),
    "this is text, not a pickle: 'Welcome to the server!'",
    1,
  ],
  "the tutorial's part 2 with the time": [
    saying(new Uint8Array([...frame("The time is 1.5"), ...frame("The time is 4.5\x1b[2J")])),
    "this is text, not a pickle: 'The time is 1.5'\nchat: this is text, not a pickle: 'The time is 4.5\\x1b[2J'",
    1,
  ],
  "text of part 2 that is not UTF-8": [
    saying(encodeFrame(Uint8Array.of(0x63, 0x61, 0x66, 0xe9))),
    "this is text, not a pickle: b'caf\\xe9\\x00\\x00'",
    1,
  ],
  "pickles without a header": [
    saying(encode("a text that is long enough")),
    looksLike("a program that sends pickles without a header"),
    3,
  ],
  "a header of four bytes": [
    saying(Uint8Array.of(0, 0, 0, 12, 0x80, 4, ...bytes("0123456789"))),
    looksLike("a program whose header is a length of four bytes"),
    3,
  ],
  "JSON lines": [
    saying(bytes('{"hello": "world"}\n')),
    looksLike('a program that sends JSON: \'{"hello": "world"}\''),
    3,
  ],
  "a TLS server that stays": [
    staying(Uint8Array.of(0x15, 3, 3, 0, 2, 2, 0x16)),
    looksLike("a TLS server"),
    3,
  ],
  "a server that says Hi and stays": [
    staying(bytes("Hi")),
    looksLike("a program that sends text without a header: 'Hi'"),
    3,
  ],
  "a few bytes that mean nothing": [
    saying(Uint8Array.of(1, 2, 3)),
    "HERE sends no frames: Cannot read on: the stream ended inside a frame; is that the right port?",
    3,
  ],
  "a server that dies in its first frame": [
    saying(frame("a frame that is cut").subarray(0, 20)),
    "HERE ended the connection inside an object",
    3,
  ],
  "a listener that dies before it answers the hello": [
    async (peer) => {
      await peer.welcome({ nick: "guest-1", epoch: "e" });
      await peer.hear("hello");
      peer.close();
    },
    NO_ANSWER,
    3,
  ],
};

for (const [name, [play, said, status]] of Object.entries(SERVERS)) {
  Deno.test(`${name} is reported in one line in every mode`, async () => {
    const input = name.includes("answer") || name.includes("Redis") || name.includes("TLS") ? "GET /\n" : "";
    const [got, out, err] = await meet(play, {}, { input });
    assertEquals([got, out], [status, ""]);
    assertEquals(err.replace(/; \d+ posts? w[^\n]*/, ""), `chat: ${said}\n`);
  });
}

Deno.test("a connection that ends before the first byte is status 3, and unsent posts are named", async () => {
  const one = "1 post was not sent: 'the build is done'";
  const cases: [Command, Setting, string][] = [
    [{}, { input: "the build is done\n" }, `${NOTHING}; ${one}`],
    [{}, { input: "the build is done" }, `${NOTHING}; ${one}`],
    [{}, { input: "one\ntwo\nthree\n" }, `${NOTHING}; 3 posts were not sent, the first: 'one'`],
    [{}, { input: "x\n".repeat(5000) }, `${NOTHING}; at least 1000 posts were not sent, the first: 'x'`],
    [{}, { input: "\x1b[2Jred\n" }, `${NOTHING}; 1 post was not sent: '\\x1b[2Jred'`],
    [{ json: "exact" }, { input: '{"body": [1, 2]}\n' }, `${NOTHING}; 1 post was not sent: [1, 2]`],
    [{ nick: "ann" }, { input: "hi\n" }, `${NO_ANSWER}; 1 post was not sent: 'hi'`],
    [{ room: "ops" }, {}, NO_ANSWER],
    [{ send: ["a", 7] }, {}, `${NOTHING}; 2 posts were not sent, the first: 'a'`],
    [{ receive: 1 }, {}, NOTHING],
    [{ last: 5 }, {}, NO_ANSWER],
    [{ follow: true }, {}, NOTHING],
  ];
  for (const [command, setting, said] of cases) {
    const [status, , err] = await meet(closing, command, setting);
    // A close with unread bytes is a reset, which may be seen first.
    const reset = err.replace(/the connection to HERE broke: [^;\n]*/, NO_ANSWER);
    assertEquals([status, reset], [3, `chat: ${said}\n`]);
  }
});

Deno.test("an end before the first byte is shown at a terminal, with the lines that were typed", async () => {
  class Screen extends Written {
    override isTerminal(): boolean {
      return true;
    }
  }
  for (const typed of ["", "hello\n", "hello\nthere\n"]) {
    await withListener(async (port, accept) => {
      const typing = new Typing();
      const setting = { input: typing.readable, typed: true, stdout: new Screen() };
      const running = start({ port, plainScreen: true }, setting);
      const peer = await accept();
      if (typed !== "") typing.type(typed);
      peer.close();
      assertEquals(await running.status, 3);
      assertMatch(running.stderr.text, /^chat: .* ended the connection without sending anything[^\n]*\n$/);
      const named = typed === ""
        ? "port\n"
        : typed === "hello\n"
        ? "sent: 'hello'\n"
        : "the first: 'hello'\n";
      assertEquals(running.stderr.text.endsWith(named), true, running.stderr.text);
    });
  }
});

Deno.test("a silent program that reads everything and then ends is no failure; one that ends early is", async () => {
  const reading = async (peer: Peer) => void await peer.finish();
  assertEquals(await meet(reading, {}, { input: "one\ntwo\n" }), [0, "", ""]);
  assertEquals(await meet(reading, { send: ["x"] }), [0, "", ""]);
  await withListener(async (port, accept) => {
    const typing = new Typing();
    const running = start({ port }, { input: typing.readable });
    const peer = await accept();
    typing.type("one\n");
    assertEquals(await peer.receive(), "one");
    await peer.closeWrite();
    assertEquals(await running.status, 3);
    assertMatch(running.stderr.text, /without sending anything: .*; 1 post was not answered: 'one'\n$/);
    peer.close();
  });
});

Deno.test("a plain program may end the connection, but not before all of the input was sent", async () => {
  await withListener(async (port, accept) => {
    const typing = new Typing();
    const running = start({ port }, { input: typing.readable });
    const peer = await accept();
    await peer.send("hello");
    await running.stdout.until((text) => text === "hello\n");
    await peer.closeWrite();
    assertEquals([await running.status, running.stderr.text], [0, ""]);
    peer.close();
  });
  await withListener(async (port, accept) => {
    const input = `${"x".repeat(1 << 20)}\n`.repeat(64);
    const running = run({ port }, { input });
    const peer = await accept();
    await peer.send("hello");
    await peer.closeWrite();
    const { status, out, err } = await running;
    assertEquals([status, out], [3, "hello\n"]);
    assertMatch(err, /ended the connection; \d+ posts were not sent, the first: 'x{59}…\n$/);
    peer.close();
  });
});

Deno.test("a listener that is lost for good leaves its unacked posts named", async () => {
  const dying = async (peer: Peer) => {
    await peer.letIn();
    await peer.hear("message");
    await peer.hear("message");
    peer.close();
  };
  const [status, , err] = await meet(dying, { reconnect: false }, { input: "one\ntwo\n" });
  assertEquals(status, 3);
  assertMatch(err, /^chat: .*; 2 posts were not confirmed, the first: 'one'\n$/);
  const kicking = async (peer: Peer) => {
    await peer.letIn();
    await peer.hear("message");
    await peer.say({ type: "bye", code: "kicked", text: "you were kicked by ann: enough" });
    await peer.finish();
  };
  assertEquals(await meet(kicking, {}, { input: "one\n" }), [
    4,
    "",
    "chat: you were kicked by ann: enough; 1 post was not confirmed: 'one'\n",
  ]);
});
