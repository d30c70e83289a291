import { Style } from "../../lib/terminal/style/style.ts";
import { ByteArray, type Value } from "../../lib/pickle/values/values.ts";
import { assert, assertEquals, assertFalse, assertStringIncludes } from "../assert.ts";
import { KeyDecoder } from "../../lib/terminal/keys/decoder.ts";
import { key } from "./keys.ts";
import { EMPTY, NOON, Person } from "./person.ts";

const HARD = "漢字 e\u0301 and 👩‍👩‍👧 in a line that is long enough to be wrapped";

for (const measures of ["cluster", "point"] as const) {
  Deno.test(`the typed line survives a flood, a resize and Ctrl-L (${measures})`, () => {
    const person = new Person({ columns: 30, measures }).enter();
    person.types(HARD);
    for (let n = 0; n < 50; n++) {
      person.hears(`message ${n} which is long enough to be wrapped`);
      if (n === 10) person.types("", "C-a", "M-f").types(" MID");
      if (n === 20) {
        person.terminal.resize(22, 12);
        person.screen.resize(22, 12);
      }
      if (n === 25) person.screen.settle();
      if (n === 29) {
        const numbers = person.lines.flatMap((line) => /^12:00 bob: message (\d+)/.exec(line)?.[1] ?? []);
        assertEquals(numbers, Array.from({ length: 30 }, (_, n) => String(n)), "nothing was written over");
      }
      if (n === 30) person.types("", "C-l");
    }
    const expected = `漢字 MID${HARD.slice(2)}`;
    const shown = person.lines.slice(-5).join("").replaceAll(" ", "");
    assert(shown.endsWith(`me@lobby>${expected}`.replaceAll(" ", "")), shown);
    person.types("", "return");
    assertEquals(person.posted, [expected]);
    assertEquals(person.lines.filter((line) => line.includes("message 49")).length, 1);
    assertEquals(person.lines.filter((line) => line.startsWith("me@lobby>")), ["me@lobby>"]);
  });
}

Deno.test("while the terminal is being resized the dock is one short row, and whole again when it stays", () => {
  const person = new Person({ columns: 80 }).enter().types(
    "a half typed line of some fifty characters, not more",
  );
  for (const columns of [70, 60, 50, 40]) {
    person.terminal.resize(columns, 12);
    assertEquals(person.screen.resize(columns, 12), true);
    person.see();
    assertEquals(person.lines.length, 3, `at ${columns}`);
    assert(person.prompt.length < Math.max(8, columns / 4), person.prompt);
  }
  assertEquals(person.screen.resize(40, 20), false, "another height wraps nothing");
  person.screen.settle();
  person.see().types("!");
  const line = "me@lobby> a half typed line of some fif\nty characters, not more!".split("\n");
  assertEquals(person.lines.slice(2), line);
});

Deno.test("a message is shown as time, nick and text; another room is named, and counted in the prompt", () => {
  const person = new Person().enter();
  assertEquals(person.hears("hi").last, "12:00 bob: hi");
  assertEquals(person.prompt, "me@lobby>");
  person.types("/join ops", "return");
  assertEquals(person.actions, [{ kind: "say", dict: new Map([["type", "join"], ["room", "ops"]]) }]);
  person.told({ type: "joined", room: "ops", nick: "me", at: NOON, nicks: ["me"], topic: "pagers" }, true);
  assertEquals([person.last, person.prompt], ["-- in ops alone: pagers", "me@ops>"]);
  person.hears("still here").hears("and here");
  assertEquals([person.last, person.prompt], ["[lobby] 12:00 bob: and here", "me@ops lobby:2>"]);
  person.types("/join lobby", "return");
  assertEquals([person.lines.at(-5), person.prompt], ["-- in lobby", "me@lobby>"]);
  person.types("back", "return");
  assertEquals(person.actions.at(-1), { kind: "post", body: "back", room: "lobby", to: undefined });
  assertEquals(person.last, "12:00 me: back");
});

Deno.test("a post is printed once, when it is acked; after 300 ms without an ack it is shown as pending", () => {
  const person = new Person({ acks: false }).enter().types("hello", "return");
  assertEquals([person.lines.length, person.prompt], [3, "me@lobby>"], "nothing flickers");
  assertEquals(person.screen.changesIn, 300);
  assertEquals(person.passes(299).lines.length, 3);
  assertEquals(person.passes(1).last, "sending … hello");
  person.types("half typed").hears("meanwhile");
  assertEquals(person.lines.slice(-3), ["12:00 bob: meanwhile", "sending … hello", "me@lobby> half typed"]);
  person.happens({ kind: "acked", ref: 1, id: 40, at: NOON, given: false });
  assertEquals(person.lines.slice(-3), ["12:00 bob: meanwhile", "12:00 me: hello", "me@lobby> half typed"]);
  assertEquals(person.lines.filter((line) => line.includes("hello")).length, 1);
  assertEquals(person.screen.changesIn, null);
});

Deno.test("while the connection is lost posts wait, at most three of them shown one by one", () => {
  const person = new Person({ acks: false }).enter();
  person.happens({ kind: "link", state: { is: "lost", reason: "the listener is gone", retryMs: 4000 } });
  for (const text of ["one", "two", "three", "four", "five"]) person.types(text, "return");
  person.passes(300);
  assertEquals(person.lines.slice(-5), [
    "waiting … one",
    "waiting … two",
    "waiting … three",
    "waiting … and 2 more",
    "me@lobby (offline, 4 s)>",
  ]);
  person.happens({ kind: "link", state: { is: "ready", mode: "chat" } });
  for (let ref = 1; ref <= 5; ref++) person.happens({ kind: "acked", ref, id: ref, at: NOON, given: false });
  assertEquals(person.lines.slice(-6), [
    ...["one", "two", "three", "four", "five"].map((text) => `12:00 me: ${text}`),
    "me@lobby>",
  ]);
});

