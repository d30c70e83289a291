/** numpy arrays on one line. */

import { arrayName } from "../objects/array_name.ts";
import { format } from "../pickle/repr/format.ts";
import { NDArray } from "../pickle/values/known_numpy.ts";

/** The most items of an array that are shown. */
const FEW_ITEMS = 6;
/** The most characters of the items. */
const LONG_ITEMS = 120;

/**
 * Shows the dtype, the shape and the first values of an array on one line, as numpy writes them. The text is not
 * cleaned.
 *
 * @returns The text, and whether there is more in the array.
 */
export function showArray(array: NDArray): { readonly text: string; readonly folded: boolean } {
  const { shape } = array;
  const size = shape.reduce((product, side) => product * side, 1);
  const items = format(firstItems(array, size), { style: "print", limit: LONG_ITEMS });
  const isWhole = items.endsWith("]");
  // numpy indents further lines by a blank, which separates the items here.
  const seen = (isWhole && size > FEW_ITEMS ? items.slice(0, -1) + " …]" : items).replaceAll("\n", "");
  return { text: `${arrayName(array)} ${seen}`, folded: size > FEW_ITEMS || !isWhole };
}

/** Returns the first items in reading order, in which the last index changes fastest. */
function firstItems({ shape, dtype, fortran, data }: NDArray, size: number): NDArray {
  const count = Math.min(size, FEW_ITEMS);
  if (!(data instanceof Uint8Array)) return new NDArray([count], dtype, false, data.slice(0, count));
  const itemSize = size === 0 ? 0 : data.length / size;
  const bytes = new Uint8Array(count * itemSize);
  for (let index = 0; index < count; index++) {
    const from = (fortran ? fortranPlace(index, shape) : index) * itemSize;
    bytes.set(data.subarray(from, from + itemSize), index * itemSize);
  }
  return new NDArray([count], dtype, false, bytes);
}

/** Returns the offset of an item in an array whose first index changes fastest. */
function fortranPlace(index: number, shape: readonly number[]): number {
  let stride = shape.reduce((product, side) => product * side, 1);
  let place = 0;
  for (const side of shape.toReversed()) {
    stride /= side;
    place += (index % side) * stride;
    index = Math.floor(index / side);
  }
  return place;
}
