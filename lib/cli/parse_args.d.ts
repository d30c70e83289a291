/** Types of the part of the standard library's argument parser that is used here. The npm package has none. */

/**
 * Returns the values of each option, in order: an empty text for an option without a value, `[]` for an absent option.
 * Words that are not options are under `_`.
 */
export function parseArgs<Name extends string>(
  args: string[],
  options: {
    /** The options whose values stay text. If `_` is among them, other words stay text, too. */
    string: readonly (Name | "_")[];
    /** The options that keep all their values: every name of `string` but `_`. */
    collect: readonly Name[];
  },
): Record<Name, string[]> & { _: string[] };
