import { type LogEvent, logLine, logText } from "../../lib/log/log.ts";
import { assert, assertEquals, assertFalse } from "../assert.ts";

const WHOM = { address: "192.0.2.7:5000", nick: "ann" };
const TIME = new Date(Date.UTC(2026, 10, 23, 12, 0, 0, 5));

/** Each event by example: its fields as JSON has them behind the time, and what people read. */
const EXAMPLES: [LogEvent, string, string][] = [
  [
    { event: "listening", address: "[::]:1243" },
    '"event":"listening","address":"[::]:1243"',
    "listening on [::]:1243",
  ],
  ...([["10G", "10G, the oldest go first (see --retain)"], ["all", "all of them"]] as const)
    .map(([retain, words]): [LogEvent, string, string] => [
      { event: "keeping", file: "chat.db", retain },
      `"event":"keeping","file":"chat.db","retain":"${retain}"`,
      `keeping messages in chat.db: ${words}`,
    ]),
  [
    { event: "sharing", chat: "team", servers: ["n1:4222", "n2:4222"], name: "a3f9" },
    '"event":"sharing","chat":"team","servers":["n1:4222","n2:4222"],"name":"a3f9"',
    "sharing the chat team on n1:4222, n2:4222 as a3f9",
  ],
  [
    { event: "page", address: "http://127.0.0.1:8080/" },
    '"event":"page","address":"http://127.0.0.1:8080/"',
    "serving the page on http://127.0.0.1:8080/",
  ],
  [
    { event: "reachable", address: "192.0.2.1:1243", command: "chat --connect 192.0.2.1" },
    '"event":"reachable","address":"192.0.2.1:1243","command":"chat --connect 192.0.2.1"',
    "others join with: chat --connect 192.0.2.1",
  ],
  [
    { event: "accepted", address: WHOM.address },
    '"event":"accepted","address":"192.0.2.7:5000"',
    "a connection from 192.0.2.7:5000",
  ],
  [
    { event: "came", ...WHOM },
    '"event":"came","address":"192.0.2.7:5000","nick":"ann"',
    "ann came from 192.0.2.7:5000",
  ],
  [
    { event: "went", ...WHOM, why: "slow" },
    '"event":"went","address":"192.0.2.7:5000","nick":"ann","why":"slow"',
    "ann (192.0.2.7:5000) was disconnected: it read nothing for too long",
  ],
  ...([["left", "quit"], ["failed", "lost the connection"], ["kicked", "was kicked"], [
    "too-large",
    "was disconnected: too-large",
  ]] as const).map(([why, words]): [LogEvent, string, string] => [
    { event: "went", ...WHOM, why },
    `"event":"went","address":"192.0.2.7:5000","nick":"ann","why":"${why}"`,
    `ann (192.0.2.7:5000) ${words}`,
  ]),
  [
    { event: "renamed", ...WHOM, to: "eve" },
    '"event":"renamed","address":"192.0.2.7:5000","nick":"ann","to":"eve"',
    "ann (192.0.2.7:5000) is now eve",
  ],
  [
    { event: "topic", ...WHOM, room: "ops", text: "pagers" },
    '"event":"topic","address":"192.0.2.7:5000","nick":"ann","room":"ops","text":"pagers"',
    "ann (192.0.2.7:5000) set the topic of ops: pagers",
  ],
  [
    { event: "refused", ...WHOM, code: "no-such-nick", text: "Cannot post" },
    '"event":"refused","address":"192.0.2.7:5000","nick":"ann","code":"no-such-nick","text":"Cannot post"',
    "refused ann (192.0.2.7:5000): Cannot post (no-such-nick)",
  ],
  [
    { event: "came", ...WHOM, quiet: true },
    '"event":"came","address":"192.0.2.7:5000","nick":"ann","quiet":true',
    "ann came from 192.0.2.7:5000",
  ],
  [
    { event: "refused", address: WHOM.address, code: "bad-pickle", text: "Cannot load it" },
    '"event":"refused","address":"192.0.2.7:5000","code":"bad-pickle","text":"Cannot load it"',
    "refused 192.0.2.7:5000: Cannot load it (bad-pickle)",
  ],
  [
    { event: "slowed", ...WHOM },
    '"event":"slowed","address":"192.0.2.7:5000","nick":"ann"',
    "ann (192.0.2.7:5000) sends too fast and is read more slowly",
  ],
  [
    { event: "behind", ...WHOM, room: "ops" },
    '"event":"behind","address":"192.0.2.7:5000","nick":"ann","room":"ops"',
    "ann (192.0.2.7:5000) reads too slowly and has fallen behind in ops",
  ],
  [
    { event: "enrolled", ...WHOM },
    '"event":"enrolled","address":"192.0.2.7:5000","nick":"ann"',
    "ann (192.0.2.7:5000) is a member now",
  ],
  [
    { event: "promoted", ...WHOM },
    '"event":"promoted","address":"192.0.2.7:5000","nick":"ann"',
    "ann (192.0.2.7:5000) is an operator now",
  ],
  [
    { event: "guessed", address: WHOM.address, count: 30 },
    '"event":"guessed","address":"192.0.2.7:5000","count":30',
    "30 wrong operator tokens from 192.0.2.7:5000",
  ],
  [
    { event: "kicked", ...WHOM, room: "ops", who: "bob", text: "" },
    '"event":"kicked","address":"192.0.2.7:5000","nick":"ann","room":"ops","who":"bob","text":""',
    "ann (192.0.2.7:5000) kicked bob from ops",
  ],
  [
    { event: "muted", ...WHOM, room: "ops", who: "bob" },
    '"event":"muted","address":"192.0.2.7:5000","nick":"ann","room":"ops","who":"bob"',
    "ann (192.0.2.7:5000) muted bob in ops",
  ],
  [
    { event: "unmuted", ...WHOM, room: "ops", who: "bob" },
    '"event":"unmuted","address":"192.0.2.7:5000","nick":"ann","room":"ops","who":"bob"',
    "ann (192.0.2.7:5000) unmuted bob in ops",
  ],
  [
    { event: "banned", ...WHOM, who: "192.0.2.8", text: "spam" },
    '"event":"banned","address":"192.0.2.7:5000","nick":"ann","who":"192.0.2.8","text":"spam"',
    "ann (192.0.2.7:5000) banned 192.0.2.8: spam",
  ],
  [
    { event: "unbanned", ...WHOM, who: "bob" },
    '"event":"unbanned","address":"192.0.2.7:5000","nick":"ann","who":"bob"',
    "ann (192.0.2.7:5000) unbanned bob",
  ],
  [
    { event: "failing", what: "history", text: "Cannot store the messages: the disk is full" },
    '"event":"failing","what":"history","text":"Cannot store the messages: the disk is full"',
    "cannot store the messages: the disk is full",
  ],
  [
    { event: "working", what: "accept" },
    '"event":"working","what":"accept"',
    "connections are accepted again",
  ],
  [{ event: "failed", text: "it broke" }, '"event":"failed","text":"it broke"', "it broke"],
  [
    { event: "skipped", count: 7 },
    '"event":"skipped","count":7',
    "7 lines of the log were dropped: they came faster than they were read",
  ],
  [
    { event: "unattended" },
    '"event":"unattended"',
    "the operator's terminal is closed; the listener goes on without an operator",
  ],
  [{ event: "ending" }, '"event":"ending"', "ending: saying goodbye to everybody"],
];

