import { Turns } from "../../../lib/cluster/log/turns.ts";
import { assert, assertEquals } from "../../assert.ts";
import { randomOf } from "../../random.ts";

Deno.test("a listener that posts alone never waits", () => {
  const turns = new Turns("b");
  assertEquals(turns.wait(0), 0);
  for (let at = 0; at < 10; at++) {
    turns.took("b", at);
    assertEquals(turns.wait(at), 0);
  }
});

Deno.test("after a batch the other listeners have their turns in the order of their names", () => {
  const waits = (self: string, last: string) => {
    const turns = new Turns(self);
    for (const node of ["a", "b", "c", last]) turns.took(node, 10);
    return turns.wait(10);
  };
  // A turn is one and a half of the time that a batch takes.
  assertEquals(["a", "b", "c"].map((self) => waits(self, "a")), [3, 0, 1.5]);
  assertEquals(["a", "b", "c"].map((self) => waits(self, "b")), [1.5, 3, 0]);
  assertEquals(["a", "b", "c"].map((self) => waits(self, "c")), [0, 1.5, 3]);
});

Deno.test("a turn that has passed is not waited for, and a listener that did not use its turn gets none until its next batch", () => {
  const turns = new Turns("a");
  for (const node of ["b", "c", "a"]) turns.took(node, 10);
  assertEquals([turns.wait(10), turns.wait(11), turns.wait(13)], [3, 2, 0]);
  turns.waited();
  turns.took("a", 14);
  assertEquals(turns.wait(14), 0);
  turns.took("b", 15);
  turns.took("a", 16);
  assertEquals(turns.wait(16), 1.5);
});

Deno.test("a listener that has not posted for 100 ms gets no turn", () => {
  for (const [at, wait] of [[110, 1.5], [111, 0]] as const) {
    const turns = new Turns("a");
    turns.took("b", 10);
    turns.took("a", at);
    assertEquals(turns.wait(at), wait);
  }
});

Deno.test("a listener that has lost a race gets a turn", () => {
  const turns = new Turns("a");
  for (const [at, wait] of [[10, 1.5], [109, 1.5], [111, 0]] as const) {
    if (at === 10) turns.wants("b", 10);
    turns.wants("a", at);
    turns.took("a", at);
    assertEquals(turns.wait(at), wait);
  }
});

Deno.test("at most 64 other listeners take part", () => {
  const turns = new Turns("z");
  for (let n = 0; n < 1000; n++) turns.wants(`${n}`, 0);
  turns.took("z", 0);
  assertEquals(turns.wait(0), 64 * 1.5);
});

Deno.test("a turn is at least 1 and at most 20 ms", () => {
  for (const [usual, wait] of [[0, 1], [1000, 20]] as const) {
    const turns = new Turns("a");
    let now = 0;
    for (let n = 0; n < 100; n++) {
      assertEquals(turns.wait(now), 0);
      turns.took("a", now += usual);
    }
    turns.took("b", now);
    turns.took("a", now);
    assertEquals(turns.wait(now), wait);
  }
});

/** A listener of the simulation: it always has something to post. */
class Poster {
  readonly turns: Turns;
  readonly delay: () => number;
  stored = 0;
  known = 0;
  /** The next event: a batch under way arrives at the stream, or the wait is over. */
  dueAt = 0;
  state: "free" | "waiting" | "publishing" = "free";
  after = 0;

  constructor(readonly name: string, delay: () => number) {
    this.turns = new Turns(name);
    this.delay = delay;
  }

  next(now: number): void {
    const ms = this.turns.wait(now);
    this.state = ms > 0 ? "waiting" : "publishing";
    this.dueAt = now + (ms > 0 ? ms : this.delay());
    this.after = this.known;
  }
}

Deno.test("listeners that always post to one room store equally many batches, and lose few races", () => {
  const random = randomOf(5);
  // Each one is farther from the stream than the one before.
  const posters = ["a", "b", "c"].map((name, n) =>
    new Poster(name, () => 0.3 + 0.4 * n + random(100) / 1000)
  );
  let [head, lost] = [0, 0];
  /** Batches, and the words of those who have lost a race. */
  const news: { at: number; to: Poster; from: string; sequence?: number }[] = [];
  const say = (word: { at: number; from: string; sequence?: number }) => {
    for (const to of posters) {
      // In the order in which they were said.
      const before = Math.max(0, ...news.filter((other) => other.to === to).map(({ at }) => at));
      news.push({ ...word, to, at: Math.max(before, word.at + to.delay()) });
    }
  };
  for (const poster of posters) poster.next(0);
  for (let events = 0; events < 20_000; events++) {
    const poster = posters.filter(({ state }) => state !== "free").toSorted((a, b) => a.dueAt - b.dueAt)[0];
    const told = news.toSorted((a, b) => a.at - b.at)[0];
    if (told !== undefined && (poster === undefined || told.at <= poster.dueAt)) {
      news.splice(news.indexOf(told), 1);
      const { to, from, at, sequence } = told;
      if (sequence === undefined) {
        to.turns.wants(from, at);
        continue;
      }
      if (from !== to.name && to.state !== "waiting") say({ at: at + to.delay(), from: to.name });
      to.known = sequence;
      to.turns.took(from, at);
      to.next(at);
      continue;
    }
    const now = poster!.dueAt;
    if (poster!.state === "waiting") {
      poster!.turns.waited();
      poster!.next(now);
      continue;
    }
    // One that has lost is free when it hears of the batch that was faster.
    poster!.state = "free";
    if (poster!.after !== head) {
      lost++;
      continue;
    }
    poster!.stored++;
    head++;
    say({ at: now, from: poster!.name, sequence: head });
  }
  const shares = posters.map(({ stored }) => stored / head);
  assert(lost < head / 20, `${lost} lost, ${head} stored`);
  for (const share of shares) assert(Math.abs(share - 1 / 3) < 0.05, `${shares}`);
});
