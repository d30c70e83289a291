/** Types of the standard library's TOML parser, as far as it is used here: the npm package has none. */

/**
 * Parses a document.
 *
 * @throws {SyntaxError} `Parse error on line N, column N: …`, where it is no TOML.
 */
export function parse(text: string): Record<string, unknown>;
