/** The package that carries the standard library has no types; this is that of its parser of arguments, as it is used. */

/**
 * Gives the values of each option, in order: an empty one where the option has none, `[]` where it is not there. What is
 * no option stands under `_`.
 */
export function parseArgs<Name extends string>(
  args: string[],
  options: {
    /** What is left as it is written. `_` is named too, or words that look like numbers become numbers. */
    string: readonly (Name | "_")[];
    /** What keeps all its values: every name of `string` but `_`. */
    collect: readonly Name[];
  },
): Record<Name, string[]> & { _: string[] };
