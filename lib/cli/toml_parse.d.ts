/** Types of the part of the standard library's TOML parser that is used here. The npm package has none. */

/**
 * Parses a document.
 *
 * @throws {SyntaxError} `Parse error on line N, column N: …`, if the document is not TOML.
 */
export function parse(text: string): Record<string, unknown>;
