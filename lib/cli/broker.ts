/** Parsing of `--history nats://…`: a chat that several listeners keep on a message broker. */

import type { BrokerAddress } from "../base/broker_address.ts";
import { UsageError } from "../base/errors.ts";
import { readHostAndPort } from "./address.ts";
import type { GivenOptions } from "./given.ts";
import { type Given, readCount, refused } from "./values.ts";

/** The options of a chat on a broker. */
export interface BrokerCommand {
  readonly address: BrokerAddress;
  /** A file of credentials, in place of a user and a password. */
  readonly creds: string | undefined;
  /** A file of certificates, as PEM, of authorities that are trusted to sign the broker's certificate. */
  readonly ca: string | undefined;
  /**
   * The number of the broker's servers that keep everything; if not given, 1 for a new chat, and unchanged for others.
   */
  readonly replicas: number | undefined;
}

/** The broker's port, if an address has none. */
const DEFAULT_BROKER_PORT = 4222;

/** The most replicas that JetStream takes. */
const MOST_REPLICAS = 5;

/** The most servers that an address names. */
const MOST_SERVERS = 16;

/** Returns whether the value of `--history` is the address of a broker rather than a file. */
export function isBroker(value: string): boolean {
  return /^[a-z]+:\/\//i.test(value);
}

/**
 * Reads the address of a chat on a broker: `nats://[USER@]HOST[:PORT][,HOST…]/NAME`, or `tls://…`.
 * @throws {UsageError} If it is not such an address, or contains a password: other users of this machine can read a
 *   command line.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readBrokerAddress } from "./broker.ts";
 *
 * const { user, servers, chat } = readBrokerAddress({ name: "history", value: "nats://chat@n1,n2:4333/team" });
 * assertEquals([user, chat], ["chat", "team"]);
 * assertEquals(servers, [{ host: "n1", port: 4222 }, { host: "n2", port: 4333 }]);
 * ```
 */
export function readBrokerAddress({ name, value }: Given): BrokerAddress {
  const [, scheme, rest = ""] = /^([a-z]+):\/\/(.*)$/is.exec(value) ?? [];
  const isEncrypted = scheme?.toLowerCase() === "tls";
  if (!isEncrypted && scheme?.toLowerCase() !== "nats") {
    throw refused({ name, value }, "write a file, or nats://USER@HOST/NAME for a broker");
  }
  const at = rest.lastIndexOf("@");
  const user = at < 0 ? undefined : decode(rest.slice(0, at));
  if (user?.includes(":")) {
    const shown = `${scheme}://${user.split(":", 1)[0]}:…@${rest.slice(at + 1)}`;
    throw refused(
      { name, value: shown },
      "leave the password out and set CHAT_BROKER_PASSWORD: others on this machine can read a command line",
    );
  }
  if (user === "") throw refused({ name, value }, "write a user before the @, or leave the @ out");
  const [, hosts = "", chat] = /^([^/]*)(?:\/(.*))?$/s.exec(rest.slice(at + 1)) ?? [];
  if (chat === undefined || !/^[\w-]{1,32}$/.test(chat)) {
    throw refused({ name, value }, "end it with /NAME, 1 to 32 of the letters a to z, digits, - and _");
  }
  const servers = hosts.split(",").map((host) => {
    const { port, ...place } = readHostAndPort({ name, value: host });
    return { ...place, port: port ?? DEFAULT_BROKER_PORT };
  });
  if (servers.length > MOST_SERVERS) {
    throw refused({ name, value }, `name at most ${MOST_SERVERS} servers: any of them knows the others`);
  }
  return { isEncrypted, user, servers, chat };
}

/** Reads the options of a broker; undefined without a broker. The options are refused then. */
export function readBroker(given: GivenOptions): BrokerCommand | undefined {
  const address = given.one("history", (history) => isBroker(history.value) && readBrokerAddress(history));
  if (!address) {
    for (const name of ["broker-creds", "broker-ca", "replicas"] as const) {
      if (given.has(name)) throw new UsageError(`--${name} needs a broker: write --history nats://HOST/NAME`);
    }
    return undefined;
  }
  if (given.has("durability")) {
    throw new UsageError(
      "--durability is for a file: for a broker, write sync_interval in the configuration of its servers",
    );
  }
  const creds = given.one("broker-creds", ({ value }) => value);
  if (creds !== undefined && address.user !== undefined) {
    throw new UsageError(
      `--broker-creds takes the place of the user ${address.user} of --history: leave one out`,
    );
  }
  return {
    address,
    creds,
    ca: given.one("broker-ca", ({ value }) => value),
    replicas: given.one("replicas", (count) => readCount(count, { least: 1, most: MOST_REPLICAS })),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
