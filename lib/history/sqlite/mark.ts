/**
 * Mark beside a history file in use: a small file with the number of messages stored and the time at which the machine
 * was started.
 *
 * It exists while a listener runs, and after a listener that did not end in order. It tells the next listener whether
 * messages that peers have already seen may be missing from the file. Their ids would then be given out twice.
 */

import type { Durability } from "./schema.ts";

/** The options of {@linkcode openMark}. */
export interface MarkOptions {
  readonly durability: Durability;
  /** The time at which the machine was started, in seconds since 1970; undefined if not known. */
  readonly systemStart: number | undefined;
  /** The number of messages ever stored in the file, according to the file. */
  readonly stored: number;
}

/** A mark that is written. */
export interface Mark {
  /** Writes how many messages were stored. */
  write(stored: number): void;
  /** Removes it: the listener has ended in order. */
  remove(): void;
}

/**
 * The most, in seconds, that two calculations of the same start of the machine may differ, because the clock is
 * corrected now and then.
 */
const TOLERANCE = 5;
const DIGITS = 16;

/**
 * Reads the mark that an earlier listener left beside the history file `path`, and writes a new one.
 *
 * @returns The new mark, and whether messages may be missing that the earlier listener had acked.
 */
export function openMark(path: string, options: MarkOptions): { mark: Mark; mayLack: boolean } {
  const name = `${path}-mark`;
  const mayLack = lacks(name, options);
  const start = options.systemStart === undefined ? "unknown" : String(Math.round(options.systemStart));
  const head = `${options.durability} ${start} `;
  const file = Deno.openSync(name, { write: true, create: true, truncate: true, mode: 0o600 });
  const bytes = new TextEncoder().encode(`${head}${format(options.stored)}\n`);
  file.writeSync(bytes);
  file.syncSync();
  syncFolder(name);
  const number = bytes.subarray(head.length);
  const encoder = new TextEncoder();
  return {
    mayLack,
    mark: {
      write(stored) {
        encoder.encodeInto(format(stored), number);
        file.seekSync(head.length, Deno.SeekMode.Start);
        file.writeSync(number);
      },
      remove() {
        file.close();
        Deno.removeSync(name);
      },
    },
  };
}

function lacks(name: string, { systemStart, stored }: MarkOptions): boolean {
  let text: string;
  try {
    text = Deno.readTextFileSync(name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  const match = /^(os|disk) (unknown|\d+) (\d+)\n$/.exec(text);
  if (match === null || Number(match[3]) > stored) return true;
  if (match[1] === "disk") return false;
  const difference = Math.abs(Number(match[2]) - (systemStart ?? NaN));
  // If the machine was not restarted, the system still has everything that it had taken; else some may be lost.
  return !(difference <= TOLERANCE);
}

function format(stored: number): string {
  return String(stored).padStart(DIGITS, "0");
}

/** Syncs the directory entry of a file to the disk, on systems where a folder can be opened. */
function syncFolder(name: string): void {
  try {
    using folder = Deno.openSync(name.slice(0, name.search(/[^/\\]*$/)) || ".");
    folder.syncSync();
  } catch {
    // On other systems the sync of the file itself has to suffice.
  }
}
