/** Trust in TLS certificates: only the pinned one is accepted. */

import { EXIT, Exit } from "../base/errors.ts";

/** The variables by which the environment adds certificate authorities to those of the runtime. */
const VARIABLES = ["DENO_CERT", "DENO_TLS_CA_STORE"] as const;

/**
 * Makes the runtime trust no certificate authority of the environment, so that a connection accepts only the
 * certificate given as `caCerts`. Otherwise a proxy that inspects TLS, or anybody who can sign for a trusted authority,
 * could show a certificate of their own for the name of every private chat.
 *
 * It must be called before the first TLS connection. The executable reads these variables only then, and trusts no
 * authority at all after this call. From source the runtime has read them already.
 *
 * @param env Returns an environment variable.
 * @throws {Exit} If the program runs from source, and such a variable is set.
 */
export function trustNoAuthority(env: (name: string) => string | undefined): void {
  if (Deno.build.standalone) {
    Deno.env.delete("DENO_CERT");
    // An empty list of stores. Without the variable the runtime would use its own list of authorities.
    Deno.env.set("DENO_TLS_CA_STORE", ",");
    return;
  }
  for (const name of VARIABLES) {
    if (!env(name)) continue;
    throw new Exit(
      EXIT.usage,
      `${name} makes this runtime trust other certificates than a private chat's own: unset it, or use the executable`,
    );
  }
}
