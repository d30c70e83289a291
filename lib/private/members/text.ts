/** The text of a member list: that of a file, or one that several listeners share. */

import { EXIT, Exit } from "../../base/errors.ts";
import { parseCode } from "../code.ts";
import type { Invitation, Member, MemberList } from "./members.ts";
import { SECRET_SIZE } from "../proof.ts";

/** The name of the file, in the folder of the keys. */
export const MEMBERS_FILE = "members.json";

/** A member list that was read. */
export interface ReadMembers {
  readonly list: MemberList;
  /** The SHA-256 of the certificate's DER, in hexadecimal; undefined in a file. */
  readonly certificate: string | undefined;
}

/**
 * Writes a member list.
 *
 * @param certificate The SHA-256 of the certificate's DER, in hexadecimal, if several listeners share the list.
 */
export function formatMembers({ members, invitations }: MemberList, certificate?: string): string {
  const indent = certificate === undefined ? 2 : 0;
  return `${JSON.stringify({ version: 1, certificate, members, invitations }, null, indent)}\n`;
}

/**
 * Reads a member list.
 *
 * @param where Where the text is from, for the error.
 * @throws {Exit} If it is anything else.
 */
export function parseMembers(text: string, where: string): ReadMembers {
  try {
    const { version, certificate, members, invitations } = JSON.parse(text);
    const isText = certificate === undefined || typeof certificate === "string";
    if (version === 1 && isText && Array.isArray(members) && Array.isArray(invitations)) {
      const list = { members: members.map(readMember), invitations: invitations.map(readInvitation) };
      return { list, certificate };
    }
  } catch {
    // The error quotes nothing from the text, because it holds secrets.
  }
  throw new Exit(EXIT.failed, `Cannot read ${where}: it is not a list of members; restore or remove it`);
}

function readMember(value: unknown): Member {
  const { name, key, kind, code, until, at } = fieldsOf(value);
  const isKey = kind === "secret"
    ? typeof key === "string" && Uint8Array.fromHex(key).length === SECRET_SIZE
    : kind === "code" && isCode(key);
  if (typeof name !== "string" || !isKey) throw new Error("no member");
  const member: Member = { name, key: key as string, kind: kind as Member["kind"] };
  if (code === undefined) return member;
  if (!isCode(code) || typeof until !== "number") throw new Error("no member");
  const used = { ...member, code: code as string, until };
  return typeof at === "string" ? { ...used, at } : used;
}

function readInvitation(value: unknown): Invitation {
  const { code, name, until } = fieldsOf(value);
  if (!isCode(code) || typeof until !== "number" || name !== undefined && typeof name !== "string") {
    throw new Error("no invitation");
  }
  return name === undefined ? { code: code as string, until } : { code: code as string, name, until };
}

function isCode(value: unknown): boolean {
  return typeof value === "string" && parseCode(value) === value;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) throw new Error("no object");
  return value as Readonly<Record<string, unknown>>;
}
