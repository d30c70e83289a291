/** PEM: DER between two lines that name it, in base64 (RFC 7468). */

/** The longest PEM that is read, in UTF-16 code units: the certificates of private chats have less than 1,000. */
const MAX_PEM_LENGTH = 8192;

/**
 * Writes DER as PEM.
 *
 * @param label The kind of contents, such as `CERTIFICATE`.
 */
export function formatPem(der: Uint8Array, label: string): string {
  const lines = der.toBase64().match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""].join("\n");
}

/**
 * Reads one block of PEM, and nothing beside it.
 *
 * @returns The DER; null if the text is anything else.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatPem, parsePem } from "./pem.ts";
 *
 * const pem = formatPem(Uint8Array.of(0x30, 0), "CERTIFICATE");
 * assertEquals(pem, "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n");
 * assertEquals(parsePem(pem, "CERTIFICATE"), Uint8Array.of(0x30, 0));
 * assertEquals(parsePem(pem + pem, "CERTIFICATE"), null);
 * ```
 */
export function parsePem(text: string, label: string): Uint8Array<ArrayBuffer> | null {
  if (text.length > MAX_PEM_LENGTH) return null;
  const [begin, end] = [`-----BEGIN ${label}-----\n`, `-----END ${label}-----`];
  const block = text.replaceAll("\r\n", "\n").trim();
  if (!block.startsWith(begin) || !block.endsWith(end)) return null;
  try {
    return Uint8Array.fromBase64(block.slice(begin.length, -end.length));
  } catch {
    return null;
  }
}
