/** Writing of Python's values as JSON. */

import { PickleError } from "../pickle/values/errors.ts";
import { reprFloat, reprInt } from "../pickle/repr/number.ts";
import { TextOut } from "../pickle/repr/text_out.ts";
import { ByteArray, Float, FrozenSet, PyObject, Tuple, type Value } from "../pickle/values/values.ts";
import { fieldsOf } from "./object_fields.ts";

/** The options of {@linkcode toJson}. */
export interface ToJsonOptions {
  /** The most characters (UTF-16 code units) of the text. 2^28 if left out. */
  limit?: number;
}

/** Half of what a string of V8 can hold. */
const DEFAULT_LIMIT = 2 ** 28;

/** Writes the text of a value that holds others, and yields each of those in turn, to be written in that place. */
type Steps = Generator<Value, void>;

/**
 * Writes a value as JSON on one line, so that {@linkcode fromJson} gives it back, also where JSON lacks its kind.
 *
 * `{"$bytes": base64}`, `{"$bytearray": base64}`, `{"$tuple": […]}`, `{"$set": […]}`, `{"$frozenset": […]}`; `{"$dict":
 * [[key, value], …]}` where a key is not a string or begins with "$"; `{"$int": "…"}` beyond the ints that JavaScript is
 * sure of; `{"$float": "nan" | "inf" | "-inf"}`, while finite floats keep a point or exponent; `{"$object": {"class":
 * "module.name", …}}` for all else. A value that is shared by several places is written in each.
 *
 * @param value The value.
 * @param options The limit.
 * @returns The text.
 * @throws {PickleError} With code "unsupported" for a value that holds itself, "limit" where the text is longer.
 *
 * @example
 * ```ts
 * import { toJson } from "./to_json.ts";
 * import { Float, Tuple } from "../pickle/values/values.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(toJson(new Map([["a", new Tuple([1, new Float(2)])]])), '{"a": {"$tuple": [1, 2.0]}}');
 * ```
 */
export function toJson(value: Value, options: ToJsonOptions = {}): string {
  const limit = options.limit ?? DEFAULT_LIMIT;
  const out = new TextOut(limit);
  if (!writeScalar(out, value)) writeNested(out, value);
  if (out.full) {
    throw new PickleError("limit", `Cannot write the value as JSON: it takes more than ${limit} characters`, {
      limit: "length",
    });
  }
  return out.finish();
}

function writeNested(out: TextOut, top: Value): void {
  const open = new Set<Value>([top]);
  const stack: { value: Value; steps: Steps }[] = [{ value: top, steps: stepsOf(out, top) }];
  for (let frame = stack.at(-1); frame !== undefined && !out.full; frame = stack.at(-1)) {
    const { done, value } = frame.steps.next();
    if (done) {
      stack.pop();
      open.delete(frame.value);
      continue;
    }
    if (open.has(value)) {
      throw new PickleError("unsupported", "Cannot write the value as JSON: it holds itself");
    }
    open.add(value);
    stack.push({ value, steps: stepsOf(out, value) });
  }
}

/** Writes a value that holds no others; tells whether it was one. */
function writeScalar(out: TextOut, value: Value): boolean {
  const text = scalarText(value, out.room);
  if (text === undefined) return false;
  out.write(text);
  return true;
}

function scalarText(value: Value, room: number): string | undefined {
  if (value === null || typeof value === "boolean") return String(value);
  // A text longer than there is room for is cut, and the whole then refused.
  if (typeof value === "string") return JSON.stringify(value.length > room ? value.slice(0, room) : value);
  if (typeof value === "number") {
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : floatText(value);
  }
  if (typeof value === "bigint") return `{"$int": "${reprInt(value)}"}`;
  if (value instanceof Float) return floatText(value.value);
  if (value instanceof Uint8Array) return `{"$bytes": "${base64(value, room)}"}`;
  if (value instanceof ByteArray) return `{"$bytearray": "${base64(value.bytes, room)}"}`;
  return undefined;
}

function floatText(value: number): string {
  return Number.isFinite(value) ? reprFloat(value) : `{"$float": "${reprFloat(value)}"}`;
}

function base64(bytes: Uint8Array, room: number): string {
  return (bytes.length > room ? bytes.subarray(0, room) : bytes).toBase64();
}

function stepsOf(out: TextOut, value: Value): Steps {
  if (Array.isArray(value)) return listSteps(out, value, ["[", "]"]);
  if (value instanceof Map) return dictSteps(out, value);
  if (value instanceof Set) return listSteps(out, value, ['{"$set": [', "]}"]);
  if (value instanceof Tuple) return listSteps(out, value.items, ['{"$tuple": [', "]}"]);
  if (value instanceof FrozenSet) return listSteps(out, value.members, ['{"$frozenset": [', "]}"]);
  const object = value instanceof PyObject ? fieldsOf(value) : undefined;
  if (object === undefined) {
    throw new PickleError("unsupported", "Cannot write the value as JSON: its class is not known");
  }
  const fields = Object.entries(object.fields);
  return objectSteps(out, [["class", object.path], ...fields], ['{"$object": {', "}}"]);
}

function* listSteps(out: TextOut, items: Iterable<Value>, [before, after]: [string, string]): Steps {
  out.write(before);
  let separator = "";
  for (const item of items) {
    if (out.full) return;
    out.write(separator);
    separator = ", ";
    if (!writeScalar(out, item)) yield item;
  }
  out.write(after);
}

function* dictSteps(out: TextOut, dict: ReadonlyMap<Value, Value>): Steps {
  for (const key of dict.keys()) {
    if (typeof key !== "string" || key.startsWith("$")) return yield* pairSteps(out, dict);
  }
  yield* objectSteps(out, dict as ReadonlyMap<string, Value>, ["{", "}"]);
}

function* objectSteps(
  out: TextOut,
  entries: Iterable<readonly [string, Value]>,
  [before, after]: [string, string],
): Steps {
  out.write(before);
  let separator = "";
  for (const [key, value] of entries) {
    if (out.full) return;
    out.write(separator);
    separator = ", ";
    writeScalar(out, key);
    out.write(": ");
    if (!writeScalar(out, value)) yield value;
  }
  out.write(after);
}

function* pairSteps(out: TextOut, dict: ReadonlyMap<Value, Value>): Steps {
  let before = '{"$dict": [[';
  for (const [key, value] of dict) {
    if (out.full) return;
    out.write(before);
    before = "], [";
    if (!writeScalar(out, key)) yield key;
    out.write(", ");
    if (!writeScalar(out, value)) yield value;
  }
  out.write("]]}");
}
