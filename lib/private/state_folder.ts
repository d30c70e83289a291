/** The folder in which a private chat keeps its keys, members and known hosts. */

import { EXIT, Exit } from "../base/errors.ts";

/** The file of known hosts, in that folder. */
export const HOSTS_FILE = "hosts.json";

/** The system and the environment that the folder depends on. */
export interface StateEnvironment {
  readonly os: string;
  /** Returns an environment variable. */
  readonly env: (name: string) => string | undefined;
}

/**
 * Returns the folder: $STATE_DIRECTORY, which systemd sets; else $XDG_STATE_HOME/chat, or the usual place on the system.
 *
 * @throws {Exit} If the environment names none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { stateFolder } from "./state_folder.ts";
 *
 * const folder = (os: string, env: Record<string, string>) => stateFolder({ os, env: (name) => env[name] });
 * assertEquals(folder("linux", { HOME: "/home/ann" }), "/home/ann/.local/state/chat");
 * assertEquals(folder("linux", { HOME: "/home/ann", XDG_STATE_HOME: "/var/ann" }), "/var/ann/chat");
 * assertEquals(folder("darwin", { HOME: "/Users/ann" }), "/Users/ann/Library/Application Support/chat");
 * assertEquals(folder("windows", { LOCALAPPDATA: "C:\\Local" }), "C:\\Local\\chat");
 * assertEquals(folder("linux", { STATE_DIRECTORY: "/var/lib/chat:/var/lib/other" }), "/var/lib/chat");
 * ```
 */
export function stateFolder({ os, env }: StateEnvironment): string {
  const given = env("STATE_DIRECTORY");
  // On Windows a colon follows the letter of a drive.
  if (given) return os === "windows" ? given : given.split(":", 1)[0]!;
  const state = env("XDG_STATE_HOME");
  // The XDG Base Directory Specification says that a relative path is to be ignored.
  if (state?.startsWith("/")) return `${state}/chat`;
  if (os === "windows") {
    const local = env("LOCALAPPDATA");
    if (local) return `${local}\\chat`;
  } else {
    const home = env("HOME");
    if (home) {
      return os === "darwin" ? `${home}/Library/Application Support/chat` : `${home}/.local/state/chat`;
    }
  }
  throw new Exit(EXIT.failed, "there is no folder for the keys of private chats: set STATE_DIRECTORY");
}

/** Returns whether a private chat has ever let this end in. If not, the modules for private chats are not loaded. */
export function mayKnowHosts(environment: StateEnvironment): boolean {
  try {
    return Deno.statSync(`${stateFolder(environment)}/${HOSTS_FILE}`).isFile;
  } catch {
    return false;
  }
}
