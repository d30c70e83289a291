/** Failures of a broker, as texts that say what to do. */

import { formatEndpoint } from "../../base/address.ts";
import type { BrokerAddress } from "../../base/broker_address.ts";
import { messageOf } from "../../base/errors.ts";
import { errors, JetStreamApiError } from "./nats.ts";

/**
 * The oldest server that is used. In clusters of older ones more than one publisher could succeed with the same
 * expected sequence.
 */
const OLDEST_VERSION = [2, 10, 23] as const;

/** A failure of the broker, with a text for people. */
export class BrokerError extends Error {
  override readonly name = "BrokerError";
  readonly code = "broker";
}

/**
 * Checks the first line of a server.
 * @throws {BrokerError} If it is not a NATS server, or is too old.
 */
export function checkInfo(info: unknown, server: string): void {
  const { version } = typeof info === "object" && info !== null ? info as { version?: unknown } : {};
  if (typeof version !== "string") throw noServer(server);
  if (isOlder(version)) {
    throw new BrokerError(
      `Cannot use the broker at ${server}: it is NATS ${version}, and chat needs ${
        OLDEST_VERSION.join(".")
      } or newer; upgrade it`,
    );
  }
}

function isOlder(version: string): boolean {
  const numbers = /^(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? [0, 0, 0];
  for (const [i, oldest] of OLDEST_VERSION.entries()) {
    if (numbers[i] !== oldest) return numbers[i]! < oldest;
  }
  // A release candidate comes before its release.
  return version.includes("-");
}

/** The error for an address at which something other than a broker answers. */
export function noServer(server: string): BrokerError {
  return new BrokerError(`Cannot use the broker at ${server}: no NATS server answers there; check the port`);
}

/** The error for a server that cannot encrypt, although the address says `tls://`. */
export function notEncrypted(server: string): BrokerError {
  return new BrokerError(
    `Cannot use the broker at ${server}: it does not encrypt; give it a certificate, or write nats:// for tls://`,
  );
}

/**
 * Returns why a broker could not be used, in one line.
 *
 * @param error What the client threw.
 */
export function describeFailure(error: unknown, { servers, user, isEncrypted }: BrokerAddress): string {
  const where = servers.map(formatEndpoint).join(", ");
  const said = lineOf(error);
  if (error instanceof BrokerError) return error.message;
  if (error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError) {
    const login = user === undefined
      ? "without a user: write nats://USER@HOST/NAME, or give --broker-creds FILE"
      : `of ${user}: set CHAT_BROKER_PASSWORD to the password, or give --broker-creds FILE`;
    return `The broker at ${where} refuses the login ${login}`;
  }
  if (error instanceof errors.PermissionViolationError) {
    return `The broker at ${where} does not allow what chat needs: ${said}`;
  }
  if (error instanceof JetStreamApiError) {
    return `The broker at ${where} cannot keep the chat: ${adviceFor(error.code) ?? said}`;
  }
  if (isWithoutJetStream(error)) {
    return `The broker at ${where} has no JetStream: start it with --jetstream, or a configuration with jetstream {}`;
  }
  if (error instanceof errors.TimeoutError || error instanceof errors.RequestError) {
    return `The broker at ${where} does not answer: check that most of its servers run`;
  }
  if (/certificate|tls|handshake/i.test(said)) {
    return `Cannot trust the broker at ${where}: ${said}; --broker-ca FILE names the certificate of the authority that signed its own`;
  }
  return `Cannot reach the broker at ${isEncrypted ? "tls" : "nats"}://${where}: ${said}`;
}

function isWithoutJetStream(error: unknown): boolean {
  if (error instanceof errors.NoRespondersError) return true;
  return error instanceof Error && error.cause !== undefined && isWithoutJetStream(error.cause);
}

/** JetStream's codes for an expected sequence that is not the last one, or that another message in flight expects. */
export const CONFLICTS: ReadonlySet<unknown> = new Set([10071, 10164]);

/** Returns whether a compare-and-set was refused, because another one was faster. */
export function isConflict(error: unknown): boolean {
  return error instanceof JetStreamApiError && CONFLICTS.has(error.code);
}

/** JetStream's code for a stream that does not exist. */
const NO_STREAM = 10059;

/** Returns whether a stream, or the bucket on it, does not exist. */
export function isMissing(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === NO_STREAM;
}

/** Returns whether an error is temporary: the servers have no leader at the moment. */
export function isForNow(error: unknown): boolean {
  if (error instanceof JetStreamApiError) return error.code === 10008 || /offline/.test(error.message);
  return error instanceof errors.TimeoutError ||
    error instanceof errors.RequestError && error.cause instanceof errors.TimeoutError;
}

/** Returns advice on an error of JetStream; undefined if there is none better than its own text. */
function adviceFor(code: number): string | undefined {
  switch (code) {
    case 10039:
      return "JetStream is not enabled for the account of this user";
    case 10074: // Replicas on a server without a cluster.
    case 10005: // No suitable peers for placement.
    case 10052: // Stream configuration: fewer peers than replicas.
      return "it has fewer servers than --replicas says, or too few of them run";
    case 10023:
    case 10047:
    case 10028:
      return "it has not enough storage left for this";
    default:
      return undefined;
  }
}

function lineOf(error: unknown): string {
  return messageOf(error).split("\n", 1)[0]!;
}
