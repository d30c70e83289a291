/** The state of the page, without a browser: lines from a listener go in. */

import { parseLine } from "../../lib/web/page/commands.ts";
import { Model } from "../../lib/web/page/state/model.ts";
import type { Value } from "../../lib/pickle/values/values.ts";
import { assert, assertEquals } from "../assert.ts";

/** A model, and what it told its views. */
function chat(rooms: readonly string[] = ["lobby"]) {
  const told: string[] = [];
  const model = new Model({
    entries: () => {},
    places: () => {},
    pending: () => {},
    arrived: () => {},
    notice: (text) => told.push(`notice: ${text}`),
    done: () => told.push("done"),
    named: () => {},
    go: (key) => {
      told.push(`go: ${key}`);
      model.show(key);
    },
    found: () => {},
    notSearched: () => {},
  });
  const take = (fields: Record<string, Value>) =>
    model.take({ dict: new Map(Object.entries(fields)), size: 10 });
  take({ type: "welcome", nick: "fred", session: "s", epoch: "e" });
  for (const room of rooms) {
    take({ type: "joined", room, nick: "fred", nicks: ["fred", "ben"], count: 2, head: 0 });
  }
  /** Gives a command to the listener, which answers with these fields. */
  const command = (text: string, answer: Record<string, Value>) => {
    const typed = parseLine(text, { room: model.current, nick: model.nick, replyTo: model.replyTo });
    const message = typed.is === "go"
      ? new Map<Value, Value>([["type", "join"], ["room", typed.room]])
      : null;
    const asked = model.ask(typed.is === "say" ? typed.message : message!);
    take({ ...answer, ref: asked.get("ref")! });
  };
  const texts = (key: string) => model.place(key).entries.map(({ body }) => body);
  return { model, told, take, command, texts };
}

const message = (id: number, room = "lobby", from = "ben") => ({
  type: "message",
  id,
  room,
  from,
  at: id,
  body: `m${id}`,
});

Deno.test("an own private message stands in its conversation once it is acked, and one to oneself once", () => {
  const { model, take, texts } = chat();
  const key = model.talkWith("BEN");
  assertEquals(key, "@ben");
  model.addPending({ ref: "r", place: key, body: "psst" });
  assertEquals(texts(key), []);
  take({ type: "ack", ref: "r", at: 7 });
  assertEquals(model.place(key).entries.map(({ from, body, isOwn }) => [from, body, isOwn]), [[
    "fred",
    "psst",
    true,
  ]]);
  assertEquals([model.pending.length, model.place(key).unread], [0, 0]);
  model.addPending({ ref: "s", place: "@fred", body: "note" });
  take({ type: "message", from: "fred", to: "fred", at: 8, body: "note" });
  take({ type: "ack", ref: "s", at: 8 });
  assertEquals(texts("@fred"), ["note"]);
});

Deno.test("a conversation and its posts follow the person's renaming, once, and join one that has the new name", () => {
  const { model, take, texts } = chat(["lobby", "ops"]);
  take({ type: "message", from: "ben", to: "fred", at: 1, body: "hi" });
  model.addPending({ ref: "r", place: "@ben", body: "again?" });
  take({ type: "error", ref: "r", code: "busy", text: "Cannot post the message: too much waits" });
  take({ type: "renamed", room: "lobby", nick: "ben", to: "benny", at: 2 });
  assertEquals([...model.places.keys()], ["lobby", "ops", "@benny"]);
  assertEquals(model.pending.map(({ place, refused }) => [place, refused]), [["@benny", "too much waits"]]);
  assertEquals(model.replyTo, "benny");
  // Somebody else takes the name before the second room tells of the renaming.
  take({ type: "message", from: "ben", to: "fred", at: 3, body: "another ben" });
  take({ type: "renamed", room: "ops", nick: "ben", to: "benny", at: 2 });
  assertEquals(texts("@ben"), ["another ben"]);
  assertEquals(texts("@benny"), ["hi", "ben is now benny"]);
  model.show("@ben");
  take({ type: "renamed", room: "lobby", nick: "benny", to: "ben", at: 4 });
  assertEquals([...model.places.keys()].filter((key) => key.startsWith("@")), ["@ben"]);
  assertEquals(texts("@ben").filter((text) => text === "hi" || text === "another ben"), [
    "hi",
    "another ben",
  ]);
  assertEquals([model.current, model.pending[0]!.place], ["@ben", "@ben"]);
});