Deno.test("a refused post is shown with the reason, and Ctrl-Y brings its text back", () => {
  const person = new Person({ acks: false }).enter().types("hello there", "return").passes(300);
  person.happens({
    kind: "refused",
    ref: 1,
    given: false,
    code: "not-allowed",
    text: "Cannot post the message: you are muted in lobby",
    dict: new Map([["body", "hello there"]]),
  });
  assertEquals(person.last, "✗ not sent: you are muted in lobby (Ctrl-Y brings it back)");
  assertEquals(person.lines.some((line) => line.startsWith("sending")), false);
  assertEquals(person.types("", "C-y").prompt, "me@lobby> hello there");
});

Deno.test("the prompt counts the seconds until a lost connection is tried again", () => {
  const person = new Person().enter();
  person.happens({ kind: "link", state: { is: "lost", reason: "the listener is gone", retryMs: 2500 } });
  assertEquals([person.prompt, person.screen.changesIn], ["me@lobby (offline, 3 s)>", 500]);
  assertEquals([person.passes(500).prompt, person.screen.changesIn], ["me@lobby (offline, 2 s)>", 1000]);
  assertEquals(person.passes(1000).prompt, "me@lobby (offline, 1 s)>");
  assertEquals([person.passes(1000).prompt, person.screen.changesIn], ["me@lobby (offline)>", null]);
});

Deno.test("Alt-1 to Alt-9 switch rooms, Alt-a to the next with news, and what is unread there is shown again", () => {
  const person = new Person({ rows: 40 }).enter();
  for (const room of ["ops", "dev"]) {
    person.told({ type: "joined", room, nick: "me", at: NOON, nicks: ["me"] }, true);
  }
  assertEquals(person.types("half", "M-1").prompt, "me@lobby> half");
  for (let n = 1; n <= 12; n++) person.hears(`news ${n}`, { room: "dev" });
  person.hears("look, me", { room: "ops" });
  assertEquals(person.types("", "C-c").prompt, "me@lobby ops:1! dev:12>");
  person.types("", "M-a");
  assertEquals(person.lines.slice(-4), [
    "-- in ops",
    "──── 1 unread ────",
    "12:00!bob: look, me",
    "me@ops dev:12>",
  ]);
  person.types("", "M-a");
  assertEquals(person.lines.slice(-13), [
    "-- in dev",
    "──── 12 unread, the last 10 ────",
    ...Array.from({ length: 10 }, (_, n) => `12:00 bob: news ${n + 3}`),
    "me@dev>",
  ]);
  const before = person.lines.length;
  assertEquals(person.types("", "M-a", "M-9").lines.length, before, "there is none");
});

Deno.test("new from here stands above the first message of somebody else, and not above one's own", () => {
  const person = new Person().enter();
  person.happens({ kind: "replay", room: "lobby", count: 1, asked: false, dict: EMPTY });
  person.hears("old", { replayed: true }).happens({ kind: "replayed", room: "lobby" });
  assertEquals(person.types("mine", "return").last, "12:00 me: mine");
  person.hears("new").hears("newer");
  assertEquals(person.lines.slice(-6, -1), [
    "12:00 bob: old",
    "12:00 me: mine",
    "──── new from here ────",
    "12:00 bob: new",
    "12:00 bob: newer",
  ]);
});

Deno.test("private messages show both ends, and /r answers them", () => {
  const person = new Person().enter();
  person.happens({
    kind: "message",
    message: { type: "message", body: "psst", from: "carol", to: "me", at: NOON },
    dict: EMPTY,
    replayed: false,
    own: false,
  });
  assertEquals([person.last, person.terminal.bells], ["12:00!carol → you: psst", 1]);
  person.types("/r yes?", "return");
  assertEquals(person.last, "12:00 me → carol: yes?");
});

Deno.test("the bell rings at a mention of the whole nick, at everything, or never", () => {
  const heard = ["hi me", "ME!", "home", "hi"];
  const bells = (bell: "off" | "mention" | "all") => {
    const person = new Person({ bell }).enter();
    heard.forEach((text) => person.hears(text));
    person.hears("me", { replayed: true }).hears("me", { own: true, from: "me" }).types("", "C-l");
    return person.terminal.bells;
  };
  assertEquals([bells("off"), bells("mention"), bells("all")], [0, 2, 4]);
});

Deno.test("a change of the day and missed messages are marked", () => {
  const person = new Person().enter();
  const dict = new Map<Value, Value>([["type", "replay"]]);
  person.happens({ kind: "replay", room: "lobby", count: 1, asked: false, dict });
  person.hears("old", { at: NOON - 86400, replayed: true }).happens({ kind: "replayed", room: "lobby" });
  person.hears("live");
  assertEquals(person.lines.slice(2, -1), [
    "──── 2026-11-22 ────",
    "12:00 bob: old",
    "──── new from here ────",
    "──── 2026-11-23 ────",
    "12:00 bob: live",
  ]);
  person.happens({ kind: "link", state: { is: "lost", reason: "the listener is gone", retryMs: 4000 } });
  assertEquals(person.prompt, "me@lobby (offline, 4 s)>");
  person.types("", "return");
  assertEquals(person.asked, ["retry"]);
  person.happens({ kind: "link", state: { is: "ready", mode: "chat" } });
  person.happens({ kind: "replay", room: "lobby", count: 1, asked: false, dict });
  person.hears("missed", { replayed: true }).happens({ kind: "replayed", room: "lobby" });
  assertEquals(person.lines.slice(-5, -1), [
    "-- connected again",
    "──── you were away: 1 missed in lobby ────",
    "12:00 bob: missed",
    "──── now ────",
  ]);
});

