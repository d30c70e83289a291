/** Text of the items of an array, as numpy shows them: padded to a common width. */
import { readFloat } from "./float_bits.ts";
import { columnFloat, scalarFloat } from "./float.ts";
import { readBytes, readInt, readPoints } from "./items.ts";
import { countOf, type Field, type Layout } from "./layout.ts";
import { NOT_A_TIME, timeText } from "./time.ts";
import { reprBytes } from "../repr/bytes.ts";
import { reprPoints } from "../repr/text.ts";

/** Returns the text of the item at an offset. */
export type ShowItem = (offset: number) => string;

/** The items that are shown together. */
export interface Column {
  readonly view: DataView;
  /** The offset of each. */
  readonly offsets: readonly number[];
  /** Whether it is one item of an array without dimensions. */
  readonly alone: boolean;
  /** Whether floats are shown as scalars. */
  readonly scalar?: boolean;
}

/** The number of items above which numpy omits those in the middle, and the number that it shows at each edge. */
export const THRESHOLD = 1000;
export const EDGE = 3;

/** The most items of subarrays. */
const MAX_ITEMS = 2 ** 20;

/** Makes the function that shows the items of a column; undefined for objects, and for items that cannot be shown. */
export function showColumn(layout: Layout, column: Column): ShowItem | undefined {
  const { view, offsets, alone } = column;
  if (layout.sub !== null) return showSubArray(layout.sub, column);
  switch (layout.kind) {
    case "b":
      return (offset) => view.getUint8(offset) === 0 ? "False" : alone ? "True" : " True";
    case "i":
    case "u":
      return padded(offsets, (offset) => String(readInt(view, offset, layout)));
    case "m":
      return padded(offsets, (offset) => {
        const count = readInt(view, offset, layout);
        return count === NOT_A_TIME ? "'NaT'" : String(count);
      });
    case "M":
      return padded(offsets, (offset) => `'${timeText(readInt(view, offset, layout), layout.unit!)}'`);
    case "f":
      if (column.scalar) return (offset) => scalarFloat(readFloat({ ...layout, view, offset }));
      return showFloats(column, layout);
    case "c":
      return showComplex(column, layout);
    case "U":
      return (offset) => reprPoints(readPoints(view, offset, layout));
    case "S":
      return (offset) => reprBytes(readBytes(view, offset, layout));
    case "V":
      return layout.fields === null
        ? (offset) => voidText(readBytes(view, offset, layout))
        : showFields(layout.fields, column);
    case "O":
      return undefined;
  }
}

/** Shows bytes of kind void, all as escapes. */
export function voidText(bytes: Uint8Array): string {
  const shown = Array.from(bytes, (byte) => "\\x" + byte.toString(16).toUpperCase().padStart(2, "0"));
  return `b'${shown.join("")}'`;
}

function padded(offsets: readonly number[], show: ShowItem): ShowItem {
  const width = offsets.reduce((most, offset) => Math.max(most, show(offset).length), 0);
  return (offset) => show(offset).padStart(width);
}

function showFloats({ view, offsets }: Column, { size, littleEndian }: Layout, forceSign = false): ShowItem {
  const read = (offset: number) => readFloat({ view, offset, size, littleEndian });
  const show = columnFloat(offsets.map(read), forceSign);
  return (offset) => show(read(offset));
}

function showComplex(column: Column, layout: Layout): ShowItem {
  const half = { ...layout, size: layout.size / 2 };
  const offsets = column.offsets.map((offset) => offset + half.size);
  const real = showFloats(column, half);
  const imag = showFloats({ ...column, offsets }, half, true);
  // The j follows the digits directly, before the padding.
  return (offset) => real(offset) + imag(offset + half.size).replace(/ *$/, "j$&");
}

function showFields(fields: readonly Field[], column: Column): ShowItem | undefined {
  const shows: { offset: number; show: ShowItem }[] = [];
  for (const { offset, layout } of fields) {
    const show = showColumn(layout, { ...column, offsets: column.offsets.map((start) => start + offset) });
    if (show === undefined) return undefined;
    shows.push({ offset, show });
  }
  return (start) => {
    const texts = shows.map(({ offset, show }) => show(start + offset));
    return texts.length === 1 ? `(${texts[0]},)` : `(${texts.join(", ")})`;
  };
}

function showSubArray(sub: NonNullable<Layout["sub"]>, column: Column): ShowItem | undefined {
  const { layout, shape } = sub;
  const count = countOf(shape);
  if (count * column.offsets.length > MAX_ITEMS || shape.length > 64) return undefined;
  const steps = Array.from({ length: count }, (_, at) => at * layout.size);
  const offsets = column.offsets.flatMap((start) => steps.map((step) => start + step));
  const show = showColumn(layout, { ...column, offsets, alone: false });
  if (show === undefined) return undefined;
  const list = (start: number, axis: number): string => {
    const length = shape[axis];
    if (length === undefined) return show(start);
    const stride = layout.size * countOf(shape.slice(axis + 1));
    const summarised = count > THRESHOLD && length > 2 * EDGE;
    const items = Array.from({ length }, (_, at) => at).filter((at) =>
      !summarised || at < EDGE || at >= length - EDGE
    );
    const texts = items.map((at) => list(start + at * stride, axis + 1));
    if (summarised) texts.splice(EDGE, 0, "...");
    return `[${texts.join(", ")}]`;
  };
  return (start) => list(start, 0);
}
