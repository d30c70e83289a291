/** The codec's error class, with a stable code and the position of the fault. */

/**
 * The stable codes of errors:
 *
 * | code | meaning |
 * |---|---|
 * | truncated | the bytes end before STOP or inside an argument |
 * | unknown-opcode | a byte that is not an opcode, or a protocol above 5 |
 * | bad-argument | a malformed number, length, text or name |
 * | bad-frame | a FRAME that CPython's unpicklers would refuse |
 * | bad-stack | too few objects on the stack, no MARK, or an object of the wrong type for an opcode |
 * | bad-memo | an undefined memo entry |
 * | unhashable | a key of a dict or member of a set that Python cannot hash |
 * | trailing-data | data other than zero bytes after STOP |
 * | limit | a limit was exceeded; `limit` names it |
 * | unsafe | a name that is not on the allow-list; `global` holds it |
 * | unsupported | a persistent id, extension code or out-of-band buffer without a resolver; a value that has no form in Python |
 * | syntax | text that is not a Python literal; `line` and `column` give the position |
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

/** The position of the fault that a {@linkcode PickleError} reports, and what it concerns. */
export interface PickleErrorDetails {
  /** The offset in bytes of the faulty opcode. */
  readonly offset?: number;
  /** Of code "limit": the name of the limit, as in {@linkcode PickleLimits}. */
  readonly limit?: string;
  /** Of code "unsafe": the name as `module.name`. */
  readonly global?: string;
  /** Of code "syntax": the line, from 1. */
  readonly line?: number;
  /** Of code "syntax": the column, from 1, in code points. */
  readonly column?: number;
  /** Of a value that cannot be encoded: the path to the faulty part, such as `value["a"][3]`. */
  readonly path?: string;
  /** The underlying error. */
  readonly cause?: unknown;
}

/**
 * Reports bytes that are not an acceptable pickle, a value that cannot be encoded, or text that is not a literal. The message
 * ends with the position: `Cannot decode the pickle: LONG4 has a negative length -1 (at byte 7)`.
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
  /** The offset in the bytes, as in {@linkcode PickleErrorDetails}. */
  readonly offset: number | undefined;
  /** Of code "limit": the name of the limit. */
  readonly limit: string | undefined;
  /** Of code "unsafe": the refused name. */
  readonly global: string | undefined;
  /** The line in a text, from 1. */
  readonly line: number | undefined;
  /** The column in that line, from 1, in code points. */
  readonly column: number | undefined;
  /** The path in a value that cannot be encoded. */
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
 * Restates an error for the operation that failed, with a position: the reason stays, the beginning of the message changes.
 *
 * @param cause The error, with a message of the form `Cannot …: reason`.
 * @param beginning The new beginning, such as `Cannot parse the literal`.
 * @example
 * ```ts
 * import { PickleError, restate } from "./errors.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const cause = new PickleError("unhashable", "Cannot use the value as a key: a list has no hash");
 * const error = restate(cause, "Cannot decode the pickle", { offset: 5 });
 * assertEquals(error.message, "Cannot decode the pickle: a list has no hash (at byte 5)");
 * ```
 */
export function restate(cause: PickleError, beginning: string, details: PickleErrorDetails): PickleError {
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
