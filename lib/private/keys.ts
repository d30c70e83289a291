/** The key and the certificate of a listener: read from its folder, or made once. */

import { EXIT, Exit } from "../base/errors.ts";
import type { KeyPair } from "./certificate.ts";
import { MEMBERS_FILE } from "./members/text.ts";
import { parsePem } from "./pem.ts";
import type { PrivateFiles } from "./private_files.ts";

/** The names of the files. */
export const KEY_FILE = "listener.key";
export const CERTIFICATE_FILE = "listener.crt";

/** The key and certificate of a listener. */
export interface ListenerKeys extends KeyPair {
  /** The certificate's DER, as proofs are tied to it. */
  readonly der: Uint8Array<ArrayBuffer>;
}

/**
 * Reads the key and the certificate, and makes them if there are none.
 * @param random Returns the given number of random bytes.
 * @throws {Exit} If they cannot be read or written, or one of them is missing. Members would not accept a new pair.
 */
export async function openKeys(
  files: PrivateFiles,
  random: (size: number) => Uint8Array,
): Promise<ListenerKeys> {
  const key = files.read(KEY_FILE);
  const certificate = files.read(CERTIFICATE_FILE);
  // Without members the pair was never used: the process that made it ended in between.
  const isLost = key === null && certificate !== null && files.read(MEMBERS_FILE) !== null;
  if (isLost) throw gone(files, KEY_FILE, { other: CERTIFICATE_FILE });
  if (key === null) {
    const { makeKeyPair } = await import("./certificate.ts");
    const made = await makeKeyPair(random(16));
    // The key is written last: when it exists, both count as made.
    files.write(CERTIFICATE_FILE, made.certificate);
    files.write(KEY_FILE, made.key);
    return checked(made, files);
  }
  if (certificate === null) throw gone(files, CERTIFICATE_FILE, { other: KEY_FILE });
  return checked({ certificate, key }, files);
}

/** Returns whether there is a key already. */
export function hasKeys(files: PrivateFiles): boolean {
  return files.read(KEY_FILE) !== null;
}

function gone(files: PrivateFiles, name: string, { other }: { other: string }): Exit {
  const path = files.pathOf(name);
  return new Exit(
    EXIT.failed,
    `${path} is gone: restore it, or remove ${other} too and invite everybody again`,
  );
}

function checked(pair: KeyPair, files: PrivateFiles): ListenerKeys {
  const der = parsePem(pair.certificate, "CERTIFICATE");
  if (der !== null && parsePem(pair.key, "PRIVATE KEY") !== null) return { ...pair, der };
  const path = files.pathOf(der === null ? CERTIFICATE_FILE : KEY_FILE);
  throw new Exit(EXIT.failed, `Cannot read ${path}: it is not the PEM that chat writes; restore it`);
}
