/**
 * The messages between a listener and its peers: dicts whose key "type" holds a str.
 *
 * The two tables below define the whole protocol: messages are read, checked and written by them. docs/protocol.md
 * describes the same in words.
 */

import type { Ref } from "../base/ref.ts";
import { Float, type Value } from "../pickle/values/values.ts";

/** The version of the protocol, as sent in `welcome`. */
export const PROTOCOL = 1;

/** The room that a peer enters if it asks for no other. */
export const LOBBY = "lobby";

/** The JavaScript type of each kind that the tables name. */
interface Kinds {
  str: string;
  int: number;
  float: number;
  bool: boolean;
  bytes: Uint8Array;
  /** A str or an int that the answer to the message repeats. */
  ref: string | number;
  /** A list of str. */
  strs: readonly string[];
  /** A dict of str to int. */
  ints: ReadonlyMap<string, number>;
  any: Value;
}

type Kind = keyof Kinds;
/** The keys of a message and their kinds, with "?" behind a kind where the key is optional. */
type Shape = Readonly<Record<string, Kind | `${Kind}?`>>;

/** The messages that a peer may send. */
export const FROM_PEER = {
  hello: {
    nick: "str?",
    room: "str?",
    client: "str?",
    session: "str?",
    resume: "ints?",
    epoch: "str?",
    replay: "int?",
    echo: "bool?",
    quiet: "bool?",
    member: "str?",
    nonce: "bytes?",
    proof: "bytes?",
    enrol: "bool?",
  },
  message: { body: "any", room: "str?", to: "str?" },
  nick: { nick: "str" },
  join: { room: "str", since: "int?" },
  leave: { room: "str" },
  who: { room: "str?" },
  rooms: {},
  stats: {},
  history: { room: "str", before: "int?", limit: "int?" },
  search: { room: "str", words: "str", before: "int?", limit: "int?" },
  topic: { room: "str", text: "str" },
  op: { token: "str" },
  kick: { room: "str", nick: "str", text: "str?" },
  mute: { room: "str", nick: "str", text: "str?" },
  unmute: { room: "str", nick: "str", text: "str?" },
  ban: { nick: "str?", address: "str?", text: "str?" },
  unban: { nick: "str?", address: "str?", text: "str?" },
  bans: {},
  mutes: { room: "str" },
  ping: {},
  pong: {},
} as const satisfies Record<string, Shape>;

/** The messages that a listener may send. */
export const FROM_LISTENER = {
  welcome: {
    protocol: "int",
    nick: "str",
    room: "str",
    session: "str",
    epoch: "str",
    server: "str",
    version: "str",
    limits: "ints",
    proof: "bytes?",
    secret: "bytes?",
  },
  message: { body: "any", from: "str", at: "float", id: "int?", room: "str?", to: "str?" },
  ack: { at: "float", id: "int?" },
  joined: {
    room: "str",
    nick: "str",
    at: "float",
    nicks: "strs?",
    topic: "str?",
    head: "int?",
    count: "int?",
  },
  left: { room: "str", nick: "str", at: "float", why: "str?", by: "str?", text: "str?" },
  renamed: { room: "str", nick: "str", to: "str", at: "float" },
  topic: { room: "str", nick: "str", text: "str", at: "float" },
  replay: { room: "str", count: "int", words: "str?" },
  gap: { room: "str", first: "int", last: "int" },
  who: { room: "str", nicks: "strs", count: "int", addresses: "any?" },
  rooms: { rooms: "any" },
  stats: { stats: "any" },
  op: { nick: "str" },
  kick: { room: "str", nick: "str", text: "str?" },
  mute: { room: "str", nick: "str", text: "str?", by: "str?" },
  unmute: { room: "str", nick: "str", text: "str?", by: "str?" },
  ban: { nick: "str?", address: "str?", text: "str?" },
  unban: { nick: "str?", address: "str?", text: "str?" },
  bans: { nicks: "strs", addresses: "strs" },
  mutes: { room: "str", nicks: "strs" },
  error: { code: "str", text: "str" },
  bye: { code: "str", text: "str", certificate: "str?" },
  ping: {},
  pong: {},
} as const satisfies Record<string, Shape>;

