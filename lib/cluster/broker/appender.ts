/**
 * Appending to streams: a message is stored only if it directly follows a given message of its subject. All answers
 * come to one inbox, because the client's own requests would make a timer and several promises for each message.
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

/** The answer of the broker: the sequence of the stored message, or the reason why it is not stored. */
export type AppendAnswer =
  | { readonly sequence: number }
  /** JetStream's code; `denied` if the user may not publish to the subject; 0 if there is no code. */
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
   * Appends a message. There may never be an answer: if the connection is lost, or the stream has no leader.
   * @param answered Called with the answer.
   * @returns A function that ends the wait for the answer.
   * @throws If the message is longer than the server allows, or the connection is closed.
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

  /** Handles an error that says that the user may not publish to a subject. */
  denied({ operation, subject, message }: PermissionViolation): void {
    if (operation !== "publish") return;
    // An answer may append the next message.
    for (const [token, waiting] of [...this.#waiting]) {
      if (waiting.subject === subject) this.#answer(token, { code: "denied", text: message });
    }
  }

  #took({ subject, headers, data }: Msg): void {
    const token = subject.slice(this.#inbox.length + 1);
    // Most answers come after the republished message itself, when nobody waits for them any more.
    if (!this.#waiting.has(token)) return;
    // No stream has this subject, or it has no leader.
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
