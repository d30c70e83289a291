import { Style } from "../../lib/terminal/style/style.ts";
import { SYSTEM_CLOCK } from "../../lib/base/clock.ts";
import { encodeFrame, FrameReader } from "../../lib/frame/mod.ts";
import { listenerDict, type ListenerMessage } from "../../lib/protocol/message.ts";
import { decode } from "../../lib/pickle/decode/decode.ts";
import { encode } from "../../lib/pickle/encode/encode.ts";
import type { Value } from "../../lib/pickle/values/values.ts";
import { memoryDuplex } from "../../lib/connection/memory_duplex.ts";
import { seatOperator } from "../../lib/listener/operator.ts";
import { PlainScreen } from "../../lib/terminal/plain_screen.ts";
import { assertEquals, assertStringIncludes } from "../assert.ts";

const NOON = new Date(2026, 10, 23, 12, 0).getTime() / 1000;

/** An operator at a plain screen, and the listener's end of their connection. */
function seat() {
  const [near, far] = memoryDuplex();
  const keys = new TransformStream<Uint8Array, Uint8Array>();
  const writer = keys.writable.getWriter();
  let shown = "";
  const output = {
    write: (bytes: Uint8Array) => {
      shown += new TextDecoder().decode(bytes);
      return Promise.resolve(bytes.length);
    },
  };
  const view = new PlainScreen({
    input: keys.readable,
    output,
    style: new Style("none"),
    bell: "off",
    now: () => NOON * 1000,
  });
  const frames = new FrameReader(far, { maxPayload: 1 << 20 })[Symbol.asyncIterator]();
  const stop = new AbortController();
  const seated = seatOperator(near, {
    view,
    nick: "operator",
    client: "test",
    session: "0".repeat(32),
    clock: SYSTEM_CLOCK,
    signal: stop.signal,
  });
  return {
    seated,
    stop: () => stop.abort(),
    shown: () => shown,
    type: (line: string) => void writer.write(new TextEncoder().encode(line + "\n")).catch(() => {}),
    tell: async (message: ListenerMessage) =>
      void await far.write(encodeFrame(encode(listenerDict(message)))),
    hear: async () => Object.fromEntries(decode((await frames.next()).value!) as Map<string, Value>),
    close: () => far.close(),
  };
}

async function enter(operator: ReturnType<typeof seat>): Promise<void> {
  const hello = await operator.hear();
  assertEquals([hello.type, hello.nick], ["hello", "operator"]);
  const names = { nick: "operator", room: "lobby", session: "0".repeat(32), epoch: "e" };
  const about = { protocol: 1, server: "chat", version: "test", limits: new Map<string, number>() };
  await operator.tell({ type: "welcome", ...names, ...about, ref: hello.ref as number });
  await operator.tell({
    type: "joined",
    room: "lobby",
    nick: "operator",
    at: NOON,
    nicks: ["operator", "bob"],
  });
  await operator.tell({ type: "replay", room: "lobby", count: 0 });
}

Deno.test("an operator sees the room, posts, and uses an operator's commands", async () => {
  const operator = seat();
  await enter(operator);
  await operator.tell({ type: "message", body: "\x1b[2Jspam", from: "bob", at: NOON, id: 1, room: "lobby" });
  operator.type("please stop");
  const post = await operator.hear();
  assertEquals([post.type, post.body, post.room], ["message", "please stop", "lobby"]);
  await operator.tell({ type: "ack", at: NOON, id: 2, ref: post.ref as number });
  operator.type("/kick bob no spam");
  const { type, nick, room, text } = await operator.hear();
  assertEquals([type, nick, room, text], ["kick", "bob", "lobby", "no spam"]);
  assertEquals((await operator.hear()).type, "ping");
  operator.close();
  await operator.seated;
  assertStringIncludes(operator.shown(), String.raw`12:00 bob: \x1b[2Jspam`);
});

Deno.test("the end of the listener and /quit restore the terminal", async () => {
  const one = seat();
  await enter(one);
  one.stop();
  await one.seated;
  const other = seat();
  await enter(other);
  other.type("/quit");
  await other.seated;
});