type OptionalKeys<S extends Shape> = { [K in keyof S]: S[K] extends `${string}?` ? K : never }[keyof S];
type KindOf<T> = T extends `${infer K extends Kind}?` ? Kinds[K] : T extends Kind ? Kinds[T] : never;
type Fields<S extends Shape> =
  & { readonly [K in Exclude<keyof S, OptionalKeys<S>>]: KindOf<S[K]> }
  & { readonly [K in OptionalKeys<S>]?: KindOf<S[K]> | undefined };
type MessageOf<Table extends Record<string, Shape>> = {
  [T in keyof Table]: { readonly type: T; readonly ref?: string | number | undefined } & Fields<Table[T]>;
}[keyof Table];

/** A message from a peer, checked. */
export type PeerMessage = MessageOf<typeof FROM_PEER>;
/** A message from a listener, checked. */
export type ListenerMessage = MessageOf<typeof FROM_LISTENER>;

/** The codes of `error`. */
export const ERROR_CODES = [
  "bad-header",
  "too-large",
  "bad-pickle",
  "unsafe-pickle",
  "bad-message",
  "unknown-type",
  "no-such-nick",
  "no-such-room",
  "not-allowed",
  "busy",
  "not-stored",
  "slow-down",
] as const;
export type ErrorCode = typeof ERROR_CODES[number];

/** The codes of `bye`, and the reaction of a connector to each. */
export const BYE_CODES = {
  kicked: "refused",
  banned: "refused",
  full: "refused",
  private: "refused",
  "not-allowed": "refused",
  replaced: "lost",
  busy: "reconnect",
  shutdown: "reconnect",
  slow: "reconnect",
  idle: "reconnect",
  "bad-header": "reconnect",
  "too-large": "reconnect",
} as const;
export type ByeCode = keyof typeof BYE_CODES;

/** A refused request. It is answered by `error`, and the connection stays open. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  /** @param ref The ref of the message, where it could not be read otherwise. */
  constructor(readonly code: ErrorCode, message: string, readonly ref?: Ref | undefined) {
    super(message);
  }
}

/** The longest `ref`, in UTF-16 code units. It is limited because it is stored with its message. */
export const MAX_REF_LENGTH = 128;

/** Whether a value can be a ref. */
export function isRef(value: Value | undefined): value is string | number {
  if (typeof value !== "string") return Number.isSafeInteger(value);
  return value.length <= MAX_REF_LENGTH && value.isWellFormed();
}

/** A key that a message may have. */
interface Field {
  readonly key: string;
  readonly kind: Kind;
  readonly isOptional: boolean;
}

/** The keys of each type of message, taken from the tables once. */
type Types = ReadonlyMap<string, readonly Field[]>;

const PEER_TYPES = typesOf(FROM_PEER);
const LISTENER_TYPES = typesOf(FROM_LISTENER);

function typesOf(table: Readonly<Record<string, Shape>>): Types {
  const types = new Map<string, readonly Field[]>();
  for (const [type, shape] of Object.entries(table)) {
    // Every message may carry a ref.
    types.set(type, Object.entries({ ...shape, ref: "ref?" }).map(fieldOf));
  }
  return types;
}

function fieldOf([key, kind]: [string, string]): Field {
  return { key, kind: kind.replace("?", "") as Kind, isOptional: kind.endsWith("?") };
}

/** Converts a value to a kind; undefined if the value is of another kind. */
const READ: { readonly [K in Kind]: (value: Value) => Kinds[K] | undefined } = {
  str: (value) => typeof value === "string" ? value : undefined,
  int: (value) => Number.isSafeInteger(value) ? value as number : undefined,
  float: (value) => typeof value === "number" ? value : value instanceof Float ? value.value : undefined,
  bool: (value) => typeof value === "boolean" ? value : undefined,
  bytes: (value) => value instanceof Uint8Array ? value : undefined,
  ref: (value) => isRef(value) ? value : undefined,
  strs: (value) =>
    Array.isArray(value) && value.every((item) => typeof item === "string") ? value : undefined,
  ints: (value) => {
    if (!(value instanceof Map)) return undefined;
    for (const [key, number] of value) {
      if (typeof key !== "string" || !Number.isSafeInteger(number)) return undefined;
    }
    return value as Map<string, number>;
  },
  any: (value) => value,
};

/** The names of the kinds in the text of an error. */
const KIND_NAMES: Readonly<Record<Kind, string>> = {
  str: "a str",
  int: "an int",
  float: "a float",
  bool: "a bool",
  bytes: "bytes",
  ref: `an int or a str of at most ${MAX_REF_LENGTH} characters`,
  strs: "a list of str",
  ints: "a dict of str to int",
  any: "anything",
};

