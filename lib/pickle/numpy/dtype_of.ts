/** Dtypes of numpy from what `dtype` is called with, and their state as numpy pickles it. */
import { dictOf } from "../keys/keys.ts";
import { DType } from "../values/known_numpy.ts";
import { countOf, type Layout, layoutOf, MAX_DEPTH } from "./layout.ts";
import { alignmentOf } from "./repr_dtype.ts";
import { Tuple, type Value } from "../values/values.ts";

/** The names of dtypes as codes. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ["bool", "b1"],
  ...[8, 16, 32, 64].flatMap((bits): [string, string][] => [
    [`int${bits}`, `i${bits / 8}`],
    [`uint${bits}`, `u${bits / 8}`],
  ]),
  ...[16, 32, 64, 128].map((bits): [string, string] => [`float${bits}`, `f${bits / 8}`]),
  ...[64, 128, 256].map((bits): [string, string] => [`complex${bits}`, `c${bits / 8}`]),
  ["longdouble", "f16"],
  ["clongdouble", "c32"],
  ["object", "O"],
  ["datetime64", "M8"],
  ["timedelta64", "m8"],
]);

const CODE = /^([<>|=]?)(\?|[biufcmMOSUV])(\d{0,9})(?:\[(\d{0,9})([YMWDhms]|ms|us|ns|ps|fs|as)\])?$/;
const NAMED_TIME = /^(datetime64|timedelta64)(\[.*\])$/;

/** The flags of a dtype that those which hold it have too. */
const PASSED_ON = 0x1B;
const STRUCTURED = 0x10;
const ALIGNED = 0x80;
const U_FLAGS = 8;
const OBJECT_FLAGS = 63;

/** Tells whether a name is a dtype's, as repr shows it without quotes. */
export function isDtypeName(name: string): boolean {
  return NAMES.has(name);
}

/**
 * Makes a dtype of what numpy's `dtype` is called with: a name or code, a list of fields, a pair of a dtype and a shape,
 * or a dict of names, formats and offsets.
 *
 * @returns undefined for what is no dtype.
 */
export function dtypeOf(spec: Value, align = false): DType | undefined {
  return dtypeAt(spec, { align, depth: 0 });
}

/** How a dtype is laid out, and how many it stands in. */
interface Within {
  readonly align: boolean;
  readonly depth: number;
}

function dtypeAt(spec: Value, { align, depth }: Within): DType | undefined {
  if (spec instanceof DType) return spec;
  if (typeof spec === "string") return codeOf(spec);
  if (depth > MAX_DEPTH) return undefined;
  const within = { align, depth: depth + 1 };
  if (Array.isArray(spec)) return listOf(spec, within);
  if (spec instanceof Tuple && spec.items.length === 2) {
    return subOf(spec.items[1]!, dtypeAt(spec.items[0]!, { ...within, align: false }));
  }
  return spec instanceof Map
    ? recordOf(spec, { ...within, align: align || spec.get("aligned") === true })
    : undefined;
}

function codeOf(spec: string): DType | undefined {
  const named = spec.replace(NAMED_TIME, (_, name: string, unit: string) => NAMES.get(name)! + unit);
  const [, order = "", letter = "", digits = "", count, unit] = CODE.exec(NAMES.get(named) ?? named) ?? [];
  const little = order === ">" ? ">" : "<";
  const length = Number(digits);
  const state = (items: readonly Value[], metadata?: Value): Tuple => {
    return new Tuple([
      metadata === undefined ? 3 : 4,
      ...items,
      ...(metadata === undefined ? [] : [metadata]),
    ]);
  };
  switch (letter) {
    case "":
      return undefined;
    case "O":
      return new DType("O8", state(["|", null, null, null, -1, -1, OBJECT_FLAGS]));
    case "S":
    case "V":
      return new DType(letter + length, state(["|", null, null, null, length, 1, 0]));
    case "U":
      return new DType(letter + length, state([little, null, null, null, length * 4, 4, U_FLAGS]));
    case "m":
    case "M": {
      const name = new TextEncoder().encode(unit ?? "generic");
      const metadata = new Tuple([null, new Tuple([name, Number(count || 1), 1, 1])]);
      return digits === "8" || digits === ""
        ? new DType(letter + 8, state([little, null, null, null, -1, -1, 0], metadata))
        : undefined;
    }
  }
  const code = letter === "?" ? "b1" : letter + digits;
  const dtype = new DType(code, state([code.endsWith("1") ? "|" : little, null, null, null, -1, -1, 0]));
  return layoutOf(dtype) && dtype;
}

