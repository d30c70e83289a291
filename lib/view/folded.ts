/** Bodies that were shown in part, kept for /show and /save. */

import type { Value } from "../pickle/values/values.ts";
import type { ScreenSpace } from "./screen_space.ts";
import { showBody } from "./show.ts";

/** The number of bodies that are kept. */
const KEPT = 64;

/** The message that a body belongs to. */
export interface Origin {
  readonly room: string;
  readonly id: number;
  readonly from: string;
  /** Seconds since 1970. */
  readonly at: number;
}

/** A body that is kept. A body that is not from a message in a room has no origin. */
export interface KeptBody {
  readonly body: Value;
  readonly origin: Origin | undefined;
}

/**
 * The last objects, and the last texts that the screen shows only in part.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Folded } from "./folded.ts";
 *
 * const folded = new Folded();
 * const origin = { room: "lobby", from: "ann", at: 0 };
 * assertEquals(folded.show("short", { ...origin, id: 6 }).label, null);
 * assertEquals(folded.show("long".repeat(3000), { ...origin, id: 7 }).label, "7");
 * assertEquals(folded.find("7", "lobby")?.body, "long".repeat(3000));
 * ```
 */
export class Folded {
  readonly #bodies = new Map<string, KeptBody>();
  #last = 0;

  /**
   * Shows a body. If it is shown in part, it gets a label: the id of its message, or a number counted here.
   *
   * @param isNamed Whether the id is shown beside it, so that also a whole text is kept.
   */
  show(
    body: Value,
    origin?: Origin,
    { room, isNamed = false }: { readonly room?: ScreenSpace | undefined; readonly isNamed?: boolean } = {},
  ): { readonly text: string; readonly label: string | null } {
    const { text, folded } = showBody(body, room);
    if (!folded && !isNamed && (typeof body === "string" || origin === undefined)) {
      return { text, label: null };
    }
    const label = origin === undefined ? `p${++this.#last}` : String(origin.id);
    this.#bodies.set(origin === undefined ? label : `${origin.room}:${label}`, { body, origin });
    if (this.#bodies.size > KEPT) this.#bodies.delete(this.#bodies.keys().next().value!);
    return { text, label: folded ? label : null };
  }

  /** Finds a body by its label; undefined if it is not kept. Ids refer to the room that the person is in. */
  find(label: string, here: string): KeptBody | undefined {
    const id = label.replace(/^#/, "");
    return this.#bodies.get(`${here}:${id}`) ?? this.#bodies.get(id);
  }
}
