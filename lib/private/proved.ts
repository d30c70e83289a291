/** A connector's stream from a private chat. It passes nothing on until the listener has proved itself. */

import { EXIT, Exit, FrameError } from "../base/errors.ts";
import type { Duplex } from "../connection/duplex.ts";
import { HEADER_SIZE } from "../frame/mod.ts";
import { decode } from "../pickle/decode/decode.ts";
import { PickleError } from "../pickle/values/errors.ts";
import { type ListenerMessage, readListenerMessage, Refusal } from "../protocol/message.ts";
import { Peeked } from "./peeked.ts";

/** The longest first frame of a listener. */
const MAX_FIRST_FRAME = 64 * 1024;

/** A listener's first message. */
export type Welcome = Extract<ListenerMessage, { type: "welcome" }>;

/** The check of a listener's first message. */
export interface ProvedOptions {
  /** The description of the listener, for people. */
  readonly where: string;
  /** Returns whether the message has a valid proof of the listener. */
  readonly isProved: (welcome: Welcome) => Promise<boolean>;
  /** Called when the proof is valid. An error ends the stream. */
  readonly proved: (welcome: Welcome) => void;
}

/** A duplex that throws {@linkcode Exit} if the first message is neither a welcome with the right proof nor a bye. */
export class Proved implements Duplex {
  readonly #stream: Peeked;
  readonly #options: ProvedOptions;
  #checked: Promise<void> | null = null;
  /** The size of the first payload. */
  #size = 0;

  constructor(duplex: Duplex, options: ProvedOptions) {
    this.#stream = new Peeked(duplex, MAX_FIRST_FRAME);
    this.#options = options;
  }

  async read(into: Uint8Array): Promise<number | null> {
    await (this.#checked ??= this.#check());
    return await this.#stream.read(into);
  }

  write(bytes: Uint8Array): Promise<number> {
    return this.#stream.write(bytes);
  }

  closeWrite(): Promise<void> {
    return this.#stream.closeWrite();
  }

  close(): void {
    this.#stream.close();
  }

  async #check(): Promise<void> {
    const { where, isProved, proved } = this.#options;
    const message = await this.#first();
    // A refusal needs no proof: it is only reported.
    if (message === "ended" || message?.type === "bye") return;
    if (message?.type !== "welcome" || !await isProved(message)) {
      throw new Exit(
        EXIT.refused,
        `${where} DOES NOT PROVE that it knows your code: somebody may be intercepting the connection; nothing was sent or stored`,
      );
    }
    proved(message);
    // The welcome holds the secret, which no view and no trace may show. Another welcome answers the hello.
    this.#stream.skip(HEADER_SIZE + this.#size);
  }

  /** Reads the first message; null for anything else. */
  async #first(): Promise<ListenerMessage | "ended" | null> {
    try {
      const payload = await this.#stream.frame();
      if (payload === null) return "ended";
      this.#size = payload.length;
      const value = decode(payload);
      return value instanceof Map ? readListenerMessage(value) : null;
    } catch (error) {
      if (error instanceof FrameError || error instanceof PickleError || error instanceof Refusal) {
        return null;
      }
      throw error;
    }
  }
}
