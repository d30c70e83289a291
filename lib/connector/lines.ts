/** Lines to the other end: plain streams, and the encrypted ones of private chats, whose modules are loaded only when needed. */

import type { ConnectCommand } from "../cli/mod.ts";
import type { Endpoint } from "../base/address.ts";
import type { Clock } from "../base/clock.ts";
import type { Access, Line } from "../private/access.ts";
import { mayKnowHosts, stateFolder } from "../private/state_folder.ts";

/** The options of {@linkcode Lines}. */
export interface LinesOptions {
  readonly clock: Clock;
  /** Returns the given number of random bytes. */
  readonly random: (size: number) => Uint8Array;
  /** Returns an environment variable. */
  readonly env: (name: string) => string | undefined;
  /** Asks the person for the code of the chat; see {@linkcode Access}. */
  readonly ask: (refusal?: string) => Promise<string | null>;
  /** Connects to the same host again. Returns null if that was cancelled. */
  readonly redial: () => Promise<Deno.TcpConn | null>;
}

/** Opens lines to the hosts of one chat. */
export class Lines {
  readonly #command: ConnectCommand;
  readonly #options: LinesOptions;
  /** The accesses, by host. */
  readonly #accesses = new Map<Endpoint, Access>();
  /** The secret of the session in a private chat, which is the same at all of its hosts. */
  readonly #session: string;

  constructor(command: ConnectCommand, options: LinesOptions) {
    this.#command = command;
    this.#options = options;
    this.#session = options.random(16).toHex();
  }

  /**
   * Opens a line on a new connection to one of the hosts.
   *
   * @returns Null if it was cancelled.
   * @throws {Exit} If the connector must not talk to the host.
   * @throws {HandshakeError} If the connection was lost in the meantime.
   */
  async open(conn: Deno.TcpConn, host: Endpoint): Promise<Line | null> {
    const { env } = this.#options;
    const isPlain = this.#accesses.size === 0 && this.#command.private === undefined && !env("CHAT_CODE") &&
      !mayKnowHosts({ os: Deno.build.os, env });
    if (isPlain) return { duplex: conn };
    try {
      return await (await this.#accessTo(host)).open(conn);
    } catch (error) {
      try {
        conn.close();
      } catch {
        // It is closed already.
      }
      throw error;
    }
  }

  /**
   * Sets the certificate of a host that has answered that it is private. The next line to it uses the protocol of
   * private chats.
   *
   * @returns False if nobody gave a code.
   * @throws {Exit} If there is no code for the host.
   */
  async learn(certificate: string, host: Endpoint): Promise<boolean> {
    return await (await this.#accessTo(host)).learn(certificate);
  }

  /** Finds a newer code after the listener of a private chat has refused the stored key; see {@linkcode Access}. */
  async replaceKey(refusal: string, host: Endpoint): Promise<"replaced" | "called off" | "none"> {
    return await (await this.#accessTo(host)).replaceKey(refusal);
  }

  async #accessTo(endpoint: Endpoint): Promise<Access> {
    const known = this.#accesses.get(endpoint);
    if (known !== undefined) return known;
    const { Access } = await import("../private/access.ts");
    const { hosts, private: isPrivate } = this.#command;
    const { env } = this.#options;
    const code = env("CHAT_CODE") || undefined;
    const access = new Access({
      ...this.#options,
      endpoint,
      others: hosts,
      session: this.#session,
      folder: stateFolder({ os: Deno.build.os, env }),
      isRequired: isPrivate === true || code !== undefined,
      code,
    });
    this.#accesses.set(endpoint, access);
    return access;
  }
}
