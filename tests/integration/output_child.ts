/** A program that writes lines of many lengths to standard output or standard error, as the argument says. */

import { STANDARD_ERROR, STANDARD_OUTPUT } from "../../lib/base/descriptor.ts";
import { randomOf } from "../random.ts";

/** Gives the chunks that the program writes: short and long lines, many at once, and texts without a newline. */
export function* chunks(): Generator<Uint8Array> {
  const random = randomOf(3);
  const sizes = [0, 1, 2, 1022, 1023, 1024, 1025, 4095, 4096, 4097, 70_000];
  for (let n = 0; n < 300; n++) {
    const size = n < sizes.length ? sizes[n]! : random(2) === 0 ? random(200) : random(9000);
    const bytes = Uint8Array.from({ length: size }, () => 0x61 + random(26));
    for (let newlines = random(4); newlines > 0 && size > 0; newlines--) bytes[random(size)] = 0x0a;
    yield bytes;
  }
}

if (import.meta.main) {
  const output = Deno.args[0] === "stderr" ? STANDARD_ERROR : STANDARD_OUTPUT;
  for (const chunk of chunks()) await output.write(chunk);
}
