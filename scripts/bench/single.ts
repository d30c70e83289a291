/** The listener with each batch taken apart: one transaction a message, to hold the batches against. */

import { SqliteHistory } from "../../lib/history/sqlite/sqlite.ts";
import { main } from "../../main.ts";

const append = SqliteHistory.prototype.append;
SqliteHistory.prototype.append = function (batch) {
  for (const post of batch) append.call(this, [post]);
};

Deno.exit(await main(Deno.args));
