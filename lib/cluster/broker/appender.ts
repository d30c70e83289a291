/**
 * Appending to streams: a message is stored only as the next one of its subject after a known one. The answers share one
 * inbox. It does without the client's requests, which make a timer and half a dozen promises for each message.
 */

import { createInbox, type errors, headers, type Msg, type NatsConnection } from "./nats.ts";

/** A message to be appended. */
export interface Appended {
  readonly subject: string;
  /** The name and the text of a header, without line breaks. */
  readonly header: readonly [name: string, text: string];
  readonly body: Uint8Array;
  /** The sequence of the message that has to be the newest of the subject; 0 if there is none. */
  readonly after: number;
}

/** The answer of the broker: the sequence of the stored message, or why it is not stored. */
export type AppendAnswer =
  | { readonly sequence: number }
  /** The code is JetStream's; `denied` if the user may not publish there; 0 if nothing is known. */
  | { readonly code: number | "denied"; readonly text: string };

type PermissionViolation = InstanceType<typeof errors.PermissionViolationError>;

interface Waiting {
  readonly subject: string;
  readonly answered: (answer: AppendAnswer) => void;
}

/** Appends messages. */
export class Appender {
  readonly #connection: NatsConnection;
  readonly #inbox = createInbox();
  readonly #waiting = new Map<string, Waiting>();
  #last = 0;

  constructor(connection: NatsConnection) {
    this.#connection = connection;
    connection.subscribe(`${this.#inbox}.*`, {
      callback: (error, message) => {
        if (error === null) this.#took(message);
      },
    });
  }

  /**
   * Appends a message. An answer may never come: the connection is lost, or the broker has no leader.
   *
   * @param answered Called with the answer.
   * @returns A function after which no answer is taken.
   * @throws If the client does not take the message, because it is longer than the server allows.
   */
  append({ subject, header, body, after }: Appended, answered: (answer: AppendAnswer) => void): () => void {
    const token = `${++this.#last}`;
    const set = headers();
    set.set(...header);
    set.set("Nats-Expected-Last-Subject-Sequence", `${after}`);
    this.#connection.publish(subject, body, { headers: set, reply: `${this.#inbox}.${token}` });
    this.#waiting.set(token, { subject, answered });
    return () => void this.#waiting.delete(token);
  }

  /** Takes the word that the user may not publish to a subject. */
  denied({ operation, subject, message }: PermissionViolation): void {
    if (operation !== "publish") return;
    for (const [token, waiting] of this.#waiting) {
      if (waiting.subject === subject) this.#answer(token, { code: "denied", text: message });
    }
  }

  #took({ subject, headers, data }: Msg): void {
    const token = subject.slice(this.#inbox.length + 1);
    // Most answers come when the message itself has come already, and nobody waits any longer.
    if (!this.#waiting.has(token)) return;
    // Nobody answers for the stream.
    if (headers?.code === 503) this.#answer(token, { code: 0, text: "no stream takes messages" });
    else this.#answer(token, parseAnswer(data));
  }

  #answer(token: string, answer: AppendAnswer): void {
    const waiting = this.#waiting.get(token);
    this.#waiting.delete(token);
    waiting?.answered(answer);
  }
}

function parseAnswer(data: Uint8Array): AppendAnswer {
  const text = new TextDecoder().decode(data);
  try {
    const { seq, error } = JSON.parse(text);
    if (Number.isSafeInteger(seq) && seq > 0) return { sequence: seq };
    return { code: Number(error.err_code), text: String(error.description) };
  } catch {
    return { code: 0, text: "an answer that cannot be read" };
  }
}
