import { ByteArray, type Value } from "../../lib/pickle/values/values.ts";
import { JsonLines } from "../../lib/view/json_lines.ts";
import { Pipe } from "../../lib/view/pipe.ts";
import type { ChatEvent, Told, View } from "../../lib/view/view.ts";
import { assert, assertEquals } from "../assert.ts";

const ATTACKS = [
  "\x1b]0;owned\x07",
  "\x1b]52;c;cm0gLXJm\x07",
  "\x1b[2J\x1b[H",
  "\x9b2J\x90q\x9c",
  "fine\r\x1b[Kcarol: forged",
  "one\ncarol: forged",
  "a\u2028b\u2029c\x85d",
  "\u202egnp.exe",
  "a\u200bb\u2066c",
];

const DICT = (attack: string) => new Map<Value, Value>([["type", "weather"], [attack, attack]]);

/** Every event that has text of somebody else's in it, and that text everywhere. */
function eventsOf(attack: string): ChatEvent[] {
  const dict = DICT(attack);
  const said = { type: "message", from: attack, at: 1.5, room: attack, id: 1 } as const;
  const told = (message: Told): ChatEvent => ({ kind: "told", message, dict, own: false });
  return [
    ...[attack, new Map([[attack, attack]]), [attack], new TextEncoder().encode(attack)].map((
      body: Value,
    ): ChatEvent => ({
      kind: "message",
      message: { ...said, body },
      dict,
      replayed: false,
      own: false,
    })),
    { kind: "message", message: { ...said, body: 1, to: attack }, dict, replayed: false, own: false },
    { kind: "object", value: attack },
    { kind: "object", value: dict },
    { kind: "object", value: new ByteArray(new TextEncoder().encode(attack)) },
    { kind: "refused", ref: attack, given: true, code: attack, text: attack, dict },
    { kind: "bye", code: attack, text: attack, dict },
    { kind: "problem", code: attack, text: attack },
    { kind: "note", text: attack },
    { kind: "replay", room: attack, count: 1, asked: false, dict },
    { kind: "link", state: { is: "lost", reason: attack, retryMs: 1 } },
    { kind: "link", state: { is: "connecting", address: attack } },
    { kind: "link", state: { is: "greeting", address: attack } },
    told({ type: "error", code: attack, text: attack }),
    told({ type: "gap", room: attack, first: 1, last: 2 }),
    told({ type: "topic", room: attack, nick: attack, text: attack, at: 1.5 }),
    told({ type: "who", room: attack, nicks: [attack], count: 1 }),
    told({ type: "stats", stats: dict }),
    told({ type: "stats", stats: attack }),
  ];
}

function viewing(make: (streams: { input: ReadableStream; output: Sink; errors: Sink }) => View) {
  const written = { output: "", errors: "" };
  const sinkTo = (name: "output" | "errors"): Sink => ({
    write: (bytes) => {
      written[name] += new TextDecoder().decode(bytes);
      return Promise.resolve(bytes.length);
    },
  });
  const view = make({ input: ReadableStream.from([]), output: sinkTo("output"), errors: sinkTo("errors") });
  return { view, written };
}

interface Sink {
  write(bytes: Uint8Array): Promise<number>;
}

const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

Deno.test("a pipe writes one line for any event, without characters that a terminal obeys or hides", async () => {
  for (const attack of ATTACKS) {
    for (const event of eventsOf(attack)) {
      const { view, written } = viewing((streams) => new Pipe({ ...streams, typed: false }));
      view.show(event);
      await view.flush();
      for (const text of Object.values(written)) {
        const lines = text.split("\n").slice(0, -1);
        assert(lines.length <= (event.kind === "told" && event.message.type === "stats" ? 2 : 1), text);
        for (const line of lines) assertEquals(UNSEEN.exec(line), null, JSON.stringify(line));
      }
    }
  }
});

Deno.test("--json writes one line of JSON for any event, safe for a terminal", async () => {
  for (const attack of ATTACKS) {
    for (const event of eventsOf(attack)) {
      const { view, written } = viewing((streams) =>
        new JsonLines({ ...streams, style: "exact", bodies: false })
      );
      view.show(event);
      await view.flush();
      for (const text of Object.values(written)) {
        const lines = text.split("\n").slice(0, -1);
        assert(lines.length <= 1, text);
        for (const line of lines) assertEquals(UNSEEN.exec(line), null, JSON.stringify(line));
      }
      if (written.output !== "") JSON.parse(written.output);
    }
  }
});

Deno.test("a pipe shows an action as one line that names its sender once", async () => {
  const { view, written } = viewing((streams) => new Pipe({ ...streams, typed: false }));
  for (const body of ["* karolina waves", "* bob waves"]) {
    const message = { type: "message", body, from: "karolina", at: 1.5, room: "lobby", id: 1 } as const;
    view.show({ kind: "message", message, dict: new Map(), replayed: false, own: false });
  }
  await view.flush();
  assertEquals(written.output, "* karolina waves\nkarolina: * bob waves\n");
});