/**
 * Reads a message from a peer.
 *
 * @throws {Refusal} `unknown-type`, or `bad-message` naming the key that is missing or holds a wrong value.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { readPeerMessage } from "./message.ts";
 *
 * assertEquals(readPeerMessage(new Map([["type", "nick"], ["nick", "alice"]])), { type: "nick", nick: "alice" });
 * assertThrows(() => readPeerMessage(new Map([["type", "nick"]])), Error, "nick is missing");
 * ```
 */
export function readPeerMessage(dict: ReadonlyMap<Value, Value>): PeerMessage {
  return read(PEER_TYPES, dict) as PeerMessage;
}

/**
 * Reads a message from a listener. Returns null if this version does not know its type.
 *
 * @throws {Refusal} `bad-message`, as {@linkcode readPeerMessage}.
 */
export function readListenerMessage(dict: ReadonlyMap<Value, Value>): ListenerMessage | null {
  if (!LISTENER_TYPES.has(String(dict.get("type")))) return null;
  return read(LISTENER_TYPES, dict) as ListenerMessage;
}

function read(types: Types, dict: ReadonlyMap<Value, Value>): Record<string, unknown> {
  const type = dict.get("type");
  const fields = typeof type === "string" ? types.get(type) : undefined;
  if (fields === undefined) {
    throw new Refusal("unknown-type", `Cannot take the message: there is no type ${shown(type)}`);
  }
  const message: Record<string, unknown> = { type };
  for (const { key, kind, isOptional } of fields) {
    const value = dict.get(key);
    if (value === undefined) {
      if (isOptional) continue;
      throw new Refusal("bad-message", `Cannot take the ${type}: the key ${key} is missing`);
    }
    const known = READ[kind](value);
    if (known === undefined) {
      throw new Refusal(
        "bad-message",
        `Cannot take the ${type}: the key ${key} must hold ${KIND_NAMES[kind]}`,
      );
    }
    message[key] = known;
  }
  return message;
}

function shown(value: Value | undefined): string {
  return typeof value === "string" ? quote(value) : "a value that is not a str";
}

/** The longest quotation of a text from the network, in UTF-16 code units. */
const QUOTED_LENGTH = 40;

/** Returns a name for the text of an error: as it is if it may be one, else quoted. */
export function nameOrQuote(name: string): string {
  return /^[\p{L}\p{M}\p{N}\p{P}\p{S}]{1,32}$/u.test(name) ? name : quote(name);
}

/** Quotes a text of a peer for the text of an error, shortened if it is long. */
export function quote(text: string): string {
  return text.length > QUOTED_LENGTH
    ? `${JSON.stringify(text.slice(0, QUOTED_LENGTH))} …`
    : JSON.stringify(text);
}

/**
 * Checks the length of a text that is stored or sent to a room.
 *
 * @param most The most UTF-16 code units that it may have.
 * @throws {Refusal} `bad-message` if it is longer.
 */
export function checkText(text: string | undefined, most: number): void {
  if (text === undefined || text.length <= most) return;
  throw new Refusal("bad-message", `Cannot do that: the text is too long: at most ${most} characters`);
}

/** Converts a peer's message to the dict that is sent. */
export function peerDict(message: PeerMessage): Map<Value, Value> {
  return dictOf(PEER_TYPES, message);
}

/**
 * Converts a listener's message to the dict that is sent.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { listenerDict } from "./message.ts";
 *
 * assertEquals(listenerDict({ type: "replay", room: "lobby", count: 0 }), new Map<string, string | number>([
 *   ["type", "replay"], ["room", "lobby"], ["count", 0],
 * ]));
 * ```
 */
export function listenerDict(message: ListenerMessage): Map<Value, Value> {
  return dictOf(LISTENER_TYPES, message);
}

function dictOf(types: Types, message: { readonly type: string }): Map<Value, Value> {
  const dict = new Map<Value, Value>([["type", message.type]]);
  const values = message as unknown as Readonly<Record<string, Value | undefined>>;
  for (const { key, kind } of types.get(message.type)!) {
    const value = values[key];
    if (value === undefined) continue;
    // A whole number of seconds must be sent as a float too.
    dict.set(key, kind === "float" && Number.isInteger(value) ? new Float(value as number) : value);
  }
  return dict;
}
