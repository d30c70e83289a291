/** The rules by which a connector leaves, as two tables: one for the next step, one for the loss of a connection. */

import type { Loss, PeerKind } from "./outcome.ts";
import type { OneShot } from "./one_shot.ts";

/** The state that the decision to leave depends on. */
export interface Situation {
  readonly oneShot: OneShot;
  readonly peer: PeerKind;
  /** Whether the input goes on, has ended, or has ended without an action. */
  readonly input: "open" | "ended" | "empty";
  /** Whether everything that was taken from the input is answered. */
  readonly settled: boolean;
  /** Whether the person wants to leave when everything is answered. */
  readonly leaving: boolean;
}

/** The next step: "half-close" ends one direction and reads the other to its end; "fail" leaves without answers. */
export type Step = "go on" | "half-close" | "leave" | "fail";

/** The first case that holds decides. */
const STEPS: readonly (readonly [(situation: Situation) => boolean, Step])[] = [
  [({ oneShot }) => oneShot.done, "leave"],
  [
    ({ leaving, settled, input, peer }) => leaving && settled && (input !== "open" || peer === "unknown"),
    "leave",
  ],
  [({ input }) => input === "open", "go on"],
  // A connector that only listens does not half-close, because some programs then end the connection.
  [
    ({ peer, oneShot, input }) => isPlain(peer) && (oneShot.follows || oneShot.stays && input === "empty"),
    "go on",
  ],
  [({ peer }) => isPlain(peer), "half-close"],
  [({ settled, oneShot }) => !settled || oneShot.stays || oneShot.awaitsReplay, "go on"],
  [({ oneShot }) => oneShot.needsChat, "fail"],
  [() => true, "leave"],
];

/** Returns the next step. */
export function nextStep(situation: Situation): Step {
  return STEPS.find(([holds]) => holds(situation))![1];
}

/** The consequence of a loss: everything is done, it is worth reconnecting, or the loss is final. */
export type Meaning = "done" | "reconnect" | "failed";

/** The options of {@linkcode afterLoss}. */
export interface LossOptions {
  readonly reconnect: boolean;
}

type LostSituation = Situation & LossOptions & { readonly loss: Loss };

/** The first case that holds decides. */
const LOSSES: readonly (readonly [(lost: LostSituation) => boolean, Meaning])[] = [
  [({ peer, loss }) => peer !== "chat" && !loss.isClean, "failed"],
  // A proxy with nothing behind it ends the connection before the first byte. So may a program that only reads.
  [({ peer, input }) => peer === "unknown" || peer === "silent" && input !== "ended", "failed"],
  [({ peer, oneShot, input }) => peer !== "chat" && oneShot.onlySends && input === "open", "failed"],
  [
    ({ peer, oneShot }) => peer !== "chat" && oneShot.isDefinite && !oneShot.onlySends && !oneShot.done,
    "failed",
  ],
  [({ peer }) => peer !== "chat", "done"],
  [({ loss }) => !loss.mayReturn, "failed"],
  [
    ({ input, settled, oneShot }) =>
      input !== "open" && settled && !oneShot.stays && !oneShot.needsChat && !oneShot.awaitsReplay,
    "done",
  ],
  [({ reconnect, oneShot }) => reconnect && !oneShot.isDefinite, "reconnect"],
  [() => true, "failed"],
];

/** Returns the consequence of the loss of a connection. */
export function afterLoss(loss: Loss, situation: Situation, options: LossOptions): Meaning {
  return LOSSES.find(([holds]) => holds({ ...situation, ...options, loss }))![1];
}

function isPlain(peer: PeerKind): boolean {
  return peer === "plain" || peer === "silent";
}