Deno.test("/history asks for messages older than all that were shown, and marks them", () => {
  const person = new Person().enter().hears("newer", { id: 40 });
  person.types("/history 1", "return");
  const asked = new Map<Value, Value>([["type", "history"], ["room", "lobby"], ["before", 40], ["limit", 1]]);
  assertEquals(person.actions, [{ kind: "say", dict: asked }]);
  person.happens({ kind: "replay", room: "lobby", count: 1, asked: true, dict: EMPTY });
  person.hears("older", { id: 39, replayed: true }).happens({ kind: "replayed", room: "lobby" });
  const shown = person.lines.slice(0, -1);
  const rule = shown.indexOf("──── older messages of lobby ────");
  assertEquals(shown.slice(rule, rule + 3), [
    "──── older messages of lobby ────",
    "12:00 bob: older",
    "──── end of older messages ────",
  ]);
  // The newest lines stand below them again.
  assertEquals(shown.slice(rule + 3), shown.slice(0, rule).slice(rule + 3 - shown.length));
  assertEquals(shown.at(-1), "12:00 bob: newer");
  person.types("/history", "return").happens({
    kind: "replay",
    room: "lobby",
    count: 0,
    asked: true,
    dict: EMPTY,
  });
  assertEquals(person.last, "-- there are no older messages");
});

Deno.test("/search shows what was found with ids, and changes neither /history nor the unread counts", () => {
  const person = new Person().enter().hears("newer", { id: 40 });
  person.types('/search "black tea" mil*', "return");
  const words = '"black tea" mil*';
  const asked = new Map<Value, Value>([["type", "search"], ["room", "lobby"], ["words", words], [
    "limit",
    20,
  ]]);
  assertEquals(person.actions, [{ kind: "say", dict: asked }]);
  person.happens({ kind: "replay", room: "lobby", count: 2, asked: true, words, dict: EMPTY });
  person.hears("black tea, milk", { id: 7, replayed: true }).hears("milk in black tea", {
    id: 12,
    replayed: true,
  });
  person.happens({ kind: "replayed", room: "lobby" });
  assertEquals(person.lines.slice(-5, -1), [
    `──── 2 found in lobby: ${words} ────`,
    "#7 12:00 bob: black tea, milk",
    "#12 12:00 bob: milk in black tea",
    "──── end of what was found ────",
  ]);
  person.types("/history", "return");
  assertEquals(person.actions.at(-1), {
    kind: "say",
    dict: new Map<string, Value>([["type", "history"], ["room", "lobby"], ["before", 40]]),
  });
  person.happens({ kind: "replay", room: "lobby", count: 0, asked: true, words: "x\x1b[2J", dict: EMPTY });
  assertEquals(person.last, "-- nothing found in lobby: x\\x1b[2J");
});

Deno.test("/history after /clear begins with the newest messages, and goes on before the oldest on the screen", () => {
  const person = new Person().enter();
  for (let n = 1; n <= 3; n++) person.hears(`message ${n}`, { id: n + 40 });
  const asked = () => {
    const action = person.types("/history", "return").actions.at(-1)!;
    return action.kind === "say" ? action.dict.get("before") : action;
  };
  assertEquals(asked(), 41);
  person.types("/clear", "return");
  assertEquals(asked(), undefined);
  person.hears("message 4", { id: 44 });
  assertEquals(asked(), 44);
});

Deno.test("/search without words goes on with the last search of the room, below what it has found", () => {
  const person = new Person({ rows: 40 }).enter();
  const asks = (dict: Record<string, Value>) =>
    assertEquals(person.actions.at(-1), {
      kind: "say",
      dict: new Map<Value, Value>(Object.entries({ type: "search", room: "lobby", ...dict, limit: 20 })),
    });
  const finds = (...ids: number[]) => {
    person.happens({
      kind: "replay",
      room: "lobby",
      count: ids.length,
      asked: true,
      words: "tea",
      dict: EMPTY,
    });
    for (const id of ids) person.hears(`tea ${id}`, { id, replayed: true, from: id % 2 ? "bob" : "carol" });
    return person.happens({ kind: "replayed", room: "lobby" });
  };
  const twenty = (first: number) => Array.from({ length: 20 }, (_, n) => first + n);
  person.types("/search", "return");
  assertEquals(person.actions, [], "nothing was searched yet");
  // Whose messages are hidden, theirs count all the same.
  person.types("/ignore carol", "return").types("/search tea", "return");
  asks({ words: "tea" });
  finds(...twenty(24));
  assertEquals(person.last, "──── older ones: /search ────");
  person.types("/search", "return");
  asks({ words: "tea", before: 24 });
  finds(...twenty(3));
  assertEquals(person.last, "──── older ones: /search ────");
  assertEquals(person.lines.filter((line) => line.includes("found in")), [
    "──── 20 found in lobby: tea ────",
    "──── 20 older found in lobby: tea ────",
  ]);
  person.types("/search", "return");
  asks({ words: "tea", before: 3 });
  assertEquals(finds(1).last, "──── end of what was found ────");
  person.types("/search", "return");
  asks({ words: "tea", before: 1 });
  assertEquals(finds().last, "-- nothing older found in lobby: tea");
  person.types("/search milk", "return");
  asks({ words: "milk" });
});

Deno.test("/history knows own posts by their acks", () => {
  const person = new Person({ acks: false }).enter();
  person.types("mine", "return");
  person.happens({ kind: "acked", ref: 1, id: 41, at: NOON, given: false });
  person.types("/history", "return");
  assertEquals(person.actions.at(-1), {
    kind: "say",
    dict: new Map<string, Value>([["type", "history"], ["room", "lobby"], ["before", 41]]),
  });
});

