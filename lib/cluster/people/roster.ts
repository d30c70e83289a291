/** The people at other listeners and the rooms that they are in. */

import { nameKey } from "../../base/text.ts";
import type { Removal } from "../../hub/rooms/removal.ts";
import type { Person } from "./person.ts";

/** The events of a {@linkcode Roster}, for people who are announced. */
export interface RosterEvents {
  joined(room: string, person: Person): void;
  left(room: string, person: Person, removal: Removal | undefined): void;
  renamed(room: string, before: Person, person: Person): void;
}

/** A person, and the listener that they are at; null while they move from one to another. */
interface Entry {
  readonly person: Person;
  readonly node: string | null;
}

/** A room, under the spelling of its name that came first. */
interface RoomOfOthers {
  readonly name: string;
  readonly people: Map<string, Person>;
}

/**
 * Keeps the people at other listeners.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Roster } from "./roster.ts";
 *
 * const told: string[] = [];
 * const roster = new Roster({
 *   joined: (room, { nick }) => told.push(`${nick} joined ${room}`),
 *   left: (room, { nick }) => told.push(`${nick} left ${room}`),
 *   renamed: (room, before, { nick }) => told.push(`${before.nick} is ${nick} in ${room}`),
 * });
 * const ann = { id: "1", nick: "ann", session: "s", address: "a", isQuiet: false, rooms: ["ops"], since: 0 };
 * roster.set("n1", ann);
 * roster.set("n1", { ...ann, nick: "zoe" });
 * // The person continues at another listener, which causes no event.
 * roster.move("n1", "1");
 * roster.set("n2", { ...ann, nick: "zoe" });
 * roster.remove("n1", "1");
 * assertEquals(roster.find("ZOE")?.node, "n2");
 * roster.removeAll("n2");
 * assertEquals(told, ["ann joined ops", "ann is zoe in ops", "zoe left ops"]);
 * ```
 */
export class Roster {
  readonly #events: RosterEvents;
  readonly #entries = new Map<string, Entry>();
  readonly #byNick = new Map<string, string>();
  readonly #bySession = new Map<string, string>();
  readonly #rooms = new Map<string, RoomOfOthers>();

  constructor(events: RosterEvents) {
    this.#events = events;
  }

  /** Finds a person by nick. */
  find(nick: string): Entry | undefined {
    return this.#entries.get(this.#byNick.get(nameKey(nick)) ?? "");
  }

  /** Finds a person by session. */
  findSession(session: string): Entry | undefined {
    return this.#entries.get(this.#bySession.get(session) ?? "");
  }

  /** The room of that name; undefined if nobody is in it. */
  room(name: string): RoomOfOthers | undefined {
    return this.#rooms.get(nameKey(name));
  }

  /** The rooms in which somebody is. */
  rooms(): Iterable<RoomOfOthers> {
    return this.#rooms.values();
  }

  /** The people of all listeners. */
  *people(): Generator<Person> {
    for (const { person } of this.#entries.values()) yield person;
  }

  /** The people of a listener. */
  *of(node: string): Generator<Person> {
    for (const entry of this.#entries.values()) if (entry.node === node) yield entry.person;
  }

  /** Adds or changes a person, who is at that listener from now on. */
  set(node: string, person: Person): void {
    const before = this.#entries.get(person.id)?.person;
    this.#put(node, person);
    this.#announce(before, person, undefined);
  }

  /** Adds a person of this listener who is moving to another one, without an event: they stay in their rooms. */
  addMoving(person: Person): void {
    this.#put(null, person);
  }

  #put(node: string | null, person: Person): void {
    const before = this.#entries.get(person.id)?.person;
    if (before !== undefined) this.#unlist(before);
    this.#entries.set(person.id, { person, node });
    this.#byNick.set(nameKey(person.nick), person.id);
    this.#bySession.set(person.session, person.id);
    for (const name of person.rooms) {
      const key = nameKey(name);
      const room = this.#rooms.get(key) ?? { name, people: new Map() };
      this.#rooms.set(key, room);
      room.people.set(person.id, person);
    }
  }

  /** Marks a person as moving to another listener. They stay in their rooms. Returns false if they are not at that listener. */
  move(node: string, id: string): boolean {
    const entry = this.#entries.get(id);
    if (entry?.node !== node) return false;
    this.#entries.set(id, { ...entry, node: null });
    return true;
  }

  /** Removes a person, if they are still at that listener; null is for a person who is moving. */
  remove(node: string | null, id: string, removal?: Removal): void {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.node !== node) return;
    this.#forget(entry.person);
    this.#announce(entry.person, undefined, removal);
  }

  /** Removes the people of a listener, except those with the given ids. */
  removeAll(node: string, except: ReadonlySet<string> = new Set()): void {
    for (const { id } of [...this.of(node)]) if (!except.has(id)) this.remove(node, id);
  }

  /** Marks a person as moving to this listener. */
  arriving(id: string): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) this.#entries.set(id, { ...entry, node: null });
  }

  /** Removes a person who was about to continue at this listener. */
  leave(id: string): void {
    this.remove(null, id);
  }

  /** Removes a person without an event, because they are at this listener now. */
  adopt(id: string): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) this.#forget(entry.person);
  }

  #forget(person: Person): void {
    this.#unlist(person);
    this.#entries.delete(person.id);
  }

  #unlist({ id, nick, session, rooms }: Person): void {
    if (this.#byNick.get(nameKey(nick)) === id) this.#byNick.delete(nameKey(nick));
    if (this.#bySession.get(session) === id) this.#bySession.delete(session);
    for (const name of rooms) {
      const room = this.#rooms.get(nameKey(name));
      room?.people.delete(id);
      if (room?.people.size === 0) this.#rooms.delete(nameKey(name));
    }
  }

  #announce(before: Person | undefined, now: Person | undefined, removal: Removal | undefined): void {
    if (before?.isQuiet || now?.isQuiet) return;
    const [old, rooms] = [keysOf(before), keysOf(now)];
    for (const [key, room] of old) {
      if (!rooms.has(key)) this.#events.left(room, before!, removal);
      else if (before!.nick !== now!.nick) this.#events.renamed(room, before!, now!);
    }
    for (const [key, room] of rooms) if (!old.has(key)) this.#events.joined(room, now!);
  }
}

function keysOf(person: Person | undefined): Map<string, string> {
  return new Map(person?.rooms.map((room) => [nameKey(room), room]));
}
