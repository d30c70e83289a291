/** The package that carries the standard library has no types; these are those of its line stream. */

/** Divides text into lines at each "\n" or "\r\n", which are left away. */
export class TextLineStream extends TransformStream<string, string> {
  constructor(options?: { allowCR: boolean });
}
