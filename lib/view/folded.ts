/** Bodies that were shown in part, kept for /show. */

import type { Value } from "../pickle/values/values.ts";
import { showBody, showWhole } from "./show.ts";

/** How many are kept. */
const KEPT = 64;

/**
 * The last bodies of which the screen shows only the beginning.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Folded } from "./folded.ts";
 *
 * const folded = new Folded();
 * assertEquals(folded.show("short", { room: "lobby", id: 6 }).label, null);
 * assertEquals(folded.show("long".repeat(3000), { room: "lobby", id: 7 }).label, "7");
 * assertEquals(folded.whole("7", "lobby")?.length, 12000);
 * ```
 */
export class Folded {
  readonly #bodies = new Map<string, Value>();
  #last = 0;

  /** Shows a body; one that is shown in part is kept under its label: its id, or a number of our own. */
  show(body: Value, place?: { readonly room: string; readonly id: number }): {
    readonly text: string;
    readonly label: string | null;
  } {
    const { text, folded } = showBody(body);
    if (!folded) return { text, label: null };
    const label = place === undefined ? `p${++this.#last}` : String(place.id);
    this.#bodies.set(place === undefined ? label : `${place.room}:${label}`, body);
    if (this.#bodies.size > KEPT) this.#bodies.delete(this.#bodies.keys().next().value!);
    return { text, label };
  }

  /** Gives a whole body, or null where it is not kept; ids are those of the person's room. */
  whole(label: string, here: string): string | null {
    const id = label.replace(/^#/, "");
    const body = this.#bodies.get(`${here}:${id}`) ?? this.#bodies.get(id);
    return body === undefined ? null : showWhole(body);
  }
}
