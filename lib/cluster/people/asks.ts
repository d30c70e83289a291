/** Requests from one listener to another: a line of JSON, followed by bytes. */

import { messageOf } from "../../base/errors.ts";
import { ERROR_CODES, Refusal } from "../../protocol/message.ts";
import type { Log } from "../../log/log.ts";
import type { Broker } from "../broker/broker.ts";
import { errors, type Msg } from "../broker/nats.ts";
import { isText, parse } from "./person.ts";

/** The content of a request, or of an answer. */
export interface Content {
  readonly line: Partial<Record<string, unknown>>;
  readonly bytes?: Uint8Array | undefined;
}

const NEWLINE = 10;

/** Returns a content as bytes. */
export function writeContent({ line, bytes = new Uint8Array(0) }: Content): Uint8Array {
  const head = new TextEncoder().encode(`${JSON.stringify(line)}\n`);
  const content = new Uint8Array(head.length + bytes.length);
  content.set(head);
  content.set(bytes, head.length);
  return content;
}

/**
 * Reads the content of a request or an answer.
 * @returns Null if the bytes are not a content.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readContent, writeContent } from "./asks.ts";
 *
 * const content = { line: { kind: "letter", to: "ann" }, bytes: Uint8Array.of(10, 0, 255) };
 * assertEquals(readContent(writeContent(content)), content);
 * assertEquals(readContent(Uint8Array.of(10)), null);
 * ```
 */
export function readContent(content: Uint8Array): Content | null {
  const end = content.indexOf(NEWLINE);
  const line = end < 0 ? null : parse(content.subarray(0, end));
  return line === null ? null : { line, bytes: content.subarray(end + 1) };
}

/** The timeout of a request, and its errors. */
export interface Patience {
  /** The refusals if the other listener is gone, and if it does not answer in time. */
  readonly gone: Refusal;
  readonly busy: Refusal;
  /** In milliseconds. */
  readonly timeout: number;
}

/** Asks other listeners, and answers them. */
export class Asks {
  readonly #broker: Broker;
  readonly #prefix: string;

  /** @param about What the requests are about, which is part of their subject. */
  constructor(broker: Broker, about = "people") {
    this.#broker = broker;
    this.#prefix = `chat.${broker.chat}.${about}.ask.`;
  }

  /**
   * Asks a listener.
   * @throws {Refusal} The other listener's refusal, or `gone` or `busy`.
   */
  async ask(node: string, content: Content, { gone, busy, timeout }: Patience): Promise<Content> {
    if (!this.#broker.isConnected) throw busy;
    let answer: Content | null;
    try {
      const bytes = writeContent(content);
      answer = readContent(
        (await this.#broker.connection.request(this.#prefix + node, bytes, { timeout })).data,
      );
    } catch (error) {
      throw isWithoutResponder(error) ? gone : busy;
    }
    if (answer === null) throw busy;
    const { code, text } = answer.line;
    if (code === undefined) return answer;
    const known = ERROR_CODES.find((known) => known === code);
    throw known === undefined || !isText(text) ? busy : new Refusal(known, text);
  }

  /** Returns whether a listener takes requests. */
  async isThere(node: string, timeout: number): Promise<boolean> {
    const no = new Refusal("busy", "");
    return await this.ask(node, { line: { kind: "alive" } }, { gone: no, busy: no, timeout })
      .then(() => true, () => false);
  }

  /**
   * Answers requests to this listener. A {@linkcode Refusal} that `answer` throws is sent to the other listener.
   *
   * @returns A function that ends this.
   */
  serve(node: string, answer: (content: Content) => Content | Promise<Content>, log: Log): () => void {
    const respond = async (message: Msg) => {
      try {
        const content = readContent(message.data);
        if (content !== null) message.respond(writeContent(await answer(content)));
      } catch (error) {
        if (error instanceof Refusal) {
          const { code, message: text } = error;
          message.respond(writeContent({ line: { code, text } }));
        } else log({ event: "failed", text: `A request of another listener failed: ${messageOf(error)}` });
      }
    };
    const subscription = this.#broker.connection.subscribe(this.#prefix + node, {
      callback: (error, message) => {
        if (error === null) void respond(message);
      },
    });
    return () => subscription.unsubscribe();
  }
}

function isWithoutResponder(error: unknown): boolean {
  if (error instanceof errors.NoRespondersError) return true;
  return error instanceof Error && error.cause !== undefined && isWithoutResponder(error.cause);
}