Deno.test("Tab completes the rooms that /rooms has listed", () => {
  const person = new Person().enter();
  const rooms = ["lobby", "operations"].map((room) =>
    new Map<string, Value>([["room", room], ["members", 1]])
  );
  person.told({ type: "rooms", rooms });
  person.types("/join o", "tab");
  assertEquals(person.prompt, "me@lobby> /join operations");
});

Deno.test("lines typed after /join go to the room being entered, or stay where that is refused", () => {
  const person = new Person().enter();
  person.types("/join ops", "return").types("for ops", "return").types("/topic pagers", "return");
  assertEquals([person.prompt, person.last], ["me@lobby>", "[ops] 12:00 me: for ops"]);
  person.told({ type: "joined", room: "lobby", nick: "me", at: NOON, nicks: ["me", "bob"] }, true);
  person.types("and this", "return");
  person.told({ type: "joined", room: "ops", nick: "me", at: NOON, nicks: ["me"] }, true);
  person.types("here", "return").types("/join lobby", "return").types("back", "return");
  person.types("/join full", "return");
  person.told({ type: "error", code: "busy", text: "Cannot enter the room: there are too many" });
  person.types("still here", "return");
  const rooms = person.actions.map((action) =>
    action.kind === "post"
      ? [action.body, action.room]
      : action.kind === "say"
      ? action.dict.get("room")
      : null
  );
  assertEquals(rooms, [
    "ops",
    ["for ops", "ops"],
    "ops",
    ["and this", "ops"],
    ["here", "ops"],
    ["back", "lobby"],
    "full",
    ["still here", "lobby"],
  ]);
});

Deno.test("in no room nothing can be posted, and the person is told so; /connect has no effect while connected", () => {
  const person = new Person().enter();
  person.types("/connect", "return");
  assertEquals([person.last, person.asked], ["-- already connected", []]);
  person.told({ type: "left", room: "lobby", nick: "me", at: NOON }, true);
  assertEquals(person.prompt, "me>");
  person.types("hello?", "return");
  const none = "-- you are in no room: /join one (Ctrl-Y brings it back)";
  assertEquals([person.last, person.posted], [none, []]);
  for (const line of ["/names", "/part", "/topic", "/topic new", "/history", "/kick bob"]) {
    person.types("/clear", "return").types(line, "return");
    assertEquals(person.terminal.screen[0], none, line);
  }
  assertEquals(person.actions, []);
});

Deno.test("objects are shown shortened, and in full by /show", () => {
  const person = new Person({ columns: 200 }).enter();
  person.hears(new Map<Value, Value>([[1, "hi"], ["a", null]]));
  assertEquals(person.last, "12:00 bob: {1: 'hi', 'a': None}");
  person.hears(Array.from({ length: 100_000 }, (_, n) => n), { id: 17 });
  assert(person.last.startsWith("12:00 bob: list of 100,000: ▁"), person.last);
  assert(person.last.endsWith("min 0, mean 50000, max 99999 /show 17"), person.last);
  person.hears(new Uint8Array(1000));
  assertStringIncludes(person.last, "bytes of 1,000: b'\\x00");
  person.hears(new ByteArray(Uint8Array.of(65)));
  assertEquals(person.last, "12:00 bob: bytearray(b'A')");
  person.hears(new TextEncoder().encode("GIF89a".padEnd(5000)), { id: 18 }).types("/show 18", "return");
  assertEquals(person.last, "a terminal does not draw this: /save 18 FILE writes it");
  person.types("/show 17", "return");
  assertStringIncludes(person.last, "/show 17 2 goes on");
  person.types("/show 99", "return");
  assertStringIncludes(person.last, "message 99 was not shortened, or is no longer kept here");
});

Deno.test("attacks by escape codes, newlines and directions are shown as marks", () => {
  const attacks = [
    "\x1b]0;owned\x07",
    "\x1b]52;c;cm0gLXJm\x07",
    "\x1b[2J\x1b[H",
    "\x9b2J\x90q\x9c",
    "fine\r\x1b[K12:00 carol: forged",
    "\u202egnp.exe",
    "a\u200bb\u2066c",
  ];
  const person = new Person({ columns: 200 }).enter();
  for (const attack of attacks) {
    person.hears(attack).hears("x", { from: attack }).hears("x", { room: attack });
    person.told({ type: "topic", room: "lobby", nick: attack, text: attack, at: NOON });
    person.told({ type: "left", room: "lobby", nick: attack, at: NOON });
    person.told({ type: "joined", room: attack, nick: attack, at: NOON });
    person.told({ type: "renamed", room: "lobby", nick: attack, to: attack, at: NOON });
    person.told({ type: "error", code: attack, text: attack });
    for (const type of ["kick", "mute", "unmute"] as const) person.told({ type, room: attack, nick: attack });
    person.told({ type: "ban", address: attack, text: attack }).told({ type: "unban", nick: attack });
    person.happens({ kind: "note", text: attack });
    person.told({ type: "who", room: attack, nicks: [attack], count: 1 });
    person.told({
      type: "rooms",
      rooms: [new Map([["room", attack], ["members", attack], ["topic", attack]])],
    });
    person.told({ type: "stats", stats: new Map([[attack, attack]]) });
    person.happens({ kind: "refused", ref: 1, given: false, code: attack, text: attack, dict: EMPTY });
    person.happens({ kind: "bye", code: attack, text: attack, dict: EMPTY });
    person.happens({ kind: "problem", text: attack });
    person.happens({ kind: "object", value: attack });
    person.happens({ kind: "object", value: new Map([[attack, [attack]]]) });
    person.happens({ kind: "link", state: { is: "lost", reason: attack, retryMs: 1 } });
    person.types("/ignore " + attack, "return").pastes(attack).types("", "C-c");
  }
  // The emulator throws at every control that is not the screen's own.
  const all = person.lines.join("\n");
  assertFalse(/[\u202a-\u202e\u2066-\u2069\u200b]/u.test(all));
  assertEquals(person.terminal.bells, 0);
  assertStringIncludes(all, String.raw`\x1b]52;c;cm0gLXJm\x07`);
  assertFalse(person.lines.includes("12:00 carol: forged"));
});

