/** Text of an array, as numpy 2 shows it. */
import { type ArrayLines, characters, shownOf, writeLines } from "./array_lines.ts";
import { Captured, type Steps } from "../repr/container_steps.ts";
import type { NDArray } from "../values/known_numpy.ts";
import { showColumn, THRESHOLD } from "./column.ts";
import { viewOf } from "./items.ts";
import { countOf, type Layout, layoutOf, MAX_DIMENSIONS } from "./layout.ts";
import { isImplied, reprArrayDtype } from "./repr_dtype.ts";
import { printItem } from "./repr_scalar.ts";
import { reprScalar } from "../repr/scalar.ts";
import { TextOut } from "../repr/text_out.ts";
import type { Value } from "../values/values.ts";

const LINE_WIDTH = 75;
const PREFIX = "array(";

/** The most items of size 0 that are shown; the bytes of the pickle do not bound their number. */
const MAX_EMPTY_ITEMS = 2 ** 16;

/** The text for an array that is invalid in numpy. */
const HINT = "<numpy.ndarray …>";

/** Shows an array as repr does, such as `array([1, 2, 3])`. */
export function* arraySteps(out: TextOut, array: NDArray): Steps {
  const layout = layoutOf(array.dtype);
  if (layout === undefined || !isShowable(array, layout)) return out.write(HINT);
  const count = countOf(array.shape);
  const body = new TextOut(out.room);
  body.write(PREFIX);
  if (!(yield* bodySteps(body, array, { layout, separator: ", ", indent: PREFIX.length }))) {
    return out.write(HINT);
  }
  if (body.full) return out.write(body.finish() + "…");
  const text = body.finish();
  const extras = extrasOf(array.shape, { count, layout });
  out.write(text);
  if (extras.length === 0) return out.write(")");
  const extra = extras.join(", ") + ")";
  const last = characters(text.slice(text.lastIndexOf("\n") + 1)) + 1;
  const fits = last + characters(extra) + 1 <= LINE_WIDTH;
  out.write("," + (fits ? " " : "\n" + " ".repeat(PREFIX.length)) + extra);
}

/** Shows an array as `str` does, such as `[1 2 3]`. */
export function* printArraySteps(out: TextOut, array: NDArray): Steps {
  const layout = layoutOf(array.dtype);
  if (layout === undefined || !isShowable(array, layout)) return out.write(HINT);
  if (array.shape.length === 0 && array.data instanceof Uint8Array) {
    const text = printItem(viewOf(array.data), layout) ?? HINT;
    return out.write(layout.kind === "S" ? `np.bytes_(${text})` : text);
  }
  if (!(yield* bodySteps(out, array, { layout, separator: " ", indent: 0 }))) out.write(HINT);
}

function extrasOf(shape: readonly number[], { count, layout }: { count: number; layout: Layout }): string[] {
  const extras: string[] = [];
  if (count === 0 && !(shape.length === 1 && shape[0] === 0) || count > THRESHOLD) {
    extras.push(`shape=(${shape.join(", ")}${shape.length === 1 ? "," : ""})`);
  }
  if (!isImplied(layout) || count === 0) extras.push(`dtype=${reprArrayDtype(layout)}`);
  return extras;
}

/** Returns whether the shape and the bytes fit together. */
function isShowable({ shape, data }: NDArray, layout: Layout): boolean {
  const count = countOf(shape);
  if (shape.length > MAX_DIMENSIONS || layout.sub !== null) return false;
  if (layout.size === 0 && shownCount(shape, count > THRESHOLD) > MAX_EMPTY_ITEMS) return false;
  return data.length === (data instanceof Uint8Array ? count * layout.size : count);
}

interface Body {
  readonly layout: Layout;
  readonly separator: string;
  readonly indent: number;
}

/** Writes the items in their brackets; returns false where they cannot be shown. */
function* bodySteps(out: TextOut, array: NDArray, { layout, separator, indent }: Body): Steps<boolean> {
  const { shape } = array;
  const count = countOf(shape);
  if (count === 0) {
    out.write("[]");
    return true;
  }
  const summarised = count > THRESHOLD;
  const positions = shownPositions(array, summarised, out.room);
  let words: (string | undefined)[] | ((at: number) => string);
  if (array.data instanceof Uint8Array) {
    const offsets = positions.map((position) => position * layout.size);
    const show = showColumn(layout, { view: viewOf(array.data), offsets, alone: shape.length === 0 });
    if (show === undefined) return false;
    words = (at) => show(offsets[at]!);
  } else {
    words = yield* objectWords(out, positions.map((position) => (array.data as Value[])[position]!));
  }
  let at = 0;
  const next = () => {
    if (at >= positions.length) return undefined;
    return typeof words === "function" ? words(at++) : words[at++];
  };
  const width = LINE_WIDTH - (indent > 0 ? 1 : 0);
  const lines: ArrayLines = { shape, summarised, separator, indent, width, next };
  if (shape.length === 0) out.write(next() ?? "");
  else writeLines(out, lines);
  return true;
}

/** Makes the texts of objects, as many as there is room for. */
function* objectWords(out: TextOut, items: readonly Value[]): Steps<string[]> {
  const words: string[] = [];
  let room = out.room;
  for (const item of items) {
    if (room <= 0) break;
    const text = reprScalar(item, room) ?? (yield new Captured(item, room));
    const word = Array.isArray(item) ? `list(${text})` : text;
    room -= word.length;
    words.push(word);
  }
  return words;
}

/** Returns the positions of the items that are shown, as many as there is room for. */
function shownPositions({ shape, fortran, data }: NDArray, summarised: boolean, room: number): number[] {
  // numpy pickles objects in C order, whatever their order in memory.
  const strides = stridesOf(shape, fortran && data instanceof Uint8Array);
  const positions: number[] = [];
  const axes = shape.map((length) => shownOf(length, summarised).filter((at) => at !== null));
  const indexes = shape.map(() => 0);
  for (;;) {
    positions.push(indexes.reduce((sum, index, axis) => sum + axes[axis]![index]! * strides[axis]!, 0));
    if (positions.length >= room) return positions;
    let axis = shape.length - 1;
    for (; axis >= 0 && ++indexes[axis]! === axes[axis]!.length; axis--) indexes[axis] = 0;
    if (axis < 0) return positions;
  }
}

/** Returns the stride of each axis, in items. */
function stridesOf(shape: readonly number[], fortran: boolean): number[] {
  const strides: number[] = [];
  let stride = 1;
  const axes = fortran ? shape.keys() : [...shape.keys()].reverse();
  for (const axis of axes) {
    strides[axis] = stride;
    stride *= shape[axis]!;
  }
  return strides;
}

function shownCount(shape: readonly number[], summarised: boolean): number {
  return shape.reduce((product, length) => product * (summarised ? Math.min(length, 6) : length), 1);
}
