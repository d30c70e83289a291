/** Action texts, such as "* alice waves", as /me posts them. */

import type { Value } from "../pickle/values/values.ts";

/**
 * Returns the action that a body describes, or null if the body is not an action text. An action text contains its
 * sender's nick, so that it reads the same everywhere and differs from a list that begins with a star.
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