Deno.test("a second line of a message cannot look like another message", () => {
  const person = new Person().enter().hears("one\n12:00 carol: two");
  assertEquals(person.lines.slice(-3, -1), ["12:00 bob: one", "      │ 12:00 carol: two"]);
});

Deno.test("several pasted lines are asked about once: sent one by one, as one message, or not at all", () => {
  const pasted = "one\n/two\n\nthree\n";
  const person = new Person().enter().pastes(pasted);
  assertEquals(person.prompt, "send 3 lines? [y/N, o: as one message]");
  person.hears("meanwhile");
  assertEquals([person.last, person.prompt], [
    "12:00 bob: meanwhile",
    "send 3 lines? [y/N, o: as one message]",
  ]);
  person.types("n");
  assertEquals([person.posted, person.prompt], [[], "me@lobby>"]);
  assertEquals(person.last, "-- not sent; Ctrl-Y brings it back");
  assertEquals(person.types("", "C-y").prompt, "three↵");
  person.types("", "C-c");
  assertEquals(person.pastes(pasted).types("y").posted, ["one", "/two", "three"]);
  assertEquals(person.types("so: ").pastes(pasted).types("o").posted.at(-1), "so: one\n/two\n\nthree");
  assertEquals(person.types("/msg bob ").pastes("a\nb").types("o").actions.at(-1), {
    kind: "post",
    body: "a\nb",
    room: undefined,
    to: "bob",
  });
  assertEquals(person.types("x").pastes("one line\n").prompt, "me@lobby> xone line");
});

Deno.test("a paste during the question about another one is kept", () => {
  const person = new Person().enter().pastes("a\nb").pastes("later");
  assertEquals(person.lines.slice(-3, -1), [
    "-- answer first; Ctrl-Y brings back what was pasted",
    "   meanwhile",
  ]);
  assertEquals(person.types("y").posted, ["a", "b"]);
  assertEquals(person.types("", "C-y").prompt, "me@lobby> later");
});

Deno.test("Ctrl-C clears, twice in a row leaves at once; Ctrl-D on an empty line leaves in order", () => {
  const person = new Person().enter().types("half", "C-c");
  assertEquals([person.prompt, person.asked], ["me@lobby>", []]);
  person.types("x", "backspace", "C-c");
  assertEquals(person.last, "-- Ctrl-C again leaves");
  person.types("", "C-c");
  assertEquals(person.asked, ["interrupt"]);
  person.types("", "C-d");
  assertEquals(person.asked, ["interrupt", "leave"]);
  person.types("/quit", "return");
  assertEquals(person.asked.length, 3);
});

Deno.test("the host of the chat is named, with the help; a lost connection tells when it is tried again", () => {
  const person = new Person({ columns: 100 });
  person.happens({ kind: "link", state: { is: "open", address: "far.example:1243", isPrivate: false } })
    .enter();
  assertEquals(person.lines[0], "-- you are me on far.example (/nick NAME changes it, /help lists commands)");
  assertEquals(person.lines[1], "-- in lobby with bob, carol");
  person.happens({ kind: "link", state: { is: "lost", reason: "the listener is gone", retryMs: 4000 } });
  assertEquals(person.last, "-- the listener is gone; retrying in 4 s (Enter: now)");
});

Deno.test("the member of a private chat, whose nick stays, is not told how to change it", () => {
  const person = new Person({ columns: 100 });
  person.happens({ kind: "link", state: { is: "open", address: "far.example:1243", isPrivate: true } })
    .enter();
  assertEquals(person.lines[0], "-- you are me on far.example (/help lists commands)");
});

Deno.test("a nick that is taken is named with the one that was given, at the start and after a reconnect", () => {
  const person = new Person({ nick: "alice", columns: 100 });
  const welcome = (nick: string) =>
    person.told({
      type: "welcome",
      ...{ protocol: 1, room: "lobby", session: "", epoch: "", server: "chat", version: "0" },
      nick,
      limits: new Map(),
    }, true);
  assertEquals(
    welcome("alice-2").last,
    "-- alice is taken: you are alice-2 (/nick NAME changes it, /help lists commands)",
  );
  person.happens({ kind: "link", state: { is: "ready", mode: "chat" } });
  welcome("alice-2");
  assertEquals(person.lines.length, 2, "nothing has changed");
  assertEquals(welcome("guest-1").last, "-- alice-2 is taken: you are guest-1");
  const same = new Person({ nick: "ME" }).enter();
  assertEquals(same.lines[0], "-- you are me (/nick NAME changes it, /help lists commands)");
});

Deno.test("an action of any person is shown without a colon", () => {
  const person = new Person().enter().types("/me waves", "return");
  assertEquals([person.posted, person.last], [["* me waves"], "12:00 * me waves"]);
  assertEquals(person.hears("* bob nods").last, "12:00 * bob nods");
  assertEquals(person.hears("* me falls", { from: "bob" }).last, "12:00!bob: * me falls", "forged");
  assertEquals(person.hears("* a list").last, "12:00 bob: * a list");
});

