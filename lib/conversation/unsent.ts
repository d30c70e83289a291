/** Description, for people, of posts that were not sent or not confirmed. */

import { clean } from "../base/text.ts";
import { format } from "../pickle/repr/format.ts";
import type { Value } from "../pickle/values/values.ts";

/** The most characters of a body that are shown. */
const SHOWN_BODY = 60;

/** Posts that are left. */
export interface Rest {
  readonly count: number;
  /** The body of the first. */
  readonly first: Value;
  /** Whether there may be more than were counted. */
  readonly isMore?: boolean;
}

/**
 * Describes posts by their number and the first body. Returns "" if there are none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { restText } from "./unsent.ts";
 *
 * assertEquals(restText({ count: 1, first: "hi" }, "sent"), "1 post was not sent: 'hi'");
 * assertEquals(restText({ count: 2, first: 7 }, "confirmed"), "2 posts were not confirmed, the first: 7");
 * assertEquals(restText({ count: 0, first: null }, "confirmed"), "");
 * ```
 */
export function restText(
  { count, first, isMore = false }: Rest,
  done: "sent" | "confirmed" | "answered",
): string {
  if (count <= 0) return "";
  const text = clean(format(first, { limit: SHOWN_BODY + 1 }));
  const body = text.length > SHOWN_BODY ? `${text.slice(0, SHOWN_BODY).toWellFormed()}…` : text;
  if (count === 1 && !isMore) return `1 post was not ${done}: ${body}`;
  return `${isMore ? "at least " : ""}${count} posts were not ${done}, the first: ${body}`;
}
