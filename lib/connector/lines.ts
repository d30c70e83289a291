/** Lines to the other end: plain streams, and the encrypted ones of closed chats, whose modules are loaded only when needed. */

import type { ConnectCommand } from "../cli/mod.ts";
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
  readonly ask: () => Promise<string | null>;
  /** Connects again. Returns null if that was cancelled. */
  readonly redial: () => Promise<Deno.TcpConn | null>;
}

/** Opens lines to one host. */
export class Lines {
  readonly #command: ConnectCommand;
  readonly #options: LinesOptions;
  #access: Access | undefined;

  constructor(command: ConnectCommand, options: LinesOptions) {
    this.#command = command;
    this.#options = options;
  }

  /**
   * Opens a line on a new connection.
   *
   * @returns Null if it was cancelled.
   * @throws {Exit} If the connector must not talk to the host.
   * @throws {HandshakeError} If the connection was lost in the meantime.
   */
  async open(conn: Deno.TcpConn): Promise<Line | null> {
    const { env } = this.#options;
    const isPlain = this.#access === undefined && this.#command.private === undefined && !env("CHAT_CODE") &&
      !mayKnowHosts({ os: Deno.build.os, env });
    if (isPlain) return { duplex: conn };
    try {
      return await (await this.#accessToHost()).open(conn);
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
   * Takes the certificate of a host that has answered that it is private. The next line uses the protocol of closed chats.
   *
   * @returns False if nobody gave a code.
   * @throws {Exit} If there is no code for the host.
   */
  async learn(certificate: string): Promise<boolean> {
    return await (await this.#accessToHost()).learn(certificate);
  }

  async #accessToHost(): Promise<Access> {
    if (this.#access !== undefined) return this.#access;
    const { Access } = await import("../private/access.ts");
    const { host, port, private: isPrivate } = this.#command;
    const { env } = this.#options;
    const code = env("CHAT_CODE") || undefined;
    return this.#access ??= new Access({
      ...this.#options,
      endpoint: { host, port },
      folder: stateFolder({ os: Deno.build.os, env }),
      isRequired: isPrivate === true || code !== undefined,
      code,
    });
  }
}
