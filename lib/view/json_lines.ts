/** The view for programs: lines of JSON, one object a line, in both directions. The keys are those of docs/protocol.md. */

import { fromJson, toJson, toPlainJson } from "../json/mod.ts";
import { PickleError } from "../pickle/values/errors.ts";
import { Float, type Value } from "../pickle/values/values.ts";
import { cleanJson } from "../base/text.ts";
import { InputLines } from "./input_lines.ts";
import { notice } from "./notice.ts";
import { Output, type Sink } from "./output.ts";
import { leftOut } from "./pipe.ts";
import { type Action, bodyOf, type ChatEvent, type Dict, type View } from "./view.ts";

/** The options of {@linkcode JsonLines}. */
export interface JsonLinesOptions {
  readonly input: ReadableStream<Uint8Array>;
  readonly output: Sink;
  /**
   * The form of values: "exact" can be read back; "plain" is what other programs expect, and each line is a body.
   */
  readonly style: "exact" | "plain";
  /** Whether only the bodies of messages are written. */
  readonly bodies: boolean;
  /** The output for the state of the connection, which is not part of the protocol. */
  readonly errors: Sink;
}

/** The keys of a line that is a post without a type. */
const POST_KEYS = new Set<Value>(["body", "room", "to"]);

/** The most characters of a bad line that the error shows. */
const SHOWN_LINE = 60;

/**
 * Converts lines of JSON to posts and messages, and events to lines of JSON.
 *
 * In: `{"body": …}`, with "room" or "to" for another destination, or a whole message, `{"type": "join", "room":
 * "ops"}`. Out: messages as they came, plain objects as `{"body": …}`, acks of posts that had a "ref" of their own, and
 * `error` for posts that were refused or lines that could not be read.
 */
export class JsonLines implements View {
  readonly #options: JsonLinesOptions;
  readonly #output: Output;
  readonly #errors: Output;
  readonly #lines: InputLines;

  constructor(options: JsonLinesOptions) {
    this.#options = options;
    this.#lines = new InputLines(options.input);
    this.#output = new Output(options.output);
    this.#errors = new Output(options.errors);
  }

  show(event: ChatEvent): Promise<void> | void {
    const { style, bodies } = this.#options;
    const toText = style === "plain" ? toPlainJson : toJson;
    const body = bodies ? bodyOf(event) : undefined;
    if (body !== undefined) return this.#output.line(bodyText(body, toText));
    const dict = bodies ? null : dictOf(event);
    if (dict !== null) return this.#output.line(jsonOf(dict, toText));
    const text = bodies || event.kind === "link" ? notice(event) : null;
    if (text !== null) return this.#errors.line(text);
  }

  async flush(): Promise<void> {
    await this.#output.flush();
    await this.#errors.flush();
  }

  limitLine(bytes: number): void {
    this.#lines.longest = bytes;
  }

  async next(): Promise<Action | null> {
    for (;;) {
      const line = await this.#lines.next();
      if (line === null) return null;
      if (typeof line !== "string") return leftOut(line);
      if (line.trim() !== "") return read(line, this.#options.style);
    }
  }

  async close(): Promise<void> {
    this.#lines.close();
    await this.flush();
  }
}

function read(line: string, style: "exact" | "plain"): Action {
  try {
    return style === "plain"
      ? { kind: "post", body: fromJson(line, { plain: true }) }
      : actionOf(fromJson(line));
  } catch (error) {
    if (!(error instanceof PickleError)) throw error;
    const shown = line.length > SHOWN_LINE ? `${line.slice(0, SHOWN_LINE)}…` : line;
    return { kind: "wrong", code: "bad-message", text: `${error.message}: ${shown}` };
  }
}

function actionOf(value: Value): Action {
  if (!(value instanceof Map)) throw new PickleError("syntax", "Cannot read the line: it is not an object");
  if (value.has("type")) return { kind: "say", dict: value };
  if (!value.has("body")) {
    throw new PickleError("syntax", 'Cannot read the line: it has neither "body" nor "type"');
  }
  const { body, room, to } = Object.fromEntries(value) as Record<string, Value>;
  if (![...value.keys()].every((key) => POST_KEYS.has(key)) || !isName(room) || !isName(to)) {
    return { kind: "say", dict: new Map([["type", "message"], ...value]) };
  }
  return { kind: "post", body: body!, room, to };
}

function isName(value: Value | undefined): value is string | undefined {
  return value === undefined || typeof value === "string";
}

/** Returns the dict that an event is written as, or null if nothing is written. */
function dictOf(event: ChatEvent): Dict | null {
  switch (event.kind) {
    case "message":
    case "replay":
    case "bye":
      return event.dict;
    case "told":
      // The session is a secret, and output ends up in files. The ref is that of the connector's own hello.
      return event.message.type === "welcome" ? without(event.dict, ["session", "ref"]) : event.dict;
    case "object":
      return new Map([["body", event.value]]);
    case "acked":
      if (!event.given) return null;
      return new Map<Value, Value>([
        ["type", "ack"],
        ["ref", event.ref],
        ...(event.id === undefined ? [] : [["id", event.id] as [Value, Value]]),
        ["at", Number.isInteger(event.at) ? new Float(event.at) : event.at],
      ]);
    case "refused":
      return new Map<Value, Value>([
        ["type", "error"],
        ["code", event.code],
        ["text", event.text],
        ...(event.given ? [["ref", event.ref] as [Value, Value]] : []),
      ]);
    case "problem":
      return new Map([["type", "error"], ["code", event.code ?? "failed"], ["text", event.text]]);
    default:
      return null;
  }
}

function without(dict: Dict, keys: readonly string[]): Dict {
  const rest = new Map(dict);
  for (const key of keys) rest.delete(key);
  return rest;
}

function bodyText(body: Value, toText: (value: Value) => string): string {
  try {
    return cleanJson(toText(body));
  } catch (error) {
    if (!(error instanceof PickleError)) throw error;
    return cleanJson(
      toText(new Map<Value, Value>([["type", "error"], ["code", "bad-message"], ["text", error.message]])),
    );
  }
}

function jsonOf(dict: Dict, toText: (value: Value) => string): string {
  try {
    return cleanJson(toText(new Map(dict)));
  } catch (error) {
    if (!(error instanceof PickleError)) throw error;
    return cleanJson(toText(
      new Map<Value, Value>([
        ["type", "error"],
        ["code", "bad-message"],
        ["text", error.message],
        ...[...dict].filter(([key]) => key === "id" || key === "room" || key === "from"),
      ]),
    ));
  }
}
