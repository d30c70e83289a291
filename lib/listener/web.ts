/** The page beside a listener: `chat --serve --web`. */

import { type Endpoint, formatEndpoint } from "../base/address.ts";
import type { Clock } from "../base/clock.ts";
import type { WebCommand } from "../cli/mod.ts";
import { EXIT, Exit, messageOf } from "../base/errors.ts";
import type { Limits } from "../base/limits.ts";
import { Bucket } from "../hub/upkeep/bucket.ts";
import type { Log, LogEvent } from "../log/log.ts";
import { reachableEndpoints } from "./invitation.ts";
import { monitoring, type MonitoringOptions } from "./monitoring.ts";
import { readPage, servePage } from "../web/page.ts";
import type { Certificate } from "../web/certificate.ts";
import { startWeb, type WebOptions, type WebServer } from "../web/server.ts";

/** The options of {@linkcode openPage}. */
export interface PageOptions
  extends Pick<WebOptions, "admit" | "openMemory">, Omit<MonitoringOptions, "from"> {
  readonly limits: Limits;
  readonly clock: Clock;
  readonly log: Log;
  /** The certificate of a private chat, as PEM; the chat is open if not given. */
  readonly closed?: string | undefined;
  /** The addresses of the machine's interfaces. The log says by which of them others open the page. */
  readonly interfaces: readonly string[];
}

/** The interval at which the files of a certificate are checked, in milliseconds. */
const RENEW_MS = 10_000;

/** A page that is served. */
export interface OpenPage {
  readonly port: number;
  close(): Promise<void>;
}

/** The reasons for which a port cannot be had, by their codes. */
const WHY_NOT: ReadonlyMap<unknown, string> = new Map([
  ["EADDRINUSE", "it is in use: end what uses it, or choose another with --web"],
  ["EACCES", "it is not allowed: choose one above 1023 with --web"],
]);

/**
 * Serves the page.
 *
 * @throws {Exit} If it cannot listen, or cannot read the certificate.
 */
export async function openPage(command: WebCommand, options: PageOptions): Promise<OpenPage> {
  const { limits, clock, log, admit, openMemory, figures, loopDelays, health } = options;
  const certificate = await readCertificate(command);
  const listen: Endpoint = { host: command.host ?? "::", port: command.port };
  const server = await startWeb({
    listen,
    page: await servePage(await readPage()),
    certificate,
    closed: options.closed,
    trustProxy: command.trustProxy,
    maxLine: limits.maxFrame,
    maxConnections: limits.connections,
    clock,
    newRate: () => rateOf(limits, clock),
    admit,
    openMemory,
    answer: monitoring({ figures, loopDelays, health, from: command.metricsFrom }),
  }).catch((error) => {
    throw cannotServe(command.port, error);
  });
  const { port } = server;
  const isSecure = certificate !== undefined;
  const isClosed = options.closed !== undefined;
  const where = { host: listen.host, port, isSecure, isClosed };
  for (const event of pageEvents(where, options.interfaces)) log(event);
  const stop = certificate === undefined ? () => {} : renewing(server, certificate, { command, clock, log });
  return {
    port,
    close: () => {
      stop();
      return server.close();
    },
  };
}

/** Returns the error for a page that cannot be served on a port, with what to do. */
export function cannotServe(port: number, error: unknown): Exit {
  const why = WHY_NOT.get(error instanceof Error && "code" in error ? error.code : undefined) ??
    messageOf(error);
  return new Exit(EXIT.failed, `Cannot serve the page on port ${port}: ${why}`, { cause: error });
}

/** The endpoint of a page, and whether it is encrypted and for members only. */
export interface PagePlace extends Endpoint {
  readonly isSecure: boolean;
  readonly isClosed: boolean;
}

/**
 * Returns the log events with the addresses of the page: for this machine, and for others.
 *
 * @param interfaces The addresses of the machine's interfaces.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pageEvents } from "./web.ts";
 *
 * const place = { host: "::", port: 8080, isSecure: false, isClosed: false };
 * assertEquals(pageEvents(place, ["192.168.1.20"]), [
 *   { event: "page", address: "http://localhost:8080/" },
 *   { event: "reachable", address: "192.168.1.20:8080", command: "http://192.168.1.20:8080/" },
 * ]);
 * ```
 */
export function pageEvents(
  { host, port, isSecure, isClosed }: PagePlace,
  interfaces: readonly string[],
): LogEvent[] {
  const urlOf = (endpoint: string) => `${isSecure ? "https" : "http"}://${endpoint}/`;
  const here = host === "::" || host === "0.0.0.0" ? "localhost" : host;
  const events: LogEvent[] = [{ event: "page", address: urlOf(formatEndpoint({ host: here, port })) }];
  // A private chat answers other machines only over https.
  if (isClosed && !isSecure) return events;
  for (const address of reachableEndpoints([{ hostname: host, port }], interfaces)) {
    events.push({ event: "reachable", address, command: urlOf(address) });
  }
  return events;
}

/** Counts the lines of one browser as the hub counts frames, against the limits on messages and bytes a second. */
function rateOf(limits: Limits, clock: Clock): (bytes: number) => number {
  const now = clock.ticks();
  const messages = new Bucket({ perSecond: limits.messageRate, burst: limits.messageBurst }, now);
  const bytes = new Bucket({ perSecond: limits.byteRate, burst: limits.byteBurst }, now);
  return (size) => Math.max(messages.take(1, clock.ticks()), bytes.take(size, clock.ticks()));
}

async function readCertificate({ cert, key }: WebCommand): Promise<Certificate | undefined> {
  if (cert === undefined || key === undefined) return undefined;
  const read = (path: string) =>
    Deno.readTextFile(path).catch((error) => {
      throw new Exit(EXIT.failed, `Cannot read ${path}: ${messageOf(error)}`, { cause: error });
    });
  return { cert: await read(cert), key: await read(key) };
}

/** The options of {@linkcode renewing}. */
interface Renewing {
  readonly command: WebCommand;
  readonly clock: Clock;
  readonly log: Log;
}

/** Reloads the certificate when its files have changed. Existing connections stay. */
function renewing(server: WebServer, first: Certificate, { command, clock, log }: Renewing): () => void {
  let current = first;
  let cancel = () => {};
  const look = async () => {
    try {
      const next = await readCertificate(command);
      if (next !== undefined && (next.cert !== current.cert || next.key !== current.key)) {
        server.renew(next);
        current = next;
      }
    } catch (error) {
      // Files that are only half written will be complete at the next check.
      log({ event: "failed", text: `Cannot use the new certificate: ${messageOf(error)}` });
    }
    plan();
  };
  const plan = () => cancel = clock.after(RENEW_MS, () => void look());
  plan();
  return () => cancel();
}
