/** The package that carries the standard library has no types; this is that of its parser of YAML, as it is used. */

/** Gives the value of a document of YAML 1.2. */
export function parse(content: string): unknown;
