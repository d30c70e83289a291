/** Text of a scalar, as numpy 2 shows it. */
import { readFloat } from "./float_bits.ts";
import type { NumpyScalar } from "../values/known_numpy.ts";
import { showColumn, voidText } from "./column.ts";
import { scalarFloat } from "./float.ts";
import { readBytes, readInt, readPoints, viewOf } from "./items.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { durationText, NOT_A_TIME, timeText } from "./time.ts";
import { reprBytes } from "../repr/bytes.ts";
import { dtypeName, printDtype } from "./repr_dtype.ts";
import { reprPoints } from "../repr/text.ts";

/** Shows a scalar as repr does, such as `np.float32(0.1)`; undefined for an object, and for a scalar that cannot be shown. */
export function reprScalarNumpy(scalar: NumpyScalar): string | undefined {
  const found = itemOf(scalar);
  if (found === undefined) return undefined;
  const { view, layout } = found;
  switch (layout.kind) {
    case "b":
      return view.getUint8(0) === 0 ? "np.False_" : "np.True_";
    case "U":
      return `np.str_(${reprPoints(readPoints(view, 0, layout))})`;
    case "S":
      return `np.bytes_(${printItem(view, layout)})`;
    case "M":
      return reprTime(readInt(view, 0, layout), layout);
    case "m":
      return reprDuration(readInt(view, 0, layout), layout);
    case "V":
      return reprVoid(view, layout);
    case "f":
      return layout.size === 16
        ? `np.longdouble('${printItem(view, layout)}')`
        : `np.${dtypeName(layout)}(${printItem(view, layout)})`;
    case "c":
      return layout.size === 32
        ? `np.clongdouble('${complexText(view, layout)}')`
        : `np.${dtypeName(layout)}(${complexText(view, layout)})`;
  }
  return `np.${dtypeName(layout)}(${printItem(view, layout)})`;
}

/** Shows a scalar as `str` does. */
export function printScalarNumpy(scalar: NumpyScalar): string | undefined {
  const found = itemOf(scalar);
  return found && printItem(found.view, found.layout);
}

/** Shows the item at the beginning of the bytes as `str` shows a scalar; undefined for an object. */
export function printItem(view: DataView, layout: Layout): string | undefined {
  switch (layout.kind) {
    case "b":
      return view.getUint8(0) === 0 ? "False" : "True";
    case "U":
      return readPoints(view, 0, layout).map((point) => String.fromCodePoint(point)).join("");
    case "S":
      return reprBytes(readBytes(view, 0, layout));
    case "M":
      return timeText(readInt(view, 0, layout), layout.unit!);
    case "m":
      return durationText(readInt(view, 0, layout), layout.unit!);
    case "f":
      return scalarFloat(readFloat({ ...layout, view, offset: 0 }));
    case "c": {
      const text = complexText(view, layout);
      return /.[+-]/.test(text.replace(/e[+-]/g, "e")) ? `(${text})` : text;
    }
    case "V":
      return layout.fields === null ? voidText(readBytes(view, 0, layout)) : fieldsText(view, layout);
    case "O":
      return undefined;
  }
  return String(readInt(view, 0, layout));
}

function itemOf({ dtype, data }: NumpyScalar): { view: DataView; layout: Layout } | undefined {
  const layout = layoutOf(dtype);
  if (layout === undefined || !(data instanceof Uint8Array) || data.length !== layout.size) return undefined;
  return { view: viewOf(data), layout };
}

/** Shows a complex number without brackets, and without a real part of positive 0. */
function complexText(view: DataView, layout: Layout): string {
  const half = { ...layout, size: layout.size / 2 };
  const real = readFloat({ ...half, view, offset: 0 });
  const imag = scalarFloat(readFloat({ ...half, view, offset: half.size }), "bare");
  if (real.kind === "finite" && real.mantissa === 0n && !real.negative) return `${imag}j`;
  return `${scalarFloat(real, "bare")}${imag.startsWith("-") ? "" : "+"}${imag}j`;
}

function reprTime(count: bigint, { unit }: Layout): string {
  const text = timeText(count, unit!);
  // The text of a time in hours does not imply the unit.
  const plain = unit!.count === 1 && unit!.name !== "h" && text !== "NaT";
  return `np.datetime64('${text}'${plain ? "" : `,'${unitCode(unit)}'`})`;
}

function reprDuration(count: bigint, { unit }: Layout): string {
  const text = count === NOT_A_TIME ? "'NaT'" : String(count);
  return `np.timedelta64(${text}${unit!.name === "generic" ? "" : `,'${unitCode(unit)}'`})`;
}

function unitCode(unit: Layout["unit"]): string {
  return `${unit!.count === 1 ? "" : unit!.count}${unit!.name}`;
}

function reprVoid(view: DataView, layout: Layout): string | undefined {
  const text = printItem(view, layout);
  if (text === undefined || layout.fields === null) return text && `np.void(${text})`;
  return `np.void(${text}, dtype=${printDtype(layout)})`;
}

function fieldsText(view: DataView, layout: Layout): string | undefined {
  return showColumn(layout, { view, offsets: [0], alone: true, scalar: true })?.(0);
}
