/** The file of a private chat's members. */

import { EXIT, Exit } from "../base/errors.ts";
import { parseCode } from "./code.ts";
import type { Invitation, Member, MemberList } from "./members.ts";
import { SECRET_SIZE } from "./proof.ts";

/** The name of the file, in the folder of the keys. */
export const MEMBERS_FILE = "members.json";

/** Writes a member list as the text of the file. */
export function formatMembers({ members, invitations }: MemberList): string {
  return `${JSON.stringify({ version: 1, members, invitations }, null, 2)}\n`;
}

/**
 * Reads the text of the file.
 *
 * @param path Its path, for the error.
 * @throws {Exit} If it holds anything else.
 */
export function parseMembers(text: string, path: string): MemberList {
  try {
    const { version, members, invitations } = JSON.parse(text);
    if (version === 1 && Array.isArray(members) && Array.isArray(invitations)) {
      return { members: members.map(readMember), invitations: invitations.map(readInvitation) };
    }
  } catch {
    // The error quotes nothing from the file, because it holds secrets.
  }
  throw new Exit(EXIT.failed, `Cannot read ${path}: it is not a list of members; restore or remove it`);
}

function readMember(value: unknown): Member {
  const { name, key, kind, code, until } = fieldsOf(value);
  const isKey = kind === "secret"
    ? typeof key === "string" && Uint8Array.fromHex(key).length === SECRET_SIZE
    : kind === "code" && isCode(key);
  if (typeof name !== "string" || !isKey) throw new Error("no member");
  const member: Member = { name, key: key as string, kind: kind as Member["kind"] };
  if (code === undefined) return member;
  if (!isCode(code) || typeof until !== "number") throw new Error("no member");
  return { ...member, code: code as string, until };
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
