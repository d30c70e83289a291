/**
 * The door of a private chat: performs the handshake with accepted connections, and lets only members reach the hub.
 */

import { clientOf } from "../base/address.ts";
import type { Clock } from "../base/clock.ts";
import { FrameError, messageOf } from "../base/errors.ts";
import { endOfTurn } from "../base/turn.ts";
import type { Duplex } from "../connection/duplex.ts";
import { HEADER_SIZE } from "../frame/mod.ts";
import type { Log } from "../log/log.ts";
import { OnceLog } from "../log/once.ts";
import { readIncoming } from "../protocol/envelope.ts";
import { readPeerMessage, Refusal } from "../protocol/message.ts";
import { Attempts } from "./attempts.ts";
import type { Inlet } from "./inlet.ts";
import type { Admission, Claim } from "./members/claim.ts";
import type { MembersElsewhere } from "./members/elsewhere.ts";
import type { Registry } from "./members/registry.ts";
import { Peeked } from "./peeked.ts";
import { Tunnel } from "./tunnel.ts";
import { Turns } from "./turns.ts";

/** The longest hello, in bytes of its payload. */
export const MAX_HELLO = 4096;

/** The time that a connection may take from its first byte to the end of its hello. */
export const HELLO_TIMEOUT_MS = 10_000;

/**
 * The time for which a connection may stay silent before it counts as a plain program. The first byte of a handshake
 * may be late.
 */
export const SILENCE_MS = 700;

/** The first byte of TLS: a record of the handshake. */
const TLS_HANDSHAKE = 0x16;

/** The most refused connections that are sent a reason at a time. Others are closed without one. */
const MOST_TURNED_AWAY = 256;

/** The number of a connection's first bytes that are examined before it is known to be TLS. */
const FIRST_SIZE = 1024;

/** The other end of a connection. */
export interface Caller {
  readonly host: string;
  readonly address: string;
}

/** A bye to a peer that is not let in. */
export interface Farewell {
  readonly code: "private" | "not-allowed" | "busy";
  readonly text: string;
  readonly certificate?: string;
}

/** The decision about a connection. */
export type Verdict =
  | { readonly is: "admitted"; readonly duplex: Duplex; readonly admission: Admission }
  | { readonly is: "refused"; readonly duplex: Duplex; readonly bye: Farewell }
  /** It is closed. */
  | { readonly is: "gone" };

/** The options of a {@linkcode Door}. */
export interface DoorOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly inlet: Inlet;
  readonly registry: Registry;
  /** The certificate as PEM, for peers that do not know it yet. */
  readonly certificate: string;
  /** The other listeners of the chat, which count wrong proofs too; undefined if there are none. */
  readonly elsewhere?: Pick<MembersElsewhere, "tried"> | undefined;
  /** Called when somebody has become a member. */
  readonly enrolled?: (name: string) => void;
}

const GONE = { is: "gone" } as const;

/** Performs the handshake with connections, and decides about each. */
export class Door {
  readonly #options: DoorOptions;
  readonly #once: OnceLog;
  readonly #attempts = new Attempts();
  readonly #turns = new Turns();
  readonly #ending = new AbortController();
  /** The number of refused connections that are being sent a reason. */
  #turningAway = 0;
  /** Disconnects a member who was revoked. The owner of the hub sets it. */
  dismiss: (member: string, text: string) => void = () => {};

  constructor(options: DoorOptions) {
    this.#options = options;
    this.#once = new OnceLog(options.log, options.clock);
  }

  /** Whether a nick is reserved for a member. */
  isReserved(nick: string): boolean {
    return this.#options.registry.isReserved(nick);
  }

