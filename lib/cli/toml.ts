/** The TOML parser, in a separate module that is loaded only if there is a configuration file. */

// @ts-types="./toml_parse.d.ts"
export { parse } from "@std/toml/parse";
