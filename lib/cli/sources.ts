/** Sources of posts on the command line: files, and standard input. */

/** The name of standard input. */
export const STANDARD_INPUT = "-";

/** A file to post, which is read before the connector connects. */
export class Source {
  /**
   * @param path The path; {@linkcode STANDARD_INPUT} for standard input.
   * @param content Whether it holds an object as JSON or a Python literal, or bytes to post as they are.
   */
  constructor(readonly path: string, readonly content: "object" | "bytes") {}
}
