/** The doors of a private chat at its listeners: who is connected by which key, and wrong proofs. */

import { type MembersHere, Unavailable } from "../../private/members/elsewhere.ts";
import { Refusal } from "../../protocol/message.ts";
import type { Log } from "../../log/log.ts";
import type { Broker } from "../broker/broker.ts";
import { Asks } from "../people/asks.ts";
import { isText, parse } from "../people/person.ts";

/** The options of {@linkcode Doors}. */
export interface DoorsOptions {
  readonly broker: Broker;
  /** The random name of this run of the listener. */
  readonly self: string;
  readonly log: Log;
}

/** How long another listener may take to answer, in milliseconds. */
const ANSWER_MS = 2_000;

/** The longest name of a client, in UTF-16 code units. */
const MAX_CLIENT_LENGTH = 64;

/** Asks and tells the other listeners of a private chat. */
export class Doors {
  readonly #options: DoorsOptions;
  readonly #asks: Asks;
  readonly #subject: string;

  constructor(options: DoorsOptions) {
    this.#options = options;
    this.#asks = new Asks(options.broker, "doors");
    this.#subject = `chat.${options.broker.chat}.doors.tried`;
  }

  /** See {@linkcode MembersElsewhere.isUsed}. */
  async isUsed(run: string, id: string): Promise<boolean> {
    const [gone, busy] = [new Refusal("busy", ""), new Refusal("busy", "")];
    try {
      const content = { line: { kind: "used", id } };
      return (await this.#asks.ask(run, content, { gone, busy, timeout: ANSWER_MS })).line.isUsed === true;
    } catch (error) {
      if (error === gone) return false;
      throw new Unavailable("the listener that took the code first does not answer", { cause: error });
    }
  }

  /** See {@linkcode MembersElsewhere.tried}. */
  tried(client: string, isRight: boolean): void {
    const { broker, self } = this.#options;
    broker.publish(this.#subject, JSON.stringify({ node: self, client, isRight }));
  }

  /** Answers and hears the others for a door. Returns a function that ends this. */
  serve(here: MembersHere): () => void {
    const { broker: { connection }, self, log } = this.#options;
    const stopAnswering = this.#asks.serve(self, ({ line: { kind, id } }) => {
      if (kind !== "used" || !isText(id)) {
        throw new Refusal("unknown-type", "This listener does not know the request: upgrade it");
      }
      return { line: { isUsed: here.isUsed(id) } };
    }, log);
    const subscription = connection.subscribe(this.#subject, {
      callback: (error, { data }) => {
        const news = error === null ? parse(data) : null;
        if (news === null || news.node === self) return;
        const { client, isRight } = news;
        if (!isText(client) || client.length > MAX_CLIENT_LENGTH || typeof isRight !== "boolean") return;
        here.tried(client, isRight);
      },
    });
    return () => {
      stopAnswering();
      subscription.unsubscribe();
    };
  }
}
