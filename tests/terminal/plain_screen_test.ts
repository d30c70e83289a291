import { PlainScreen } from "../../lib/terminal/plain_screen.ts";
import { Style } from "../../lib/terminal/style/style.ts";
import type { Value } from "../../lib/pickle/values/values.ts";
import { assertEquals, assertFalse } from "../assert.ts";

const SGR = new RegExp(`${"\x1b"}\\[[\\d;]*m`, "g");
const EMPTY = new Map<Value, Value>();

/** A plain screen that reads a text, and what it wrote. */
function setUp(input: string, options: { style?: Style } = {}) {
  let written = "";
  const screen = new PlainScreen({
    input: ReadableStream.from([new TextEncoder().encode(input)]),
    output: {
      write: (bytes) => {
        written += new TextDecoder().decode(bytes);
        return Promise.resolve(bytes.length);
      },
    },
    style: options.style ?? new Style("none"),
    bell: "mention",
    now: () => 0,
  });
  const asked: string[] = [];
  screen.start({
    leave: (how) => asked.push(how),
    retry: () => asked.push("retry"),
    fail: (error) => asked.push(String(error)),
  });
  return { screen, asked, written: () => written };
}

Deno.test("PlainScreen writes lines and no sequence that moves the cursor", async () => {
  const { screen, written } = setUp("", { style: new Style("colour", { background: "light" }) });
  screen.show({ kind: "link", state: { is: "ready", mode: "chat" } });
  screen.show({ kind: "object", value: "a\x1b[2J\nb" });
  screen.show({ kind: "problem", text: "oh" });
  await screen.flush();
  assertEquals(written(), "a\\x1b[2J\n      │ b\n\x1b[1;38;5;124m-- oh\x1b[0m\n");
  assertFalse(written().replace(SGR, "").includes("\x1b"));
  await screen.close();
});

Deno.test("PlainScreen takes lines and commands, and does not repeat what the terminal has echoed", async () => {
  const { screen, asked, written } = setUp("hi\n\n/me waves\n/jion\n/quit\n");
  const dict = new Map<Value, Value>([["body", "hi"]]);
  assertEquals(await screen.next(), { kind: "post", body: "hi", room: undefined, to: undefined });
  screen.show({ kind: "posted", ref: 1, dict });
  assertEquals(await screen.next(), { kind: "post", body: "* waves", room: undefined, to: undefined });
  assertEquals(await screen.next(), null);
  assertEquals(asked, ["acked"]);
  assertEquals(written(), "-- there is no /jion; did you mean /join?\n");
  await screen.close();
});

Deno.test("PlainScreen reconnects at an empty line", async () => {
  const { screen, asked } = setUp("\n");
  screen.show({ kind: "link", state: { is: "lost", reason: "gone", retryMs: 1000 } });
  assertEquals(await screen.next(), null);
  assertEquals(asked, ["retry"]);
  screen.show({ kind: "acked", ref: 1, id: 1, at: 0, given: false });
  screen.show({
    kind: "told",
    message: { type: "gap", room: "lobby", first: 1, last: 2 },
    dict: EMPTY,
    own: false,
  });
  await screen.close();
});
