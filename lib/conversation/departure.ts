/** When a connector has done what it was started for, and what the loss of a connection means then. */

import type { Mode } from "../view/view.ts";
import type { Loss } from "./outcome.ts";
import type { OneShot } from "./one_shot.ts";

/** How things stand. */
export interface Standing {
  readonly oneShot: OneShot;
  /** What the other end is, or undefined while that is not known. */
  readonly mode: Mode | undefined;
  /** Whether it was ever a chat. */
  readonly wasChat: boolean;
  /** Whether the input has no more, and whether there was anything in it. */
  readonly inputEnded: boolean;
  readonly took: boolean;
  /** Whether everything that was taken is answered. */
  readonly settled: boolean;
  /** Whether the person wants to leave, once that is so. */
  readonly wantsToLeave: boolean;
}

/** What to do next: "half-close" ends one direction and reads the other to its end; "fail" leaves unanswered. */
export type Step = "go on" | "half-close" | "leave" | "fail";

/** Tells what to do next. */
export function nextStep(standing: Standing): Step {
  const { oneShot, mode, wasChat, inputEnded, took, settled, wantsToLeave } = standing;
  if (oneShot.done) return "leave";
  const hasMet = mode !== undefined || wasChat;
  if (wantsToLeave && settled && (inputEnded || !hasMet)) return "leave";
  if (!inputEnded) return "go on";
  // One that only listens has nothing to end, and some programs take the end of what they read for that of everything.
  if (mode === "plain") return oneShot.follows || oneShot.stays && !took ? "go on" : "half-close";
  if (!settled || oneShot.stays) return "go on";
  return oneShot.needsChat ? "fail" : "leave";
}

/** What the loss of a connection means: it is done, it comes back, or it ends with what the loss says. */
export type Meaning = "done" | "come back" | "failed";

/**
 * Tells what the loss of a connection means.
 *
 * @param options `clean`: the other end ended it between two frames, without a bye. `greets`: hello was said first, so
 * whoever does not answer it is no plain peer. `reconnect`: it may come back.
 */
export function afterLoss(
  loss: Loss,
  standing: Standing,
  options: { readonly clean: boolean; readonly greets: boolean; readonly reconnect: boolean },
): Meaning {
  const { oneShot, mode, wasChat, inputEnded, settled } = standing;
  const { clean, greets, reconnect } = options;
  if (!wasChat) {
    const met = oneShot.onlySends ? inputEnded : !oneShot.isDefinite || oneShot.done;
    return clean && met && (mode === "plain" || !greets) ? "done" : "failed";
  }
  if (loss.mayReturn && inputEnded && settled && !oneShot.stays && !oneShot.needsChat) return "done";
  return loss.mayReturn && reconnect && !oneShot.isDefinite ? "come back" : "failed";
}
