/** A certificate of the web server, and the check that it can be used. */

import { createPrivateKey, X509Certificate } from "node:crypto";

/** A certificate and its key, in PEM. */
export interface Certificate {
  /** The certificate, and those of the authorities between it and a known one. */
  readonly cert: string;
  readonly key: string;
}

/**
 * Checks that a certificate is complete and belongs to its key. The server of node:https accepts any pair, and resets
 * each connection if they do not match.
 * @throws {Error} If it cannot be used. The message says why.
 */
export function checkCertificate({ cert, key }: Certificate): void {
  const chain = cert.split(/(?=-----BEGIN )/).filter((part) => part.startsWith("-----BEGIN "));
  if (chain.length === 0) throw new Error("the file of the certificate has none in PEM");
  const [own] = chain.map((part) => readPart("certificate", () => new X509Certificate(part)));
  if (!own!.checkPrivateKey(readPart("key", () => createPrivateKey(key)))) {
    throw new Error("the key is not that of the certificate");
  }
}

function readPart<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new Error(`the ${what} is damaged or not in PEM`, { cause });
  }
}
