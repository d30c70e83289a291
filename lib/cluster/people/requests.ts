/** Requests between listeners on behalf of their people: private messages, kicks, moves of sessions, figures. */

import type { Before, Here, Hereabouts, Kick, Letter } from "../../hub/elsewhere/elsewhere.ts";
import type { Log } from "../../log/log.ts";
import { decode } from "../../pickle/decode/decode.ts";
import { encode } from "../../pickle/encode/encode.ts";
import type { Value } from "../../pickle/values/values.ts";
import { isRef, quote, Refusal } from "../../protocol/message.ts";
import type { Asks, Content } from "./asks.ts";
import type { Herald } from "./herald.ts";
import type { Names } from "./names.ts";
import type { Nodes } from "./nodes.ts";
import { isText } from "./person.ts";
import type { Roster } from "./roster.ts";

/** The options of {@linkcode Requests}. */
export interface RequestsOptions {
  readonly asks: Asks;
  /** The random name of this run of the listener, and its name for people. */
  readonly self: string;
  readonly name: string;
  readonly roster: Roster;
  readonly nodes: Nodes;
  readonly names: Names;
  readonly herald: Herald;
  readonly log: Log;
}

/** The time in which another listener has to answer, and to send its figures, in milliseconds. */
const ANSWER_MS = 2_000;
const FIGURES_MS = 500;

/** The figures of each listener that are shown. */
const FIGURES = [
  "uptime",
  "peers",
  "rooms",
  "messages",
  "private_messages",
  "deliveries",
  "loop_delay",
  "memory",
];

/** Asks other listeners, and answers them. */
export class Requests {
  readonly #options: RequestsOptions;
  #hub: Hereabouts | undefined;
  /** The ids of people at other listeners whom peers continue that have not entered yet. */
  readonly #arriving = new Map<Here, string>();
  /** Whether a session is being given to another listener right now. */
  isYielding = false;

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  /**
   * Answers the other listeners. Until there is a hub, it answers only that this listener is alive, so that nobody
   * takes what it claims.
   *
   * @returns A function that ends this.
   */
  serve(): () => void {
    const { asks, self, log } = this.#options;
    return asks.serve(self, (content) => this.#answer(content), log);
  }

  /** Sets the hub for which requests are answered. */
  attach(hub: Hereabouts): void {
    this.#hub = hub;
  }

  /**
   * Sends a private message to the listener at which its receiver is.
   * @returns The time at which it was first queued, in seconds since 1970.
   * @throws {Refusal} `no-such-nick`, `busy`.
   */
  async deliver({ to, frame, session, ref, at }: Letter): Promise<number> {
    const gone = new Refusal("no-such-nick", `Cannot post the message: nobody is called ${quote(to)}`);
    const busy = new Refusal("busy", `Cannot post the message: the listener of ${quote(to)} does not answer`);
    const content = { line: { kind: "letter", to, session, ref, at }, bytes: frame };
    const { line } = await this.#askFor(to, content, { gone, busy });
    return typeof line.at === "number" ? line.at : at;
  }

  /** @throws {Refusal} `no-such-nick`, `not-allowed`, `busy`. */
  async kick(kick: Kick): Promise<string> {
    const gone = new Refusal("no-such-nick", `Cannot do that: nobody is called ${quote(kick.nick)}`);
    const busy = new Refusal("busy", `Cannot do that: the listener of ${quote(kick.nick)} does not answer`);
    const { line } = await this.#askFor(kick.nick, { line: { kind: "kick", ...kick } }, { gone, busy });
    return isText(line.nick) ? line.nick : kick.nick;
  }

  async #askFor(nick: string, content: Content, { gone, busy }: { gone: Refusal; busy: Refusal }) {
    const { roster, asks } = this.#options;
    const entry = roster.find(nick);
    if (entry === undefined) throw gone;
    if (entry.node === null) throw busy;
    return await asks.ask(entry.node, content, { gone, busy, timeout: ANSWER_MS });
  }

