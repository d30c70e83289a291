import { assertEquals, assertStringIncludes } from "../assert.ts";
import { NOON, Person } from "./person.ts";

/** Somebody writes to this person, so many seconds after noon. */
function whispers(person: Person, body: string, from = "bob", seconds = 0): Person {
  return person.hears(body, { room: undefined, id: undefined, to: "me", from, at: NOON + seconds });
}

function renames(person: Person, nick: string, to: string, seconds: number, room = "lobby"): Person {
  return person.told({ type: "renamed", room, nick, to, at: NOON + seconds });
}

/** The nicks to whom was written. */
function addressees(person: Person): (string | undefined)[] {
  return person.actions.flatMap((action) => action.kind === "post" ? [action.to] : []);
}

Deno.test("/r answers the person who wrote, under the nick of now, and never who took the old one", () => {
  for (const command of ["/r", "/reply", "/R"]) {
    const person = whispers(new Person({ columns: 90 }).enter(), "psst", "bob", 1);
    renames(person, "bob", "BB", 2);
    renames(person, "carol", "Bob", 3);
    assertEquals(person.prompt, "me@lobby @BB:1!>");
    person.types(`${command} secret`, "return");
    assertEquals(addressees(person), ["BB"]);
    assertEquals([person.last, person.prompt], ["12:00 me → BB: secret", "me@lobby>"]);
  }
});

Deno.test("a room that tells of a renaming late, or again, does not move a private talk to somebody else", () => {
  const person = new Person({ columns: 90 }).enter();
  person.told({ type: "joined", room: "ops", nick: "me", at: NOON, nicks: ["me", "bob", "carol"] }, true);
  whispers(person, "from the first", "bob", 1);
  // carol is bob now, and writes before the rooms tell that.
  whispers(person, "from the second", "bob", 4);
  for (const room of ["lobby", "ops"]) {
    renames(person, "bob", "bb", 2, room);
    renames(person, "carol", "bob", 3, room);
  }
  person.types("/r one", "return");
  whispers(person, "from bb", "bb", 5);
  for (const room of ["lobby", "ops"]) renames(person, "bb", "bbb", 6, room);
  person.types("/r two", "return");
  assertEquals(addressees(person), ["bob", "bbb"]);
});

Deno.test("/r to somebody who has left, or whose nick another person took, is refused until they write again", () => {
  const gone: ((person: Person) => void)[] = [
    (person) => person.told({ type: "left", room: "lobby", nick: "bob", at: NOON + 2 }),
    (person) => renames(person, "carol", "bob", 2),
  ];
  for (const goes of gone) {
    const person = whispers(new Person({ columns: 140 }).enter(), "psst", "bob", 1);
    goes(person);
    person.types("/r secret", "return");
    assertEquals(addressees(person), []);
    assertStringIncludes(person.last, "the bob who wrote to you is gone; /msg bob TEXT writes to whoever");
    whispers(person, "here again", "bob", 3).types("/r secret", "return");
    assertEquals(addressees(person), ["bob"]);
  }
});

Deno.test("who leaves one of several rooms in common is still there", () => {
  const person = new Person({ columns: 90 }).enter();
  person.told({ type: "joined", room: "ops", nick: "me", at: NOON, nicks: ["me", "bob"] }, true);
  whispers(person, "psst", "bob", 1).told({ type: "left", room: "ops", nick: "bob", at: NOON + 2 });
  person.types("/r yes", "return");
  assertEquals(addressees(person), ["bob"]);
});

Deno.test("an answer that is being typed goes to the person who wrote before it was begun", () => {
  const person = whispers(new Person({ columns: 90 }).enter(), "psst", "bob").types("/r half");
  whispers(person, "me too", "carol").types(" a secret", "return").types("/r hi", "return");
  assertEquals(addressees(person), ["bob", "carol"]);
});

Deno.test("private messages are counted until a key is typed while they are on the screen", () => {
  const person = whispers(new Person().enter(), "psst");
  whispers(whispers(person, "and again"), "hey", "carol");
  assertEquals(person.prompt, "me@lobby @bob:2! @carol:1!>");
  person.screen.type({ isFocused: true });
  assertEquals(person.see().prompt, "me@lobby @bob:2! @carol:1!>", "nobody typed");
  person.types("x");
  assertEquals(person.prompt, "me@lobby> x");
});

Deno.test("Alt-a shows the private messages that have scrolled away, and says where the next lines go", () => {
  const person = whispers(whispers(new Person().enter(), "psst"), "and again");
  for (let n = 0; n < 12; n++) person.hears(`news ${n}`, { from: "carol" });
  whispers(person, "hey", "carol").types("x").types("", "backspace");
  assertEquals(person.prompt, "me@lobby @bob:2!>");
  renames(person, "bob", "rob", 1).types("", "M-a");
  assertEquals(person.lines.slice(-6), [
    "-- private messages of rob",
    "──── 2 unread ────",
    "12:00!bob → you: psst",
    "12:00!bob → you: and again",
    "-- /r TEXT answers rob; a line without it goes to lobby",
    "me@lobby>",
  ]);
  person.types("/r yes", "return").types("to all", "return");
  assertEquals(addressees(person), ["rob", undefined], "not carol, who wrote last");
});

Deno.test("Alt-a does not show again what is on the screen", () => {
  const person = whispers(new Person().enter(), "psst").types("", "M-a");
  assertEquals(person.lines.slice(2), [
    "12:00!bob → you: psst",
    "-- /r TEXT answers bob; a line without it goes to lobby",
    "me@lobby>",
  ]);
});

Deno.test("at 40 columns the prompt names who wrote, and says that the connection is lost", () => {
  const person = whispers(new Person({ columns: 40 }).enter(), "psst", "benjamin");
  assertEquals(person.prompt, "lobby @benj…:1!>");
  const lost = { is: "lost", reason: "it is cut", retryMs: 12_000 } as const;
  person.types("x").types("", "backspace").happens({ kind: "link", state: lost });
  assertEquals(person.prompt, "lobby (offline)>");
});

Deno.test("Ctrl-Y brings back what was typed in no room, or to a partner who is gone", () => {
  const person = whispers(new Person({ columns: 120 }).enter(), "psst", "bob");
  person.told({ type: "left", room: "lobby", nick: "bob", at: NOON + 2 });
  person.types("/r secret", "return").types("", "C-y");
  assertEquals(person.prompt, "me@lobby> /r secret");
  person.types("", "C-u").told({ type: "left", room: "lobby", nick: "me", at: NOON + 3 }, true);
  person.types("to nobody", "return");
  assertEquals(person.last, "-- you are in no room: /join one (Ctrl-Y brings it back)");
  person.types("", "C-y");
  assertEquals(person.prompt, "me> to nobody");
  assertEquals(person.posted, []);
});
