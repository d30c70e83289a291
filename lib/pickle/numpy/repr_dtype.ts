/** Text of a dtype, as numpy 2 shows it. */
import { reprStr } from "../repr/text.ts";
import type { Layout } from "./layout.ts";

const KIND_NAMES: Readonly<Record<string, string>> = { i: "int", u: "uint", f: "float", c: "complex" };

/** Shows a dtype as repr does, such as `dtype('float32')`. */
export function reprDtype(layout: Layout): string {
  return `dtype(${construction(layout)}${layout.aligned && layout.fields !== null ? ", align=True" : ""})`;
}

/** Shows a dtype as `str` does, such as `float32`. */
export function printDtype(layout: Layout): string {
  if (layout.fields !== null) return structure(layout, true);
  if (layout.sub !== null) return construction(layout);
  return isFlexible(layout) || isSwapped(layout) ? shortCode(layout) : dtypeName(layout);
}

/** Shows a dtype as after the items of an array, such as `float32`, `'<U5'`, `[('a', '<i4')]`. */
export function reprArrayDtype(layout: Layout): string {
  if (layout.fields !== null) return printDtype(layout);
  if (isFlexible(layout) || isSwapped(layout)) return `'${printDtype(layout)}'`;
  const name = dtypeName(layout);
  return /^[a-z][a-z0-9]*$/i.test(name) ? name : `'${name}'`;
}

/** Returns whether an array is shown without its dtype. */
export function isImplied(layout: Layout): boolean {
  if (layout.fields !== null || isSwapped(layout)) return false;
  const { kind, size } = layout;
  return kind === "b" || (kind === "i" || kind === "f") && size === 8 || kind === "c" && size === 16;
}

/** Returns the name of a dtype, as in `numpy.float32`. */
export function dtypeName({ kind, size, unit }: Layout): string {
  switch (kind) {
    case "b":
      return "bool";
    case "O":
      return "object";
    case "m":
      return "timedelta64" + unitText(unit);
    case "M":
      return "datetime64" + unitText(unit);
  }
  return `${KIND_NAMES[kind] ?? kind}${size * 8}`;
}

/** Returns whether the byte order is big-endian, which is not the machine's. */
function isSwapped({ kind, size, littleEndian }: Layout): boolean {
  return !littleEndian && size > 1 && "iufcmMU".includes(kind);
}

function isFlexible({ kind }: Layout): boolean {
  return kind === "S" || kind === "U" || kind === "V";
}

/** Returns numpy's short code with the byte order, such as `<U5`, `|S3`, `>f8`. */
function shortCode({ kind, size, littleEndian, unit }: Layout): string {
  const order = "SVbO".includes(kind) || size === 1 && kind !== "U" ? "|" : littleEndian ? "<" : ">";
  return `${order}${kind}${kind === "U" ? size / 4 : size}${unitText(unit)}`;
}

function unitText(unit: Layout["unit"]): string {
  if (unit === null || unit.name === "generic") return "";
  return `[${unit.count === 1 ? "" : unit.count}${unit.name}]`;
}

/** Returns the argument of `dtype` that makes it. */
function construction(layout: Layout, short = false): string {
  if (layout.fields !== null) return structure(layout, false);
  if (layout.sub !== null) {
    return `(${construction(layout.sub.layout, true)}, ${shapeText(layout.sub.shape)})`;
  }
  return `'${scalarCode(layout, short)}'`;
}

function scalarCode(layout: Layout, short: boolean): string {
  const { kind, size, littleEndian, unit } = layout;
  const order = littleEndian ? "<" : ">";
  switch (kind) {
    case "b":
      return short ? "?" : "bool";
    case "O":
      return "O";
    case "S":
    case "V":
      return size === 0 ? kind : kind + size;
    case "U":
      return size === 0 ? order + "U" : order + "U" + size / 4;
    case "m":
    case "M":
      return `${order}${kind}8${unitText(unit)}`;
  }
  if (!short && !isSwapped(layout)) return `${KIND_NAMES[kind]}${size * 8}`;
  return `${size === 1 ? "" : order}${kind}${size}`;
}

/** Shows a structured dtype: as a list of fields where they are packed, else as a dict. */
function structure(layout: Layout, includeAligned: boolean): string {
  return isPacked(layout) && !(includeAligned && layout.aligned)
    ? fieldList(layout)
    : fieldDict(layout, includeAligned);
}

function fieldList({ fields }: Layout): string {
  const shown = (fields ?? []).map(({ name, title, layout }) => {
    const named = title === null ? reprStr(name) : `(${reprStr(title)}, ${reprStr(name)})`;
    const format = layout.sub === null
      ? construction(layout, true)
      : `${construction(layout.sub.layout, true)}, ${shapeText(layout.sub.shape)}`;
    return `(${named}, ${format})`;
  });
  return `[${shown.join(", ")}]`;
}

function fieldDict({ fields, size, aligned }: Layout, includeAligned: boolean): string {
  const parts = fields ?? [];
  const list = (items: readonly string[]): string => `[${items.join(", ")}]`;
  const entries = [
    `'names': ${list(parts.map(({ name }) => reprStr(name)))}`,
    `'formats': ${list(parts.map(({ layout }) => construction(layout, true)))}`,
    `'offsets': ${list(parts.map(({ offset }) => String(offset)))}`,
    ...(parts.some(({ title }) => title !== null)
      ? [`'titles': ${list(parts.map(({ title }) => title === null ? "None" : reprStr(title)))}`]
      : []),
    `'itemsize': ${size}`,
    ...(includeAligned && aligned ? ["'aligned': True"] : []),
  ];
  return `{${entries.join(", ")}}`;
}

/** Returns whether the fields follow one another with no space but that of their alignment. */
function isPacked({ fields, size, aligned }: Layout): boolean {
  let end = 0;
  let largest = 1;
  for (const { layout, offset } of fields ?? []) {
    const alignment = aligned ? alignmentOf(layout) : 1;
    end = Math.ceil(end / alignment) * alignment;
    if (offset !== end) return false;
    end += layout.size;
    largest = Math.max(largest, alignment);
  }
  return Math.ceil(end / largest) * largest === size;
}

/** Returns the alignment of an item on a 64-bit machine. */
function alignmentOf(layout: Layout): number {
  if (layout.sub !== null) return alignmentOf(layout.sub.layout);
  if (layout.fields !== null) {
    return layout.aligned ? Math.max(1, ...layout.fields.map((field) => alignmentOf(field.layout))) : 1;
  }
  switch (layout.kind) {
    case "U":
      return 4;
    case "S":
    case "V":
      return 1;
    case "O":
      return 8;
    case "c":
      return layout.size / 2;
  }
  return layout.size;
}

function shapeText(shape: readonly number[]): string {
  return `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
}
