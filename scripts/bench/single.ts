/** The listener with a transaction for each message, as a yardstick for the batches. */

import { SqliteHistory } from "../../lib/history/sqlite/sqlite.ts";
import { main } from "../../main.ts";

const open = SqliteHistory.prototype.open;
SqliteHistory.prototype.open = function (room, reader) {
  const log = open.call(this, room, reader);
  const post = log.post;
  log.post = (message) => {
    post.call(log, message);
    this.flush();
  };
  return log;
};

Deno.exit(await main(Deno.args));
