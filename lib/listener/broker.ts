/** Opens a chat on a message broker: reads its files and its password, and joins the other listeners. */

import { formatEndpoint } from "../base/address.ts";
import { SYSTEM_CLOCK } from "../base/clock.ts";
import { EXIT, Exit, messageOf } from "../base/errors.ts";
import type { BrokerCommand } from "../cli/broker.ts";
import type { Cluster } from "../cluster/mod.ts";
import type { Retain } from "../history/retain.ts";
import type { Log } from "../log/log.ts";

/** The options of {@linkcode openBroker}. */
export interface BrokerOptions {
  readonly command: BrokerCommand;
  /** The password of the broker's user. */
  readonly password: string | undefined;
  /** The port of this listener, for its name. */
  readonly port: number;
  /** Whether the chat is for members only. */
  readonly isPrivate: boolean;
  readonly retain: Retain;
  readonly log: Log;
  readonly randomName: () => string;
  /** Called once, with the reason, if the chat on the broker is gone: the listener has to end. */
  readonly onLost: (text: string) => void;
}

/**
 * Joins a chat on a broker. The modules for that are loaded only here, so that other listeners start sooner.
 *
 * @throws {Exit} If a file cannot be read, or the broker cannot be used.
 */
export async function openBroker(options: BrokerOptions): Promise<Cluster> {
  const { command: { address, creds, ca, replicas }, password, port, log } = options;
  const { openCluster, BrokerError } = await import("../cluster/mod.ts");
  const files = {
    creds: creds === undefined ? undefined : await read("--broker-creds", () => Deno.readFile(creds)),
    ca: ca === undefined ? undefined : await read("--broker-ca", () => Deno.readTextFile(ca)),
  };
  try {
    const name = formatEndpoint({ host: machine(), port });
    const cluster = await openCluster({
      ...options,
      ...files,
      address,
      password,
      replicas,
      name,
      clock: SYSTEM_CLOCK,
    });
    log({ event: "sharing", chat: address.chat, servers: address.servers.map(formatEndpoint), name });
    return cluster;
  } catch (error) {
    if (!(error instanceof BrokerError)) throw error;
    throw new Exit(EXIT.failed, error.message, { cause: error });
  }
}

async function read<T>(option: string, contents: () => Promise<T>): Promise<T> {
  try {
    return await contents();
  } catch (error) {
    throw new Exit(EXIT.failed, `Cannot read the file of ${option}: ${messageOf(error)}`, { cause: error });
  }
}

/** Returns the name of this machine. */
function machine(): string {
  try {
    return Deno.hostname();
  } catch {
    // The program runs from source without this permission.
    return "listener";
  }
}
