/** Checks of the origin of a request: only pages that this listener served may open a socket. */

import { readHost } from "../base/address.ts";

/** The parts of a request that show its origin. */
export interface RequestSource {
  /** The headers Host and Origin. */
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** Whether the connection is encrypted. */
  readonly isSecure: boolean;
}

/** The names that a page may be opened by, besides addresses and names without a dot. */
export interface AllowedNames {
  /** The name that `--web` was given, in lower case. */
  readonly own: string | undefined;
  /** Whether any name is accepted, because a proxy checks it or a certificate proves it. */
  readonly any: boolean;
}

/**
 * Returns whether the Host of a request is a name that only this listener can have. The owner of any other name with a
 * dot could let it resolve to this machine, so that their page would pass for this listener's (DNS rebinding).
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { isOwnHost } from "./origin.ts";
 *
 * const names = { own: "chat.example.org", any: false };
 * for (const host of ["127.0.0.1:8080", "[::1]", "localhost", "my-pc:80", "my-pc.local", "chat.example.org"]) {
 *   assert(isOwnHost(host, names), host);
 * }
 * assert(!isOwnHost("evil.example.com:8080", names));
 * assert(!isOwnHost(undefined, names));
 * ```
 */
export function isOwnHost(host: string | undefined, { own, any }: AllowedNames): boolean {
  if (host === undefined || host === "") return false;
  if (any || readHost(host) !== null) return true;
  const name = host.toLowerCase().replace(/:\d+$/, "").replace(/\.$/, "");
  return name === own || !name.includes(".") || name.endsWith(".local") || name.endsWith(".localhost");
}

/**
 * Returns whether a request may open a socket: if it comes from a page of this listener, or from a program other than a
 * browser.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { isOwnPage } from "./origin.ts";
 *
 * assert(isOwnPage({ host: "localhost:8080", origin: "http://localhost:8080", isSecure: false }));
 * assert(isOwnPage({ host: "localhost:8080", origin: undefined, isSecure: false }));
 * assert(!isOwnPage({ host: "localhost:8080", origin: "http://localhost:8081", isSecure: false }));
 * assert(!isOwnPage({ host: "localhost:8080", origin: "null", isSecure: false }));
 * ```
 */
export function isOwnPage({ host, origin, isSecure }: RequestSource): boolean {
  if (origin === undefined) return true;
  if (host === undefined) return false;
  return origin.toLowerCase() === `${isSecure ? "https" : "http"}://${host.toLowerCase()}`;
}
