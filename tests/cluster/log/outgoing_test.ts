import { formatBatch, parseBatch } from "../../../lib/cluster/log/batch.ts";
import { Outgoing, ownBatch, type Waiting, waitingOf } from "../../../lib/cluster/log/outgoing.ts";
import { Refs } from "../../../lib/cluster/log/refs.ts";
import { assert, assertEquals } from "../../assert.ts";
import { postOf } from "../../history/posts.ts";
import { randomOf } from "../../random.ts";

const PLACE = { node: "n", number: 3, room: "Überall", first: 7, oldest: 2, after: 5 };

/** The most bytes that the broker takes for all headers of a message. */
const MOST_HEADERS = 65_535;

Deno.test("a batch is described so that it can be read again, with whatever names and refs", () => {
  const random = randomOf(11);
  const texts = ["", "s", "é", "😀", '"\\\n\r\u0000', "\u2028", "x".repeat(200), "中".repeat(64)];
  for (let round = 0; round < 200; round++) {
    const outgoing = new Outgoing();
    const refs = new Refs<Waiting>();
    for (let id = 1 + random(5); id > 0; id--) {
      const ref = random(2) === 0
        ? undefined
        : random(2) === 0
        ? random(1000) - 500
        : texts[random(8)]!.slice(0, 100) + id;
      const sender = { session: texts[random(8)]!, origin: texts[random(8)]!, ref: ref! };
      outgoing.add(waitingOf(postOf({ id, at: random(1e9) / 8 }, sender)));
    }
    const taken = outgoing.take(refs, Infinity);
    const batch = ownBatch(taken, PLACE);
    const posts = taken.items.filter(({ original }) => original === undefined).map(({ waiting }) => {
      const { at, session, origin, ref } = waiting.post;
      return { size: waiting.payload.length, at, session, origin, ref };
    });
    const { after: _, ...place } = PLACE;
    assertEquals(parseBatch(batch.header, "=c3=bcberall", batch.body.length), { ...place, posts });
    assertEquals(formatBatch({ ...place, posts }), batch.header);
    assertEquals(batch.count, posts.length);
  }
});

Deno.test("a batch takes as many posts as the broker takes headers, and no more", () => {
  for (const [ref, least] of [[undefined, 2000], ["中".repeat(64), 200]] as const) {
    for (const senders of [1, 50]) {
      const outgoing = new Outgoing();
      for (let id = 1; id <= 5000; id++) {
        const session = `${"s".repeat(30)}${id % senders}`;
        const sender = ref === undefined ? { session } : { session, ref: ref + id };
        outgoing.add(waitingOf(postOf({ id }, sender)));
      }
      for (let left = 5000; left > 0;) {
        const taken = outgoing.take(new Refs(), Infinity);
        const { header, count } = ownBatch(taken, PLACE);
        assert(new TextEncoder().encode(header).length < MOST_HEADERS - 1024);
        assert(count >= Math.min(left, least), `${count} of ${left}`);
        left -= count;
        assertEquals(outgoing.length, left);
      }
    }
  }
});

Deno.test("a batch of short posts of many senders leaves room for its header in the broker's message", () => {
  for (const size of [32, 128, 160, 1000]) {
    const outgoing = new Outgoing();
    for (let id = 1; id <= 5000; id++) {
      const post = postOf({ id }, { session: `${"s".repeat(30)}${id}`, size });
      post.frame.fill(1, 10);
      outgoing.add(waitingOf(post));
    }
    while (outgoing.length > 0) {
      const { header, body } = ownBatch(outgoing.take(new Refs(), 88 * 1024), PLACE);
      const length = new TextEncoder().encode(header).length + body.length;
      assert(length <= 128 * 1024, `${length} bytes of posts of ${size}`);
    }
  }
});

Deno.test("a post that is longer than a batch is one alone", () => {
  const outgoing = new Outgoing();
  for (const size of [32, 1 << 20, 32]) {
    const post = postOf({ id: 1 }, { size });
    post.frame.fill(1, 10);
    outgoing.add(waitingOf(post));
  }
  const sizes = [1, 2, 3].map(() => outgoing.take(new Refs(), 2 << 20).items.length);
  assertEquals(sizes, [1, 1, 1]);
  const long = new Outgoing();
  long.add(waitingOf(postOf({ id: 1 }, { session: "s".repeat(60_000) })));
  assertEquals(long.take(new Refs(), Infinity).items.length, 1);
});
