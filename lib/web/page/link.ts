/** The page's socket: says hello, reconnects when it is lost, and sends unacked posts again. */

import { fromJson, toJson } from "../../json/mod.ts";
import type { Value } from "../../pickle/values/values.ts";
import type { Closed } from "./closed.ts";
import type { Received } from "./state/model.ts";
import { LOOK_MS, Silence } from "./silence.ts";

/** The state of the socket. */
export type LinkState =
  | { readonly is: "connecting" }
  | { readonly is: "open" }
  /** Nothing has come for so many seconds, though it was asked for. */
  | { readonly is: "silent"; readonly seconds: number }
  | { readonly is: "lost"; readonly retryMs: number }
  /** The listener refused the page, or another tab took over. It does not reconnect by itself. */
  | { readonly is: "ended"; readonly text: string };

/** The options of a {@linkcode Link}. */
export interface LinkOptions {
  readonly url: string;
  /** Returns the hello for a connection. */
  readonly hello: () => Map<Value, Value>;
  /** Returns the messages to send after welcome: joins, and posts that were not acked. */
  readonly greeted: () => readonly Map<Value, Value>[];
  /** The access to a private chat; null if the chat is open. */
  readonly closed: () => Closed | null;
  /** Called when a code is needed: the chat is private, and there is no key or it was refused. */
  readonly wantsCode: (text: string) => void;
  readonly take: (line: Received) => void;
  readonly changed: (state: LinkState) => void;
}

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 10_000;

/** The bye codes after which a page does not reconnect by itself. */
const FINAL: ReadonlySet<string> = new Set(["kicked", "banned", "full", "replaced"]);

/** Keeps a socket open. */
export class Link {
  readonly #options: LinkOptions;
  #socket: WebSocket | null = null;
  #retryMs = FIRST_RETRY_MS;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;
  #isGreeted = false;
  /**
   * The handling of the lines so far. Each waits for the one before it, because the check of a proof is asynchronous.
   */
  #lines: Promise<void> = Promise.resolve();
  #final: string | null = null;
  readonly #silence: Silence;
  #looking: ReturnType<typeof setInterval> | undefined;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#silence = new Silence({
      ask: () => this.say(new Map([["type", "ping"]])),
      changed: (seconds) => {
        if (this.#isGreeted) options.changed(seconds === 0 ? { is: "open" } : { is: "silent", seconds });
      },
      giveUp: () => this.reconnect(),
    });
  }

  /** Whether the listener has ended this connection, so that it is not restored by itself. */
  get hasEnded(): boolean {
    return this.#final !== null;
  }

  /** Whether messages can be sent now. */
  get isOpen(): boolean {
    return this.#isGreeted;
  }

  /** Connects. If it is waiting to try again, ends the wait. */
  open(): void {
    clearTimeout(this.#timer);
    if (this.#socket !== null) return;
    this.#final = null;
    this.#options.changed({ is: "connecting" });
    const closed = this.#options.closed();
    if (closed !== null && !closed.hasKey) return this.#options.wantsCode("This chat is private.");
    const socket = this.#socket = new WebSocket(this.#options.url);
    // In a private chat the page speaks first, and proves who it is.
    if (closed !== null) socket.onopen = async () => this.#hello(await closed.hello());
    socket.onmessage = ({ data }) => this.#lines = this.#lines.then(() => this.#take(String(data)));
    socket.onclose = () => this.#closed();
  }

  /** Connects anew, without waiting for a connection that may be dead. */
  reconnect(): void {
    const socket = this.#socket;
    if (socket === null) return this.open();
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    this.#closed();
    this.open();
  }

  #hello(proof: readonly [Value, Value][] = []): void {
    this.say(new Map<Value, Value>([...this.#options.hello(), ...proof, ["ref", "hello"]]));
  }

  /** Sends a message, which is lost if there is no connection. */
  say(message: Map<Value, Value>): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.send(toJson(message));
    if (message.has("ref")) this.#silence.asked();
  }

  async #take(text: string): Promise<void> {
    this.#silence.heard();
    const dict = fromJson(text);
    if (!(dict instanceof Map)) return;
    const type = dict.get("type");
    if (type === "welcome" && !this.#isGreeted) {
      // The page answers the first welcome with hello; the second welcome answers that.
      if (dict.get("ref") !== "hello") return await this.#firstWelcome(dict);
      this.#isGreeted = true;
      this.#retryMs = FIRST_RETRY_MS;
      this.#options.take({ dict, size: text.length });
      this.#options.changed({ is: "open" });
      this.#silence.begin();
      this.#looking = setInterval(() => this.#silence.look(), LOOK_MS);
      for (const message of this.#options.greeted()) this.say(message);
      return;
    }
    if (type === "ping") return this.say(new Map([["type", "pong"]]));
    if (type === "bye") this.#bye(String(dict.get("code")), String(dict.get("text")));
    this.#options.take({ dict, size: text.length });
  }

  #bye(code: string, text: string): void {
    if (FINAL.has(code)) this.#final = code === "replaced" ? "this chat goes on in another tab" : text;
    const closed = this.#options.closed();
    if (code !== "not-allowed" || closed === null) return;
    closed.refused();
    this.#final = text;
    this.#options.wantsCode(text);
  }

  async #firstWelcome(welcome: ReadonlyMap<Value, Value>): Promise<void> {
    const closed = this.#options.closed();
    if (closed === null) return this.#hello();
    if (await closed.check(welcome)) return;
    this.#final = "the listener does not prove that it knows your code";
    this.#socket?.close();
  }

  #closed(): void {
    this.#socket = null;
    this.#isGreeted = false;
    clearInterval(this.#looking);
    if (this.#final !== null) return this.#options.changed({ is: "ended", text: this.#final });
    this.#options.changed({ is: "lost", retryMs: this.#retryMs });
    this.#timer = setTimeout(() => this.open(), this.#retryMs);
    this.#retryMs = Math.min(LAST_RETRY_MS, this.#retryMs * 2);
  }
}