Deno.test("/join #ops switches to the room ops, and enters it where this end is not in it", () => {
  const person = new Person().enter();
  person.told({ type: "joined", room: "ops", nick: "me", at: NOON, nicks: ["me"] }, true);
  person.types("/join lobby", "return").types("/j #ops", "return");
  assertEquals([person.last, person.prompt, person.actions], ["-- in ops", "me@ops>", []]);
  person.types("/join #new", "return");
  person.told({ type: "joined", room: "new", nick: "me", at: NOON, nicks: ["me"] }, true);
  person.types("here", "return");
  assertEquals(person.actions.at(-1), { kind: "post", body: "here", room: "new", to: undefined });
});

Deno.test("a room with many others tells their number", () => {
  const person = new Person().enter();
  const nicks = ["me", "a", "b", "c", "d", "e", "f"];
  person.told({ type: "joined", room: "ops", nick: "me", at: NOON, nicks, count: 1001 }, true);
  assertEquals(person.last, "-- in ops with 1000 others");
  person.told({ type: "joined", room: "few", nick: "me", at: NOON, nicks: nicks.slice(0, 6) }, true);
  assertEquals(person.last, "-- in few with a, b, c, d, e");
});

Deno.test("a room sees an operator's actions, and lists of bans and mutes name everybody", () => {
  const person = new Person().enter();
  const left = { type: "left", room: "lobby", nick: "bob", at: NOON } as const;
  person.told({ ...left, why: "kicked", by: "ann", text: "be \x1bnice" });
  assertEquals(person.last, String.raw`-- ann kicked bob: be \x1bnice`);
  person.told({ ...left, nick: "carol", why: "banned", by: "ann" });
  assertEquals(person.last, "-- ann banned carol");
  person.told({ ...left, nick: "dora", why: "vanished", by: "ann" });
  assertEquals(person.last, "-- dora left");
  person.told({ type: "mute", room: "lobby", nick: "me", by: "ann", text: "too loud" }, true);
  assertEquals(person.last, "-- ann muted you in lobby: too loud");
  person.told({ type: "unmute", room: "lobby", nick: "me", by: "ann" }, true);
  assertEquals(person.last, "-- ann unmuted you in lobby");
  person.told({ type: "mute", room: "lobby", nick: "zoe" });
  assertEquals(person.last, "-- zoe is muted, whom nobody here is called");
  person.told({ type: "joined", room: "lobby", nick: "Zoe", at: NOON });
  person.told({ type: "mute", room: "lobby", nick: "zoe" });
  assertEquals(person.last, "-- zoe is muted");
  person.told({ type: "bans", nicks: ["eve"], addresses: ["2001:db8::"] });
  assertEquals(person.last, "-- banned: eve, 2001:db8::");
  person.told({ type: "bans", nicks: [], addresses: [] });
  assertEquals(person.last, "-- nobody is banned");
  person.told({ type: "mutes", room: "lobby", nicks: ["zoe", "eve"] });
  assertEquals(person.last, "-- muted in lobby: zoe, eve");
});

Deno.test("Ctrl-C of a person who hosts the chat tells for how many it ends", () => {
  const person = new Person({ hosts: true }).enter().types("", "C-c");
  assertEquals(person.last, "-- Ctrl-C again ends the chat for all 3");
  const alone = new Person({ hosts: true }).happens({ kind: "link", state: { is: "ready", mode: "chat" } });
  assertEquals(alone.types("", "C-c").last, "-- Ctrl-C again ends the chat");
});

Deno.test("Ctrl-D of a person who hosts the chat leaves at once alone, and with others only twice in a row", () => {
  const person = new Person({ hosts: true }).enter().types("", "C-d");
  assertEquals(person.last, "-- Ctrl-D again ends the chat for all 3");
  assertEquals(person.asked, []);
  person.types("x", "backspace", "C-d");
  assertEquals(person.asked, []);
  person.types("", "C-d");
  assertEquals(person.asked, ["leave"]);
  const alone = new Person({ hosts: true }).happens({ kind: "link", state: { is: "ready", mode: "chat" } });
  assertEquals(alone.types("", "C-d").asked, ["leave"]);
  assertEquals(new Person().enter().types("", "C-d").asked, ["leave"]);
});

Deno.test("during the first connection one Ctrl-C stops the program", () => {
  const person = new Person().happens({ kind: "link", state: { is: "connecting", address: "far:1243" } });
  assertEquals([person.last, person.prompt], ["-- connecting to far:1243 … (Ctrl-C stops)", "(connecting)>"]);
  person.happens({ kind: "link", state: { is: "open", address: "far:1243", isPrivate: false } });
  assertEquals(person.prompt, ">");
  person.happens({ kind: "link", state: { is: "greeting", address: "far:1243" } });
  const waiting = "-- waiting for far:1243 to answer … (Ctrl-C stops)";
  assertEquals([person.last, person.prompt], [waiting, "(connecting)>"]);
  assertEquals(person.types("x", "C-c").asked, []);
  assertEquals(person.types("", "C-c").asked, ["interrupt"]);
});

Deno.test("Tab offers the most recent speaker first", () => {
  const person = new Person().enter().hears("hi", { from: "carol" }).hears("hi", { from: "bob" });
  person.types("", "tab");
  assertEquals(person.prompt, "me@lobby>");
  person.types("c", "tab");
  assertEquals(person.prompt, "me@lobby> carol:");
  person.types("", "C-c").types("x ", "tab");
  assertEquals(person.prompt, "me@lobby> x bob");
  person.types("", "tab");
  assertEquals(person.prompt, "me@lobby> x carol");
});

