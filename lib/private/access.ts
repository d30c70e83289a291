/** A connector's access to private chats: known hosts, the keys that let this end in, and TLS. */

import { type Endpoint, formatEndpoint } from "../base/address.ts";
import type { Clock } from "../base/clock.ts";
import { EXIT, Exit, FrameError, messageOf } from "../base/errors.ts";
import { CONNECT_TIMEOUT_MS } from "../base/limits.ts";
import type { Duplex } from "../connection/duplex.ts";
import { decode } from "../pickle/decode/decode.ts";
import { PickleError } from "../pickle/values/errors.ts";
import { type PeerMessage, readListenerMessage, Refusal } from "../protocol/message.ts";
import { CERTIFICATE_NAME } from "./certificate_name.ts";
import { HandshakeError } from "./handshake_error.ts";
import { keyOfCode, parseCode } from "./code.ts";
import { keyOfHost, type KnownHost, KnownHosts } from "./known_hosts.ts";
import { Peeked } from "./peeked.ts";
import { formatPem, parsePem } from "./pem.ts";
import { PrivateFiles } from "./private_files.ts";
import { checkProof, makeProof, memberId, NONCE_SIZE } from "./proof.ts";
import { Proved, type Welcome } from "./proved.ts";
import { trustNoAuthority } from "./trust.ts";

/** The keys of a hello that let this end in, and the session for it. */
export type Credentials = Pick<
  Extract<PeerMessage, { type: "hello" }>,
  "member" | "nonce" | "proof" | "enrol" | "session"
>;

/** A stream to the other end, and the keys that the hello on it must have. */
export interface Line {
  readonly duplex: Duplex;
  readonly credentials?: Credentials | undefined;
}

/** The options of an {@linkcode Access}. */
export interface AccessOptions {
  readonly endpoint: Endpoint;
  /** The other listeners of the same chat. Where one of them is a known private chat, an open one is refused. */
  readonly others?: readonly Endpoint[];
  /** The folder of hosts.json. */
  readonly folder: string;
  readonly clock: Clock;
  /** Returns the given number of random bytes. */
  readonly random: (size: number) => Uint8Array;
  /** Returns an environment variable. */
  readonly env: (name: string) => string | undefined;
  /** The session's secret. It is not that of an open chat, which a first hello may have sent unencrypted. */
  readonly session: string;
  /** Whether an open chat is refused. */
  readonly isRequired: boolean;
  /** The value of CHAT_CODE. */
  readonly code?: string | undefined;
  /**
   * Asks the person for the code.
   *
   * @param refusal Why the listener refused the stored key; undefined if there is none.
   * @returns The code; null if nobody gives one.
   * @throws {Exit} If there is nobody to ask.
   */
  readonly ask: (refusal?: string) => Promise<string | null>;
  /** Connects again. Returns null if that was cancelled. */
  readonly redial: () => Promise<Deno.TcpConn | null>;
}

/** The key by which a listener lets this end in, for this run. */
interface Key {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The value to store if the listener gives no secret. */
  readonly kept: Pick<KnownHost, "secret" | "code">;
  /** Whether a person typed it, so that the hello asks for membership. */
  readonly enrol: boolean;
  /** Whether it comes from hosts.json, so that a newer code may replace it. */
  readonly isStored: boolean;
}

/** The longest frame by which a listener answers that it is private. */
const MAX_FIRST_FRAME = 64 * 1024;

/** Opens lines to one host. */
export class Access {
  readonly #options: AccessOptions;
  readonly #where: string;
  readonly #hosts: KnownHosts;
  /** Another listener of the chat that is known to be private. */
  readonly #privateOther: Endpoint | undefined;
  #host: KnownHost | undefined;
  #key: Key | undefined;

  /** @throws {Exit} If hosts.json cannot be read, or CHAT_CODE is not a code. */
  constructor(options: AccessOptions) {
    const { endpoint, others = [], folder, code } = options;
    this.#options = options;
    this.#where = formatEndpoint(endpoint);
    this.#hosts = new KnownHosts(new PrivateFiles(folder));
    this.#host = this.#hosts.find(endpoint);
    this.#privateOther = others.find((other) => this.#hosts.find(other) !== undefined);
    if (code !== undefined && parseCode(code) === null) {
      throw new Exit(
        EXIT.usage,
        "CHAT_CODE is not a code: a code is 16 letters and digits, such as k7qm-2xhp-9dnv-c4ta",
      );
    }
  }

