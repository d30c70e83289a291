/** A listener's figures for people: aligned, each with its unit. */

import { format } from "../pickle/repr/format.ts";
import { Float, type Value } from "../pickle/values/values.ts";
import { clean } from "../base/text.ts";

/** The units of the figures that have one. Unknown figures of a newer listener are shown as they are. */
const UNITS: ReadonlyMap<string, (figure: number) => string> = new Map([
  ["uptime", showDuration],
  ["loop_delay", showDuration],
  ["longest_loop_delay", showDuration],
  ...["received", "sent", "rings", "room_rings", "queues", "largest_queue", "furthest_behind", "memory"].map(
    (name) => [name, showSize] as const,
  ),
]);

/** The most entries that are shown of a list. */
const MOST_ENTRIES = 10;

const INDENT = "  ";
const GAP = ": ";
/** The longest name for which the column of figures is widened. */
const WIDEST_NAME = 34;

/**
 * Formats the answer to `stats` as lines, each safe for a terminal.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { figureLines } from "./figures.ts";
 *
 * assertEquals(figureLines(new Map([["peers", 1200], ["memory", 81 * 2 ** 20]])), ["peers:  1,200", "memory: 81.0 MiB"]);
 * ```
 */
export function figureLines(stats: Value): string[] {
  if (!(stats instanceof Map)) return [shown(stats)];
  const rows = [...stats].flatMap(([name, figure]) => rowsOf(shown(name), figure));
  const widths = rows.map(([name, text]) => text === "" ? 0 : name.length).filter((width) =>
    width <= WIDEST_NAME
  );
  const column = Math.max(...widths, 0) + GAP.length;
  return rows.map(([name, text]) => text === "" ? name : (name + GAP).padEnd(column) + text);
}

/** Returns a figure as rows of a name and a text: one row, or a head and one row for each entry. */
function rowsOf(name: string, figure: Value): [string, string][] {
  const label = name.replaceAll("_", " ");
  if (figure instanceof Map) {
    return listed(label, [...figure].map(([key, value]) => [shown(key), figureText(name, value)]));
  }
  if (Array.isArray(figure)) {
    return listed(label, figure.map((entry) => entry instanceof Map ? entryRow(entry) : [shown(entry), ""]));
  }
  return [[label, figureText(name, figure)]];
}

function listed(label: string, entries: [string, string][]): [string, string][] {
  if (entries.length === 0) return [[label, "none"]];
  const more = entries.length - MOST_ENTRIES;
  return [
    [`${label}:`, ""],
    ...entries.slice(0, MOST_ENTRIES).map(([name, text]): [string, string] => [INDENT + name, text]),
    ...(more > 0 ? [[`${INDENT}and ${more} more`, ""] as [string, string]] : []),
  ];
}

function entryRow(entry: ReadonlyMap<Value, Value>): [string, string] {
  return entry.has("listener") ? listenerRow(entry) : peerRow(entry);
}

/** Formats one of several listeners: its name, and its main figures. */
function listenerRow(listener: ReadonlyMap<Value, Value>): [string, string] {
  const figure = (name: string) => figureText(name, listener.get(name) ?? null);
  const name = shown(listener.get("listener") ?? "");
  if (!listener.has("peers")) return [name, "no answer"];
  const [peers, messages, uptime] = [figure("peers"), figure("messages"), figure("uptime")];
  return [name, `${peers} peers, ${messages} messages, ${figure("memory")}, up for ${uptime}`];
}

/** Formats one of the slowest peers: its name, and the amount that waits for it. */
function peerRow(peer: ReadonlyMap<Value, Value>): [string, string] {
  const [nick, address] = [peer.get("nick") ?? "", peer.get("address") ?? ""];
  const figures: [string, string][] = [["queue", "queued"], ["behind", "behind"]];
  const sizes = figures.map(([key, word]) => {
    const size = numberOf(peer.get(key) ?? null);
    return size ? `${showSize(size)} ${word}` : "";
  });
  const stalled = numberOf(peer.get("stalled") ?? null);
  const held = stalled ? `stalled for ${showDuration(stalled)}` : "";
  return [`${shown(nick)} (${shown(address)})`, [...sizes, held].filter(Boolean).join(", ") || "nothing"];
}

function figureText(name: string, figure: Value): string {
  const number = numberOf(figure);
  if (number === undefined) return shown(figure);
  return UNITS.get(name)?.(number) ?? number.toLocaleString("en-US");
}

function numberOf(value: Value): number | undefined {
  const number = value instanceof Float ? value.value : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

function shown(value: Value): string {
  return clean(format(value, { style: "print", limit: 400 }));
}

/** Shows a number of bytes: `512 B`, `1.5 KiB`, `81.0 MiB`. */
export function showSize(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.abs(bytes) || 1) / 10)));
  return `${power === 0 ? bytes : (bytes / 1024 ** power).toFixed(1)} ${units[power]}`;
}

/** Shows seconds by the two largest units that they have: `12 ms`, `2.5 s`, `3 min 20 s`, `5 d 2 h`. */
export function showDuration(seconds: number): string {
  if (seconds < 1) return `${Number((seconds * 1000).toFixed(1))} ms`;
  if (seconds < 60) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.floor(seconds);
  const [days, hours] = [Math.floor(whole / 86_400), Math.floor(whole / 3600) % 24];
  const [minutes, rest] = [Math.floor(whole / 60) % 60, whole % 60];
  if (days > 0) return `${days} d ${hours} h`;
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${rest} s`;
}
