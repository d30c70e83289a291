/** What becomes of a listener whose history can no longer be read. */

import { openHistory } from "../../lib/history/sqlite/sqlite.ts";
import { assert, assertEquals, assertStringIncludes } from "../assert.ts";
import { messageFrame } from "../frames.ts";
import { append, postOf } from "../history/posts.ts";
import { HubListening } from "./hub_listening.ts";

const COUNT = 1000;
const BODY = "x".repeat(30_000);

/** A history of more than SQLite keeps in memory, opened anew, whose file is overwritten behind its back. */
async function damaged(body: (chat: HubListening) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/chat.db`;
  try {
    const options = { durability: "os", randomEpoch: () => "epoch", retain: { count: 10 * COUNT } } as const;
    const history = openHistory(path, options);
    for (let id = 1; id <= COUNT; id++) {
      const frame = messageFrame({ room: "lobby", id, from: "ann", body: BODY });
      append(history, [{ ...postOf({ id, at: id }, { ref: id }), frame }]);
    }
    history.close();
    const again = openHistory(path, { ...options, retain: { count: 10 } });
    await using chat = new HubListening({ history: again });
    const { size } = Deno.statSync(path);
    {
      using file = Deno.openSync(path, { write: true });
      file.seekSync(4096, Deno.SeekMode.Start);
      for (let at = 4096; at < size; at += 1 << 20) {
        file.writeSync(new Uint8Array(Math.min(1 << 20, size - at)).fill(0xff));
      }
    }
    await body(chat);
    assertEquals(chat.faults, []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("messages that cannot be read are answered by error and gap, and the peer stays", () =>
  damaged(async (chat) => {
    using ann = await chat.connect();
    ann.send({ type: "hello", nick: "ann", replay: 0 });
    await ann.until("replay");
    ann.send({ type: "history", room: "lobby", limit: 5, ref: "page" });
    const replay = await ann.until("replay");
    assertEquals([replay.count, replay.ref], [5, "page"]);
    const error = await ann.receive();
    assertEquals([error?.type, error?.code, error?.ref], ["error", "not-stored", "page"]);
    assertStringIncludes(String(error?.text), "Cannot read the messages");
    assertEquals(await ann.receive(), { type: "gap", room: "lobby", first: COUNT - 4, last: COUNT });
    ann.send({ type: "ping", ref: 1 });
    assertEquals((await ann.receive())?.type, "pong");
    assert(chat.log.some(({ event }) => event === "failed"));
  }));

Deno.test("a peer can enter a room whose messages cannot be read, and talk to the others", () =>
  damaged(async (chat) => {
    using ann = await chat.enter("ann");
    assertEquals((await ann.receive())?.code, "not-stored");
    assertEquals((await ann.receive())?.type, "gap");
    using bob = await chat.enter("bob");
    ann.send({ type: "message", to: "bob", body: "do you hear me?" });
    assertEquals((await bob.until("message")).body, "do you hear me?");
  }));

Deno.test("a post whose ref cannot be looked up is refused as not-stored, and later ones are stored", () =>
  damaged(async (chat) => {
    using ann = await chat.connect();
    ann.send({ type: "hello", nick: "ann", replay: 0, session: "s" });
    await ann.until("replay");
    ann.send({ type: "message", body: "again?", ref: "new" });
    const error = await ann.receive();
    assertEquals([error?.code, error?.ref], ["not-stored", "new"]);
    // What is too old would be dropped now.
    chat.clock.advance(15_000);
    ann.send({ type: "ping" });
    await ann.until("pong");
    assert(chat.log.some((event) => event.event === "failed" && event.text.includes("old messages")));
  }));
