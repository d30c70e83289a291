/** Notices: lines about a listener's messages other than chat messages, such as joins and answers. */

import { format } from "../pickle/repr/format.ts";
import type { Value } from "../pickle/values/values.ts";
import { clean, nameKey } from "../base/text.ts";
import { figureLines } from "../view/figures.ts";
import type { KnownRooms } from "./known_rooms.ts";
import type { PresenceNotes } from "./presence.ts";
import { showBody } from "../view/show.ts";
import type { Told } from "../view/view.ts";

/** The state that {@linkcode linesOfTold} reads; it keeps the rooms up to date. */
export interface ToldContext {
  readonly rooms: KnownRooms;
  /** Joins and leaves of others, which are shown later. */
  readonly presence: PresenceNotes;
  /** The keys of ignored nicks. */
  readonly ignored: ReadonlySet<string>;
  /** This end's nick. */
  readonly nick: string;
  /** Whether the message is about this end itself. */
  readonly own: boolean;
}

/** Returns the beginning of a note, which names its room unless that is on the screen. */
function placeOf(room: string, rooms: KnownRooms): string {
  return room === rooms.here ? "-- " : `[${clean(room)}] -- `;
}

/** The most others who are named where this end enters a room. */
const NAMED = 5;

/**
 * Turns a message into lines that are safe for a terminal, and updates the rooms by it.
 *
 * `welcome` and `error` give no lines here: the transcript handles them.
 */
export function linesOfTold(message: Told, context: ToldContext): string[] {
  const { rooms, own } = context;
  const here = (room: string) => placeOf(room, rooms);
  const who = "nick" in message ? clean(message.nick ?? "") : "";
  switch (message.type) {
    case "joined":
      return own ? entered(message, rooms) : joined(message, context);
    case "left":
      return own ? [`${here(message.room)}you left ${clean(message.room)}`] : left(message, context);
    case "renamed":
      rooms.of(message.room).nicks.delete(message.nick);
      rooms.saw(message.room, message.to);
      rooms.talks.renamed(message.nick, message);
      return [`-- ${own ? "you are" : `${who} is`} now ${clean(message.to)}`];
    case "topic":
      rooms.of(message.room).topic = message.text;
      return [`${here(message.room)}${who} set the topic: ${clean(message.text)}`];
    case "gap":
      return [`${here(message.room)}messages ${message.first} to ${message.last} are no longer kept`];
    case "who":
      return [members(message, rooms)];
    case "rooms":
      return roomList(message.rooms, rooms);
    case "stats":
      return figureLines(message.stats).map((line) => `-- ${line}`);
    case "op":
      return [`-- ${who} is an operator now`];
    case "kick":
      // In the room itself, the notice already says who kicked whom.
      return rooms.has(message.room) ? [] : [`-- ${who} was kicked`];
    case "mute":
    case "unmute":
      return [here(message.room) + muting(message, { own, rooms })];
    case "bans":
      return list("banned", [...message.nicks, ...message.addresses]);
    case "mutes":
      return list(`muted in ${clean(message.room)}`, message.nicks);
    case "ban":
      // The rooms of the removed person show the same.
      return [
        `-- ${clean(context.nick)} banned ${who || clean(message.address ?? "")}${because(message.text)}`,
      ];
    case "unban":
      return [`-- ${who || clean(message.address ?? "")} is unbanned`];
    default:
      return [];
  }
}

function left(
  { room, nick, at, why, by, text }: Extract<Told, { type: "left" }>,
  context: ToldContext,
): string[] {
  const { rooms, ignored, presence } = context;
  rooms.lost(room, { nick, at });
  if (ignored.has(nameKey(nick))) return [];
  if (by !== undefined && (why === "kicked" || why === "banned")) {
    return [`${placeOf(room, rooms)}${clean(by)} ${why} ${clean(nick)}${because(text)}`];
  }
  presence.add(placeOf(room, rooms), { nick, isHere: false });
  return [];
}

function muting(
  { type, nick, by, room, text }: Extract<Told, { type: "mute" | "unmute" }>,
  { own, rooms }: { readonly own: boolean; readonly rooms: KnownRooms },
): string {
  const done = `${type}d`;
  // An answer to this person's own command names nobody.
  if (by === undefined) {
    // Somebody who is not here may be muted, too.
    const isListed = type === "unmute" || !rooms.has(room) ||
      [...rooms.of(room).nicks].some((each) => nameKey(each) === nameKey(nick));
    return `${clean(nick)} is ${done}${isListed ? "" : ", whom nobody here is called"}`;
  }
  return `${clean(by)} ${done} ${own ? `you in ${clean(room)}` : clean(nick)}${because(text)}`;
}

function because(text: string | undefined): string {
  return text === undefined || text === "" ? "" : `: ${clean(text)}`;
}

function list(what: string, names: readonly string[]): string[] {
  return [
    names.length === 0
      ? `-- nobody is ${what}`
      : `-- ${what}: ${names.map((name) => clean(name)).join(", ")}`,
  ];
}

function joined({ room, nick }: Extract<Told, { type: "joined" }>, context: ToldContext): string[] {
  if (context.ignored.has(nameKey(nick))) return [];
  context.rooms.saw(room, nick, false);
  context.presence.add(placeOf(room, context.rooms), { nick, isHere: true });
  return [];
}

/**
 * Handles the entering of a room by this end. The first time, the screen switches to the room; after a reconnect
 * nothing changes.
 */
function entered(
  { room, nick, nicks, topic, count }: Extract<Told, { type: "joined" }>,
  rooms: KnownRooms,
): string[] {
  const known = rooms.has(room) && rooms.of(room).nicks.size > 0;
  const state = rooms.of(room);
  for (const each of nicks ?? []) rooms.saw(room, each, false);
  state.topic = topic ?? state.topic;
  if (known) return [];
  rooms.go(room);
  const others = (nicks ?? []).filter((each) => each !== nick).map((each) => clean(each));
  const number = Math.max(others.length, (count ?? 1) - 1);
  const who = number === 0 ? "alone" : number > NAMED ? `with ${number} others` : `with ${others.join(", ")}`;
  const about = state.topic === "" ? "" : `: ${clean(state.topic)}`;
  return [`-- in ${clean(room)} ${who}${about}`];
}

function members(
  { room, nicks, count, addresses }: Extract<Told, { type: "who" }>,
  rooms: KnownRooms,
): string {
  if (rooms.has(room)) { for (const nick of nicks) rooms.saw(room, nick, false); }
  const more = count > nicks.length ? " …" : "";
  return `-- ${count} in ${clean(room)}: ${nicks.map((nick) => named(nick, addresses)).join(", ")}${more}`;
}

/** Shows a nick, for an operator with its address. */
function named(nick: string, addresses: Value | undefined): string {
  const address = addresses instanceof Map ? addresses.get(nick) : undefined;
  return typeof address === "string" ? `${clean(nick)} (${clean(address)})` : clean(nick);
}

/** Shows a list of {room, members, topic}; a list of another form is shown as an object. */
function roomList(list: Value, rooms: KnownRooms): string[] {
  if (!Array.isArray(list)) return [`-- ${showBody(list).text}`];
  return list.flatMap((each) => {
    if (!(each instanceof Map)) return [];
    const name = each.get("room");
    if (typeof name === "string") rooms.heardOf(name);
    const [room, members, topic] = ["room", "members", "topic"].map((key) => short(each.get(key) ?? ""));
    return [`-- ${room} (${members})${topic === "" ? "" : `: ${topic}`}`];
  });
}

function short(value: Value): string {
  return clean(format(value, { style: "print", limit: 400 }));
}
