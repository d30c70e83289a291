import { assertEquals } from "../assert.ts";
import { EMPTY, NOON, Person } from "./person.ts";

/** Somebody else enters or leaves. */
function comes(person: Person, nick: string, type: "joined" | "left" = "joined", room = "lobby"): Person {
  return person.told({ type, room, nick, at: NOON });
}

Deno.test("joins and leaves in a row are one note, which stands in the dock until something else is shown", () => {
  const person = new Person({ columns: 80 }).enter();
  for (const nick of ["cron", "bob", "ann", "eve", "zoe"]) comes(person, nick);
  assertEquals(person.last, "-- cron, bob and 3 others joined");
  comes(comes(person, "dora", "left"), "zoe", "left");
  assertEquals(person.lines.slice(2, -1), [
    "-- cron, bob and 2 others joined; dora left; zoe joined and left",
  ]);
  person.hears("hi");
  comes(person, "zoe");
  assertEquals(person.lines.slice(2), [
    "-- cron, bob and 2 others joined; dora left; zoe joined and left",
    "12:00 bob: hi",
    "-- zoe joined",
    "me@lobby>",
  ]);
});

Deno.test("a note of joins names the room that was not on the screen, and is written before the screen ends", () => {
  const person = new Person().enter();
  person.told({ type: "joined", room: "ops", nick: "me", at: NOON, nicks: ["me"] }, true);
  comes(comes(person, "bob", "left"), "ann", "joined", "ops");
  person.types("", "M-1");
  assertEquals(person.lines.slice(-4), ["[lobby] -- bob left", "-- ann joined", "-- in lobby", "me@lobby>"]);
  comes(person, "bob");
  person.terminal.write(person.screen.end());
  assertEquals(person.lines.slice(-2), ["-- in lobby", "-- bob joined"]);
});

Deno.test("a crowd that joins and leaves is held up to a thousand, and then written", () => {
  const person = new Person({ columns: 100 }).enter();
  for (let n = 1; n <= 1001; n++) comes(person, `n${n}`);
  assertEquals(person.lines.slice(2, -1), ["-- n1, n2 and 998 others joined", "-- n1001 joined"]);
});

Deno.test("leaving a room switches to another one and shows what is unread there", () => {
  const person = new Person({ rows: 30 }).enter();
  person.told({ type: "joined", room: "ops", nick: "me", at: NOON, nicks: ["me"] }, true);
  for (let n = 1; n <= 11; n++) person.hears(`news ${n}`);
  person.told({ type: "left", room: "ops", nick: "me", at: NOON }, true);
  assertEquals(person.lines.slice(-14), [
    "-- you left ops",
    "-- in lobby",
    "──── 11 unread, the last 10 ────",
    ...Array.from({ length: 10 }, (_, n) => `12:00 bob: news ${n + 2}`),
    "me@lobby>",
  ]);
});

Deno.test("new from here is a mark of the room on the screen alone", () => {
  const person = new Person().enter();
  person.told({ type: "joined", room: "ops", nick: "me", at: NOON, nicks: ["me"] }, true);
  for (const room of ["lobby", "ops"]) {
    person.happens({ kind: "replay", room, count: 1, asked: false, dict: EMPTY });
    person.hears("old", { room, replayed: true });
    person.happens({ kind: "replayed", room });
  }
  person.hears("elsewhere").hears("new", { room: "ops" });
  assertEquals(person.lines.slice(-4), [
    "[lobby] 12:00 bob: elsewhere",
    "──── new from here ────",
    "12:00 bob: new",
    "me@ops lobby:1>",
  ]);
});

Deno.test("the title of the window counts what is unread, in the room on the screen only while it has no focus", () => {
  const person = new Person().enter();
  assertEquals(person.screen.title, "lobby - chat");
  person.hears("seen");
  assertEquals(person.screen.title, "lobby - chat");
  person.screen.type({ isFocused: false });
  person.hears("one").hears("two");
  assertEquals([person.screen.title, person.prompt], ["(2) lobby - chat", "me@lobby>"]);
  person.hears("psst \x07", { room: undefined, id: undefined, to: "me" });
  assertEquals(person.screen.title, "(3!) lobby - chat");
  person.screen.type({ isFocused: true });
  assertEquals(person.screen.title, "(1!) lobby - chat");
  person.screen.type({ isFocused: false });
  person.hears("three").types("x");
  assertEquals(person.screen.title, "lobby - chat", "whoever types looks at the screen");
  person.told({ type: "joined", room: "\x1b]2;x\x07", nick: "me", at: NOON, nicks: ["me"] }, true);
  assertEquals(/\p{Cc}/u.test(person.screen.title), false);
});

Deno.test("a ban is shown once: as the room tells it, or as the answer where the person is in no room", () => {
  const person = new Person().enter();
  person.told({ type: "ban", nick: "bob", text: "all out" });
  person.told({
    type: "left",
    room: "lobby",
    nick: "bob",
    at: NOON,
    why: "banned",
    by: "me",
    text: "all out",
  });
  person.told({ type: "ban", address: "192.0.2.7" });
  assertEquals(person.lines.slice(2, -1), ["-- me banned bob: all out", "-- me banned 192.0.2.7"]);
});

Deno.test("a refused request shows the reason alone", () => {
  const person = new Person().enter();
  person.told({ type: "error", code: "no-such-room", text: "Cannot do that: you are not in nowhere" });
  assertEquals(person.last, "-- you are not in nowhere");
});

Deno.test("/nick says so if the name is taken", () => {
  const person = new Person().enter().types("/nick bob", "return");
  for (const room of ["lobby", "ops"]) {
    person.told({ type: "renamed", room, nick: "me", to: "bob-2", at: NOON }, room === "lobby");
  }
  person.types("/nick zoe", "return").told({
    type: "renamed",
    room: "lobby",
    nick: "bob-2",
    to: "zoe",
    at: NOON,
  }, true);
  assertEquals(person.lines.slice(2), ["-- bob is taken: you are bob-2", "-- you are now zoe", "zoe@lobby>"]);
});