/** A part of a structured dtype. */
interface Part {
  readonly name: string;
  readonly title: string | null;
  readonly dtype: DType;
  readonly layout: Layout;
}

function partOf(name: string, title: Value, dtype: DType | undefined): Part | undefined {
  const layout = dtype && layoutOf(dtype);
  if (dtype === undefined || layout === undefined || title !== null && typeof title !== "string") {
    return undefined;
  }
  return { name, title, dtype, layout };
}

function listOf(spec: readonly Value[], { align, depth }: Within): DType | undefined {
  const parts: Part[] = [];
  for (const item of spec) {
    const [named, format, shape] = item instanceof Tuple ? item.items : [];
    const [title, name] = named instanceof Tuple ? named.items : [null, named];
    if (typeof name !== "string" || format === undefined) return undefined;
    const inner = dtypeAt(format, { align: false, depth });
    const dtype = shape === undefined ? inner : subOf(shape, inner);
    const part = partOf(name, title ?? null, dtype);
    if (part === undefined) return undefined;
    parts.push(part);
  }
  let end = 0;
  const offsets = parts.map(({ layout }) => {
    const alignment = align ? alignmentOf(layout) : 1;
    const offset = Math.ceil(end / alignment) * alignment;
    end = offset + layout.size;
    return offset;
  });
  return structureOf(parts, { offsets, size: end, align });
}

function recordOf(spec: ReadonlyMap<Value, Value>, { align, depth }: Within): DType | undefined {
  const [names, formats, offsets] = [spec.get("names"), spec.get("formats"), spec.get("offsets")];
  const [titles, size] = [spec.get("titles") ?? [], spec.get("itemsize")];
  if (!Array.isArray(names) || !Array.isArray(formats) || !Array.isArray(offsets) || !Array.isArray(titles)) {
    return undefined;
  }
  const parts: Part[] = [];
  for (const [at, name] of names.entries()) {
    const format = formats[at];
    if (typeof name !== "string" || format === undefined) return undefined;
    const part = partOf(name, titles[at] ?? null, dtypeAt(format, { align: false, depth }));
    if (part === undefined) return undefined;
    parts.push(part);
  }
  const given = offsets.filter((offset): offset is number => typeof offset === "number");
  if (given.length !== parts.length || typeof size !== "number") return undefined;
  return structureOf(parts, { offsets: given, size, align });
}

function structureOf(
  parts: readonly Part[],
  { offsets, size, align }: { offsets: readonly number[]; size: number; align: boolean },
): DType | undefined {
  const alignment = align ? Math.max(1, ...parts.map(({ layout }) => alignmentOf(layout))) : 1;
  const whole = Math.ceil(size / alignment) * alignment;
  const fields: [Value, Value][] = [];
  let flags = STRUCTURED | (align ? ALIGNED : 0);
  for (const [at, { name, title, dtype }] of parts.entries()) {
    const field = new Tuple([dtype, offsets[at]!, ...(title === null ? [] : [title])]);
    fields.push([name, field]);
    if (title !== null) fields.push([title, field]);
    flags |= flagsOf(dtype) & PASSED_ON;
  }
  const names = new Tuple(parts.map(({ name }) => name));
  const dtype = new DType(
    `V${whole}`,
    new Tuple([3, "|", null, names, dictOf(fields), whole, alignment, flags]),
  );
  return layoutOf(dtype) && dtype;
}

function subOf(shape: Value, inner: DType | undefined): DType | undefined {
  const layout = inner && layoutOf(inner);
  const sizes = shape instanceof Tuple ? shape.items : [shape];
  if (inner === undefined || layout === undefined) return undefined;
  if (!sizes.every((size) => typeof size === "number" && size >= 0)) return undefined;
  const size = countOf(sizes as number[]) * layout.size;
  const sub = new Tuple([inner, new Tuple(sizes)]);
  const dtype = new DType(
    `V${size}`,
    new Tuple([3, "|", sub, null, null, size, alignmentOf(layout), flagsOf(inner)]),
  );
  return layoutOf(dtype) && dtype;
}

function flagsOf(dtype: DType): number {
  const flags = dtype.state.items[7];
  return typeof flags === "number" ? flags : 0;
}
