/** Files that a person saves. */

import { messageOf } from "../base/errors.ts";

/**
 * Writes a new file. An existing file is left as it is.
 *
 * @param file Its path, where `~/` stands for the folder of the person, as in a shell.
 * @param home That folder, if it is known.
 * @returns The reason if it was not written, else null.
 */
export function saveFile(file: string, bytes: Uint8Array, home?: string): string | null {
  const isAtHome = /^~[/\\]/.test(file);
  if (isAtHome && !home) {
    return `cannot write ${file}: this system does not say what ~ is; write the whole path`;
  }
  try {
    Deno.writeFileSync(isAtHome ? home + file.slice(1) : file, bytes, { createNew: true });
    return null;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return `${file} exists already: choose another name`;
    return `cannot write ${file}: ${messageOf(error)}`;
  }
}
