/** Parser of objects in text: JSON, or a Python literal. */

import { fromJson } from "../json/mod.ts";
import { parse } from "../pickle/parse/parse.ts";
import { PickleError } from "../pickle/values/errors.ts";
import type { Value } from "../pickle/values/values.ts";

/**
 * Reads an object as JSON if the text is JSON, else as a Python literal.
 *
 * @throws {PickleError} With the error of the literal, if it is neither.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readObjectText } from "./object_text.ts";
 *
 * assertEquals(readObjectText('{"a": null}'), new Map([["a", null]]));
 * assertEquals(readObjectText("{1: 'hi'}"), new Map([[1, "hi"]]));
 * ```
 */
export function readObjectText(text: string): Value {
  try {
    return fromJson(text);
  } catch (error) {
    if (!(error instanceof PickleError)) throw error;
    return parse(text);
  }
}
