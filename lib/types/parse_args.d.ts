/** The type of what the command line uses of the standard library's argument parser: every option is collected. */

export interface ParseOptions {
  readonly string?: readonly string[];
  readonly boolean?: readonly string[];
  readonly collect?: readonly string[];
  /** Is told of what is in none of the lists, words too, where `key` is undefined; false leaves it out. */
  readonly unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

export type ParsedArgs =
  & { readonly _: readonly (string | number)[] }
  & Readonly<
    Record<string, readonly (string | boolean)[] | undefined>
  >;

export function parseArgs(args: readonly string[], options: ParseOptions): ParsedArgs;