Deno.test("a late repeat of a renaming leaves the conversation with whoever has the name by then", () => {
  const { model, take, texts } = chat(["lobby", "ops"]);
  take({ type: "message", from: "ben", to: "fred", at: 1, body: "from ben" });
  take({ type: "message", from: "cleo", to: "fred", at: 1, body: "from cleo" });
  take({ type: "renamed", room: "lobby", nick: "ben", to: "bb", at: 2 });
  take({ type: "renamed", room: "lobby", nick: "cleo", to: "ben", at: 3 });
  take({ type: "renamed", room: "ops", nick: "ben", to: "bb", at: 2 });
  take({ type: "renamed", room: "ops", nick: "cleo", to: "ben", at: 3 });
  assertEquals(texts("@bb"), ["from ben", "ben is now bb"]);
  assertEquals(texts("@ben"), ["from cleo", "cleo is now ben"]);
  assertEquals(model.replyTo, "ben");
});

Deno.test("what was posted before the first visit is not news, also where the room is left at once for another", () => {
  const { model, take, command } = chat();
  command("/join tea", { type: "joined", room: "tea", nick: "fred", nicks: ["fred"], count: 1, head: 3 });
  model.show("lobby");
  take({ type: "replay", room: "tea", count: 3 });
  for (const id of [1, 2, 3]) take({ type: "message", room: "tea", id, from: "ann", at: id, body: `${id}` });
  assertEquals(model.place("tea").unread, 0);
  take({ type: "message", room: "tea", id: 4, from: "ann", at: 4, body: "new" });
  assertEquals(model.place("tea").unread, 1);
});

Deno.test("the answer to a command is told where it was typed, and takes earlier notices away", () => {
  const { model, told, take, command, texts } = chat();
  const told1 = (text: string, answer: Record<string, Value>) => {
    told.length = 0;
    command(text, answer);
    return [told.join(), texts("lobby").at(-1)];
  };
  const refused = {
    type: "error",
    code: "not-allowed",
    text: "Cannot make you an operator: the token is wrong",
  };
  assertEquals(told1("/op wrong", refused)[0], "notice: the token is wrong");
  assertEquals(told1("/op right", { type: "op", nick: "fred" }), ["done", "you are an operator now"]);
  assertEquals(told1("/mute ben", { type: "mute", room: "lobby", nick: "ben" }), ["done", "ben is muted"]);
  assertEquals(told1("/ban ben", { type: "ban", nick: "ben", text: "spam" })[1], "fred banned ben: spam");
  assertEquals(told1("/bans", { type: "bans", nicks: [], addresses: [] })[1], "nobody is banned");
  assertEquals(
    told1("/who", { type: "who", room: "lobby", nicks: ["ben", "fred"], count: 3 })[1],
    "3 in lobby: ben, fred …",
  );
  assertEquals(
    told1("/nick ben", { type: "renamed", room: "lobby", nick: "fred", to: "ben-2" })[1],
    "ben is taken: you are ben-2",
  );
  assertEquals(model.nick, "ben-2");
  take({ type: "renamed", room: "lobby", nick: "fred", to: "ben-2" });
  assertEquals(texts("lobby").at(-1), "you are now ben-2");
  take({ type: "mute", room: "lobby", nick: "ben-2", by: "anna", text: "enough" });
  assertEquals(texts("lobby").at(-1), "anna muted you in lobby: enough");
  take({ type: "left", room: "lobby", nick: "ben", why: "kicked", by: "anna", text: "please stop" });
  assertEquals(texts("lobby").at(-1), "anna kicked ben: please stop");
});

Deno.test("a room stands in the list only when it was entered, and a place is closed by leaving it", () => {
  const { model, told, take, command } = chat();
  command("/join a b", {
    type: "error",
    code: "bad-message",
    text: "Cannot enter the room: a name has no spaces",
  });
  assertEquals([[...model.places.keys()], told.at(-1)], [["lobby"], "notice: a name has no spaces"]);
  command("/join Ops", { type: "joined", room: "ops", nick: "fred", nicks: ["fred"], count: 1, head: 0 });
  assertEquals([model.current, told.at(-1)], ["ops", "go: ops"]);
  command("/leave", { type: "left", room: "ops", nick: "fred" });
  assertEquals([[...model.places.keys()], model.current], [["lobby"], "lobby"]);
  model.show("@nobody");
  model.addPending({ ref: "r", place: "@nobody", body: "hey" });
  take({ type: "error", ref: "r", text: "Cannot post the message: nobody is called nobody" });
  assertEquals(parseLine("/leave", { room: "@nobody", nick: "fred", replyTo: "" }), {
    is: "close",
    place: "@nobody",
  });
  model.close("@nobody");
  assertEquals([[...model.places.keys()], model.current, model.pending.length], [["lobby"], "lobby", 0]);
  command("/leave", { type: "left", room: "lobby", nick: "fred" });
  assertEquals([[...model.places.keys()], model.current], [[], ""]);
  command("/mute ben", { type: "mute", room: "lobby", nick: "ben" });
  assertEquals(told.at(-1), "notice: ben is muted");
});

