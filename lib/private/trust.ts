/** Trust in TLS certificates: none but the one that is pinned. */

import { EXIT, Exit } from "../base/errors.ts";

/** The variables by which the environment adds certificate authorities to those of the runtime. */
const VARIABLES = ["DENO_CERT", "DENO_TLS_CA_STORE"] as const;

/**
 * Makes sure that no certificate authority of the environment is trusted, so that a certificate that is given as
 * `caCerts` is the only one that a connection accepts. Otherwise a proxy that inspects TLS, and others who can sign for a
 * trusted authority, could show a certificate of their own for the name of every private chat.
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
    // A list without a name in it. If the variable were missing, the runtime's own list would be used.
    Deno.env.set("DENO_TLS_CA_STORE", ",");
    return;
  }
  for (const name of VARIABLES) {
    if (!env(name)) continue;
    throw new Exit(
      EXIT.usage,
      `${name} makes this runtime trust others in place of a private chat: unset it, or use the executable`,
    );
  }
}