  /**
   * Examines a connection: waits for its first byte, performs the TLS handshake, and reads its hello.
   *
   * @returns The decision. The bytes already read of an admitted connection, beginning with its hello, are read again
   * from the duplex.
   */
  async meet(conn: Duplex, caller: Caller): Promise<Verdict> {
    const first = new Peeked(conn, FIRST_SIZE);
    const speaks = await this.#first(first);
    if (speaks === "gone") return GONE;
    if (speaks === "plain") return this.#refusePlain(first, caller);
    return await this.#inTime(async (signal) => {
      const tunnel = await Tunnel.open(first, this.#options.inlet, signal);
      return await this.#hear(tunnel, { caller, signal });
    });
  }

  /**
   * Examines a browser's connection. It is already encrypted, or comes from this machine, so there is no TLS handshake.
   * The browser speaks first, like every peer of a private chat.
   *
   * @returns The decision, as from {@linkcode Door.meet}.
   */
  async meetBrowser(duplex: Duplex, caller: Caller): Promise<Verdict> {
    return await this.#inTime((signal) => this.#hear(duplex, { caller, signal }));
  }

  /** The listener's certificate as PEM, to which proofs are tied. */
  get certificate(): string {
    return this.#options.certificate;
  }

  /** Limits the time that a connection may take for its hello. */
  async #inTime(meet: (signal: AbortSignal) => Promise<Verdict>): Promise<Verdict> {
    const late = new AbortController();
    const stop = this.#options.clock.after(HELLO_TIMEOUT_MS, () => late.abort());
    try {
      return await meet(AbortSignal.any([late.signal, this.#ending.signal]));
    } catch {
      // The peer is gone or too late, or does not speak TLS.
      return GONE;
    } finally {
      stop();
    }
  }

  /**
   * Returns a connection that is refused in any case if it can be sent the reason. A connection that expects TLS cannot
   * be; it is closed, and null is returned.
   */
  async canHear(conn: Duplex): Promise<Duplex | null> {
    if (this.#turningAway >= MOST_TURNED_AWAY) {
      conn.close();
      return null;
    }
    const first = new Peeked(conn, FIRST_SIZE);
    this.#turningAway++;
    const speaks = await this.#first(first).finally(() => this.#turningAway--);
    if (speaks === "tls") conn.close();
    return speaks === "plain" ? first : null;
  }

  /** Ends all handshakes. */
  close(): void {
    this.#ending.abort();
    this.#options.inlet.close();
  }

  async #first(first: Peeked): Promise<"tls" | "plain" | "gone"> {
    const silence = Promise.withResolvers<void>();
    const stop = this.#options.clock.after(SILENCE_MS, silence.resolve);
    const { signal } = this.#ending;
    const end = () => silence.resolve();
    signal.addEventListener("abort", end, { once: true });
    try {
      const more = first.more();
      await Promise.race([more, silence.promise]);
      // On a busy event loop the time is over before bytes that came long ago are read.
      if (first.seen.length === 0 && !signal.aborted) await Promise.race([more, endOfTurn()]);
      if (!signal.aborted) return first.seen[0] === TLS_HANDSHAKE ? "tls" : "plain";
    } catch {
      // It was reset.
    } finally {
      stop();
      signal.removeEventListener("abort", end);
    }
    first.close();
    return "gone";
  }

  #refusePlain(duplex: Duplex, { host, address }: Caller): Verdict {
    const text = "this chat is private: join it with `chat --connect` and the code that you were given";
    const event = {
      event: "refused",
      address,
      code: "private",
      text: "it did not use TLS, and was sent the certificate",
    } as const;
    this.#once.tell(`plain ${clientOf(host)}`, event);
    return { is: "refused", duplex, bye: { code: "private", text, certificate: this.#options.certificate } };
  }

  /** Reads the hello and checks its proof. */
  async #hear(conn: Duplex, { caller, signal }: { caller: Caller; signal: AbortSignal }): Promise<Verdict> {
    const duplex = new Peeked(conn, HEADER_SIZE + MAX_HELLO);
    const close = () => conn.close();
    signal.addEventListener("abort", close, { once: true });
    try {
      const claim = await readClaim(duplex);
      if (claim === null) return conn.close(), GONE;
      if (this.#isOff(caller)) return { is: "refused", duplex, bye: refusal(TOO_MANY) };
      // Before the turn, so that many wait at once.
      if (typeof claim !== "string") await this.#options.registry.refresh();
      const admission = await this.#turns.take(() => this.#judge(claim, caller));
      if ("code" in admission) return { is: "refused", duplex, bye: admission };
      if (signal.aborted) return admission.gone(), GONE;
      if (admission.isNew) this.#enrolled(admission.member!, caller);
      return { is: "admitted", duplex, admission };
    } catch (error) {
      conn.close();
      this.#options.log({ event: "failed", text: `Cannot let ${caller.address} in: ${messageOf(error)}` });
      return GONE;
    } finally {
      signal.removeEventListener("abort", close);
    }
  }

  /**
   * Decides about a claim. Claims are checked one after the other, so that of many guesses at once only five are
   * checked.
   *
   * @param claim The claim, or the fault of the hello.
   * @returns The admission, or the bye.
   */
  async #judge(claim: Claim | string, caller: Caller): Promise<Admission | Farewell> {
    const { registry, elsewhere } = this.#options;
    const client = clientOf(caller.host);
    if (this.#isOff(caller)) return refusal(TOO_MANY);
    const admission = typeof claim === "string" ? "wrong" : await registry.admit(claim);
    if (admission === "in use") return refusal(IN_USE);
    if (admission === "not now") return { code: "busy", text: NOT_NOW };
    if (admission !== "wrong") {
      if (this.#attempts.succeeded(client)) elsewhere?.tried(client, true);
      return admission;
    }
    this.#failed(client, caller);
    return refusal(typeof claim === "string" ? claim : WRONG);
  }

  #isOff({ host }: Caller): boolean {
    return this.#attempts.isOff(clientOf(host), this.#options.clock.ticks());
  }

  /** Counts a proof that a client gave to another listener. */
  tried(client: string, isRight: boolean): void {
    if (isRight) this.#attempts.succeeded(client);
    else this.#attempts.failed(client, this.#options.clock.ticks());
  }

  #failed(client: string, { address }: Caller): void {
    this.#options.elsewhere?.tried(client, false);
    if (!this.#attempts.failed(client, this.#options.clock.ticks())) return;
    const text = "five wrong codes in a row: this address is blocked for 5 minutes";
    this.#options.log({ event: "refused", address, code: "not-allowed", text });
  }

  #enrolled(nick: string, { address }: Caller): void {
    this.#options.log({ event: "enrolled", address, nick });
    this.#options.enrolled?.(nick);
  }
}

