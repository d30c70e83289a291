/** People and the news about them, which listeners publish as JSON. */

import type { Distant } from "../../hub/elsewhere/elsewhere.ts";
import type { Removal } from "../../hub/rooms/removal.ts";

/** A person at a listener. */
export interface Person extends Distant {
  /** Does not change when the person is renamed, or continues at another listener. */
  readonly id: string;
  /** When this connection of the person said hello, in milliseconds since 1970. */
  readonly since: number;
  /** The member of a private chat that they have proved to be. */
  readonly member?: string | undefined;
}

/** A person who is gone. */
export interface Gone {
  readonly id: string;
  readonly removal?: Removal | undefined;
  /** Whether the person continues at another listener, which publishes them soon. */
  readonly moved?: boolean | undefined;
}

/** The part of most news in which a listener describes itself. */
export interface NodeHead {
  /** The random name of this run of the listener. */
  readonly node: string;
  /** Its name for people. */
  readonly name: string;
  /** Whether it serves the chat for members only. */
  readonly isPrivate?: boolean | undefined;
  /** The number of changes that it has published. */
  readonly version: number;
}

/** News that a listener publishes to all others. */
export type News =
  /** It asks all others for their states. */
  | { readonly kind: "hello"; readonly node: string }
  /** It asks one other for its state. */
  | { readonly kind: "ask"; readonly node: string; readonly to: string }
  | { readonly kind: "beat" } & NodeHead
  /** Its people have changed; `version` counts this change. */
  | { readonly kind: "change"; readonly set: readonly Person[]; readonly gone: readonly Gone[] } & NodeHead
  /** All its people, in consecutive parts. */
  | {
    readonly kind: "state";
    readonly part: number;
    readonly parts: number;
    readonly people: readonly Person[];
  } & NodeHead
  /** It ends. */
  | { readonly kind: "bye"; readonly node: string };

/** The most rooms of one person, and the most people in one message. */
const MOST_ROOMS = 10_000;
const MOST_PEOPLE = 100_000;

/**
 * Reads news.
 * @returns Null if this program does not know such news.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { readNews } from "./person.ts";
 *
 * const read = (text: string) => readNews(new TextEncoder().encode(text));
 * assertEquals(read('{"kind":"bye","node":"a"}'), { kind: "bye", node: "a" });
 * assertEquals(read('{"kind":"beat","node":"a"}'), null);
 * assertEquals(read("no JSON"), null);
 * ```
 */
export function readNews(bytes: Uint8Array): News | null {
  const value = parse(bytes);
  if (value === null || !isText(value.node)) return null;
  const { kind, node } = value;
  if (kind === "hello" || kind === "bye") return { kind, node };
  if (kind === "ask") return isText(value.to) ? { kind, node, to: value.to } : null;
  if (!isHead(value)) return null;
  const { name, version, isPrivate } = value;
  const head = { node, name, version, ...isPrivate === true ? { isPrivate } : {} };
  if (kind === "beat") return { kind, ...head };
  if (kind === "change" && isList(value.set, isPerson) && isList(value.gone, isGone)) {
    return { kind, ...head, set: value.set, gone: value.gone };
  }
  const { part, parts, people } = value;
  if (kind === "state" && isCount(part) && isCount(parts) && isList(people, isPerson)) {
    return { kind, ...head, part, parts, people };
  }
  return null;
}

/** Returns the properties of a JSON object; null if the bytes are anything else. */
export function parse(bytes: Uint8Array): Partial<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === "object" ? value as Partial<Record<string, unknown>> | null : null;
  } catch {
    return null;
  }
}

export function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isHead(value: Partial<Record<string, unknown>>): value is Record<string, unknown> & NodeHead {
  return isText(value.name) && isCount(value.version) &&
    (value.isPrivate === undefined || typeof value.isPrivate === "boolean");
}

function isList<T>(value: unknown, isOne: (value: unknown) => value is T): value is T[] {
  return Array.isArray(value) && value.length <= MOST_PEOPLE && value.every(isOne);
}

function isPerson(value: unknown): value is Person {
  if (typeof value !== "object" || value === null) return false;
  const person = value as Partial<Record<string, unknown>>;
  const { id, nick, session, address, isQuiet, rooms, since, member } = person;
  return [id, nick, session, address].every(isText) && (member === undefined || isText(member)) &&
    typeof isQuiet === "boolean" && isCount(since) &&
    Array.isArray(rooms) && rooms.length <= MOST_ROOMS && rooms.every(isText);
}

function isGone(value: unknown): value is Gone {
  if (typeof value !== "object" || value === null) return false;
  const { id, removal, moved } = value as Partial<Record<string, unknown>>;
  return isText(id) && (moved === undefined || typeof moved === "boolean") &&
    (removal === undefined || isRemoval(removal));
}

function isRemoval(value: unknown): value is Removal {
  if (typeof value !== "object" || value === null) return false;
  const { why, by, text } = value as Partial<Record<keyof Removal, unknown>>;
  return (why === "kicked" || why === "banned") && isText(by) && (text === undefined || isText(text));
}
