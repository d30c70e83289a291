/** Layout of numpy's items in their bytes. */
import { shortText } from "../values/eight_bits.ts";
import { DType } from "../values/known_numpy.ts";
import { Tuple, type Value } from "../values/values.ts";

/** numpy's letter for the kind of an item. */
export type Kind = "b" | "i" | "u" | "f" | "c" | "m" | "M" | "O" | "S" | "U" | "V";

/** A unit of time and the number of units in one step; the name "generic" means no unit. */
export interface TimeUnit {
  readonly name: string;
  readonly count: number;
}

/** A field of a structured item. */
export interface Field {
  readonly name: string;
  readonly title: string | null;
  readonly offset: number;
  readonly layout: Layout;
}

/** The layout of an item in its bytes. */
export interface Layout {
  readonly kind: Kind;
  /** The size of an item in bytes. */
  readonly size: number;
  readonly littleEndian: boolean;
  readonly unit: TimeUnit | null;
  readonly fields: readonly Field[] | null;
  /** The items and the shape of a subarray. */
  readonly sub: { readonly layout: Layout; readonly shape: readonly number[] } | null;
  /** Whether the fields are aligned as by a C compiler. */
  readonly aligned: boolean;
}

const ALIGNED = 0x80;

/** The most dtypes within one, since fields may share dtypes exponentially often. */
const MAX_PARTS = 1000;

/** The most dimensions of an array in numpy. */
export const MAX_DIMENSIONS = 64;

/** The nesting depth of dtypes. */
const MAX_DEPTH = 20;

/** The valid sizes in bytes of each kind; other kinds have any size. */
const SIZES: Readonly<Record<string, readonly number[]>> = {
  b: [1],
  i: [1, 2, 4, 8],
  u: [1, 2, 4, 8],
  f: [2, 4, 8, 16],
  c: [8, 16, 32],
  m: [8],
  M: [8],
};

/**
 * Returns the layout of a dtype.
 *
 * @returns undefined where its state is not as numpy writes it, or it has more than 1,000 parts.
 */
export function layoutOf(dtype: DType): Layout | undefined {
  const rest = { parts: MAX_PARTS };
  return layoutAt(dtype, rest, 0);
}

function layoutAt(dtype: DType, rest: { parts: number }, depth: number): Layout | undefined {
  const [, order, sub, names, fields, itemSize, , flags, metadata] = dtype.state.items;
  const [, letter = "", digits = ""] = /^([biufcmMOSUV])(\d*)$/.exec(dtype.code) ?? [];
  if (letter === "" || rest.parts-- <= 0 || depth > MAX_DEPTH) return undefined;
  const kind = letter as Kind;
  const size = sizeOf(kind, Number(digits), itemSize);
  if (size === undefined) return undefined;
  const unit = kind === "m" || kind === "M" ? unitOf(metadata) : null;
  const below = { rest, depth: depth + 1 };
  const inner = sub === null || sub === undefined ? null : subOf(sub, below);
  const parts = names === null || names === undefined ? null : fieldsOf(names, fields, below);
  if (unit === undefined || inner === undefined || parts === undefined) return undefined;
  // A part that reaches past the item would be read from the next one, or past the end.
  if (parts?.some(({ offset, layout }) => offset + layout.size > size)) return undefined;
  if (inner !== null && countOf(inner.shape) * inner.layout.size > size) return undefined;
  const aligned = typeof flags === "number" && (flags & ALIGNED) !== 0;
  return { kind, size, littleEndian: order !== ">", unit, fields: parts, sub: inner, aligned };
}

function sizeOf(kind: Kind, digits: number, itemSize: Value | undefined): number | undefined {
  const stated = typeof itemSize === "number" && itemSize >= 0 ? itemSize : digits * (kind === "U" ? 4 : 1);
  const sizes = SIZES[kind];
  if (sizes !== undefined) return sizes.includes(digits) ? digits : undefined;
  return kind === "U" && stated % 4 !== 0 ? undefined : stated;
}

/** Reads the unit of time in a dtype's state: `(metadata, (unit, count, …))`. */
function unitOf(metadata: Value | undefined): TimeUnit | undefined {
  const data = metadata instanceof Tuple ? metadata.items[1] : undefined;
  const [given, count] = data instanceof Tuple ? data.items : [];
  const name = shortText(given);
  if (name === undefined || typeof count !== "number") return undefined;
  return /^(?:generic|[YMWDhms]|ms|us|ns|ps|fs|as)$/.test(name) ? { name, count } : undefined;
}

type Below = { readonly rest: { parts: number }; readonly depth: number };

function subOf(sub: Value, { rest, depth }: Below): Layout["sub"] | undefined {
  const [dtype, shape] = sub instanceof Tuple ? sub.items : [];
  if (!(dtype instanceof DType)) return undefined;
  const sizes = shape instanceof Tuple ? shape.items : [shape];
  const layout = layoutAt(dtype, rest, depth);
  if (layout === undefined || !isShape(sizes)) return undefined;
  return { layout, shape: sizes };
}

function isShape(sizes: readonly (Value | undefined)[]): sizes is readonly number[] {
  return sizes.every(isSize);
}

function isSize(size: Value | undefined): size is number {
  return typeof size === "number" && Number.isSafeInteger(size) && size >= 0;
}

/** Returns the number of items of an array of a shape. */
export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function fieldsOf(names: Value, fields: Value | undefined, { rest, depth }: Below): Field[] | undefined {
  if (!(names instanceof Tuple) || !(fields instanceof Map)) return undefined;
  const found: Field[] = [];
  for (const given of names.items) {
    const name = shortText(given);
    const field = fields.get(given);
    const [dtype, offset, title = null] = field instanceof Tuple ? field.items : [];
    const layout = dtype instanceof DType ? layoutAt(dtype, rest, depth) : undefined;
    if (name === undefined || layout === undefined || !isSize(offset)) return undefined;
    if (title !== null && typeof title !== "string") return undefined;
    found.push({ name, title, offset, layout });
  }
  return found;
}
