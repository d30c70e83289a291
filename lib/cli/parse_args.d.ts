/** Types of the standard library's argument parser, as far as it is used here: the npm package has none. */

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
