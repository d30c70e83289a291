/** Outcomes of a connector and losses of a connection: the exit status, and the words for people. */

import { EXIT, Exit, FrameError, messageOf } from "../base/errors.ts";
import { BYE_CODES, type ByeCode, type ListenerMessage } from "../protocol/message.ts";

/** The outcome of a connector. */
export interface Outcome {
  /** The exit status. */
  readonly status: number;
  /** What to say on standard error; nothing if not given. */
  readonly text?: string | undefined;
}

/** The loss of a connection. */
export interface Loss {
  /** In words for people. */
  readonly text: string;
  /** The status where it is for good. */
  readonly status: number;
  /** Whether it makes sense to come back. */
  readonly mayReturn: boolean;
  /** Whether the other end closed it between two frames, without a bye. */
  readonly isClean: boolean;
  /** Whether the next connection may well end for the same reason at once. */
  readonly mayRepeat: boolean;
}

/** Tells what a bye means. After an unknown code the connector reconnects. */
export function lossByBye(where: string, bye: Extract<ListenerMessage, { type: "bye" }>): Loss {
  const does = Object.hasOwn(BYE_CODES, bye.code) ? BYE_CODES[bye.code as ByeCode] : "reconnect";
  return {
    text: `${where} closed the connection: ${bye.text} (${bye.code})`,
    status: does === "refused" ? EXIT.refused : EXIT.lost,
    mayReturn: does === "reconnect",
    isClean: false,
    mayRepeat: bye.code === "bad-header" || bye.code === "too-large",
  };
}

/**
 * Tells what the end of a stream means.
 *
 * @param broken What reading it ended with, or null where it ended between two frames.
 * @param options Whether nothing was ever understood of what came.
 */
export function lossByEnd(where: string, broken: unknown, { unknown }: { unknown: boolean }): Loss {
  return {
    text: whyLost(where, broken, unknown),
    status: EXIT.lost,
    mayReturn: true,
    isClean: broken === null,
    mayRepeat: broken instanceof FrameError && broken.code !== "cut",
  };
}

/** Why this end gives a connection up: there is no sign of life, nothing is answered, or hello is not. */
export type Uselessness = "silent" | "unanswering" | "unwelcome";

/**
 * Tells what it means that this end gives a connection up.
 *
 * @param options Whether the other end is known to be a chat.
 */
export function lossByUselessness(where: string, how: Uselessness, { wasChat }: { wasChat: boolean }): Loss {
  const advice = wasChat ? "" : ": perhaps it is no chat, and is talked to without --nick and --room";
  const text = {
    silent: `there is no sign of life from ${where}`,
    unanswering: `${where} answers nothing of what was posted`,
    unwelcome: `${where} does not say welcome${advice}`,
  }[how];
  return { text, status: EXIT.lost, mayReturn: true, isClean: false, mayRepeat: how !== "silent" };
}

function whyLost(where: string, broken: unknown, unknown: boolean): string {
  if (broken === null) return `${where} ended the connection`;
  if (!(broken instanceof FrameError)) return `the connection to ${where} broke: ${messageOf(broken)}`;
  if (broken.code === "cut") return `${where} is gone in the middle of an object`;
  return `${where} sends no frames: ${broken.message}${unknown ? "; is that the right port?" : ""}`;
}

/** Gives the outcome of an error: one that was foreseen, or a fault in the program. */
export function outcomeOf(error: unknown): Outcome {
  if (error instanceof Exit) return { status: error.status, text: error.message };
  return {
    status: EXIT.failed,
    text: `this is a fault in chat itself, please report it: ${messageOf(error)}`,
  };
}
