/** Local time, as the system's `date` shows it: from TZ, from time zone files, or from /etc/localtime. */

import { fixedZone, parsePosixZone, type TimeZone } from "./time_zone.ts";
import { parseZoneFile } from "./zone_file.ts";

/** The part of the system that determines the time zone. */
export interface ZoneSource {
  /** The environment variable TZ. */
  readonly tz: string | undefined;
  /** Reads a file; undefined if it cannot be read. */
  readonly readFile: (path: string) => Uint8Array | undefined;
}

const FOLDER = "/usr/share/zoneinfo";

/** The time of the last Date, in seconds since 1970. */
const LARGEST_TIME = 8.64e12;

/**
 * Finds the zone that glibc would use.
 *
 * TZ holds a name of a file, a path of one, or a POSIX rule. Without TZ, /etc/localtime counts: a link or a file.
 *
 * @returns The zone; null if there are no time zone files, as on Windows, and the runtime's own zone is used.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { findZone } from "./local_time.ts";
 *
 * assertEquals(findZone({ tz: "JST-9", readFile: () => undefined })?.offsetAt(0), 9 * 3600);
 * assertEquals(findZone({ tz: "Asia/Tokyo", readFile: () => undefined }), null);
 * ```
 */
export function findZone({ tz, readFile }: ZoneSource): TimeZone | null {
  const zoneIn = (path: string) => {
    const bytes = readFile(path);
    return bytes === undefined ? null : parseZoneFile(bytes);
  };
  if (tz === undefined) return zoneIn("/etc/localtime");
  const name = tz.replace(/^:/, "");
  if (name === "") return fixedZone(0);
  const zone = zoneIn(name.startsWith("/") ? name : `${FOLDER}/${name}`) ?? parsePosixZone(name);
  if (zone !== null) return zone;
  // If there are time zone files, a name without a file is a mistake and means UTC.
  return zoneIn(`${FOLDER}/UTC`) === null ? null : fixedZone(0);
}

let zone: TimeZone | null = null;

/** Sets the zone of {@linkcode localSeconds}. With null, the runtime's own zone is used. */
export function setLocalZone(local: TimeZone | null): void {
  zone = local;
}

/**
 * Returns the seconds from the beginning of 1970 on local clocks to a time.
 *
 * @param at Seconds since 1970 in UTC.
 * @returns NaN if the time is out of range for a Date.
 */
export function localSeconds(at: number): number {
  if (!(Math.abs(at) <= LARGEST_TIME)) return NaN;
  return at + (zone === null ? -new Date(at * 1000).getTimezoneOffset() * 60 : zone.offsetAt(at));
}

/**
 * Returns the date and the time of day in the local zone.
 *
 * @param at Seconds since 1970.
 * @returns A Date whose UTC fields are the local time. It is invalid if the time is out of range for a Date.
 */
export function localDate(at: number): Date {
  return new Date(localSeconds(at) * 1000);
}
