import { Conversation, type ConversationOptions } from "../../lib/conversation/conversation.ts";
import { HEADER_SIZE, parseHeader } from "../../lib/frame/mod.ts";
import { listenerDict, type ListenerMessage } from "../../lib/protocol/message.ts";
import { decode } from "../../lib/pickle/decode/decode.ts";
import type { Value } from "../../lib/pickle/values/values.ts";
import type { ChatEvent } from "../../lib/view/view.ts";
import { assertEquals } from "../assert.ts";

/** A conversation with what it said and showed since it was last looked at. */
class Talk {
  readonly conversation: Conversation;
  #said: Value[] = [];
  #events: ChatEvent[] = [];

  constructor(options: Partial<ConversationOptions> = {}) {
    this.conversation = new Conversation({
      greet: false,
      client: "test",
      session: "s1",
      firstRef: 100,
      ...options,
    }, { show: (event) => this.#events.push(event), changed: () => {} });
  }

  open(): void {
    this.conversation.opened((bytes) => {
      for (let at = 0; at < bytes.length;) {
        const length = parseHeader(bytes, at);
        at += HEADER_SIZE;
        this.#said.push(decode(bytes.subarray(at, at += length)));
      }
    });
  }

  hear(...messages: ListenerMessage[]): void {
    for (const message of messages) this.conversation.receive(listenerDict(message));
  }

  /** Opens a connection and goes through the entering of a chat. */
  enter({ epoch = "e1", head = 0, nick = "me" } = {}): Record<string, Value> {
    this.open();
    this.hear(welcome({ nick: "guest-9", epoch }));
    const hello = this.said.find((message) => message.type === "hello")!;
    this.hear(
      welcome({ nick, epoch, ref: hello.ref as number }),
      { type: "joined", room: "lobby", nick, at: 1.5, nicks: [nick], topic: "", head },
    );
    return hello;
  }

  post(body: Value): void {
    this.conversation.act({ kind: "post", body });
  }

  /** What it said, messages as objects. */
  get said(): Record<string, Value>[] {
    const said = this.#said;
    this.#said = [];
    return said.map((value) => value instanceof Map ? Object.fromEntries(value) : { plain: value });
  }

  get events(): ChatEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** The bodies and plain objects that it showed. */
  get bodies(): Value[] {
    return this.events.flatMap((event) =>
      event.kind === "message" ? [event.message.body] : event.kind === "object" ? [event.value] : []
    );
  }
}

function welcome({ nick = "me", epoch = "e1", ref }: { nick?: string; epoch?: string; ref?: number }) {
  return {
    type: "welcome",
    protocol: 1,
    nick,
    room: "lobby",
    session: "theirs",
    epoch,
    server: "chat",
    version: "0",
    limits: new Map([["max_frame", 1000]]),
    ref,
  } as const;
}

const message = (id: number, body: Value, more: { from?: string; ref?: number } = {}) =>
  ({ type: "message", id, room: "lobby", from: "alice", at: 2.5, body, ...more }) as const;

const replay = (count: number, ref?: number) => ({ type: "replay", room: "lobby", count, ref }) as const;

Deno.test("a welcome as the first object is answered by hello and starts chat mode", () => {
  const talk = new Talk();
  assertEquals(talk.conversation.hasRoom, false);
  const hello = talk.enter();
  assertEquals([hello.session, hello.client, hello.nick, hello.resume], ["s1", "test", undefined, undefined]);
  assertEquals(talk.conversation.mode, "chat");
  assertEquals(talk.conversation.hasRoom, true);
});

Deno.test("another first object, or silence, starts plain mode, in which objects are sent as they are", () => {
  for (
    const begin of [
      (talk: Talk) => talk.conversation.receive("hi"),
      (talk: Talk) => talk.conversation.silence(),
    ]
  ) {
    const talk = new Talk();
    talk.open();
    begin(talk);
    assertEquals(talk.conversation.mode, "plain");
    talk.post("a");
    talk.conversation.act({ kind: "say", dict: new Map([["type", "message"], ["body", "b"]]) });
    assertEquals(talk.said, [{ plain: "a" }, { plain: "b" }]);
    assertEquals(talk.conversation.posts.settled, true);
  }
});

Deno.test("in plain mode messages are objects, and a welcome still starts chat mode", () => {
  const talk = new Talk();
  talk.open();
  talk.conversation.receive("greeting");
  talk.conversation.receive(listenerDict(message(1, "x")));
  assertEquals(talk.bodies, ["greeting", listenerDict(message(1, "x"))]);
  talk.hear(welcome({}));
  const hello = talk.said[0]!;
  assertEquals(hello.type, "hello");
  talk.hear(welcome({ ref: hello.ref as number }));
  assertEquals(talk.conversation.mode, "chat");
});

Deno.test("a greeting connector sends hello at once and waits for the welcome that answers it", () => {
  const talk = new Talk({ greet: true, nick: "bob", room: "ops", replay: 0 });
  talk.open();
  const hello = talk.said[0]!;
  assertEquals([hello.nick, hello.room, hello.replay], ["bob", "ops", 0]);
  talk.hear(welcome({ nick: "guest-9" }));
  assertEquals(talk.conversation.mode, undefined);
  talk.conversation.silence();
  assertEquals(talk.conversation.mode, undefined);
  talk.hear(welcome({ nick: "bob", ref: hello.ref as number }));
  assertEquals(talk.conversation.mode, "chat");
});

Deno.test("a post names its room and carries a ref until it is acked", () => {
  const talk = new Talk();
  talk.enter();
  talk.post("hi");
  const [post] = talk.said;
  assertEquals([post!.type, post!.body, post!.room], ["message", "hi", "lobby"]);
  assertEquals(talk.conversation.posts.settled, false);
  talk.hear({ type: "ack", id: 1, at: 3.5, ref: post!.ref as number });
  assertEquals(talk.conversation.posts.settled, true);
  assertEquals(talk.events.at(-1), { kind: "acked", ref: post!.ref as number, id: 1, at: 3.5, given: false });
});

Deno.test("posts before the room of the hello is entered go to that room", () => {
  const talk = new Talk({ greet: true, room: "ops" });
  talk.open();
  const ref = talk.said[0]!.ref as number;
  talk.hear(welcome({ ref }));
  talk.post("first");
  assertEquals(talk.said.map(({ room, body }) => [room, body]), [["ops", "first"]]);
});

Deno.test("at most 256 posts are unacked, and the next is sent after the first ack", () => {
  const talk = new Talk();
  talk.enter();
  for (let n = 0; n < 256; n++) talk.post(n);
  assertEquals(talk.conversation.hasRoom, false);
  const posts = talk.said;
  assertEquals(posts.length, 256);
  talk.post("one more");
  assertEquals(talk.said, []);
  talk.hear({ type: "ack", id: 1, at: 3.5, ref: posts[0]!.ref as number });
  assertEquals(talk.said.map(({ body }) => body), ["one more"]);
});

Deno.test("a refusal is shown with its post, and slow-down refuses nothing", () => {
  const talk = new Talk();
  talk.enter();
  talk.post("hi");
  const ref = talk.said[0]!.ref as number;
  talk.events;
  talk.hear({ type: "error", code: "slow-down", text: "too fast", ref });
  assertEquals(talk.events.map(({ kind }) => kind), ["told"]);
  assertEquals(talk.conversation.posts.settled, false);
  talk.hear({ type: "error", code: "not-stored", text: "disk full", ref });
  assertEquals(talk.events.map(({ kind }) => kind), ["refused"]);
  assertEquals([talk.conversation.posts.settled, talk.conversation.posts.refused], [true, 1]);
});

Deno.test("an action that the listener would refuse is refused by the connector", () => {
  const talk = new Talk();
  talk.enter();
  talk.events;
  talk.post("x".repeat(1000));
  talk.conversation.act({ kind: "say", dict: new Map([["type", "dance"]]) });
  talk.conversation.act({ kind: "say", dict: new Map([["type", "hello"]]) });
  talk.conversation.act({ kind: "say", dict: new Map([["type", "nick"]]) });
  assertEquals(talk.said, []);
  assertEquals(talk.events.map((event) => event.kind === "problem" ? event.code : event.kind), [
    "too-large",
    "unknown-type",
    "bad-message",
    "bad-message",
  ]);
});

Deno.test("a question is settled once the ping behind it is answered", () => {
  const talk = new Talk();
  talk.enter();
  talk.conversation.act({ kind: "say", dict: new Map([["type", "who"]]) });
  const [who, ping] = talk.said;
  assertEquals([who!.type, ping!.type], ["who", "ping"]);
  assertEquals(talk.conversation.posts.settled, false);
  talk.hear({ type: "who", room: "lobby", nicks: ["me"], count: 1 });
  assertEquals(talk.conversation.posts.settled, false);
  talk.hear({ type: "pong", ref: ping!.ref as number });
  assertEquals(talk.conversation.posts.settled, true);
});

Deno.test("a ping is answered by a pong with its ref", () => {
  const talk = new Talk();
  talk.enter();
  talk.hear({ type: "ping", ref: "p" });
  assertEquals(talk.said, [{ type: "pong", ref: "p" }]);
});

Deno.test("after a cut it resumes from the last id seen, and a repeated message is shown once", () => {
  const talk = new Talk();
  talk.enter({ head: 3 });
  talk.hear(replay(2), message(2, "b"), message(3, "c"), message(4, "d"));
  assertEquals(talk.bodies, ["b", "c", "d"]);
  talk.conversation.closed();
  const hello = talk.enter({ head: 6 });
  assertEquals([hello.resume, hello.epoch, hello.nick], [new Map([["lobby", 4]]), "e1", "me"]);
  talk.hear(replay(3), message(4, "d"), message(5, "e"), message(6, "f"), message(7, "g"));
  assertEquals(talk.bodies, ["e", "f", "g"]);
});

Deno.test("up to 256 posts are taken while the connection is lost", () => {
  const talk = new Talk();
  talk.enter();
  talk.conversation.closed();
  talk.events;
  let posts = 0;
  for (; talk.conversation.hasRoom && posts < 1000; posts++) talk.post(posts);
  assertEquals(posts, 256);
  assertEquals(talk.events.filter(({ kind }) => kind === "posted").length, 256);
  talk.said;
  talk.enter();
  const bodies = talk.said.flatMap(({ type, body }) => type === "message" ? [body] : []);
  assertEquals(bodies, Array.from({ length: 256 }, (_, post) => post));
});

Deno.test("unacked posts are sent again first, in order, with the same refs", () => {
  const talk = new Talk();
  talk.enter();
  for (const body of ["a", "b", "c"]) talk.post(body);
  const before = talk.said;
  talk.hear({ type: "ack", id: 1, at: 3.5, ref: before[0]!.ref as number });
  talk.conversation.closed();
  talk.post("d");
  assertEquals(talk.said, []);
  talk.open();
  const ref = talk.said.find(({ type }) => type === "hello")!.ref as number;
  talk.hear(welcome({ ref }));
  const again = talk.said;
  assertEquals(again.map(({ body }) => body), ["b", "c", "d"]);
  assertEquals(again.slice(0, 2), before.slice(1));
});

Deno.test("an own post in a replay counts as acked and is not shown", () => {
  const talk = new Talk();
  talk.enter();
  talk.hear(replay(0));
  talk.post("mine");
  const ref = talk.said[0]!.ref as number;
  talk.conversation.closed();
  talk.enter({ head: 2 });
  talk.events;
  talk.hear(replay(2), message(1, "theirs"), message(2, "mine", { from: "me", ref }));
  assertEquals(talk.bodies, ["theirs"]);
  assertEquals(talk.conversation.posts.settled, true);
  // The ack of what was sent again comes late and says nothing new.
  talk.hear({ type: "ack", id: 2, at: 3.5, ref });
  assertEquals(talk.events, []);
});

Deno.test("an acked post is not shown in the replay after a cut, and messages below it are", () => {
  const talk = new Talk();
  talk.enter();
  talk.hear(replay(0));
  talk.post("mine");
  const ref = talk.said[0]!.ref as number;
  talk.hear({ type: "ack", id: 2, at: 3.5, ref });
  talk.conversation.closed();
  const hello = talk.enter({ head: 2 });
  assertEquals(hello.resume, new Map([["lobby", 0]]));
  talk.events;
  talk.hear(replay(2), message(1, "theirs"), message(2, "mine", { from: "me", ref }));
  assertEquals(talk.bodies, ["theirs"]);
});

Deno.test("with another epoch the whole replay is shown", () => {
  const talk = new Talk();
  talk.enter({ head: 9 });
  talk.hear(replay(1), message(9, "old"));
  talk.conversation.closed();
  talk.enter({ epoch: "e2", head: 1 });
  talk.events;
  talk.hear(replay(1), message(1, "new"));
  assertEquals(talk.bodies, ["new"]);
});

Deno.test("messages that answer a history request are shown though they are old", () => {
  const talk = new Talk();
  talk.enter({ head: 9 });
  talk.hear(replay(1), message(9, "newest"));
  talk.conversation.act({
    kind: "say",
    dict: new Map<Value, Value>([["type", "history"], ["room", "lobby"]]),
  });
  const ref = talk.said[0]!.ref as number;
  talk.events;
  talk.hear(replay(2, ref), message(7, "x"), message(8, "y"), message(10, "live"), message(10, "live"));
  assertEquals(talk.bodies, ["x", "y", "live"]);
});

Deno.test("every replay begins and ends, also an empty one", () => {
  const talk = new Talk();
  talk.enter({ head: 1 });
  talk.events;
  talk.hear(replay(1), message(1, "a"), replay(0));
  assertEquals(talk.events.map(({ kind }) => kind), ["replay", "message", "replayed", "replay", "replayed"]);
});

Deno.test("private messages have no id and are always shown", () => {
  const talk = new Talk();
  talk.enter();
  const secret = { type: "message", from: "alice", to: "me", at: 2.5, body: "psst" } as const;
  talk.hear(secret, secret);
  assertEquals(talk.bodies, ["psst", "psst"]);
});

Deno.test("a live message under a former nick of this end is somebody else's", () => {
  const talk = new Talk();
  talk.enter();
  const own = () => talk.events.flatMap((event) => event.kind === "message" ? [event.own] : []);
  talk.hear({ type: "renamed", room: "lobby", nick: "me", to: "zoe", at: 1 });
  talk.post("mine");
  const { ref } = talk.said.at(-1) as { ref: number };
  talk.hear(
    { type: "message", room: "lobby", from: "me", at: 2, id: 1, body: "not mine", ref },
    { type: "message", from: "me", to: "zoe", at: 2, body: "not mine either" },
  );
  assertEquals([own(), talk.conversation.posts.settled], [[false, false], false]);
  talk.hear({ type: "message", from: "zoe", to: "zoe", at: 2, body: "a note to myself" });
  assertEquals(own(), [true]);
  talk.conversation.closed();
  talk.enter({ nick: "zoe" });
  talk.hear(
    { type: "replay", room: "lobby", count: 1 },
    { type: "message", room: "lobby", from: "me", at: 1, id: 2, body: "said before" },
  );
  assertEquals(own(), [true]);
});

Deno.test("posts go to the room entered last, and to the one before when it is left", () => {
  const talk = new Talk();
  talk.enter();
  talk.hear({ type: "joined", room: "ops", nick: "me", at: 1.5, nicks: ["me"], topic: "", head: 0 });
  talk.post(1);
  talk.hear({ type: "left", room: "ops", nick: "me", at: 1.5 });
  talk.post(2);
  assertEquals(talk.said.map(({ room }) => room), ["ops", "lobby"]);
});

Deno.test("posts after a join go to its room", () => {
  const talk = new Talk();
  talk.enter();
  talk.conversation.act({ kind: "say", dict: new Map([["type", "join"], ["room", "ops"]]) });
  talk.post(1);
  assertEquals(talk.said.flatMap(({ type, room }) => type === "message" ? [room] : []), ["ops"]);
});

Deno.test("a message of an unknown type is shown as an object", () => {
  const talk = new Talk();
  talk.enter();
  const dict = new Map([["type", "weather"], ["sky", "blue"]]);
  talk.conversation.receive(dict);
  assertEquals(talk.bodies, [dict]);
});

Deno.test("a refused hello is reported", () => {
  const talk = new Talk({ greet: true, nick: "\u202e" });
  talk.open();
  talk.hear({ type: "error", code: "bad-message", text: "no such name", ref: talk.said[0]!.ref as number });
  assertEquals(talk.conversation.turnedAway, "no such name");
});
