/** Reasons of refusals, as a person reads them. */

/**
 * Returns the reason of a refusal alone, without the request, which the person knows.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { reasonOf } from "./reason.ts";
 *
 * assertEquals(reasonOf("Cannot post the message: you are muted in ops"), "you are muted in ops");
 * assertEquals(reasonOf("the disk is full"), "the disk is full");
 * ```
 */
export function reasonOf(text: string): string {
  return /^Cannot [^:\n]*: ([^]+)$/.exec(text)?.[1] ?? text;
}
