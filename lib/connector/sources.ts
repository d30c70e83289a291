/** Reading the files, or the standard input, that are to be posted. */

import { EXIT, Exit, isSystemError, messageOf } from "../base/errors.ts";
import { MAX_RECEIVED } from "../base/limits.ts";
import { joined } from "../base/bytes.ts";
import { type Source, STANDARD_INPUT } from "../cli/sources.ts";
import { PickleError } from "../pickle/values/errors.ts";
import type { Value } from "../pickle/values/values.ts";
import { readObjectText } from "../view/object_text.ts";

/** The streams and files that sources are read from. */
export interface SourceWorld {
  readonly stdin: { readonly readable: ReadableStream<Uint8Array> };
  /** Opens a file. */
  readonly openFile: (path: string) => Promise<{ readonly readable: ReadableStream<Uint8Array> }>;
}

/**
 * Reads the content of a source: bytes as they are, or an object, written as JSON or as a Python literal.
 *
 * @throws {Exit} With one line for people, if it cannot be read or holds no object.
 */
export async function readSource({ path, content }: Source, world: SourceWorld): Promise<Value> {
  const bytes = await readAll(path, world);
  return content === "bytes" ? bytes : objectIn(bytes, nameOf(path));
}

async function readAll(path: string, { stdin, openFile }: SourceWorld): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    const { readable } = path === STANDARD_INPUT ? stdin : await openFile(path);
    for await (const piece of readable) {
      pieces.push(piece);
      size += piece.length;
      if (size > MAX_RECEIVED) throw cannotRead(path, `it is longer than ${MAX_RECEIVED} bytes`);
    }
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw cannotRead(path, messageOf(error).replace(/: open '.*'$/s, ""));
  }
  return joined(pieces, size);
}

function objectIn(bytes: Uint8Array, name: string): Value {
  let text: string;
  try {
    // The decoder removes a byte order mark.
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes).trim();
  } catch {
    throw new Exit(EXIT.failed, `cannot post ${name}: it is not UTF-8; --send-bytes posts bytes as they are`);
  }
  try {
    return readObjectText(text);
  } catch (error) {
    if (!(error instanceof PickleError)) throw error;
    throw new Exit(
      EXIT.failed,
      `cannot post ${name}: it is neither JSON nor a Python literal: ${error.message}`,
    );
  }
}

function cannotRead(path: string, why: string): Exit {
  return new Exit(EXIT.failed, `cannot read ${nameOf(path)}: ${why}`);
}

function nameOf(path: string): string {
  return path === STANDARD_INPUT ? "the input" : path;
}
