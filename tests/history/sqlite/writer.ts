/**
 * A process that writes a history, for the tests that end it or its disk.
 *
 * `writer.ts acks FILE` appends batches for ever and prints the newest id after each; `writer.ts full FILE BALLAST`
 * appends until the disk is full, removes the ballast from it, and appends once more.
 */

import { openHistory } from "../../../lib/history/sqlite/sqlite.ts";
import { HistoryError } from "../../../lib/history/history.ts";
import { append as appendTo, posts, postWith } from "../posts.ts";

const [mode, path, ballast] = Deno.args;
const history = openHistory(path!, { durability: "os", randomEpoch: () => "epoch" });
let id = history.rooms()[0]?.head ?? 0;

if (mode === "acks") {
  for (;;) {
    const batch = Array.from({ length: 7 }, (_, index) => postWith(`s${index}`, id, { id: id + index + 1 }));
    appendTo(history, batch);
    id += batch.length;
    Deno.stdout.writeSync(new TextEncoder().encode(`${id}\n`));
  }
}

const append = () => {
  appendTo(history, posts("lobby", id + 1, id + 10, 4096));
  id += 10;
};
let refused = "";
while (refused === "") {
  try {
    append();
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error;
    refused = error.message;
  }
}
const before = id;
try {
  append();
} catch { /* Still full, and still standing. */ }
Deno.removeSync(ballast!);
append();
history.close();
console.log(JSON.stringify({ refused, before, after: id }));