  /**
   * Opens a line on a new connection. It uses TLS if the host is a known private chat, or must be one.
   *
   * @returns Null if it was cancelled.
   * @throws {Exit} If the other end has another certificate than before, is not private although it must be, or the
   * environment adds authorities.
   * @throws {HandshakeError} If the connection was lost in the meantime.
   */
  async open(conn: Deno.TcpConn): Promise<Line | null> {
    const { isRequired, env } = this.#options;
    const mayBePlain = this.#host === undefined && !isRequired && this.#privateOther === undefined;
    if (mayBePlain) return { duplex: conn };
    trustNoAuthority(env);
    if (this.#host !== undefined) return await this.#secure(conn, { isRetry: false });
    if (!await this.learn(await this.#discover(conn))) return null;
    const again = await this.#options.redial();
    return again === null ? null : await this.#secure(again, { isRetry: false });
  }

  /**
   * Sets the certificate of a host that has answered that it is private. It is stored once the host has proved itself.
   *
   * @returns False if nobody gave a code.
   * @throws {Exit} If it is not a certificate, or there is no code for the host.
   */
  async learn(pem: string): Promise<boolean> {
    const der = parsePem(pem, "CERTIFICATE");
    if (der === null) throw new Exit(EXIT.refused, `${this.#where} is private and sends no certificate`);
    const certificate = formatPem(der, "CERTIFICATE");
    const host = this.#hosts.findCertificate(certificate) ?? { certificate };
    if (!await this.#findKey(host)) return false;
    this.#host = host;
    return true;
  }

  /**
   * Finds a newer code after the listener has refused the stored key, for example because the member was revoked.
   *
   * @param refusal The reason that the listener gave.
   * @returns "none" if the key was not a stored one; "called off" if nobody gave a code.
   * @throws {Exit} If there is nobody to ask.
   */
  async replaceKey(refusal: string): Promise<"replaced" | "called off" | "none"> {
    if (!this.#key?.isStored) return "none";
    return await this.#findCode(refusal) ? "replaced" : "called off";
  }

  async #findKey(host: KnownHost): Promise<boolean> {
    const known = keyOfHost(host);
    if (known === undefined) return await this.#findCode();
    const { secret, code } = host;
    this.#key = { bytes: known, kept: { secret, code }, enrol: false, isStored: true };
    return true;
  }

  async #findCode(refusal?: string): Promise<boolean> {
    const { code, ask } = this.#options;
    if (code !== undefined) {
      this.#key = { bytes: keyOfCode(parseCode(code)!), kept: {}, enrol: false, isStored: false };
      return true;
    }
    const typed = await ask(refusal);
    if (typed === null) return false;
    this.#key = { bytes: keyOfCode(typed), kept: { code: typed }, enrol: true, isStored: false };
    return true;
  }

  /** Reads the first frame of an unknown host, before sending anything. */
  async #discover(conn: Deno.TcpConn): Promise<string> {
    const stop = this.#options.clock.after(CONNECT_TIMEOUT_MS, () => conn.close());
    let certificate: string | undefined;
    try {
      const payload = await new Peeked(conn, MAX_FIRST_FRAME).frame();
      // A connection that was cut says nothing of what is there: to call it open would be advice to talk in plain.
      if (payload === null) throw new Error("the connection was lost");
      const value = decode(payload);
      const message = value instanceof Map ? readListenerMessage(value) : null;
      if (message?.type === "bye") {
        if (message.code !== "private") {
          throw new Exit(
            EXIT.refused,
            `${this.#where} closed the connection: ${message.text} (${message.code})`,
          );
        }
        certificate = message.certificate;
      }
    } catch (error) {
      const isOther = error instanceof FrameError || error instanceof PickleError || error instanceof Refusal;
      if (error instanceof Exit) throw error;
      if (!isOther) {
        throw new HandshakeError(`${this.#where} sent no certificate: ${messageOf(error)}`);
      }
    } finally {
      stop();
      closeQuietly(conn);
    }
    if (certificate !== undefined) return certificate;
    const advice = this.#options.isRequired || this.#privateOther === undefined
      ? "leave out --private and CHAT_CODE to join it unencrypted"
      : `connect to it alone, because ${formatEndpoint(this.#privateOther)} is private`;
    throw new Exit(EXIT.refused, `${this.#where} is not private: nothing was sent; ${advice}`);
  }

  async #secure(conn: Deno.TcpConn, { isRetry }: { isRetry: boolean }): Promise<Line | null> {
    const host = this.#host!;
    if (this.#key === undefined && !await this.#findKey(host)) {
      conn.close();
      return null;
    }
    try {
      const tls = await this.#shakeHands(conn, host.certificate);
      return await this.#credentials(tls, host);
    } catch (error) {
      const text = messageOf(error);
      if (/invalid peer certificate/.test(text)) {
        throw new Exit(
          EXIT.refused,
          `${this.#where} HAS ANOTHER KEY than before: somebody may be intercepting the connection; nothing was sent; ` +
            `if it was set up anew, run \`chat --forget ${this.#where}\` and ask for a new code`,
        );
      }
      if (!/corrupt message/.test(text)) {
        throw new HandshakeError(
          `the connection to ${this.#where} was lost before the handshake ended: ${text}`,
        );
      }
    }
    if (isRetry) {
      throw new Exit(
        EXIT.refused,
        `${this.#where} IS NOT PRIVATE ANY MORE: something else answers there, and nothing was sent; ` +
          `if that is intended, run \`chat --forget ${this.#where}\``,
      );
    }
    const again = await this.#options.redial();
    return again === null ? null : await this.#secure(again, { isRetry: true });
  }

  async #shakeHands(conn: Deno.TcpConn, certificate: string): Promise<Deno.TlsConn> {
    let tls: Deno.TlsConn | undefined;
    let isLate = false;
    const stop = this.#options.clock.after(CONNECT_TIMEOUT_MS, () => {
      isLate = true;
      closeQuietly(tls ?? conn);
    });
    try {
      // The name is the same for every address, so this accepts the pinned certificate at each.
      tls = await Deno.startTls(conn, { hostname: CERTIFICATE_NAME, caCerts: [certificate] });
      await tls.handshake();
      return tls;
    } catch (error) {
      closeQuietly(tls ?? conn);
      throw isLate ? new Error("no answer in 10 s") : error;
    } finally {
      stop();
    }
  }

  async #credentials(tls: Deno.TlsConn, host: KnownHost): Promise<Line> {
    const key = this.#key!;
    const nonce = this.#options.random(NONCE_SIZE);
    const certificate = parsePem(host.certificate, "CERTIFICATE")!;
    const proof = await makeProof(key.bytes, { by: "peer", certificate, nonce });
    return {
      duplex: new Proved(tls, {
        where: this.#where,
        isProved: async ({ proof }) =>
          proof !== undefined && await checkProof(key.bytes, proof, { by: "listener", certificate, nonce }),
        proved: (welcome) => this.#proved(welcome, key),
      }),
      credentials: {
        member: await memberId(key.bytes),
        nonce,
        proof,
        session: this.#options.session,
        ...key.enrol ? { enrol: true } : {},
      },
    };
  }

  /** Stores the certificate and the key of a listener that has proved itself. */
  #proved({ secret }: Welcome, { kept }: Key): void {
    const { endpoint } = this.#options;
    const { certificate } = this.#host!;
    const fresh = secret === undefined ? kept : { secret: secret.toHex() };
    const host: KnownHost = { certificate, ...fresh };
    const before = this.#hosts.find(endpoint);
    this.#host = host;
    const bytes = keyOfHost(host);
    if (bytes !== undefined) this.#key = { bytes, kept: fresh, enrol: false, isStored: true };
    const isKept = before?.certificate === certificate && before.secret === host.secret &&
      before.code === host.code;
    if (!isKept) this.#hosts.remember(endpoint, host);
  }
}

function closeQuietly(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // It is closed already.
  }
}
