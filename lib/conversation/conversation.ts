/**
 * A connector's side of the protocol: sends posts and requests, converts incoming objects to events, and keeps the
 * state that a new connection resumes from. It uses no socket, screen or clock.
 */

import { encodeFrame } from "../frame/mod.ts";
import {
  type ListenerMessage,
  peerDict,
  type PeerMessage,
  readListenerMessage,
  readPeerMessage,
  Refusal,
} from "../protocol/message.ts";
import { encode } from "../pickle/encode/encode.ts";
import { PickleError } from "../pickle/values/errors.ts";
import type { Value } from "../pickle/values/values.ts";
import type { Action, ChatEvent, Dict, Mode, Said } from "../view/view.ts";
import type { Ref } from "../base/ref.ts";
import type { PeerKind } from "./outcome.ts";
import { PlainMode } from "./plain_mode.ts";
import { Posts } from "./posts.ts";
import { ResumeState } from "./resume_state.ts";

/** The options of a {@linkcode Conversation}. */
export interface ConversationOptions {
  readonly nick?: string | undefined;
  readonly room?: string | undefined;
  /** The number of old messages to ask for. If not given, the listener decides. */
  readonly replay?: number | undefined;
  /** Whether to enter and leave without being announced. */
  readonly quiet?: boolean;
  /** Whether to say hello before the other end has identified itself as a chat. */
  readonly greet: boolean;
  /** The name of the connector's program. */
  readonly client: string;
  /** The session's secret: 128 random bits in hexadecimal. */
  readonly session: string;
  /** The first ref, from which later ones count up. It is random, so that refs differ from those of an older session. */
  readonly firstRef: number;
}

/** The keys of a hello that let this end into a private chat, and the session for it. */
export type Credentials = Pick<
  Extract<PeerMessage, { type: "hello" }>,
  "member" | "nonce" | "proof" | "enrol" | "session"
>;

/** The callbacks of a conversation. */
export interface ConversationSink {
  /** Shows an event. */
  show(event: ChatEvent): void;
  /** Called after progress: there may be room for the next action, or everything may be answered. */
  changed(): void;
}

/** The phase of a connection: before the other end is known, between hello and welcome, or the mode. */
type Phase = "waiting" | "greeting" | Mode;

/** The bytes that a post takes besides the UTF-8 of its text. */
const ENVELOPE = 512;

