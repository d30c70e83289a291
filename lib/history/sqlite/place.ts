/** The place of a history file: its absolute path, with links resolved. */

import { messageOf } from "../../base/errors.ts";
import { HistoryError } from "../history.ts";

/** How many links in a row are followed; Linux follows as many. */
const MOST_LINKS = 40;

/**
 * Finds the place of a history. A link is followed even if its target does not exist yet, so that the file and the
 * files beside it are in one folder. The path is absolute, so that `:memory:` and `file:x` are names of files like any
 * others.
 *
 * @throws {HistoryError} If there is something other than a file, or `chat` may not look.
 */
export function findPlace(path: string): string {
  let place = /^(?:[a-z]:)?[/\\]/i.test(path) ? path : `${Deno.cwd()}/${path}`;
  for (let links = 0; links <= MOST_LINKS; links++) {
    const info = look(path, place);
    if (info === null || info.isFile) return place;
    if (!info.isSymlink) {
      const what = info.isDirectory ? "a folder" : "a device, a pipe or a socket";
      throw refusal(path, `it is ${what}; give --history a file`);
    }
    const target = Deno.readLinkSync(place);
    place = target.startsWith("/") ? target : place.replace(/[^/\\]*$/, target);
  }
  throw refusal(path, "its links go round in a circle; give --history a file");
}

/** Makes the error for a file that cannot be the history, in one line. */
export function refusal(path: string, why: string, cause?: unknown): HistoryError {
  return new HistoryError(`Cannot keep the history in ${path}: ${why}`, { cause });
}

/** Returns the information on the file at a path, or null if there is none. */
function look(path: string, place: string): Deno.FileInfo | null {
  try {
    return Deno.lstatSync(place);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    // The runtime keeps the system's folders, such as /dev and /proc, from a program with few permissions.
    const why = error instanceof Deno.errors.NotCapable
      ? "chat may not use files in that folder; give --history one elsewhere"
      : `${messageOf(error)}; give --history a file that can be written`;
    throw refusal(path, why, error);
  }
}
