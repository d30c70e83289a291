/** The other listeners: which of them are alive, and whether all their published changes have arrived. */

import type { Gone, News, NodeHead, Person } from "./person.ts";
import type { Roster } from "./roster.ts";

/** The silence after which a listener counts as gone, in milliseconds. */
export const SILENT_MS = 5_000;

/** The shortest time between two requests for the state of one listener, in milliseconds. */
const ASK_AGAIN_MS = 500;

/** The most ended listeners that are remembered, so that late news from them is ignored. */
const MOST_ENDED = 1_000;

/** A listener. */
interface Node {
  name: string;
  isPrivate: boolean;
  /** The version up to which all changes have arrived; null from a missing change on, until the whole state comes. */
  version: number | null;
  heardAt: number;
  /** Whether the broker has found no receiver for a request to it since its last news. */
  isUnreachable: boolean;
  askedAt: number;
  /** The parts of a state that have come. */
  parts: Person[];
  nextPart: number;
}

/** The options of {@linkcode Nodes}. */
export interface NodesOptions {
  /** The random name of this listener, whose own news is ignored. */
  readonly self: string;
  readonly roster: Roster;
  /** Returns the present, in milliseconds of a steady clock. */
  readonly ticks: () => number;
  /** Asks a listener for its state. */
  readonly ask: (node: string) => void;
  /** Called for each person in the news. */
  readonly onPerson: (person: Person) => void;
}

/** Follows the news of other listeners. */
export class Nodes {
  readonly #options: NodesOptions;
  readonly #nodes = new Map<string, Node>();
  readonly #ended = new Set<string>();
  /** The times at which people began to move from one listener to another, by their ids. */
  readonly #moving = new Map<string, number>();

  constructor(options: NodesOptions) {
    this.#options = options;
  }

  /** The listeners that are alive, with their names for people, and whether they serve members only. */
  *alive(): Generator<{ readonly node: string; readonly name: string; readonly isPrivate: boolean }> {
    for (const [node, { name, isPrivate }] of this.#nodes) yield { node, name, isPrivate };
  }

  /** Whether a listener is alive; undefined if there was no news of it. */
  isAlive(id: string): boolean | undefined {
    const node = this.#nodes.get(id);
    if (node !== undefined) return !node.isUnreachable;
    return this.#ended.has(id) ? false : undefined;
  }

  /** Handles a request that found no receiver: the listener counts as gone until there is news of it. */
  missed(id: string): void {
    const node = this.#nodes.get(id);
    if (node !== undefined) node.isUnreachable = true;
  }

  /** Handles news, except `hello` and `ask`, which {@linkcode Herald} answers. */
  take(news: Exclude<News, { kind: "hello" | "ask" }>): void {
    if (news.node === this.#options.self || this.#ended.has(news.node)) return;
    if (news.kind === "bye") return this.#end(news.node);
    const node = this.#heard(news);
    switch (news.kind) {
      case "beat":
        if (node.version !== news.version) this.#ask(news.node, node);
        return;
      case "change":
        return this.#change(node, news);
      case "state":
        return this.#state(node, news);
    }
  }

  #heard({ node: id, name, isPrivate = false }: NodeHead): Node {
    const now = this.#options.ticks();
    const head = { name, isPrivate, heardAt: now, isUnreachable: false };
    const node: Node = this.#nodes.get(id) ??
      { ...head, version: null, askedAt: -Infinity, parts: [], nextPart: 0 };
    Object.assign(node, head);
    this.#nodes.set(id, node);
    return node;
  }

  #change(
    node: Node,
    { node: id, version, set, gone }: NodeHead & { set: readonly Person[]; gone: readonly Gone[] },
  ): void {
    if (node.version !== version - 1) {
      if (node.version === null || version > node.version) this.#ask(id, node);
      return;
    }
    node.version = version;
    const { roster } = this.#options;
    for (const { id: person, moved, removal } of gone) {
      if (!moved) {
        roster.remove(id, person, removal);
        // The person has moved there, and left at once.
        if (this.#moving.delete(person)) roster.remove(null, person, removal);
      } else if (roster.move(id, person)) this.#moving.set(person, this.#options.ticks());
    }
    for (const person of set) this.#set(id, person);
  }

  #state(
    node: Node,
    news: NodeHead & { part: number; parts: number; people: readonly Person[] },
  ): void {
    if (news.part === 0) [node.parts, node.nextPart] = [[], 0];
    if (news.part !== node.nextPart) return;
    node.parts.push(...news.people);
    node.nextPart++;
    if (node.nextPart < news.parts) return;
    const people = node.parts;
    [node.parts, node.nextPart] = [[], 0];
    node.version = news.version;
    this.#options.roster.removeAll(news.node, new Set(people.map(({ id }) => id)));
    for (const person of people) this.#set(news.node, person);
  }

  #set(node: string, person: Person): void {
    this.#moving.delete(person.id);
    this.#options.roster.set(node, person);
    this.#options.onPerson(person);
  }

  #ask(id: string, node: Node): void {
    node.version = null;
    const now = this.#options.ticks();
    if (now - node.askedAt < ASK_AGAIN_MS) return;
    node.askedAt = now;
    this.#options.ask(id);
  }

  #end(id: string): void {
    this.#ended.add(id);
    if (this.#ended.size > MOST_ENDED) this.#ended.delete(this.#ended.values().next().value!);
    this.#forget(id);
  }

  #forget(id: string): void {
    this.#nodes.delete(id);
    this.#options.roster.removeAll(id);
  }

  /** Restarts the timeouts after a while in which no news could arrive. */
  wasDeaf(): void {
    const now = this.#options.ticks();
    for (const node of this.#nodes.values()) node.heardAt = now;
    for (const id of this.#moving.keys()) this.#moving.set(id, now);
  }

  /** Adds a person of this listener who is moving to another one: they leave unless that one publishes them. */
  departed(person: Person): void {
    this.#moving.set(person.id, this.#options.ticks());
    this.#options.roster.addMoving(person);
  }

  /** Notes that a person is about to continue at this listener: nothing that others publish removes them any more. */
  arriving(id: string): void {
    this.#moving.delete(id);
    this.#options.roster.arriving(id);
  }

  /** Removes listeners that are silent, and people who moved but did not arrive at another listener. */
  sweep(): void {
    const now = this.#options.ticks();
    for (const [id, { heardAt }] of this.#nodes) if (now - heardAt >= SILENT_MS) this.#forget(id);
    for (const [id, since] of this.#moving) {
      if (now - since < SILENT_MS) continue;
      this.#moving.delete(id);
      this.#options.roster.remove(null, id);
    }
  }
}
