/** Posts and questions of this end: sent in order, answered or refused, and sent again on the next connection. */

import { encodeFrame, HEADER_SIZE } from "../frame/mod.ts";
import { DEFAULT_LIMITS } from "../base/limits.ts";
import { type ListenerMessage, peerDict, Refusal } from "../protocol/message.ts";
import { encode } from "../pickle/encode/encode.ts";
import type { Value } from "../pickle/values/values.ts";
import type { ChatEvent, Dict } from "../view/view.ts";
import type { Ref } from "../base/ref.ts";
import { UnmatchedErrors } from "./unmatched_errors.ts";
import { type Entry, Outbox } from "./outbox.ts";
import type { Rest } from "./unsent.ts";

/** An error message, and the dict that it came as. */
interface Told {
  readonly message: Extract<ListenerMessage, { type: "error" }>;
  readonly dict: Dict;
}

/** The options of {@linkcode Posts}. */
export interface PostsOptions {
  /** Returns an unused ref. */
  readonly nextRef: () => number;
  readonly show: (event: ChatEvent) => void;
  /** Called when there may be room for more, or everything may be answered. */
  readonly changed: () => void;
}

/** Posts, which wait for an ack, and questions, which wait for the pong of the ping sent after them. */
export class Posts {
  readonly #options: PostsOptions;
  readonly #outbox = new Outbox();
  readonly #unmatched: UnmatchedErrors<Told>;
  #send: ((frame: Uint8Array) => void) | null = null;
  #maxFrame: number = DEFAULT_LIMITS.maxFrame;
  #answers = 0;
  #refused = 0;

