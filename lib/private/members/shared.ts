/** The member list of a private chat that several listeners share, and the hash of the certificate that all have. */

import { EXIT, Exit } from "../../base/errors.ts";
import type { PrivateFiles } from "../private_files.ts";
import type { MembersElsewhere } from "./elsewhere.ts";
import type { MemberList } from "./members.ts";
import { type MemberStore, NO_MEMBERS, readMembers } from "./store.ts";
import { formatMembers, MEMBERS_FILE, parseMembers } from "./text.ts";

/** The options of {@linkcode SharedMembers.open}. */
export interface SharedOptions {
  readonly elsewhere: MembersElsewhere;
  readonly files: PrivateFiles;
  /** SHA-256 of the certificate's DER, in hexadecimal. */
  readonly certificate: string;
}

/** The name of the file whose members were taken over into a shared list. */
const MOVED_FILE = `${MEMBERS_FILE}.moved`;

const ON_BROKER = "the members on the broker";

/** Keeps the list with the other listeners, and the hash of the certificate with it. */
export class SharedMembers implements MemberStore {
  readonly #elsewhere: MembersElsewhere;
  readonly #certificate: string;
  #list: MemberList = NO_MEMBERS;
  #revision = 0;
  #isCurrent = true;

  private constructor({ elsewhere, certificate }: SharedOptions) {
    this.#elsewhere = elsewhere;
    this.#certificate = certificate;
  }

  /**
   * Reads the list. If there is none, it begins with the members of this listener's file.
   *
   * @throws {Exit} If it cannot be read or written, or belongs to another certificate.
   */
  static async open(options: SharedOptions): Promise<SharedMembers> {
    const { elsewhere, files, certificate } = options;
    while (elsewhere.version.text === null) {
      const list = readMembers(files);
      const text = formatMembers(list ?? NO_MEMBERS, certificate);
      const isFirst = await elsewhere.replace(text, elsewhere.version.revision);
      if (isFirst && list !== null) files.move(MEMBERS_FILE, MOVED_FILE);
    }
    const members = new SharedMembers(options);
    const { text, revision } = elsewhere.version;
    const { list, certificate: found } = parseMembers(text!, ON_BROKER);
    if (found !== certificate) throw otherCertificate(files);
    members.#list = list;
    members.#revision = revision;
    return members;
  }

  get list(): MemberList {
    this.#read();
    return this.#list;
  }

  get revision(): number {
    this.#read();
    return this.#revision;
  }

  get isCurrent(): boolean {
    return this.#isCurrent;
  }

  async refresh(): Promise<void> {
    this.#isCurrent = await this.#elsewhere.refresh();
  }

  replace(list: MemberList, revision: number): Promise<boolean> {
    return this.#elsewhere.replace(formatMembers(list, this.#certificate), revision);
  }

  #read(): void {
    const { text, revision } = this.#elsewhere.version;
    if (revision === this.#revision) return;
    try {
      const { list, certificate } = parseMembers(text ?? "", ON_BROKER);
      if (certificate !== this.#certificate) {
        return this.#elsewhere.fail("The members on the broker belong to another certificate now");
      }
      this.#list = list;
      this.#revision = revision;
    } catch (error) {
      if (!(error instanceof Exit)) throw error;
      this.#elsewhere.fail(error.message);
    }
  }
}

/** Returns the refusal of a listener that has not the certificate of the chat. */
export function otherCertificate(files: PrivateFiles): Exit {
  return new Exit(
    EXIT.failed,
    `this chat has a certificate already: copy listener.key and listener.crt to ${files.folder} ` +
      "from a machine that serves it",
  );
}
