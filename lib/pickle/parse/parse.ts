/** Parser of Python literals. */
import { NUMPY_CONSTRUCTORS, numpyBool } from "./construct_numpy.ts";
import { TEXT_CONSTRUCTORS } from "./construct_texts.ts";
import { construct, type Constructor } from "./constructor.ts";
import { COLLECTION_CONSTRUCTORS } from "./construct_collections.ts";
import { DATETIME_CONSTRUCTORS } from "./construct_datetime.ts";
import { NUMBER_CONSTRUCTORS } from "./construct_numbers.ts";
import { PickleError } from "../values/errors.ts";
import { dictOf, setOf } from "../keys/keys.ts";
import { TimeDelta, TimeZone } from "../values/known.ts";
import { type PickleLimits, withDefaults } from "../values/limits.ts";
import { readNumber } from "./number_literal.ts";
import { Scanner } from "./scanner.ts";
import { readStringLiteral } from "./string_literal.ts";
import { Global, Tuple, type Value } from "../values/values.ts";

/** Options of {@linkcode parse}. */
export interface ParseOptions {
  /** The limits `depth` and `digits`; the defaults for absent ones. */
  limits?: Partial<PickleLimits>;
}

/** The constants of Python and JSON by name. */
const CONSTANTS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ["None", null],
  ["null", null],
  ["True", true],
  ["true", true],
  ["False", false],
  ["false", false],
  ["Ellipsis", new Global("builtins", "Ellipsis")],
  ["np.True_", numpyBool(true)],
  ["np.False_", numpyBool(false)],
  ["datetime.timezone.utc", new TimeZone(new TimeDelta(0, 0, 0))],
  ["NotImplemented", new Global("builtins", "NotImplemented")],
]);

/** The constructors by the name that repr shows. */
export const CONSTRUCTORS: ReadonlyMap<string, Constructor> = new Map([
  ...COLLECTION_CONSTRUCTORS,
  ...DATETIME_CONSTRUCTORS,
  ...NUMBER_CONSTRUCTORS,
  ...NUMPY_CONSTRUCTORS,
  ...TEXT_CONSTRUCTORS,
]);

/** The name of a dtype, which repr shows without quotes. */
const DTYPE_NAME = /^[a-z]+[0-9]*$/;

/** The most characters of an unknown name in an error. */
const SHOWN_NAME = 60;

/** An open bracket and the values after it. */
interface Open {
  readonly kind: "list" | "group" | "braces" | "call" | "top";
  readonly start: number;
  /** The name of a call. */
  readonly name: string;
  readonly items: Value[];
  /** The values of a dict, whose keys are the items; undefined until the first colon. */
  values: Value[] | undefined;
  readonly named: Map<string, Value>;
  /** The name of the argument whose value is next. */
  keyword: string | undefined;
  /** Whether there was a comma, which makes a group a tuple. */
  comma: boolean;
}

const CLOSING = { list: "]", group: ")", braces: "}", call: ")", top: "" } as const;

/**
 * Parses a literal of Python: numbers, str and bytes with every prefix and escape but `\N{…}`, tuples, lists, dicts, sets, True,
 * False and None, also JSON's true, false and null, and the repr of known objects such as `deque([1, 2], maxlen=3)`. It reverses
 * {@linkcode format}: `nan` and `inf` are floats, `-0-1j` keeps both signs. Of numpy's dtypes it reads bool, int, uint, float,
 * complex, str, bytes and object.
 *
 * Blanks, line ends and comments may be between any two tokens. Nothing is evaluated or called: an unknown name is an error. It
 * is iterative and takes linear time.
 *
 * @param text The literal.
 * @param options The limits.
 * @returns The value.
 * @throws {PickleError} With code "syntax", the line and the column where the text is not a literal; "unhashable" for a key or
 * member that Python cannot hash; "limit" where brackets nest too deep, or an int or array is too long.
 *
 * @example
 * ```ts
 * import { parse } from "./parse.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(parse("{1: 'hi', 2: 'there'}"), new Map([[1, "hi"], [2, "there"]]));
 * assertThrows(() => parse("[1,\n 2, foo]"), Error, "unknown name foo (line 2, column 5)");
 * ```
 */
export function parse(text: string, options: ParseOptions = {}): Value {
  return new Parser(text, withDefaults(options.limits)).parse();
}

class Parser {
  readonly #scanner: Scanner;
  readonly #limits: PickleLimits;
  readonly #open: Open[] = [];

  constructor(text: string, limits: PickleLimits) {
    this.#scanner = new Scanner(text);
    this.#limits = limits;
  }

  parse(): Value {
    this.#push("top", 0);
    for (;;) {
      const value = this.#term();
      if (value === undefined) continue;
      const whole = this.#place(value);
      if (whole !== undefined) return whole;
    }
  }