  constructor(options: PostsOptions) {
    this.#options = options;
    this.#unmatched = new UnmatchedErrors({
      ping: () => this.#ping(),
      unanswered: () => this.#sentPosts,
      decided: ({ message, dict }, ref) => {
        if (ref === undefined) options.show({ kind: "told", message, dict, own: true });
        else this.#refuse(this.#outbox.answer(ref), message);
      },
    });
  }

  /** Whether one more may be added. */
  get hasRoom(): boolean {
    return this.#outbox.hasRoom;
  }

  /** The posts that are not acked. */
  get unacked(): Rest {
    const posts = this.#outbox.entries.filter(({ kind }) => kind === "post");
    return { count: posts.length, first: posts[0]?.dict.get("body") ?? null };
  }

  /** The number of unanswered posts and questions. */
  get unanswered(): number {
    return this.#outbox.size;
  }

  /** Whether all are answered, and no error waits to be matched. */
  get settled(): boolean {
    return this.#outbox.size === 0 && !this.#unmatched.pending;
  }

  /** The number of answered posts and questions, and the number of refused ones. */
  get answers(): number {
    return this.#answers;
  }

  get refused(): number {
    return this.#refused;
  }

  /** The longest payload that the other end takes, in bytes. */
  get maxFrame(): number {
    return this.#maxFrame;
  }

  /** Sets the longest payload, in bytes. Waiting posts that are longer are refused. */
  limit(maxFrame: number): void {
    this.#maxFrame = maxFrame;
    const fits = ({ bytes }: Entry) => bytes.length - HEADER_SIZE <= this.#maxFrame;
    for (const entry of this.#outbox.keep(fits)) {
      const { code, message } = tooLarge(entry.dict, entry.bytes.length, maxFrame);
      this.#refuse(entry, { code, text: message });
    }
  }

  /** Starts sending, beginning with the waiting posts. */
  open(send: (frame: Uint8Array) => void): void {
    this.#send = send;
    this.goOn();
  }

  /** Stops sending until {@linkcode Posts.open}, because the connection is lost. */
  close(): void {
    this.#send = null;
    this.#outbox.unsend();
    this.#unmatched.forget();
  }

  /**
   * Adds a post.
   *
   * @throws {Refusal} If it cannot be sent.
   * @throws {PickleError} If no pickle can hold it.
   */
  post(dict: Map<Value, Value>): void {
    const given = dict.get("ref") as Ref | undefined;
    if (given !== undefined && this.#outbox.has(given)) {
      throw new Refusal("bad-message", `Cannot post: a post with the ref ${given} is not answered yet`);
    }
    const ref = given ?? this.#options.nextRef();
    dict.set("ref", ref);
    const bytes = this.#frame(dict);
    this.#outbox.add({ ref, kind: "post", dict, bytes, given: given !== undefined });
    this.#options.show({ kind: "posted", ref, dict });
    this.#sendDue();
  }

  /** Adds a question, or another message without an ack. Throws as {@linkcode Posts.post}. */
  ask(dict: Map<Value, Value>): void {
    // Some messages have no answer. The pong comes after the answer if there is one.
    const ref = this.#options.nextRef();
    const ping = this.#frame(peerDict({ type: "ping", ref }));
    const bytes = dict.get("type") === "ping" ? ping : concat(this.#frame(dict), ping);
    this.#outbox.add({ ref, kind: "ask", dict, bytes, given: false });
    this.#sendDue();
  }

  /** Returns the entry that a ref answers. Call {@linkcode Posts.goOn} when the answer is shown. */
  answer(ref: Ref | undefined): Entry | undefined {
    const entry = ref === undefined ? undefined : this.#outbox.answer(ref);
    if (entry !== undefined) this.#answers++;
    return entry;
  }

  /** Handles a pong. */
  pong(ref: Ref | undefined): void {
    if (ref === undefined) return;
    if (!this.#unmatched.pong(ref)) this.answer(ref);
    this.goOn();
  }

  /** Handles an error. Returns whether it may refuse a post. Such an error is shown as a refusal, now or when it is matched. */
  error(message: Told["message"], dict: Dict): boolean {
    // It is a warning: the posts themselves are accepted.
    if (message.code === "slow-down") return false;
    if (message.ref === undefined) {
      if (this.#sentPosts.length === 0) return false;
      this.#unmatched.raise({ message, dict });
      return true;
    }
    const entry = this.#outbox.answer(message.ref);
    if (entry === undefined) return false;
    this.#refuse(entry, message);
    this.goOn();
    return true;
  }

  /** Refuses the largest post: the other end left because a frame was too large, and would leave again. */
  refuseLargest(text: string): void {
    const [first, ...others] = this.#outbox.sent;
    if (first === undefined) return;
    const largest = others.reduce((a, b) => b.bytes.length > a.bytes.length ? b : a, first);
    this.#refuse(this.#outbox.answer(largest.ref), { code: "too-large", text });
  }

  /** Counts a post that could not even be added. */
  spoil(): void {
    this.#refused++;
  }

  /** Sends as many posts as fit into the window. */
  goOn(): void {
    this.#sendDue();
    this.#options.changed();
  }

  get #sentPosts(): Ref[] {
    return this.#outbox.sent.flatMap(({ kind, ref }) => kind === "post" ? [ref] : []);
  }

  #refuse(entry: Entry | undefined, { code, text }: { readonly code: string; readonly text: string }): void {
    if (entry === undefined) return;
    this.#answers++;
    this.#refused++;
    const { ref, dict, given } = entry;
    this.#options.show({ kind: "refused", ref, given, code, text, dict });
  }

  #ping(): Ref {
    const ref = this.#options.nextRef();
    this.#send?.(this.#frame(peerDict({ type: "ping", ref })));
    return ref;
  }

  #frame(dict: Map<Value, Value>): Uint8Array {
    const frame = encodeFrame(encode(dict));
    if (frame.length - HEADER_SIZE > this.#maxFrame) throw tooLarge(dict, frame.length, this.#maxFrame);
    return frame;
  }

  #sendDue(): void {
    if (this.#send === null) return;
    for (const entry of this.#outbox.due()) this.#send(entry.bytes);
  }
}

function tooLarge(dict: Dict, size: number, limit: number): Refusal {
  const text = `Cannot send the ${
    dict.get("type")
  }: its ${size} bytes are above the other end's limit of ${limit}`;
  return new Refusal("too-large", text);
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