Deno.test("Tab offers nicks of other rooms after those of this one", () => {
  const person = new Person().enter();
  person.told({ type: "joined", room: "ops", nick: "me", at: NOON, nicks: ["me", "ben", "dora"] }, true);
  person.types("/msg d", "tab");
  assertEquals(person.prompt, "me@ops> /msg dora");
  person.types("", "C-c").types("/msg b", "tab");
  assertEquals(person.prompt, "me@ops> /msg ben");
  person.types("", "tab");
  assertEquals(person.prompt, "me@ops> /msg bob");
});

Deno.test("messages of an ignored nick are not shown and ring no bell until it is unignored", () => {
  const person = new Person().enter().types("/ignore BOB", "return").hears("me! me!");
  assertEquals([person.last, person.terminal.bells], ["-- ignoring BOB", 0]);
  person.types("/unignore bob", "return").hears("hi");
  assertEquals(person.last, "12:00 bob: hi");
});

Deno.test("joins, leaves and renames are shown once, and change the prompt where they are this end's own", () => {
  const person = new Person().enter();
  person.told({ type: "joined", room: "lobby", nick: "dave", at: NOON });
  person.told({ type: "left", room: "lobby", nick: "carol", at: NOON });
  for (const room of ["lobby", "ops"]) {
    person.told({ type: "renamed", room, nick: "me", to: "zoé", at: NOON }, room === "lobby");
  }
  person.told({ type: "who", room: "lobby", nicks: ["zoé", "dave"], count: 2 });
  person.told({
    type: "rooms",
    rooms: [new Map<Value, Value>([["room", "ops"], ["members", 3], ["topic", "pagers"]])],
  });
  person.told({ type: "stats", stats: new Map<Value, Value>([["peers", 2]]) });
  assertEquals(person.lines.slice(2, -1), [
    "-- dave joined; carol left",
    "-- you are now zoé",
    "-- 2 in lobby: zoé, dave",
    "-- ops (3): pagers",
    "-- peers: 2",
  ]);
  person.told({ type: "left", room: "lobby", nick: "zoé", at: NOON }, true);
  assertEquals(person.lines.slice(-3), ["-- you left lobby", "-- in ops", "zoé@ops>"]);
});

Deno.test("/clear empties the screen, Ctrl-L draws the newest messages again", () => {
  const person = new Person({ rows: 6 }).enter();
  for (let n = 0; n < 10; n++) person.hears(`message ${n}`);
  person.types("abc", "C-l");
  const newest = [5, 6, 7, 8, 9].map((n) => `12:00 bob: message ${n}`);
  assertEquals(person.terminal.screen, [...newest, "me@lobby> abc"]);
  person.types("", "C-c").types("/clear", "return");
  assertEquals(person.terminal.screen.join(""), "me@lobby>");
  const seen = person.terminal.lines.length;
  person.types("half typed").hears("after it");
  assertEquals(person.terminal.lines.slice(seen - 1), ["12:00 bob: after it", "me@lobby> half typed"]);
});

Deno.test("in plain mode typed lines are sent and shown, and commands of the protocol are refused", () => {
  const person = new Person().happens({ kind: "link", state: { is: "ready", mode: "plain" } });
  person.types("hi", "return");
  assertEquals(person.last, "12:00 you: hi");
  for (const line of ["/rooms", "/join ops", "/topic", "/msg bob psst"]) {
    person.types("/clear", "return").types(line, "return");
    assertEquals(
      person.terminal.screen[0],
      "-- the other end is not a chat, which this command needs",
      line,
    );
  }
  assertEquals(person.actions, [{ kind: "post", body: "hi", room: undefined, to: undefined }]);
  person.happens({ kind: "object", value: [1, 2] });
  assertEquals([person.last, person.prompt], ["[1, 2]", "plain>"]);
});

Deno.test("a refused post and an unknown command are shown as errors and not sent", () => {
  const person = new Person({ style: new Style("colour", { background: "dark" }) }).enter();
  person.happens({
    kind: "refused",
    ref: 1,
    given: false,
    code: "not-stored",
    text: "the disk is full",
    dict: EMPTY,
  });
  assertEquals(person.last, "✗ not sent: the disk is full");
  person.types("/jion x", "return");
  assertEquals([person.last, person.actions], ["-- there is no /jion; did you mean /join?", []]);
  assert(person.terminal.styles.has("1;38;5;210"));
});

Deno.test("a message that names this person has a mark, and is bold also without colours", () => {
  const person = new Person({ style: new Style("monochrome") }).enter().hears("hi me");
  assertEquals(person.last, "12:00!bob: hi me");
  assertEquals([...person.terminal.styles].sort(), ["0", "1", "2", "7"]);
});

Deno.test("nicks are coloured once the terminal has told its background", () => {
  const style = new Style("colour");
  const person = new Person({ style }).enter().hears("hi");
  assertFalse([...person.terminal.styles].some((sgr) => sgr.includes("38;5")));
  person.screen.askBackground();
  assert(person.screen.take().startsWith("\x1b]11;?\x07"));
  person.screen.type({ background: "light" });
  person.hears("hi");
  assert([...person.terminal.styles].some((sgr) => sgr.includes("38;5")));
});

Deno.test("an answer about the background that comes late colours what comes after it, and disturbs nothing", () => {
  const style = new Style("colour");
  const person = new Person({ style }).enter().hears("early").types("half a li");
  const before = person.lines;
  const isColoured = () => [...person.terminal.styles].some((sgr) => sgr.includes("38;5"));
  const answer = () => {
    for (const typed of new KeyDecoder().push(new TextEncoder().encode("\x1b]11;rgb:0000/2b2b/3636\x1b\\"))) {
      person.screen.type(typed);
    }
    person.see();
  };
  answer();
  assertEquals(person.lines, before);
  assertFalse(isColoured());
  person.hears("late");
  assert(isColoured());
  person.types("ne", "return");
  assertEquals(person.posted, ["half a line"]);
  // Neither does it answer the question about a paste, nor part two Ctrl-C.
  person.pastes("1\n2\n3\n4\n5\n6\n7\n8\n9");
  const asked = person.lines.at(-1);
  answer();
  assertEquals(person.lines.at(-1), asked);
  person.types("", "escape").types("", "C-c");
  answer();
  person.types("", "C-c");
  assertEquals(person.asked, ["interrupt"]);
});

