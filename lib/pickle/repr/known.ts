/** Text of known objects without other values in them, as `repr` and `str` show them. */
import {
  CalendarDate,
  Complex,
  DateTime,
  Decimal,
  Fraction,
  PurePath,
  Range,
  TimeDelta,
  TimeOfDay,
  TimeZone,
  UUID,
} from "../values/known.ts";
import { DType, NumpyScalar } from "../values/known_numpy.ts";
import { layoutOf } from "../numpy/layout.ts";
import { printDtype, reprDtype } from "../numpy/repr_dtype.ts";
import { printScalarNumpy, reprScalarNumpy } from "../numpy/repr_scalar.ts";
import { isWindows, pathText } from "../values/pure_path.ts";
import { printDate, printTime, printTimeDelta, printTimeZone } from "./datetime.ts";
import { reprDate, reprTimeDelta, reprTimeZone } from "./datetime.ts";
import { reprComplex, reprInt } from "./number.ts";
import { reprStr } from "./text.ts";
import type { PyObject } from "../values/values.ts";

/** Shows a known object without other values in it as repr does; undefined for any other. */
export function reprKnown(object: PyObject): string | undefined {
  if (object instanceof Complex) return reprComplex(object.real, object.imag);
  if (object instanceof Range) return reprRange(object);
  if (object instanceof CalendarDate) return reprDate(object);
  if (object instanceof TimeDelta) return reprTimeDelta(object);
  if (object instanceof TimeZone) return reprTimeZone(object);
  if (object instanceof Decimal) return `Decimal('${object.text}')`;
  if (object instanceof Fraction) {
    return `Fraction(${reprInt(object.numerator)}, ${reprInt(object.denominator)})`;
  }
  if (object instanceof UUID) return `UUID('${uuidText(object)}')`;
  if (object instanceof PurePath) {
    const text = pathText(object);
    return `${object.kind}(${reprStr(isWindows(object.kind) ? text.replaceAll("\\", "/") : text)})`;
  }
  if (object instanceof DType) {
    const layout = layoutOf(object);
    return layout === undefined ? "<numpy.dtype …>" : reprDtype(layout);
  }
  if (object instanceof NumpyScalar && object.data instanceof Uint8Array) {
    return reprScalarNumpy(object) ?? "<numpy.generic …>";
  }
  return undefined;
}

/** Shows a known object as `str` does; undefined where that is the same as repr. */
export function printKnown(object: PyObject): string | undefined {
  if (object instanceof CalendarDate) return printDate(object);
  if (object instanceof TimeOfDay) return printTime(object);
  if (object instanceof DateTime) {
    const time = printTime(object);
    return time && `${printDate(object)} ${time}`;
  }
  if (object instanceof TimeDelta) return printTimeDelta(object);
  if (object instanceof TimeZone) return printTimeZone(object);
  if (object instanceof Decimal) return object.text;
  if (object instanceof Fraction) {
    const whole = reprInt(object.numerator);
    return object.denominator === 1 ? whole : `${whole}/${reprInt(object.denominator)}`;
  }
  if (object instanceof UUID) return uuidText(object);
  if (object instanceof PurePath) return pathText(object);
  if (object instanceof NumpyScalar) return printScalarNumpy(object);
  if (object instanceof DType) {
    const layout = layoutOf(object);
    return layout && printDtype(layout);
  }
  return undefined;
}

/** Returns the canonical text of a UUID: 32 hexadecimal digits in groups. */
export function uuidText({ int }: UUID): string {
  return int.toString(16).padStart(32, "0").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

function reprRange({ start, stop, step }: Range): string {
  const bounds = `${reprInt(start)}, ${reprInt(stop)}`;
  return step === 1 ? `range(${bounds})` : `range(${bounds}, ${reprInt(step)})`;
}
