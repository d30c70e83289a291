/** Plain mode: objects to and from any program that frames pickles. */

import { encodeFrame } from "../frame/mod.ts";
import { encode } from "../pickle/encode/encode.ts";
import type { Value } from "../pickle/values/values.ts";
import type { Action } from "../view/view.ts";
import type { Rest } from "./unsent.ts";

/** Counts the objects received from the other end and sent to it, and frames those to send. */
export class PlainMode {
  #objects = 0;
  #unreadable = 0;
  #sent = 0;
  #first: Value = null;

  /** Whether nothing has come. */
  get isSilent(): boolean {
    return this.#objects + this.#unreadable === 0;
  }

  /** Whether payloads came and none of them could be read. */
  get isUnreadable(): boolean {
    return this.#unreadable > 0 && this.#objects === 0;
  }

  /** The objects that were sent while nothing has come. */
  get unanswered(): Rest {
    return { count: this.isSilent ? this.#sent : 0, first: this.#first };
  }

  /** Counts an object that came. */
  received(): void {
    this.#objects++;
  }

  /** Counts a payload that came and could not be read. */
  receivedUnreadable(): void {
    this.#unreadable++;
  }

  /**
   * Returns the frame of an action.
   *
   * @throws {PickleError} If no pickle can hold its object.
   */
  frame(action: Exclude<Action, { kind: "wrong" }>): Uint8Array {
    const object = objectOf(action);
    const frame = encodeFrame(encode(object));
    if (this.#sent++ === 0) this.#first = object;
    return frame;
  }
}

/** The object that an action sends in plain mode. */
function objectOf(action: Exclude<Action, { kind: "wrong" }>): Value {
  if (action.kind === "post") return action.body;
  const body = action.dict.get("type") === "message" ? action.dict.get("body") : undefined;
  return body === undefined ? new Map(action.dict) : body;
}
