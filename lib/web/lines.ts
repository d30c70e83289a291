/** The lines that a browser reads and writes: one JSON object for each payload, as docs/json.md has them. */

import { cleanJson } from "../base/text.ts";
import { encodeFrame } from "../frame/mod.ts";
import { fromJson, toJson } from "../json/mod.ts";
import { decode } from "../pickle/decode/decode.ts";
import { encode } from "../pickle/encode/encode.ts";
import { PickleError } from "../pickle/values/errors.ts";
import type { Value } from "../pickle/values/values.ts";

/**
 * Writes the payload of a frame as a line. A plain object becomes `{"body": OBJECT}`; a message that JSON cannot hold,
 * such as a list that contains itself, becomes an `error` that says so.
 *
 * @example
 * ```ts
 * import { encode } from "../pickle/encode/encode.ts";
 * import { assertEquals } from "@std/assert";
 * import { lineOf } from "./lines.ts";
 *
 * assertEquals(lineOf(encode(new Map([["type", "pong"]]))), '{"type": "pong"}');
 * assertEquals(lineOf(encode([1, 2])), '{"body": [1, 2]}');
 * ```
 */
export function lineOf(payload: Uint8Array): string {
  const value = decode(payload);
  const dict = value instanceof Map && typeof value.get("type") === "string"
    ? value as Map<Value, Value>
    : new Map<Value, Value>([["body", value]]);
  try {
    return cleanJson(toJson(dict));
  } catch (error) {
    if (!(error instanceof PickleError)) throw error;
    const which = ["id", "room", "from"].flatMap((key) =>
      dict.has(key) ? [[key, dict.get(key)!] as const] : []
    );
    return cleanJson(toJson(
      new Map<Value, Value>([["type", "error"], ["code", "bad-message"], ["text", error.message], ...which]),
    ));
  }
}

/**
 * Reads a line as a frame: a whole message, or an object with a "body" to post.
 *
 * @throws {PickleError} If it is not such a line.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { HEADER_SIZE } from "../frame/mod.ts";
 * import { frameOf, lineOf } from "./lines.ts";
 *
 * const frame = frameOf('{"body": "hi", "ref": 1}');
 * assertEquals(lineOf(frame.subarray(HEADER_SIZE)), '{"type": "message", "body": "hi", "ref": 1}');
 * ```
 */
export function frameOf(line: string): Uint8Array {
  const value = fromJson(line);
  if (!(value instanceof Map)) throw new PickleError("syntax", "Cannot read the line: it is not an object");
  if (typeof value.get("type") === "string") return encodeFrame(encode(value));
  if (!value.has("body")) {
    throw new PickleError("syntax", 'Cannot read the line: it has neither "body" nor "type"');
  }
  return encodeFrame(encode(new Map<Value, Value>([["type", "message"], ...value])));
}

/** Returns the line that answers a line that could not be read. */
export function errorLine(text: string): string {
  return cleanJson(toJson(new Map([["type", "error"], ["code", "bad-message"], ["text", text]])));
}