  #push(kind: Open["kind"], start: number, name = ""): void {
    if (this.#open.length > this.#limits.depth) {
      const problem = `brackets are nested deeper than ${this.#limits.depth}`;
      throw this.#scanner.limit("depth", { problem, at: start });
    }
    const open = { kind, start, name, items: [], named: new Map<string, Value>(), comma: false };
    this.#open.push({ ...open, values: undefined, keyword: undefined });
  }

  /** Reads a value, opens a bracket, or closes an empty one; undefined where the value is not complete. */
  #term(): Value | undefined {
    const scanner = this.#scanner;
    const character = scanner.next();
    const start = scanner.at;
    switch (character) {
      case "[":
      case "(":
      case "{":
        scanner.at++;
        this.#push(character === "[" ? "list" : character === "(" ? "group" : "braces", start);
        return undefined;
      case "]":
      case ")":
      case "}":
        return this.#close(character, start);
      case "<":
        return this.#class();
      case "'":
      case '"':
        return readStringLiteral(scanner);
    }
    if (scanner.text.startsWith("...", start)) {
      scanner.at += 3;
      return CONSTANTS.get("Ellipsis");
    }
    return readNumber(scanner, this.#limits.digits) ?? readStringLiteral(scanner) ?? this.#word();
  }

  /** Closes the innermost bracket, which is empty or ends with a comma. */
  #close(character: string, start: number): Value {
    const open = this.#open.at(-1)!;
    const awaited = open.keyword !== undefined ||
      open.values !== undefined && open.values.length < open.items.length;
    if (CLOSING[open.kind] !== character || awaited) {
      throw this.#scanner.error(`expected a value, found "${character}"`, start);
    }
    this.#scanner.at++;
    return this.#finish(this.#open.pop()!);
  }

  /** Reads a constant, the name and bracket of a call, or the name of an argument and its `=`. */
  #word(): Value | undefined {
    const scanner = this.#scanner;
    const start = scanner.at;
    const name = scanner.name();
    if (name === "") throw scanner.error(`expected a value, found ${scanner.found()}`);
    const follows = scanner.next();
    const open = this.#open.at(-1)!;
    if (follows === "=" && open.kind === "call" && open.keyword === undefined) {
      if (open.named.has(name)) throw scanner.error(`${name} is given twice`, start);
      scanner.at++;
      open.keyword = name;
      return undefined;
    }
    if (follows === "(" && CONSTRUCTORS.has(name)) {
      scanner.at++;
      this.#push("call", start, name);
      return undefined;
    }
    const constant = CONSTANTS.get(name);
    if (constant !== undefined) return constant;
    if (open.keyword === "dtype" && DTYPE_NAME.test(name)) return name;
    throw scanner.error(
      CONSTRUCTORS.has(name) ? `${name} without its arguments` : `unknown name ${shortened(name)}`,
      start,
    );
  }

  /** Reads a class as repr shows it. */
  #class(): Value {
    const scanner = this.#scanner;
    const start = scanner.at++;
    const path = scanner.name() === "class" && scanner.next() !== "" ? readStringLiteral(scanner) : undefined;
    if (typeof path !== "string" || !scanner.take(">")) {
      throw scanner.error("<…> is not a literal", start);
    }
    const dot = path.lastIndexOf(".");
    return dot < 0 ? new Global("builtins", path) : new Global(path.slice(0, dot), path.slice(dot + 1));
  }

  /** Adds a value to the innermost bracket, and closes the brackets that end after it. */
  #place(value: Value): Value | undefined {
    const scanner = this.#scanner;
    for (let placed = value;;) {
      const open = this.#open.at(-1)!;
      if (this.#add(open, placed)) return undefined;
      const character = scanner.next();
      if (character === "," && (open.kind !== "top" || scanner.at < scanner.text.length)) {
        scanner.at++;
        open.comma = true;
        if (open.kind !== "top" || scanner.next() !== "") return undefined;
      }
      if (scanner.next() !== CLOSING[open.kind]) {
        const expected = open.kind === "top" ? "the end" : `"," or "${CLOSING[open.kind]}"`;
        throw scanner.error(`expected ${expected}, found ${scanner.found()}`);
      }
      scanner.at++;
      placed = this.#finish(this.#open.pop()!);
      if (open.kind === "top") return placed;
    }
  }

  /** Adds a value to an open bracket; returns true for a key, whose value must follow. */
  #add(open: Open, value: Value): boolean {
    const scanner = this.#scanner;
    if (open.keyword !== undefined) {
      open.named.set(open.keyword, value);
      open.keyword = undefined;
      return false;
    }
    if (open.kind === "call" && open.named.size > 0) {
      throw scanner.error("a value without a name after one with a name");
    }
    if (open.values !== undefined && open.values.length < open.items.length) {
      open.values.push(value);
      return false;
    }
    if (open.kind === "braces" && (open.values !== undefined || open.items.length === 0)) {
      const colon = scanner.take(":");
      if (open.values !== undefined && !colon) throw scanner.error(`expected ":", found ${scanner.found()}`);
      if (colon) open.values ??= [];
      open.items.push(value);
      return colon;
    }
    open.items.push(value);
    return false;
  }

  /** Makes the value of a closed bracket, and adds the position to its errors. */
  #finish(open: Open): Value {
    try {
      return this.#make(open);
    } catch (error) {
      if (error instanceof PickleError && error.line === undefined) {
        throw this.#scanner.placed(error, open.start);
      }
      throw error;
    }
  }

  #make(open: Open): Value {
    const { items } = open;
    switch (open.kind) {
      case "list":
        return items;
      case "top":
      case "group":
        return open.comma || items.length !== 1 ? new Tuple(items) : items[0]!;
      case "braces":
        if (items.length > 0 && open.values === undefined) return setOf(items);
        return dictOf(items.map((key, at) => [key, open.values![at]!]));
      case "call": {
        const value = construct(CONSTRUCTORS.get(open.name)!, { args: items, named: open.named });
        if (value === undefined) {
          throw this.#scanner.error(`${open.name} does not take these arguments`, open.start);
        }
        return value;
      }
    }
  }
}

function shortened(name: string): string {
  return name.length > SHOWN_NAME ? name.slice(0, SHOWN_NAME) + "…" : name;
}
