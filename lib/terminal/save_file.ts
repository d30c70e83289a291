/** Files that a person saves. */

import { messageOf } from "../base/errors.ts";

/**
 * Writes a new file; one that is there is left as it is.
 *
 * @returns Why it was not written, or null.
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