const TOO_MANY = "too many wrong codes came from your address: try again in 5 minutes";
const IN_USE = "somebody who is still here has used this code: ask for another one";
const WRONG = "the code is not valid: it is wrong, used up, expired or revoked; ask for a new one";
const NOT_NOW = "whether you may come in cannot be looked up or noted just now: try again in a moment";

function refusal(text: string): Farewell {
  return { code: "not-allowed", text };
}

/**
 * Reads the first frame as a hello with a proof.
 *
 * @returns The claim; the fault as text; null if the stream ends before.
 */
async function readClaim(duplex: Peeked): Promise<Claim | string | null> {
  try {
    const payload = await duplex.frame();
    if (payload === null) return null;
    const incoming = readIncoming(payload, { maxText: MAX_HELLO });
    if (incoming.type !== "hello") return "the first message must be a hello with a proof";
    const hello = readPeerMessage(incoming.decode());
    if (hello.type !== "hello") return null;
    const { member, nonce, proof, nick, enrol } = hello;
    if (member === undefined || nonce === undefined || proof === undefined) {
      return "the hello must have the keys member, nonce and proof";
    }
    return { member, nonce, proof, nick, enrol };
  } catch (error) {
    if (error instanceof Refusal || error instanceof FrameError) return error.message;
    // The connection broke.
    return null;
  }
}
