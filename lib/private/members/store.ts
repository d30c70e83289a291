/** The place of a private chat's member list: a file of one listener, or a text that several listeners share. */

import type { PrivateFiles } from "../private_files.ts";
import type { MemberList } from "./members.ts";
import { formatMembers, MEMBERS_FILE, parseMembers } from "./text.ts";

/** Stores the member list. */
export interface MemberStore {
  /** The newest list that is known here. */
  readonly list: MemberList;
  /** Another one with each list. */
  readonly revision: number;
  /** Whether the list was the newest one at the last {@linkcode MemberStore.refresh}. */
  readonly isCurrent: boolean;
  /** Makes sure that the list is not older than this call, where that can be known. */
  refresh(): Promise<void>;
  /**
   * Stores a list in the place of the one with a revision.
   *
   * @returns False if another listener has stored one meanwhile, which is the list now.
   * @throws {Unavailable} If it could not be stored now, or that is not known.
   * @throws {Error} With one line for people, if it cannot be stored.
   */
  replace(list: MemberList, revision: number): Promise<boolean>;
}

/** The list that a chat begins with. */
export const NO_MEMBERS: MemberList = { members: [], invitations: [] };

/** Keeps the list in a file, which nobody else writes. */
export class FileMembers implements MemberStore {
  readonly #files: PrivateFiles;
  list: MemberList;
  revision = 0;
  readonly isCurrent = true;

  /** @throws {Exit} If the file cannot be read. */
  constructor(files: PrivateFiles) {
    this.#files = files;
    this.list = readMembers(files) ?? NO_MEMBERS;
  }

  refresh(): Promise<void> {
    return Promise.resolve();
  }

  replace(list: MemberList): Promise<boolean> {
    this.#files.write(MEMBERS_FILE, formatMembers(list));
    this.list = list;
    this.revision++;
    return Promise.resolve(true);
  }
}

/**
 * Reads the file of a listener.
 *
 * @returns Null if there is none.
 * @throws {Exit} If it cannot be read.
 */
export function readMembers(files: PrivateFiles): MemberList | null {
  const text = files.read(MEMBERS_FILE);
  return text === null ? null : parseMembers(text, files.pathOf(MEMBERS_FILE)).list;
}
