/** Recognition of other services by the first bytes that they send. */

import { clean } from "../base/text.ts";
import { HEADER_SIZE, parseHeader } from "../frame/mod.ts";
import { format } from "../pickle/repr/format.ts";

/** The number of first bytes of a stream that are examined. */
export const HEAD_SIZE = 256;

/** The most characters of a text that are shown, and the most bytes of one character. */
const SHOWN_TEXT = 200;
const MOST_BYTES = 4;

const [BLANK, ZERO, NINE] = [0x20, 0x30, 0x39] as const;

/** The patterns of services that begin with ASCII text. The first match counts. */
const TEXTS: readonly (readonly [RegExp, string])[] = [
  [/^HTTP\/\d|^<!doctype html|^<html/i, "an HTTP server"],
  [/^SSH-\d/, "an SSH server"],
  [/^RFB \d{3}/, "a VNC server"],
  [/^AMQP/, "an AMQP broker"],
  [/^INFO \{/, "a NATS server"],
  [/^\* OK|^\* BYE/, "an IMAP server"],
  [/^\+OK|^-ERR \S*POP/i, "a POP3 server"],
  [/^[-+](?:ERR|PONG|DENIED|NOAUTH|OK|MISCONF|WRONGPASS)\b/, "a Redis server"],
  [/^(?:220|421|554)[ -].*ftp/i, "an FTP server"],
  [/^(?:220|421|554)[ -]/, "a mail or FTP server"],
  [/^(?::\S+ )?(?:NOTICE|ERROR|PING) :?|^:\S+ \d{3} /, "an IRC server"],
  [/^(?:ERROR|CLIENT_ERROR.*|SERVER_ERROR.*)\r\n/, "a memcached server"],
  [/^[0-9a-f]{4}(?:ERR |# service)/, "a Git server"],
  [/^<\?xml|^<[a-z]/i, "a program that sends XML"],
  [/^\s*[[{]["\d{[\]}]/, "a program that sends JSON"],
];

/** The patterns of services that do not send text. The first match counts. */
const BINARIES: readonly (readonly [(head: Uint8Array) => boolean, string])[] = [
  // A record of TLS: an alert or a handshake, SSL 3.0 to TLS 1.3.
  [
    ([type, major, minor = 0]) => (type === 0x15 || type === 0x16) && major === 3 && minor <= 4,
    "a TLS server",
  ],
  // A packet of MySQL: three bytes of length, number 0, then the protocol's version or an error.
  [
    (head) => head.length > 4 && head[3] === 0 && (head[4] === 0x0a || head[4] === 0xff),
    "a MySQL or MariaDB server",
  ],
  // IAC and one of WILL, WONT, DO, DONT.
  [([first, second = 0]) => first === 0xff && second >= 0xfb && second <= 0xfe, "a Telnet server"],
  // PROTO and a version, then FRAME, a container or a scalar.
  [([first, second = 9]) => first === 0x80 && second <= 5, "a program that sends pickles without a header"],
  [(head) => isLength(head), "a program whose header is a length of four bytes"],
];

/**
 * Recognizes a service by the first bytes that it sends, if they are not a frame.
 *
 * @param head The first bytes of the stream, at most {@linkcode HEAD_SIZE}.
 * @returns A noun phrase, safe for a terminal; null if no service is recognized.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { describeService } from "./other_service.ts";
 *
 * const bytes = (text: string) => new TextEncoder().encode(text);
 * assertEquals(describeService(bytes("SSH-2.0-OpenSSH_9.6\r\n")), "an SSH server: 'SSH-2.0-OpenSSH_9.6'");
 * assertEquals(describeService(bytes("Hello!")), "a program that sends text without a header: 'Hello!'");
 * assertEquals(describeService(Uint8Array.of(0x15, 3, 1, 0, 2, 2, 0x16)), "a TLS server");
 * ```
 */
export function describeService(head: Uint8Array): string | null {
  const text = textOf(head);
  if (text !== null) {
    const service = TEXTS.find(([begins]) => begins.test(text))?.[1] ??
      "a program that sends text without a header";
    return `${service}: ${quoted(text.trim().split(/\r?\n/, 1)[0]!)}`;
  }
  return BINARIES.find(([begins]) => begins(head))?.[1] ?? null;
}

/** Whether the first bytes of a stream are a header, or may become one. */
export function mayBeHeader(head: Uint8Array): boolean {
  if (head.length < HEADER_SIZE) return head.every((byte) => byte === BLANK || byte >= ZERO && byte <= NINE);
  try {
    parseHeader(head, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * Quotes a payload that is text instead of a pickle. Text that is not UTF-8 is shown as Python shows bytes.
 *
 * @returns The text in quotes, safe for a terminal; null if it is not text.
 */
export function quotedText(payload: Uint8Array): string | null {
  const bytes = payload.subarray(0, SHOWN_TEXT * MOST_BYTES);
  const text = textOf(bytes);
  if (text !== null) return quoted(text);
  return bytes.length > 0 && isText(new TextDecoder("latin1").decode(bytes)) ? clean(format(bytes)) : null;
}

/** Decodes UTF-8 whose last character may be cut off. Returns null if the bytes are not text. */
function textOf(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return isText(text) ? text : null;
  } catch {
    return null;
  }
}

/**
 * Returns whether a text has visible characters and only the control characters that occur in text. It may be padded
 * with zeros.
 */
function isText(text: string): boolean {
  const written = unpadded(text).replaceAll("\x1b", "");
  return written.trim() !== "" && !/[^\P{Cc}\s]/u.test(written);
}

function quoted(text: string): string {
  const characters = [...unpadded(text)];
  const isLong = characters.length > SHOWN_TEXT;
  return `'${clean(characters.slice(0, SHOWN_TEXT).join(""))}${isLong ? "…" : ""}'`;
}

function unpadded(text: string): string {
  let end = text.length;
  while (text[end - 1] === "\0") end--;
  return text.slice(0, end);
}

/** Whether the bytes begin with a length in four bytes, of either order, that fits what follows. */
function isLength(head: Uint8Array): boolean {
  if (head.length < 5) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  return [view.getUint32(0), view.getUint32(0, true)].some((length) => length > 0 && length <= 65536);
}
