/** The one error of this codec: a stable code, and where in the bytes or the text it arose. */

/**
 * What went wrong, in words that stay the same:
 *
 * | code | meaning |
 * |---|---|
 * | truncated | the bytes end before STOP or inside an argument |
 * | unknown-opcode | a byte that is no opcode, or a PROTO that no CPython knows |
 * | bad-argument | a malformed number, length, text or name |
 * | bad-frame | a FRAME that CPython's unpicklers would not accept |
 * | bad-stack | too little on the stack, no MARK, or an opcode on the wrong kind of object |
 * | bad-memo | a memo entry that was never made |
 * | unhashable | a dict's key or a set's member that Python cannot hash |
 * | trailing-data | something other than zero bytes after STOP |
 * | limit | one of the caller's limits was reached; `limit` says which |
 * | unsafe | a name that is not on the allow-list; `global` says which |
 * | unsupported | a persistent id, extension code or out-of-band buffer without a resolver; a value that cannot be said |
 * | syntax | text that is no Python literal; `line` and `column` say where |
 */
export type PickleErrorCode =
  | "truncated"
  | "unknown-opcode"
  | "bad-argument"
  | "bad-frame"
  | "bad-stack"
  | "bad-memo"
  | "unhashable"
  | "trailing-data"
  | "limit"
  | "unsafe"
  | "unsupported"
  | "syntax";

/** Where a {@linkcode PickleError} arose, and what it is about. */
export interface PickleErrorDetails {
  /** The offset, in bytes, of the opcode at fault. */
  readonly offset?: number;
  /** Of code "limit": the name of the limit, as in {@linkcode PickleLimits}. */
  readonly limit?: string;
  /** Of code "unsafe": the name as `module.name`. */
  readonly global?: string;
  /** Of code "syntax": the line, from 1. */
  readonly line?: number;
  /** Of code "syntax": the column, from 1, in code points. */
  readonly column?: number;
  /** Of a value that cannot be encoded: where in it, such as `value["a"][3]`. */
  readonly path?: string;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/**
 * Tells that bytes are no pickle we accept, that a value cannot be encoded or shown, or that text is no literal. The place
 * is part of the message: `Cannot decode the pickle: LONG4 has a negative length -1 (at byte 7)`.
 *
 * @example
 * ```ts
 * import { PickleError } from "./errors.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new PickleError("bad-memo", "Cannot decode the pickle: no memo entry 3", { offset: 7 });
 * assertEquals(error.message, "Cannot decode the pickle: no memo entry 3 (at byte 7)");
 * assertEquals(error.code, "bad-memo");
 * ```
 */
export class PickleError extends Error {
  override readonly name = "PickleError";
  /** Where in the bytes, as in {@linkcode PickleErrorDetails}. */
  readonly offset: number | undefined;
  /** Of code "limit": which one. */
  readonly limit: string | undefined;
  /** Of code "unsafe": which name. */
  readonly global: string | undefined;
  /** Where in a text, from 1. */
  readonly line: number | undefined;
  /** Where in its line, from 1, in code points. */
  readonly column: number | undefined;
  /** Where in a value that cannot be encoded. */
  readonly path: string | undefined;

  constructor(readonly code: PickleErrorCode, message: string, details: PickleErrorDetails = {}) {
    super(message + place(details), details.cause === undefined ? {} : { cause: details.cause });
    this.offset = details.offset;
    this.limit = details.limit;
    this.global = details.global;
    this.line = details.line;
    this.column = details.column;
    this.path = details.path;
  }
}

/**
 * Makes an error out of one that says nothing of what was being done: its words behind a beginning, with a place.
 *
 * @param cause The error, whose message is `Cannot …: what is wrong`.
 * @param beginning What was not possible, as `Cannot parse the literal`.
 * @example
 * ```ts
 * import { PickleError, toldAs } from "./errors.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const cause = new PickleError("unhashable", "Cannot use the value as a key: a list has no hash");
 * const error = toldAs(cause, "Cannot decode the pickle", { offset: 5 });
 * assertEquals(error.message, "Cannot decode the pickle: a list has no hash (at byte 5)");
 * ```
 */
export function toldAs(cause: PickleError, beginning: string, details: PickleErrorDetails): PickleError {
  const message = cause.message.replace(/^[^:]*/, beginning);
  const { code, limit } = cause;
  return new PickleError(
    code,
    message,
    limit === undefined ? { ...details, cause } : { ...details, cause, limit },
  );
}

function place(details: PickleErrorDetails): string {
  if (details.line !== undefined) return ` (line ${details.line}, column ${details.column ?? 1})`;
  if (details.path !== undefined) return ` (at ${details.path})`;
  return details.offset === undefined ? "" : ` (at byte ${details.offset})`;
}