  /** Handles that a peer has entered: whom it continues is here now. */
  entered(peer: Here): void {
    const id = this.#arriving.get(peer);
    if (id !== undefined && this.#arriving.delete(peer)) this.#options.roster.adopt(id);
  }

  /** Handles that a peer is gone: whom it continues leaves if it has not entered. */
  gone(peer: Here): void {
    const id = this.#arriving.get(peer);
    if (id !== undefined && this.#arriving.delete(peer)) this.#options.roster.leave(id);
  }

  /**
   * Takes over a session that another listener has.
   * @returns The connection that had it; undefined if it is no longer there, or that listener does not answer.
   * @throws {Refusal} `not-allowed` if it is another member's.
   */
  async takeOver(
    peer: Here,
    { node, session }: { node: string; session: string },
  ): Promise<Before | undefined> {
    const { herald, names, nodes, roster } = this.#options;
    const { id, nick, isOperator, isQuiet, rooms } = await this.#askToYield(peer, { node, session });
    if (!isText(nick) || !isText(id) || !Array.isArray(rooms)) return undefined;
    nodes.arriving(id);
    await names.adopt(peer, nick);
    if (herald.continueAs(peer, id)) this.#arriving.set(peer, id);
    else roster.leave(id);
    return { nick, isOperator: isOperator === true, isQuiet: isQuiet === true, rooms: rooms.filter(isText) };
  }

  async #askToYield(
    { member }: Here,
    { node, session }: { node: string; session: string },
  ): Promise<Content["line"]> {
    const { asks, self, nodes, roster } = this.#options;
    const [gone, busy] = [new Refusal("busy", ""), new Refusal("busy", "")];
    const content = { line: { kind: "yield", session, member, node: self } };
    try {
      return (await asks.ask(node, content, { gone, busy, timeout: ANSWER_MS })).line;
    } catch (error) {
      if (error === busy) return {};
      if (error !== gone) throw error;
      // The listener was killed, and nobody has noticed it yet. Its people may resume here.
      nodes.missed(node);
      const person = roster.findSession(session)?.person;
      return person === undefined || person.member !== member ? {} : { ...person };
    }
  }

  /** Asks all listeners for their figures. A listener that does not answer in time is listed without any. */
  async figures(): Promise<Map<Value, Value>[]> {
    const { asks, nodes, name } = this.#options;
    const none = new Refusal("busy", "");
    const ask = async (node: string): Promise<Value> => {
      const patience = { gone: none, busy: none, timeout: FIGURES_MS };
      try {
        const { bytes } = await asks.ask(node, { line: { kind: "figures" } }, patience);
        return decode(bytes ?? new Uint8Array(0));
      } catch {
        return null;
      }
    };
    const others = Array.from(nodes.alive(), async ({ node, name }) => named(name, await ask(node)));
    const own = named(name, this.#hub?.figures() ?? null);
    return [own, ...await Promise.all(others)].sort((a, b) =>
      `${a.get("listener")}` < `${b.get("listener")}` ? -1 : 1
    );
  }

  async #answer({ line, bytes = new Uint8Array(0) }: Content): Promise<Content> {
    const { kind, nick, session } = line;
    if (kind === "alive") return { line: {} };
    const hub = this.#hub;
    if (hub === undefined) throw new Refusal("busy", "This listener is starting: try again");
    switch (kind) {
      case "letter": {
        const { to, ref, at } = line;
        if (!isText(to) || !isText(session) || typeof at !== "number") break;
        if (ref !== undefined && !isRef(ref as Value)) break;
        // A copy, because the bytes are a view of the client's buffer.
        const letter = { to, session, at, ref: ref as Letter["ref"], frame: bytes.slice() };
        return { line: { at: hub.deliver(letter) } };
      }
      case "kick": {
        const { room, by, text } = line;
        if (!isText(room) || !isText(nick) || !isText(by)) break;
        return { line: { nick: hub.kick({ room, nick, by, text: isText(text) ? text : undefined }) } };
      }
      case "yield": {
        const { node, member } = line;
        if (!isText(session) || !isText(node)) break;
        return await this.#yield(hub, { session, node, member: isText(member) ? member : undefined });
      }
      case "figures":
        return { line: {}, bytes: encode(hub.figures()) };
    }
    throw new Refusal("unknown-type", "This listener does not know the request: upgrade it");
  }

  async #yield(
    hub: Hereabouts,
    { session, node, member }: { session: string; node: string; member: string | undefined },
  ): Promise<Content> {
    const { herald, names, nodes } = this.#options;
    const local = herald.findSession(session);
    this.isYielding = true;
    let peer;
    try {
      peer = hub.yieldSession(session, member);
    } finally {
      this.isYielding = false;
    }
    if (peer === undefined || local === undefined) return { line: {} };
    const { id, since } = local;
    const { nick, address, isOperator, isQuiet, members } = peer;
    const rooms = Array.from(members.keys(), ({ name }) => name);
    nodes.departed({ id, since, nick, session, address, isQuiet, rooms, member: peer.member });
    await names.give(peer, node);
    return { line: { id, nick, isOperator, isQuiet, rooms } };
  }
}

/** Returns the figures of a listener that are shown, together with its name. */
function named(listener: string, figures: Value): Map<Value, Value> {
  const dict = new Map<Value, Value>([["listener", listener]]);
  if (!(figures instanceof Map)) return dict;
  for (const name of FIGURES) if (figures.has(name)) dict.set(name, figures.get(name)!);
  return dict;
}
