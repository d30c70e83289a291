/** The kind and the size of a numpy array in words. */

import { format } from "../pickle/repr/format.ts";
import type { NDArray } from "../pickle/values/known_numpy.ts";

/** The most characters of a dtype. */
const LONG_DTYPE = 48;

/**
 * Returns the dtype and the shape of an array as numpy writes them, such as `array float64 (500,)`. The text is not
 * cleaned.
 */
export function arrayName({ shape, dtype }: NDArray): string {
  const [, name = dtype.code] = /^dtype\('?(.*?)'?\)$/s.exec(format(dtype, { limit: 1000 })) ?? [];
  const kind = name.length > LONG_DTYPE ? name.slice(0, LONG_DTYPE) + "…" : name;
  return `array ${kind} (${shape.length === 1 ? `${shape[0]},` : shape.join(", ")})`;
}
