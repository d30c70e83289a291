import { Bookmarks } from "../../lib/conversation/bookmarks.ts";
import { assertEquals } from "../assert.ts";

function entered(head: number, ...seen: number[]): Bookmarks {
  const bookmarks = new Bookmarks();
  bookmarks.open("e1");
  bookmarks.enter("lobby", head);
  for (const id of seen) bookmarks.isNew("lobby", id);
  if (seen.length === 0) bookmarks.replayed("lobby");
  return bookmarks;
}

const last = (bookmarks: Bookmarks) => bookmarks.resume().get("lobby");

Deno.test("Bookmarks does not take the head for seen where live messages from below it still come", () => {
  const bookmarks = entered(7);
  assertEquals(last(bookmarks), 7);
  assertEquals([6, 7, 8].map((id) => bookmarks.isNew("lobby", id)), [true, true, true]);
  assertEquals(last(bookmarks), 8);
});

Deno.test("Bookmarks goes on inside a replay that was cut", () => {
  const bookmarks = new Bookmarks();
  bookmarks.enter("lobby", 50);
  assertEquals(last(bookmarks), undefined);
  bookmarks.isNew("lobby", 20);
  assertEquals(last(bookmarks), 20);
});

Deno.test("Bookmarks moves over one's own ids only once everything below them was seen", () => {
  const bookmarks = entered(3, 1, 2, 3);
  for (const id of [5, 6, 8]) bookmarks.stored("lobby", id);
  assertEquals(last(bookmarks), 3);
  assertEquals(bookmarks.isNew("lobby", 4), true);
  assertEquals(last(bookmarks), 6);
  assertEquals(bookmarks.isNew("lobby", 8), false);
  assertEquals(bookmarks.isNew("lobby", 9), true);
});

Deno.test("Bookmarks keeps up with one who only posts", () => {
  for (const bookmarks of [entered(0), entered(5), entered(5, 4, 5)]) {
    const start = last(bookmarks)!;
    for (let id = start + 1; id <= start + 1000; id++) bookmarks.stored("lobby", id);
    assertEquals(last(bookmarks), start + 1000);
  }
});

Deno.test("Bookmarks forgets its places in another epoch, and one above the head", () => {
  const bookmarks = entered(3, 3);
  bookmarks.open("e1");
  assertEquals(last(bookmarks), 3);
  bookmarks.enter("lobby", 2);
  assertEquals(last(bookmarks), undefined);
  bookmarks.isNew("lobby", 2);
  bookmarks.open("e2");
  assertEquals([last(bookmarks), bookmarks.has("lobby"), bookmarks.epoch], [undefined, true, "e2"]);
});

Deno.test("Bookmarks keeps the rooms in the order in which they were entered", () => {
  const bookmarks = entered(0);
  bookmarks.enter("ops", 9);
  bookmarks.enter("lobby", 0);
  assertEquals(bookmarks.rooms, ["lobby", "ops"]);
  bookmarks.leave("lobby");
  assertEquals([bookmarks.rooms, bookmarks.isNew("lobby", 1)], [["ops"], true]);
});
