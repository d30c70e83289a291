/** Files that a person saves. */

import { messageOf } from "../base/errors.ts";

/**
 * Writes a new file. An existing file is left as it is.
 *
 * @returns The reason if it was not written, else null.
 */
export function saveFile(file: string, bytes: Uint8Array): string | null {
  try {
    Deno.writeFileSync(file, bytes, { createNew: true });
    return null;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return `${file} exists already: choose another name`;
    return `cannot write ${file}: ${messageOf(error)}`;
  }
}
