/** Commands that the listener has not answered yet. */

import type { Value } from "../../../pickle/values/values.ts";
import { newRef } from "./dict.ts";
import type { Place } from "./place.ts";

/** The most commands that are kept. */
const MAX_ASKED = 256;

/** A command, and the place in which it was typed. */
export interface AskedCommand {
  readonly message: ReadonlyMap<Value, Value>;
  readonly place: Place;
}

/** The commands by the refs that their answers carry. */
export class Asked {
  readonly #asked = new Map<string, AskedCommand>();

  /** Records a command, and returns it with its ref. */
  add(message: ReadonlyMap<Value, Value>, place: Place): Map<Value, Value> {
    const ref = newRef();
    this.#asked.set(ref, { message, place });
    if (this.#asked.size > MAX_ASKED) this.#asked.delete(this.#asked.keys().next().value!);
    return new Map<Value, Value>([...message, ["ref", ref]]);
  }

  /** Finds the command of an answer, and forgets it. */
  take(ref: string): AskedCommand | undefined {
    const asked = this.#asked.get(ref);
    this.#asked.delete(ref);
    return asked;
  }

  /** Forgets all of them, because the connection was lost. */
  clear(): void {
    this.#asked.clear();
  }
}
