/** Opens the history of a listener: a broker, a file, or memory with a spill. */

import { SYSTEM_CLOCK } from "../base/clock.ts";
import { EXIT, Exit } from "../base/errors.ts";
import { DEFAULT_RETAIN_SIZE, type Limits } from "../base/limits.ts";
import { formatRetain } from "../cli/values.ts";
import { type History, HistoryError } from "../history/history.ts";
import { MemoryHistory } from "../history/memory/memory.ts";
import type { Retain } from "../history/retain.ts";
import type { Durability } from "../history/sqlite/schema.ts";
import { openSearchWorker } from "../history/sqlite/search/search_index.ts";
import { openHistory } from "../history/sqlite/sqlite.ts";
import type { BrokerCommand } from "../cli/broker.ts";
import type { Elsewhere } from "../hub/elsewhere/elsewhere.ts";
import type { Log } from "../log/log.ts";
import type { MembersElsewhere } from "../private/members/elsewhere.ts";
import { openBroker } from "./broker.ts";

/** The options of {@linkcode openStore}. */
export interface StoreOptions {
  /** The file of the messages; memory if not given. */
  readonly history?: string | undefined;
  readonly durability?: Durability | undefined;
  /** The retention; files of up to 10 GiB if not given. */
  readonly retain?: Retain | undefined;
  /** The broker that keeps the messages for several listeners, in place of a file. */
  readonly broker?: BrokerCommand | undefined;
  /** The password of the broker's user. */
  readonly brokerPassword?: string | undefined;
  /** Whether the chat is for members only. */
  readonly isPrivate: boolean;
  /** The port that the listener listens on. */
  readonly port: number;
  readonly limits: Limits;
  readonly log: Log;
  /** Called once, with the reason, if the history is gone: the listener has to end. */
  readonly onLost: (text: string) => void;
}

/** An open history, and what belongs to it. */
export interface Store {
  readonly history: History;
  /** The other listeners that share it; undefined for a history that cannot be shared. */
  readonly elsewhere: Elsewhere | undefined;
  /** The members that they share, if the chat is for members only. */
  readonly members: MembersElsewhere | undefined;
  /** The largest payload of a frame that it can keep, in bytes. */
  readonly maxFrame: number;
  /** Closes the rest of the store, after the hub has closed the history. */
  close(): Promise<void>;
}

/**
 * Opens the history.
 *
 * @param randomName Returns a random name for a new history.
 * @throws {Exit} If the file cannot be opened, or the broker cannot be used.
 */
export async function openStore(options: StoreOptions, randomName: () => string): Promise<Store> {
  const { broker: command, brokerPassword: password, retain = { size: DEFAULT_RETAIN_SIZE } } = options;
  if (command !== undefined) {
    return await openBroker({ ...options, command, password, retain, randomName });
  }
  const history = openEmbedded({ ...options, retain }, randomName);
  return {
    history,
    elsewhere: undefined,
    members: undefined,
    maxFrame: Infinity,
    close: () => Promise.resolve(),
  };
}

function openEmbedded(options: StoreOptions & { retain: Retain }, randomName: () => string): History {
  const { history, durability = "os", retain, limits, log } = options;
  if (history === undefined) {
    const onFailure = (text: string) => log({ event: "failed", text });
    return new MemoryHistory({ epoch: randomName(), spill: { maxSize: limits.spill, onFailure } });
  }
  try {
    const randomEpoch = randomName;
    const opened = openHistory(history, {
      durability,
      randomEpoch,
      retain,
      systemStart: systemStart(),
      search: {
        openWorker: openSearchWorker,
        clock: SYSTEM_CLOCK,
        onFailure: (text) => log({ event: "failed", text }),
      },
    });
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
