/** Outcomes of a connector and losses of a connection: the exit status and the text for people. */

import { EXIT, Exit, FrameError, isSystemError, messageOf } from "../base/errors.ts";
import { BYE_CODES, type ByeCode, type ListenerMessage } from "../protocol/message.ts";
import { describeService, mayBeHeader } from "./other_service.ts";

/** The outcome of a connector. */
export interface Outcome {
  /** The exit status. */
  readonly status: number;
  /** The line for standard error; none if not given. */
  readonly text?: string | undefined;
}

/** The kind of the other end. A chat remains a chat while the connector reconnects. */
export type PeerKind =
  /** Nothing came from it yet. */
  | "unknown"
  /** It was silent for longer than a chat would be. */
  | "silent"
  /** It sends objects, or at least payloads that are framed like objects. */
  | "plain"
  | "chat";

/** The loss of a connection. */
export interface Loss {
  /** The reason, as text for people. */
  readonly text: string;
  /** The exit status if the loss is final. */
  readonly status: number;
  /** Whether it makes sense to reconnect. */
  readonly mayReturn: boolean;
  /** Whether the other end closed it between two frames, without a bye. */
  readonly isClean: boolean;
  /** Whether the next connection is likely to end at once for the same reason. */
  readonly mayRepeat: boolean;
  /** Whether another listener of the same chat may let this end in, although this one does not. */
  readonly mayEnterElsewhere?: boolean;
}

/** Returns the loss that a bye stands for. After an unknown code the connector reconnects. */
export function lossByBye(where: string, bye: Extract<ListenerMessage, { type: "bye" }>): Loss {
  const does = Object.hasOwn(BYE_CODES, bye.code) ? BYE_CODES[bye.code as ByeCode] : "reconnect";
  return {
    text: textOfBye(where, bye),
    status: does === "refused" ? EXIT.refused : EXIT.lost,
    mayReturn: does === "reconnect",
    isClean: false,
    mayRepeat: bye.code === "bad-header" || bye.code === "too-large",
    mayEnterElsewhere: bye.code === "full",
  };
}

/** The end of a stream. */
export interface StreamEnd {
  /** The error that reading ended with; null if it ended between two frames. */
  readonly broken: unknown;
  /** The first bytes that came. */
  readonly head: Uint8Array;
  readonly peer: PeerKind;
  /** Whether a hello waits for its welcome. */
  readonly greeting: boolean;
}

/** Returns the loss that the end of a stream stands for. */
export function lossByEnd(where: string, end: StreamEnd): Loss {
  const { broken } = end;
  return {
    text: whyLost(where, end),
    status: EXIT.lost,
    mayReturn: true,
    isClean: broken === null,
    mayRepeat: broken instanceof FrameError && broken.code !== "cut",
  };
}

/** The reason why this end gives up a connection: no sign of life, no answer to posts, or none to the hello. */
export type Uselessness = "silent" | "unanswering" | "unwelcome";

/**
 * Returns the loss for a connection that this end gives up.
 *
 * @param options Whether the other end is known to be a chat.
 */
export function lossByUselessness(where: string, how: Uselessness, { wasChat }: { wasChat: boolean }): Loss {
  const advice = wasChat ? "" : ": if it is not a chat, leave out --nick and --room";
  const text = {
    silent: `no sign of life from ${where}`,
    unanswering: `${where} does not confirm what was posted`,
    unwelcome: `${where} does not answer${advice}`,
  }[how];
  return { text, status: EXIT.lost, mayReturn: true, isClean: false, mayRepeat: how !== "silent" };
}

function textOfBye(where: string, { code, text }: Extract<ListenerMessage, { type: "bye" }>): string {
  if (code === "shutdown") return `${where} ended the chat`;
  if (code !== "kicked" && code !== "banned") return `${where} closed the connection: ${text} (${code})`;
  // Earlier listeners send the reason alone.
  return text.startsWith("you ") ? text : `you were ${code}: ${text}`;
}

function whyLost(where: string, { broken, head, peer, greeting }: StreamEnd): string {
  const isStranger = peer === "unknown" || peer === "silent";
  if (broken === null) {
    if (!isStranger) return `${where} ended the connection`;
    if (greeting) return `${where} ended the connection without an answer`;
    return `${where} ended the connection without sending anything: perhaps nothing runs behind that port`;
  }
  if (!(broken instanceof FrameError)) return `the connection to ${where} broke: ${messageOf(broken)}`;
  if (isStranger && !mayBeHeader(head)) {
    const service = describeService(head);
    if (service !== null) return `${where} is not a chat: it looks like ${service}; check host and port`;
  } else if (broken.code === "cut") return `${where} ended the connection inside an object`;
  return `${where} sends no frames: ${broken.message}${isStranger ? "; is that the right port?" : ""}`;
}

/**
 * Returns the outcome for output that cannot be written. If the reader has closed its end, as `head` does, that is not
 * a failure.
 */
export function outcomeOfOutput(error: unknown): Outcome {
  if (error instanceof Deno.errors.BrokenPipe) return { status: EXIT.done };
  if (!isSystemError(error)) return outcomeOf(error);
  return { status: EXIT.failed, text: `cannot write the output: ${messageOf(error)}` };
}

/** Returns the outcome of an error: an expected one, or a fault in the program. */
export function outcomeOf(error: unknown): Outcome {
  if (error instanceof Exit) return { status: error.status, text: error.message };
  return {
    status: EXIT.failed,
    text: `this is a fault in chat itself, please report it: ${messageOf(error)}`,
  };
}