Deno.test("a cleared room stays empty; asked for, its messages come back above the notes since", () => {
  const { model, take, texts } = chat();
  for (const id of [1, 2]) take(message(id));
  model.clear(model.place("lobby"));
  assertEquals([texts("lobby"), model.place("lobby").isAtStart], [[], true]);
  take({ type: "joined", room: "lobby", nick: "eve" });
  take(message(3));
  take({ type: "replay", room: "lobby", count: 2, ref: "older" });
  for (const id of [1, 2]) take(message(id));
  assertEquals(texts("lobby"), ["m1", "m2", "eve joined", "m3"]);
});

Deno.test("missed messages count as unread, those of before the first visit do not, and an id is no news twice", () => {
  const { model, take } = chat(["lobby", "ops"]);
  const missed = (room: string, ids: number[]) => {
    take({ type: "replay", room, count: ids.length });
    for (const id of ids) take(message(id, room));
  };
  take({ type: "joined", room: "new", nick: "fred", nicks: [], count: 1, head: 9 });
  missed("new", [8, 9]);
  assertEquals(model.place("new").unread, 0);
  take(message(1, "ops"));
  take({ type: "welcome", nick: "fred", session: "s", epoch: "e" });
  missed("ops", [1, 2]);
  missed("lobby", [1]);
  assertEquals([model.place("ops").unread, model.place("lobby").unread], [2, 0]);
  const { model: again, take: takeAgain } = chat([]);
  again.restore(new Map([["ops", 4]]));
  again.current = "lobby";
  takeAgain({ type: "joined", room: "ops", nick: "fred", nicks: [], count: 1, head: 6 });
  takeAgain({ type: "replay", room: "ops", count: 3 });
  for (const id of [4, 5, 6]) takeAgain(message(id, "ops"));
  assertEquals([again.place("ops").unread, again.place("ops").readUpTo], [2, 4]);
});

Deno.test("after a new start of a listener without history, its first messages are shown below those of before", () => {
  const { model, take, texts } = chat();
  for (const id of [1, 2, 3]) take(message(id));
  take({ type: "welcome", nick: "fred-2", session: "t", epoch: "another" });
  assertEquals(model.resume(), new Map([["lobby", 0]]));
  take({ type: "joined", room: "lobby", nick: "fred-2", nicks: [], count: 1, head: 1 });
  take({ type: "replay", room: "lobby", count: 1 });
  take({ ...message(1), body: "anew" });
  assertEquals(texts("lobby"), ["m1", "m2", "m3", "fred is taken: you are fred-2", "anew"]);
});

Deno.test("nobody sees what somebody says whom they ignore, and it is read for the next resume", () => {
  const { model, take, texts } = chat();
  model.ignored.add("ben");
  take(message(1, "lobby", "Ben"));
  take({ type: "message", from: "ben", to: "fred", at: 1, body: "hey" });
  assertEquals([texts("lobby"), model.resume().get("lobby"), model.places.has("@ben")], [[], 1, false]);
});

Deno.test("commands of the screen work on the page, or say what to do instead", () => {
  const context = { room: "lobby", nick: "fred", replyTo: "ben" };
  assertEquals(parseLine("/say /etc", context), { is: "post", body: "/etc" });
  assertEquals(parseLine("/reply yes", context), { is: "post", to: "ben", body: "yes" });
  assertEquals(parseLine("/reply yes", { ...context, replyTo: "" }).is, "wrong");
  assertEquals(parseLine("/nick a b", context), {
    is: "say",
    message: new Map([["type", "nick"], ["nick", "a b"]]),
  });
  assertEquals(parseLine("/history 20", context), { is: "history", limit: 20 });
  assertEquals(parseLine("/history x", context).is, "wrong");
  assertEquals(parseLine("/topic", context), { is: "topic" });
  for (const line of ["/show 3", "/save 3 x", "/trace", "/quit"]) {
    const typed = parseLine(line, context);
    assert(typed.is === "wrong" && !typed.text.includes("no command"), line);
  }
  for (const line of ["/kick ben", "/who", "/topic x", "/mute ben"]) {
    const typed = parseLine(line, { ...context, room: "@ben" });
    assertEquals(typed, { is: "wrong", text: "this is no room: go to the room first" });
  }
});
