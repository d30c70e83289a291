/** Reading of Python's values from JSON. */

import { PickleError } from "../pickle/values/errors.ts";
import { dictOf } from "../pickle/keys/keys.ts";
import { type PickleLimits, withDefaults } from "../pickle/values/limits.ts";
import { Scanner } from "../pickle/parse/scanner.ts";
import type { Value } from "../pickle/values/values.ts";
import { readJsonNumber, readJsonString } from "./json_tokens.ts";
import { isForm, valueOf } from "./special_forms.ts";

/** The options of {@linkcode fromJson}. */
export interface FromJsonOptions {
  /** The limits on `depth`, of the value and not of the JSON, and on `digits`; those left out are the defaults. */
  limits?: Partial<PickleLimits>;
  /** Whether keys such as "$tuple" are keys like any other. */
  plain?: boolean;
}

/** The most brackets of JSON for each level of a value: `{"$object": {"items": [[…`. */
const BRACKETS_A_LEVEL = 4;

const WORDS: ReadonlyMap<string, Value> = new Map<string, Value>([["null", null], ["true", true], [
  "false",
  false,
]]);

/** A bracket whose closing one has not come yet. */
interface Open {
  readonly start: number;
  /** The keys of an object; undefined for an array. */
  readonly keys: string[] | undefined;
  readonly values: Value[];
}

/**
 * Reads a value from JSON, undoing {@linkcode toJson}. JSON's own kinds become None, bool, str, list and dict; a number
 * with a point or exponent becomes a float, any other an int, which is read exactly, however long it is.
 *
 * @param text The JSON.
 * @param options The limits.
 * @returns The value.
 * @throws {PickleError} With code "syntax", the line and the column where the text is no JSON, or has an object with a
 * key like "$tuple" that is not one of ours; "unhashable"; "limit" where it nests too deep or an int is too long.
 *
 * @example
 * ```ts
 * import { fromJson } from "./from_json.ts";
 * import { Float, Tuple } from "../pickle/values/values.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(fromJson('{"a": {"$tuple": [1, 2.0]}}'), new Map([["a", new Tuple([1, new Float(2)])]]));
 * assertEquals(fromJson("123456789012345678901"), 123456789012345678901n);
 * ```
 */
export function fromJson(text: string, options: FromJsonOptions = {}): Value {
  return new Reader(text, withDefaults(options.limits), options.plain ?? false).read();
}

class Reader {
  readonly #scanner: Scanner;
  readonly #limits: PickleLimits;
  readonly #isPlain: boolean;
  readonly #open: Open[] = [];

  constructor(text: string, limits: PickleLimits, isPlain: boolean) {
    this.#scanner = new Scanner(text, "the JSON");
    this.#limits = limits;
    this.#isPlain = isPlain;
  }

  read(): Value {
    for (;;) {
      const value = this.#term();
      if (value === undefined) continue;
      const whole = this.#place(value);
      if (whole !== undefined) return whole;
    }
  }

  /** Reads a value where one is due, or opens the bracket that begins one; undefined if it is not whole. */
  #term(): Value | undefined {
    const scanner = this.#scanner;
    const character = scanner.nextInJson();
    if (character === "[" || character === "{") return this.#push(character);
    if (character === '"') return readJsonString(scanner);
    const number = readJsonNumber(scanner, this.#limits.digits);
    if (number !== undefined) return number;
    const start = scanner.at;
    const word = scanner.name();
    const value = WORDS.get(word);
    if (value !== undefined) return value;
    throw scanner.error(
      word === "" ? `expected a value, found ${scanner.found()}` : `unknown word ${word}`,
      start,
    );
  }

  /** Opens a bracket; where it closes at once, its value is whole. */
  #push(character: "[" | "{"): Value | undefined {
    const scanner = this.#scanner;
    const start = scanner.at++;
    if (this.#open.length >= this.#limits.depth * BRACKETS_A_LEVEL) {
      throw scanner.limit("depth", { problem: `it is nested deeper than ${this.#limits.depth}`, at: start });
    }
    const open: Open = { start, keys: character === "{" ? [] : undefined, values: [] };
    if (scanner.nextInJson() === (character === "[" ? "]" : "}")) {
      scanner.at++;
      return this.#finish(open);
    }
    this.#open.push(open);
    if (open.keys !== undefined) this.#key(open.keys);
    return undefined;
  }

  #key(keys: string[]): void {
    const scanner = this.#scanner;
    if (scanner.nextInJson() !== '"') {
      throw scanner.error(`expected a key in quotes, found ${scanner.found()}`);
    }
    keys.push(readJsonString(scanner));
    if (scanner.nextInJson() !== ":") throw scanner.error(`expected ":", found ${scanner.found()}`);
    scanner.at++;
  }

  /** Puts a value into the innermost bracket, and closes all those that end behind it; returns the whole at its end. */
  #place(value: Value): Value | undefined {
    const scanner = this.#scanner;
    for (let placed = value;;) {
      const open = this.#open.at(-1);
      const character = scanner.nextInJson();
      if (open === undefined) {
        if (character !== "") throw scanner.error(`expected the end, found ${scanner.found()}`);
        return placed;
      }
      open.values.push(placed);
      const closing = open.keys === undefined ? "]" : "}";
      if (character !== "," && character !== closing) {
        throw scanner.error(`expected "," or "${closing}", found ${scanner.found()}`);
      }
      scanner.at++;
      if (character === ",") {
        if (open.keys !== undefined) this.#key(open.keys);
        return undefined;
      }
      this.#open.pop();
      placed = this.#finish(open);
    }
  }

  /** Makes the value of a bracket that was closed. */
  #finish({ start, keys, values }: Open): Value {
    if (keys === undefined) return values;
    const [key = "", content = null] = [keys[0], values[0]];
    if (this.#isPlain || !keys.some((name) => name.startsWith("$"))) {
      return dictOf(keys.map((name, at) => [name, values[at]!]));
    }
    if (keys.length > 1 || !isForm(key)) {
      throw this.#scanner.error('a dict with a key that begins with "$" is written as {"$dict": …}', start);
    }
    try {
      const value = valueOf(key, content);
      if (value !== undefined) return value;
    } catch (error) {
      if (error instanceof PickleError) throw this.#scanner.placed(error, start);
      throw error;
    }
    throw this.#scanner.error(`${key} does not hold what it should`, start);
  }
}