Deno.test("words wrap below the text, and a URL is never broken", () => {
  const person = new Person({ columns: 40, rows: 20 }).enter();
  person.hears("the quick brown fox jumps over the lazy dog\n    indented line that is too long for one row");
  assertEquals(person.lines.slice(3, -1), [
    "12:00 bob: the quick brown fox jumps",
    "           over the lazy dog",
    "      │     indented line that is too",
    "      │ long for one row",
  ]);
  const url = `https://a.example/${"x".repeat(30)}`;
  assertEquals(person.hears(`see ${url} there`).lines.slice(-3, -1), [
    "12:00 bob: see",
    `${url} there`,
  ]);
  person.hears("漢字".repeat(20));
  assertEquals(person.lines.slice(-4, -1), [
    `12:00 bob: ${"漢字".repeat(7)}`,
    `           ${"漢字".repeat(7)}`,
    `           ${"漢字".repeat(6)}`,
  ]);
});

Deno.test("a row ends without a style, and the next one begins with it behind its blanks", () => {
  const person = new Person({ columns: 30, style: new Style("monochrome") }).enter();
  person.screen.show({
    kind: "message",
    message: {
      type: "message",
      body: "me and many more words than fit",
      from: "bob",
      at: NOON,
      room: "lobby",
    },
    dict: EMPTY,
    replayed: false,
    own: false,
  });
  const text = person.screen.take();
  assertStringIncludes(text, "\x1b[1mme and many more\x1b[0m");
  assertStringIncludes(text, " ".repeat(11) + "\x1b[1mwords than fit\x1b[0m");
});

Deno.test("a long text is folded at ten rows, in a replay at three, and /show shows all of it", () => {
  const person = new Person({ columns: 60, rows: 40 }).enter();
  const text = Array.from({ length: 11 }, (_, n) => `line ${n}`).join("\n");
  person.hears(text.slice(0, text.lastIndexOf("\n")), { id: 6 });
  assertEquals(person.lines.length, 2 + 10 + 1, "ten rows are shown");
  person.hears(text, { id: 7 });
  assertEquals(person.lines.slice(-11, -1).at(-1), "      │ line 9… (77 characters) /show 7");
  const before = person.lines.length;
  person.hears(text, { id: 8, replayed: true });
  assertEquals(person.lines.slice(before - 1, -1), [
    "12:00 bob: line 0",
    "      │ line 1",
    "      │ line 2… (77 characters) /show 8",
  ]);
  const words = "word ".repeat(1000);
  const rows = person.lines.length;
  person.hears(words, { id: 9 });
  assertEquals(person.lines.length, rows + 10);
  assertStringIncludes(person.last, "… (5,000 characters) /show 9");
});

Deno.test("a URL is a link where the terminal opens links", () => {
  const url = "https://a.example/b";
  const person = new Person({ opensLinks: true }).enter();
  person.screen.show({
    kind: "message",
    message: { type: "message", body: `see ${url}.`, from: "bob", at: NOON, room: "lobby" },
    dict: EMPTY,
    replayed: false,
    own: false,
  });
  assertStringIncludes(person.screen.take(), `see \x1b]8;;${url}\x1b\\${url}\x1b]8;;\x1b\\.`);
});

Deno.test("without styles no SGR sequence is written", () => {
  const person = new Person().enter().hears("me").types("hi", "return");
  assertEquals([...person.terminal.styles], []);
});

Deno.test("at the end only the messages stay on the terminal", () => {
  const person = new Person().enter().hears("hi").types("half typed");
  person.screen.show({ kind: "problem", text: "the last line" });
  person.terminal.write(person.screen.end());
  assertEquals(person.lines.slice(-2), ["12:00 bob: hi", "-- the last line"]);
  assertEquals(person.terminal.cursor[1], 0);
});

Deno.test("after a shell has used the terminal, the line is drawn again below the shell's output", () => {
  const person = new Person().enter().hears("hi").types("half ").types("typed", "left");
  person.terminal.write("\r\n[1]+  Stopped  chat\r\n$ fg\r\nchat\r\n");
  person.screen.resume();
  person.see();
  assertEquals(person.lines.slice(-6), [
    "12:00 bob: hi",
    "me@lobby> half typed",
    "[1]+  Stopped  chat",
    "$ fg",
    "chat",
    "me@lobby> half typed",
  ]);
  person.hears("ho").types("X");
  assertEquals(person.lines.slice(-3), ["chat", "12:00 bob: ho", "me@lobby> half typeXd"]);
});

Deno.test("a long replay is written in pieces, so that a key is seen soon", () => {
  const person = new Person().enter();
  for (let n = 0; n < 5000; n++) {
    person.screen.show({
      kind: "object",
      value: `message ${n} of about sixty characters, to fill some pieces`,
    });
  }
  person.screen.type(key("x"));
  const piece = person.screen.take();
  assert(piece.length < 70_000 && piece.includes("me@lobby> "));
  person.terminal.write(piece);
  assertEquals(person.prompt, "me@lobby> x");
  person.see();
  assertEquals(person.lines.filter((line) => line.startsWith("message ")).length, 5000);
});
