/** What the end of a connection means: come back, or leave with which status and which words. */

import { EXIT, Exit, FrameError, messageOf } from "../base/errors.ts";
import { BYE_CODES, type ByeCode, type ListenerMessage } from "../protocol/message.ts";

/** How everything ends. */
export interface Outcome {
  /** The exit status. */
  readonly status: number;
  /** What to say on standard error; nothing if not given. */
  readonly text?: string | undefined;
}

/** Why a connection is no more. */
export interface Loss {
  /** In words for people. */
  readonly text: string;
  /** The status where it is for good. */
  readonly status: number;
  /** Whether it makes sense to come back. */
  readonly mayReturn: boolean;
  /** Whether the next connection may well end for the same reason at once. */
  readonly mayRepeat: boolean;
}

/** Tells what a bye means. A code that is not known is taken for one that lets come back. */
export function lossByBye(where: string, bye: Extract<ListenerMessage, { type: "bye" }>): Loss {
  const does = Object.hasOwn(BYE_CODES, bye.code) ? BYE_CODES[bye.code as ByeCode] : "reconnect";
  return {
    text: `${where} closed the connection: ${bye.text} (${bye.code})`,
    status: does === "refused" ? EXIT.refused : EXIT.lost,
    mayReturn: does === "reconnect",
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
  return { text, status: EXIT.lost, mayReturn: true, mayRepeat: how !== "silent" };
}

function whyLost(where: string, broken: unknown, unknown: boolean): string {
  if (broken === null) return `${where} ended the connection`;
  if (!(broken instanceof FrameError)) return `the connection to ${where} broke: ${messageOf(broken)}`;
  if (broken.code === "cut") return `${where} is gone in the middle of an object`;
  return `${where} sends no frames: ${broken.message}${unknown ? "; is that the right port?" : ""}`;
}

/** Tells how everything ends by an error: one that was foreseen, or a fault in the program. */
export function outcomeOf(error: unknown): Outcome {
  if (error instanceof Exit) return { status: error.status, text: error.message };
  return {
    status: EXIT.failed,
    text: `this is a fault in chat itself, please report it: ${messageOf(error)}`,
  };
}
