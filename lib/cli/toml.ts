/** The TOML parser, in a module of its own: only a start with a configuration file loads it. */

// @ts-types="./toml_parse.d.ts"
export { parse } from "@std/toml/parse";
