/** The keys such as "$tuple" that stand for what JSON lacks. */

import { dictOf, setOf } from "../pickle/keys/keys.ts";
import { DEFAULT_LIMITS } from "../pickle/values/limits.ts";
import { floatValue, intValue } from "../pickle/values/number.ts";
import { ByteArray, FrozenSet, Tuple, type Value } from "../pickle/values/values.ts";
import { objectOf } from "./object_fields.ts";

/** Makes a value of the content of its one key; undefined where that is malformed. */
type Form = (content: Value) => Value | undefined;

const FLOATS: ReadonlyMap<Value, number> = new Map<Value, number>([["nan", NaN], ["inf", Infinity], [
  "-inf",
  -Infinity,
]]);

const FORMS: ReadonlyMap<string, Form> = new Map<string, Form>([
  ["$bytes", bytesOf],
  ["$bytearray", (content) => {
    const bytes = bytesOf(content);
    return bytes && new ByteArray(bytes);
  }],
  ["$tuple", (content) => Array.isArray(content) ? new Tuple(content) : undefined],
  ["$set", (content) => Array.isArray(content) ? setOf(content) : undefined],
  ["$frozenset", (content) => Array.isArray(content) ? new FrozenSet(setOf(content)) : undefined],
  ["$dict", (content) => Array.isArray(content) && content.every(isPair) ? dictOf(content) : undefined],
  ["$int", intOf],
  ["$float", (content) => {
    const value = FLOATS.get(content);
    return value === undefined ? undefined : floatValue(value);
  }],
  ["$object", (content) => {
    if (!(content instanceof Map)) return undefined;
    const fields = new Map<string, Value>();
    for (const [name, value] of content) {
      if (typeof name === "string" && name !== "class") fields.set(name, value);
    }
    const path = content.get("class");
    return typeof path === "string" ? objectOf(path, fields) : undefined;
  }],
]);

/** Returns whether a key is one of those that stand for what JSON lacks. */
export function isForm(key: string): boolean {
  return FORMS.has(key);
}

/**
 * Returns the value of an object with one key like "$tuple".
 *
 * @returns The value; undefined where the key does not hold what it should.
 * @throws {PickleError} With code "unhashable" for a key or member that Python cannot hash.
 */
export function valueOf(key: string, content: Value): Value | undefined {
  return FORMS.get(key)?.(content);
}

function bytesOf(content: Value): Uint8Array | undefined {
  if (typeof content !== "string") return undefined;
  try {
    return Uint8Array.fromBase64(content);
  } catch {
    return undefined;
  }
}

function intOf(content: Value): Value | undefined {
  if (typeof content !== "string") return undefined;
  const hexadecimal = /^(-?)0x([0-9a-f]+)$/.exec(content);
  if (hexadecimal !== null) {
    const size = BigInt("0x" + hexadecimal[2]);
    return intValue(hexadecimal[1] === "-" ? -size : size);
  }
  return /^-?[0-9]+$/.test(content) && content.length <= DEFAULT_LIMITS.digits + 1
    ? intValue(BigInt(content))
    : undefined;
}

function isPair(item: Value): item is [Value, Value] {
  return Array.isArray(item) && item.length === 2;
}
