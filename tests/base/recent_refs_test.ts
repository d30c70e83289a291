import { RecentRefs } from "../../lib/base/recent_refs.ts";
import { assert, assertEquals } from "../assert.ts";

function add(
  refs: RecentRefs<number>,
  session: string,
  count: number,
  origin = "192.0.2.1",
  first = 1,
): void {
  for (let ref = first; ref < first + count; ref++) refs.add({ session, ref, origin }, ref);
}

/** How many of the refs 1 to `count` of a session are known. */
function known(refs: RecentRefs<number>, session: string, count: number): number {
  let sum = 0;
  for (let ref = 1; ref <= count; ref++) if (refs.find(session, ref) === ref) sum++;
  return sum;
}

Deno.test("at least the newest refs of a session are known, and twice as many at most", () => {
  const refs = new RecentRefs<number>({ perSession: 3 });
  for (let count = 1; count <= 50; count++) {
    add(refs, "a", 1, "192.0.2.1", count);
    const found = known(refs, "a", count);
    assert(found >= Math.min(3, count) && found <= 6);
    for (let ref = count - found + 1; ref <= count; ref++) assertEquals(refs.find("a", ref), ref);
  }
  assertEquals([refs.find("b", 50), refs.find("a", "50")], [undefined, undefined]);
});

Deno.test("10,000 refs of each of 64 sessions of a client are known, whatever another client posts", () => {
  const refs = new RecentRefs<number>();
  for (let n = 0; n < 64; n++) add(refs, `a${n}`, 10_000);
  for (let n = 0; n < 100; n++) add(refs, `b${n}`, 10_000, "192.0.2.2");
  for (let n = 0; n < 64; n++) assertEquals(known(refs, `a${n}`, 10_000), 10_000);
});

Deno.test("if a client has too many refs, the session that ended first is forgotten, then half of the largest", () => {
  const refs = new RecentRefs<number>({ perOrigin: 10 });
  add(refs, "small", 1);
  add(refs, "x", 4);
  add(refs, "y", 3);
  refs.ended("y");
  refs.ended("x");
  add(refs, "z", 3);
  assertEquals(["small", "x", "y", "z"].map((name) => known(refs, name, 9)), [1, 4, 0, 3]);
  add(refs, "x", 3, "192.0.2.1", 5);
  assertEquals(["small", "x", "z"].map((name) => known(refs, name, 9)), [1, 3, 3]);
});

Deno.test("if all clients have too many refs, the client with the most loses some", () => {
  const refs = new RecentRefs<number>({ total: 10 });
  add(refs, "victim", 2, "192.0.2.9");
  for (let n = 0; n < 50; n++) add(refs, `a${n}`, 3);
  assertEquals(known(refs, "victim", 2), 2);
});

Deno.test("a session that comes back from another address takes its refs along", () => {
  const refs = new RecentRefs<number>({ perOrigin: 5 });
  add(refs, "s", 4);
  refs.ended("s");
  add(refs, "s", 1, "192.0.2.2", 5);
  add(refs, "another", 5);
  assertEquals([known(refs, "s", 5), known(refs, "another", 5)], [5, 5]);
});
