/** Texts that say what somebody does, as /me posts them. */

import type { Value } from "../pickle/values/values.ts";

/**
 * Returns what the sender of a body says to do, or null where the body says nothing of the kind. Such a body names its
 * sender, so that everybody reads it alike, and a list that begins with a star is none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { actionOf } from "./action_text.ts";
 *
 * assertEquals(actionOf("karolina", "* karolina waves"), "waves");
 * assertEquals(actionOf("bob", "* karolina waves"), null);
 * ```
 */
export function actionOf(from: string, body: Value): string | null {
  const start = `* ${from} `;
  return typeof body === "string" && body.startsWith(start) ? body.slice(start.length) : null;
}