/** A connector's side of the protocol. */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #sink: ConversationSink;
  /** The posts of this end. */
  readonly posts: Posts;
  /** The objects sent and received in plain mode. */
  readonly plain = new PlainMode();
  readonly #resumeState: ResumeState;
  /** The refs of this end's requests for old messages, `history` and `search`, that are not answered yet. */
  readonly #replayRefs = new Set<Ref>();
  #phase: Phase = "waiting";
  #send: ((frame: Uint8Array) => void) | null = null;
  #nextRef: number;
  #helloRef: Ref | undefined;
  #wasChat = false;
  #farewell: Extract<ListenerMessage, { type: "bye" }> | undefined;
  #turnedAway: string | undefined;

  constructor(options: ConversationOptions, sink: ConversationSink) {
    this.#options = options;
    this.#sink = sink;
    this.#nextRef = options.firstRef;
    this.#resumeState = new ResumeState(options);
    this.posts = new Posts({
      nextRef: () => this.#nextRef++,
      show: (event) => sink.show(event),
      changed: () => sink.changed(),
    });
  }

  /** The mode of this connection; undefined until it is known. */
  get mode(): Mode | undefined {
    return this.#phase === "chat" || this.#phase === "plain" ? this.#phase : undefined;
  }

  /** The knowledge of the other end from all connections so far. */
  get peer(): PeerKind {
    if (this.#wasChat) return "chat";
    if (this.#phase !== "plain") return "unknown";
    return this.plain.isSilent ? "silent" : "plain";
  }

  /** Whether a hello on this connection waits for its welcome. */
  get greeting(): boolean {
    return this.#phase === "greeting";
  }

  /** Whether the other end was a chat on any connection, so that it is worth reconnecting. */
  get wasChat(): boolean {
    return this.#wasChat;
  }

  /** Whether the next action may come. */
  get hasRoom(): boolean {
    return this.#phase === "plain" ? this.#send !== null : this.#wasChat && this.posts.hasRoom;
  }

  /** The listener's bye on this connection. */
  get farewell(): Extract<ListenerMessage, { type: "bye" }> | undefined {
    return this.#farewell;
  }

  /** The reason why the listener refused the hello, if it did. */
  get turnedAway(): string | undefined {
    return this.#turnedAway;
  }

  /** The most bytes of UTF-8 that the text of a post may have. */
  get longestText(): number {
    return this.posts.maxFrame - ENVELOPE;
  }

  /**
   * Begins on a new connection.
   *
   * @param send Sends a frame on it, in order.
   * @param credentials The keys that let this end into a private chat. If given, the other end is a private chat.
   */
  opened(send: (frame: Uint8Array) => void, credentials?: Credentials): void {
    this.#send = send;
    this.#farewell = undefined;
    if (this.#options.greet || this.#wasChat || credentials !== undefined) this.#hello(credentials);
  }

  /** Ends on a lost connection. Unanswered actions are sent again on the next one. */
  closed(): void {
    this.#send = null;
    this.#resumeState.positions.dropReplays();
    this.posts.close();
    if (this.#phase !== "plain") this.#phase = "waiting";
    this.#sink.changed();
  }

  /** Handles initial silence of the other end. A chat would have sent something, so it is another program. */
  silence(): void {
    if (this.#phase === "waiting") this.#become("plain");
  }

  /**
   * Handles an incoming payload that could not be read. If it is the first one, the other end is not a chat, because a
   * chat's welcome can be read.
   */
  receiveUnreadable(): void {
    this.plain.receivedUnreadable();
    this.silence();
  }

  /** Handles an incoming object. */
  receive(value: Value): void {
    this.plain.received();
    const message = this.#read(value);
    if (message === null) {
      if (this.#phase === "waiting") this.#become("plain");
      this.#sink.show({ kind: "object", value });
    } else if (message.type === "welcome") {
      this.#welcome(message, value as Dict);
    } else {
      this.#hear(message, value as Dict);
    }
  }

  /** Performs an action of this end. Check {@linkcode Conversation.hasRoom} first. */
  act(action: Action): void {
    if (action.kind === "wrong") return this.#spoilt(action.code, action.text);
    try {
      if (this.#phase === "plain") {
        this.#send?.(this.plain.frame(action));
      } else if (action.kind === "post") {
        const { body, to, room } = action;
        this.#post(peerDict({ type: "message", body, to, room }));
      } else {
        this.#say(new Map(action.dict));
      }
    } catch (error) {
      if (!(error instanceof PickleError || error instanceof Refusal)) throw error;
      this.#spoilt(error instanceof Refusal ? error.code : "bad-message", error.message);
    }
  }

  #spoilt(code: string, text: string): void {
    this.posts.spoil();
    this.#sink.show({ kind: "problem", code, text });
  }

  /** Sends a ping whose pong is ignored. */
  ping(): void {
    this.#write({ type: "ping" });
  }

  /** Reads a listener's message. Returns null for another object, an unknown type, or if the other end is not a chat. */
  #read(value: Value): ListenerMessage | null {
    if (!(value instanceof Map) || typeof value.get("type") !== "string") return null;
    const isPrivate = value.get("type") === "bye" && value.get("code") === "private";
    const isExpected = isPrivate || value.get("type") === "welcome";
    if (this.mode !== "chat" && this.#phase !== "greeting" && !isExpected) return null;
    try {
      return readListenerMessage(value);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return null;
    }
  }

  #write(message: PeerMessage): void {
    this.#send?.(encodeFrame(encode(peerDict(message))));
  }

  #become(mode: Mode): void {
    this.#phase = mode;
    this.#sink.show({ kind: "link", state: { is: "ready", mode } });
    this.#sink.changed();
  }

  #hello(credentials: Credentials = {}): void {
    this.#phase = "greeting";
    this.#helloRef = this.#nextRef++;
    const { client, session, replay, quiet } = this.#options;
    const { hello, join } = this.#resumeState.hello();
    const own = { client, session, replay, quiet, ref: this.#helloRef };
    this.#write({ type: "hello", ...hello, ...own, ...credentials });
    for (const room of join) this.#write({ type: "join", room });
  }

  #welcome(welcome: Extract<ListenerMessage, { type: "welcome" }>, dict: Dict): void {
    if (this.#phase === "waiting" || this.#phase === "plain") return this.#hello();
    // The listener speaks first, so the answer to the hello may be the second welcome.
    if (welcome.ref !== this.#helloRef) return;
    const room = this.#resumeState.welcome(welcome);
    this.posts.limit(welcome.limits.get("max_frame") ?? this.posts.maxFrame);
    this.#wasChat = true;
    this.#sink.show({ kind: "told", message: { ...welcome, room }, dict, own: true });
    this.#become("chat");
    this.posts.open((frame) => this.#send?.(frame));
  }

  #hear(message: Exclude<ListenerMessage, { type: "welcome" }>, dict: Dict): void {
    switch (message.type) {
      case "message":
        return this.#hearMessage(message, dict);
      case "ack":
        return this.#stored(message.ref, message.id, message.at);
      case "error":
        return this.#hearError(message, dict);
      case "ping":
        return this.#write({ type: "pong", ref: message.ref });
      case "pong":
        return this.posts.pong(message.ref);
      case "bye":
        this.#farewell = message;
        if (message.code === "too-large") this.posts.refuseLargest(message.text);
        // It is a private chat, to which the session connects again with a code.
        if (message.certificate !== undefined) return;
        return this.#sink.show({ kind: "bye", code: message.code, text: message.text, dict });
      case "replay":
        return this.#beginReplay(message, dict);
    }
    const own = "nick" in message && message.nick !== undefined && this.#resumeState.isMe(message.nick);
    if (own) this.#resumeState.follow(message);
    this.#sink.show({ kind: "told", message, dict, own });
    if (message.type === "gap" && this.#resumeState.positions.gap(message.room, message.last)) {
      this.#sink.show({ kind: "replayed", room: message.room });
    }
  }

  #beginReplay(message: Extract<ListenerMessage, { type: "replay" }>, dict: Dict): void {
    const { room, count, ref, words } = message;
    const asked = ref !== undefined && this.#replayRefs.delete(ref);
    this.#resumeState.positions.beginReplay(room, { count, asked, ref });
    this.#sink.show({ kind: "replay", room, count, asked, words: asked ? words : undefined, dict });
    if (count === 0) this.#sink.show({ kind: "replayed", room });
  }

  #hearMessage(message: Said, dict: Dict): void {
    const { room, id } = message;
    if (room === undefined || id === undefined) {
      const own = this.#resumeState.isMe(message.from);
      return this.#sink.show({ kind: "message", message, dict, replayed: false, own });
    }
    const { positions } = this.#resumeState;
    const replayed = positions.isReplaying(room);
    // Own posts come only in a replay, so a live post under a former nick of this end is from somebody else.
    const own = replayed && this.#resumeState.wasMe(message.from);
    if (own && message.ref !== undefined) this.#stored(message.ref, id, message.at);
    const { isNew, replay } = positions.read(room, id);
    if (isNew) this.#sink.show({ kind: "message", message, dict, replayed, own });
    if (replay?.last) this.#sink.show({ kind: "replayed", room });
  }

  /** Handles a stored post, known from its ack or from its appearance in a replay. */
  #stored(ref: Ref | undefined, id: number | undefined, at: number): void {
    const post = this.posts.answer(ref);
    if (post === undefined) return;
    const room = post.dict.get("room");
    if (id !== undefined && typeof room === "string") this.#resumeState.positions.stored(room, id);
    this.#sink.show({ kind: "acked", ref: post.ref, id, at, given: post.given });
    this.posts.goOn();
  }

  #hearError(message: Extract<ListenerMessage, { type: "error" }>, dict: Dict): void {
    if (message.ref !== undefined && message.ref === this.#helloRef) {
      this.#turnedAway = message.text;
      this.#sink.changed();
    }
    if (message.ref !== undefined) this.#failReplay(message.ref);
    if (!this.posts.error(message, dict)) this.#sink.show({ kind: "told", message, dict, own: true });
  }

  /** Ends the replay that answers a request, or would have answered it. */
  #failReplay(ref: Ref): void {
    this.#replayRefs.delete(ref);
    const room = this.#resumeState.positions.failReplay(ref);
    if (room !== undefined) this.#sink.show({ kind: "replayed", room });
  }

  #say(dict: Map<Value, Value>): void {
    const message = readPeerMessage(dict);
    const { type, ref } = message;
    if (type === "message") return this.#post(dict);
    if (type === "hello" || type === "pong") {
      throw new Refusal("bad-message", `Cannot send ${type}: the connector sends it by itself`);
    }
    if (type === "history" || type === "search") {
      if (ref === undefined) dict.set("ref", this.#nextRef);
      this.#replayRefs.add(ref ?? this.#nextRef++);
    }
    this.posts.ask(dict);
    if (type === "join") this.#resumeState.goTo(message.room);
  }

  #post(dict: Map<Value, Value>): void {
    const { room } = this.#resumeState;
    if (!dict.has("to") && !dict.has("room") && room !== undefined) dict.set("room", room);
    this.posts.post(dict);
  }
}
