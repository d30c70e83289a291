/** Opens the history of a listener: a file, or memory with a spill. */

import { EXIT, Exit } from "../base/errors.ts";
import { DEFAULT_RETAIN_SIZE, type Limits } from "../base/limits.ts";
import { formatRetain } from "../cli/values.ts";
import { type History, HistoryError } from "../history/history.ts";
import { MemoryHistory } from "../history/memory/memory.ts";
import type { Retain } from "../history/retain.ts";
import type { Durability } from "../history/sqlite/schema.ts";
import { openHistory } from "../history/sqlite/sqlite.ts";
import type { Log } from "../log/log.ts";

/** The options of {@linkcode openStore}. */
export interface StoreOptions {
  /** The file that the messages are kept in; memory if not given. */
  readonly history?: string | undefined;
  readonly durability?: Durability | undefined;
  /** The retention; files of up to 10 GiB if not given. */
  readonly retain?: Retain | undefined;
  readonly limits: Limits;
  readonly log: Log;
}

/**
 * Opens the history.
 *
 * @param randomName Returns a random name for a new history.
 * @throws {Exit} If the file cannot be opened.
 */
export function openStore(options: StoreOptions, randomName: () => string): History {
  const { history, durability = "os", retain = { size: DEFAULT_RETAIN_SIZE }, limits, log } = options;
  if (history === undefined) {
    const onFailure = (text: string) => log({ event: "failed", text });
    return new MemoryHistory({ epoch: randomName(), spill: { maxSize: limits.spill, onFailure } });
  }
  try {
    const randomEpoch = randomName;
    const opened = openHistory(history, { durability, randomEpoch, retain, systemStart: systemStart() });
    log({ event: "keeping", file: history, retain: formatRetain(retain) });
    return opened;
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error;
    throw new Exit(EXIT.failed, error.message, { cause: error });
  }
}

/** Returns the time at which the machine was started, in seconds since 1970; undefined if it cannot be known. */
function systemStart(): number | undefined {
  try {
    return Date.now() / 1000 - Deno.osUptime();
  } catch {
    return undefined;
  }
}
