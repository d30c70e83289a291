/** Types of the standard library's argument parser, as far as it is used here: the npm package has none. */

/**
 * Gives the values of each option, in order: an empty one where the option has none, `[]` where it is not there. What is
 * no option stands under `_`.
 */
export function parseArgs<Name extends string>(
  args: string[],
  options: {
    /** The options whose values stay text. With `_` among them, other words stay text too. */
    string: readonly (Name | "_")[];
    /** The options that keep all their values: every name of `string` but `_`. */
    collect: readonly Name[];
  },
): Record<Name, string[]> & { _: string[] };
