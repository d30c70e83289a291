/** Answers to commands and news of a room, in the words of the screen. */

import type { Value } from "../../../pickle/values/values.ts";
import { numberOf, textOf } from "./dict.ts";

type Dict = ReadonlyMap<Value, Value>;

/** Returns what is said about somebody who left a room by themselves or was removed. */
export function leftText(dict: Dict): string {
  const [nick, why, by] = ["nick", "why", "by"].map((key) => textOf(dict, key));
  if (by === "" || why !== "kicked" && why !== "banned") return `${nick} left`;
  return `${by} ${why} ${nick}${because(dict)}`;
}

/** Returns the line about a mute or its end: to the operator, or to the person. */
export function mutingText(dict: Dict, nick: string): string {
  const [type, who, by, room] = ["type", "nick", "by", "room"].map((key) => textOf(dict, key));
  if (by === "") return `${who} is ${type}d`;
  return `${by} ${type}d ${who === nick ? `you in ${room}` : who}${because(dict)}`;
}

/** Returns the line that an answer to a command gives; null if it gives none, or its room is told anyway. */
export function answerText(dict: Dict, nick: string): string | null {
  const whom = textOf(dict, "nick") || textOf(dict, "address");
  switch (dict.get("type")) {
    case "op":
      return "you are an operator now";
    case "mute":
    case "unmute":
      return mutingText(dict, nick);
    case "ban":
      return `${nick} banned ${whom}${because(dict)}`;
    case "unban":
      return `${whom} is unbanned`;
    case "bans":
      return listText("banned", [...textsOf(dict, "nicks"), ...textsOf(dict, "addresses")]);
    case "mutes":
      return listText(`muted in ${textOf(dict, "room")}`, textsOf(dict, "nicks"));
    case "who": {
      const nicks = textsOf(dict, "nicks");
      const count = numberOf(dict, "count");
      const more = count > nicks.length ? " …" : "";
      return `${count} in ${textOf(dict, "room")}: ${
        nicks.map((name) => named(name, dict)).join(", ")
      }${more}`;
    }
    case "rooms":
      return roomsText(dict.get("rooms") ?? null);
    default:
      return null;
  }
}

/** Returns the texts in a list of a message. */
export function textsOf(dict: Dict, key: string): string[] {
  const list = dict.get(key);
  return Array.isArray(list) ? list.filter((item) => typeof item === "string") : [];
}

function because(dict: Dict): string {
  const text = textOf(dict, "text");
  return text === "" ? "" : `: ${text}`;
}

function listText(what: string, names: readonly string[]): string {
  return names.length === 0 ? `nobody is ${what}` : `${what}: ${names.join(", ")}`;
}

/** A nick, for an operator with its address. */
function named(nick: string, dict: Dict): string {
  const addresses = dict.get("addresses");
  const address = addresses instanceof Map ? addresses.get(nick) : undefined;
  return typeof address === "string" ? `${nick} (${address})` : nick;
}

/** The rooms, each on a line. */
function roomsText(rooms: Value): string | null {
  if (!Array.isArray(rooms)) return null;
  return rooms.flatMap((room) => {
    if (!(room instanceof Map)) return [];
    const topic = textOf(room, "topic");
    return [`${textOf(room, "room")} (${numberOf(room, "members")})${topic === "" ? "" : `: ${topic}`}`];
  }).join("\n");
}