Deno.test("each event is a line of JSON with its fields in their order, and a line for people", () => {
  for (const [event, fields, text] of EXAMPLES) {
    assertEquals(
      logLine(event, { json: true, time: TIME }),
      `{"time":"2026-11-23T12:00:00.005Z",${fields}}`,
    );
    assertEquals(logLine(event, { json: false, time: TIME }), `chat: ${text}`);
    assertEquals(logText(event), text);
  }
});

Deno.test("docs/operations.md has a table of the events, each with its fields", async () => {
  const text = await Deno.readTextFile(new URL("../../docs/operations.md", import.meta.url));
  const rows = [...text.matchAll(/^\| `(\w+)` \| ([\w, ()]*)\| /gm)];
  const table = new Map(
    rows.map(([, event, fields]) => [event, fields!.split(",").map((field) => field.trim())]),
  );
  for (const [{ event, ...fields }] of EXAMPLES) {
    // A field in parentheses may be left out.
    const named = (table.get(event) ?? ["no row"]).filter(Boolean);
    const may = named.flatMap((field) => /^\((\w+)\)$/.exec(field)?.[1] ?? []);
    const must = named.filter((field) => !field.startsWith("("));
    assertEquals(Object.keys(fields).filter((field) => !may.includes(field)), must, event);
  }
  const known = new Set(EXAMPLES.map(([{ event }]) => event as string));
  for (const event of table.keys()) assert(known.has(event!), `${event} is no event`);
});

Deno.test("a line of the log stays one line, and nothing in it moves a terminal", () => {
  const text = "\x1b]0;title\x07\nchat: forged \u202eline\u2028";
  for (const json of [true, false]) {
    const line = logLine({ event: "topic", ...WHOM, room: text, text }, { json, time: TIME });
    // deno-lint-ignore no-control-regex
    assertFalse(/[\x00-\x1f\x7f-\x9f\u2028\u202e]/.test(line), line);
    if (json) assertEquals(JSON.parse(line).text, text);
  }
});
