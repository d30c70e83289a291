/**
 * The interface between a conversation and its view: events to show, and actions to perform. The pipe, the JSON lines
 * and the screen are views. Views use no sockets, and the conversation does not depend on the kind of view.
 */

import type { Ref } from "../base/ref.ts";
import type { ListenerMessage } from "../protocol/message.ts";
import type { Value } from "../pickle/values/values.ts";

/** A message as it came, with all keys that its sender put in. */
export type Dict = ReadonlyMap<Value, Value>;

/** A message of a room, or a private one. */
export type Said = Extract<ListenerMessage, { type: "message" }>;

/** Every other message of a listener that a view may show. */
export type Told = Exclude<
  ListenerMessage,
  { type: "message" | "ack" | "ping" | "pong" | "replay" | "bye" }
>;

/** The kind of the other end: a chat, or any other program that frames pickles. */
export type Mode = "chat" | "plain";

/** The state of the connection. */
export type LinkState =
  /** An attempt is under way; reported after 300 ms. */
  | { readonly is: "connecting"; readonly address: string }
  /**
   * Connected, but the kind of the other end is not known yet. `isPrivate` is whether this end has to prove a code or
   * secret.
   */
  | { readonly is: "open"; readonly address: string; readonly isPrivate: boolean }
  /** The hello is not answered yet; reported after 300 ms. */
  | { readonly is: "greeting"; readonly address: string }
  /**
   * The kind is known, and posts are sent from now on. Reported again after each reconnect, and if a plain peer turns
   * out to be a chat.
   */
  | { readonly is: "ready"; readonly mode: Mode }
  /**
   * Lost, and retried in `retryMs`; `controls.retry()` retries at once. `next` is the address of another listener of the
   * chat that is tried then.
   */
  | { readonly is: "lost"; readonly reason: string; readonly retryMs: number; readonly next?: string };

/** An event to show. */
export type ChatEvent =
  /**
   * A message that is new to this view, live or replayed. It comes once. This end's own messages come only in replays.
   */
  | {
    readonly kind: "message";
    readonly message: Said;
    readonly dict: Dict;
    readonly replayed: boolean;
    /** Whether it was posted under this end's nick. */
    readonly own: boolean;
  }
  /** Joins, leaves, answers, and errors that answer no post. `own` is whether it is about this end itself. */
  | { readonly kind: "told"; readonly message: Told; readonly dict: Dict; readonly own: boolean }
  /** A plain object, or a message of a type that is not known here. */
  | { readonly kind: "object"; readonly value: Value }
  /**
   * The next `count` messages of the room are old ones. `asked` is whether they answer a `history` or `search` action;
   * `words` are the words searched for.
   */
  | {
    readonly kind: "replay";
    readonly room: string;
    readonly count: number;
    readonly asked: boolean;
    readonly words?: string | undefined;
    readonly dict: Dict;
  }
  /** The last of them was shown. */
  | { readonly kind: "replayed"; readonly room: string }
  /** A post of this end has its place in the queue. It may be sent later. */
  | { readonly kind: "posted"; readonly ref: Ref; readonly dict: Dict }
  /** It is stored. `given` is whether the ref came with the action. */
  | {
    readonly kind: "acked";
    readonly ref: Ref;
    readonly id: number | undefined;
    readonly at: number;
    readonly given: boolean;
  }
  /** It is not stored and will not be. `dict` is the post; `given` is as above. */
  | {
    readonly kind: "refused";
    readonly ref: Ref;
    readonly given: boolean;
    readonly code: string;
    readonly text: string;
    readonly dict: Dict;
  }
  /** The listener ends the connection. */
  | { readonly kind: "bye"; readonly code: string; readonly text: string; readonly dict: Dict }
  | { readonly kind: "link"; readonly state: LinkState }
  /** A problem on this end, or an object that could not be read; the conversation goes on. */
  | { readonly kind: "problem"; readonly text: string; readonly code?: string }
  /** Another notice of this end, such as a line of the listener's log. */
  | { readonly kind: "note"; readonly text: string };

/** The body of a message, or a plain object; undefined for another event. */
export function bodyOf(event: ChatEvent): Value | undefined {
  if (event.kind === "message") return event.message.body;
  return event.kind === "object" ? event.value : undefined;
}

/** An action to perform, in the order of the input. */
export type Action =
  /** Post an object: to the room that was entered last unless it says where. In plain mode the object itself goes out. */
  | {
    readonly kind: "post";
    readonly body: Value;
    readonly room?: string | undefined;
    readonly to?: string | undefined;
  }
  /** Say a whole message, `{"type": "join", "room": "ops"}`. One of type "message" is a post. */
  | { readonly kind: "say"; readonly dict: Dict }
  /** An input that could not be used. It is reported and makes the exit status 1. */
  | { readonly kind: "wrong"; readonly code: string; readonly text: string };

/** The requests that a view may make at any time, ahead of waiting actions. */
export interface Controls {
  /** Leaves at once, or when `next` has returned null and all its actions are acked. A second call leaves at once. */
  leave(how: "acked" | "now"): void;
  /** Tries to connect at once if the connection is lost. */
  retry(): void;
  /** Ends everything because of a fault in the view itself. */
  fail(error: unknown): void;
}

/** A view: shows a conversation and provides its actions. */
export interface View {
  /** Called once, before anything else. */
  start?(controls: Controls): void;
  /**
   * Shows an event, now or soon.
   *
   * @returns A promise if so much waits to be written that reading should pause until it resolves.
   */
  show(event: ChatEvent): Promise<void> | void;
  /**
   * Resolves when everything shown is written. It is awaited after each read from the connection, so that a slow reader
   * of the output slows down the other end.
   */
  flush(): Promise<void>;
  /**
   * Returns the next action, or null at the end of the input. It is called only if there is room for an action, and not
   * again before it has resolved, so that waiting input stays in the view.
   */
  next(): Promise<Action | null>;
  /** The most bytes that a line of input may have from now on. */
  limitLine?(bytes: number): void;
  /**
   * Stops showing, writes everything shown, and restores the terminal. It may be called at any time, once.
   *
   * @throws If the output cannot be written.
   */
  close(): Promise<void>;
}
