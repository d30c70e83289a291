/** Text of values, as Python's repr and print show them. */
import { Captured, dictSteps, sequenceSteps, setSteps, type Steps, writeScalar } from "./container_steps.ts";
import { printArraySteps } from "../numpy/array_steps.ts";
import { Slice } from "../values/known.ts";
import { NDArray, NumpyScalar } from "../values/known_numpy.ts";
import { knownCycleMark, knownSteps } from "./known_steps.ts";
import { printKnown } from "./known.ts";
import { TextOut } from "./text_out.ts";
import { CodePoints, FrozenSet, PyObject, Tuple, type Value } from "../values/values.ts";

/** Options of {@linkcode format}. */
export interface FormatOptions {
  /** The most characters (UTF-16 code units) of the text, including the ellipsis that ends a longer text; 2^28 by default. */
  limit?: number;
  /**
   * The style of Python's repr, or of print, which shows a str without quotes and a date as `2024-01-02`. In containers both
   * use repr. "repr" by default.
   */
  style?: "repr" | "print";
}

/** Half of the greatest length of a string in V8. */
const DEFAULT_LIMIT = 2 ** 28;

/**
 * Shows a value as Python 3.11 does, so that {@linkcode parse} reads it back.
 *
 * The time is proportional to the limit, or to the text if that is shorter: 54 bytes of shared tuples can have a text of 134
 * million characters. A container inside itself is shown as `[...]`, an inert object as a hint, `<module.Class …>`, and an int
 * that is too long for Python's repr in hexadecimal.
 *
 * @param value The value.
 * @param options The style and the limit.
 * @returns The text.
 *
 * @example
 * ```ts
 * import { format } from "./format.ts";
 * import { Tuple } from "../values/values.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(format(new Map([[1, "hi"], [2, "there"]])), "{1: 'hi', 2: 'there'}");
 * assertEquals(format(new Tuple([1, null, "a"]), { limit: 8 }), "(1, Non…");
 * assertEquals(format("hi", { style: "print" }), "hi");
 * ```
 */
export function format(value: Value, options: FormatOptions = {}): string {
  const out = new TextOut(options.limit ?? DEFAULT_LIMIT);
  const printed = unwrapped(value);
  // numpy prints the bytes of an array without dimensions by repr.
  const bytes = printed !== value && printed instanceof NumpyScalar && printed.dtype.code.startsWith("S");
  if (options.style === "print" && !bytes) writePrinted(out, printed);
  else writeShown(out, options.style === "print" ? printed : value);
  return out.finish();
}

function writeShown(out: TextOut, value: Value): void {
  if (!writeScalar(out, value)) writeNested(out, value);
}

function writePrinted(out: TextOut, value: Value): void {
  const text = print(value);
  if (text !== undefined) out.write(text);
  else if (value instanceof NDArray) writeNested(out, value, printArraySteps(out, value));
  else writeShown(out, value);
}

/** Returns the object in an array without dimensions, which numpy prints in its place. */
function unwrapped(value: Value): Value {
  let inner: Value | undefined = value;
  for (let depth = 0; depth < MAX_CAPTURES; depth++) {
    if (!(inner instanceof NDArray) || inner.shape.length > 0 || !Array.isArray(inner.data)) {
      return inner ?? null;
    }
    inner = inner.data[0];
  }
  return value;
}

/** Shows a value as Python's `str` does; undefined where that is the same as repr. */
function print(value: Value): string | undefined {
  if (typeof value === "string") return value;
  if (value instanceof CodePoints) return value.points.map((point) => String.fromCodePoint(point)).join("");
  return value instanceof PyObject ? printKnown(value) : undefined;
}

/** A value that is being shown. */
interface Frame {
  readonly value: Value;
  readonly out: TextOut;
  readonly steps: Steps;
}

/** The nesting depth of captured texts; each level copies its text. */
const MAX_CAPTURES = 100;

/** Shows a container without recursion, since the sender chooses the nesting depth. */
function writeNested(out: TextOut, top: Value, steps = stepsOf(out, top)): void {
  const open = new Set<Value>(marksItself(top) ? [top] : []);
  const stack: Frame[] = [{ value: top, out, steps }];
  let captures = 0;
  let text = "";
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const { done, value } = frame.out.full
      ? { done: true as const, value: undefined }
      : frame.steps.next(text);
    if (done) {
      stack.pop();
      open.delete(frame.value);
      const below = stack.at(-1);
      if (below === undefined || below.out === frame.out) continue;
      captures--;
      text = frame.out.finish();
      continue;
    }
    const captured = value instanceof Captured;
    const child = captured ? value.value : value;
    const into = captured ? new TextOut(value.room) : frame.out;
    if (open.has(child) || captured && captures === MAX_CAPTURES) {
      into.write(cycleMark(into, child));
      text = captured ? into.finish() : "";
      continue;
    }
    if (captured) captures++;
    if (marksItself(child)) open.add(child);
    stack.push({ value: child, out: into, steps: stepsOf(into, child) });
  }
}

/** Returns whether Python's repr recognises a container inside itself. It does not recognise a slice. */
function marksItself(value: Value): boolean {
  return !(value instanceof Slice);
}

/** Returns the text that Python shows for a container inside itself. */
function cycleMark(out: TextOut, value: Value): string {
  if (Array.isArray(value)) return "[...]";
  if (value instanceof Tuple) return "(...)";
  if (value instanceof Map) return "{...}";
  if (value instanceof Set) return "set(...)";
  if (value instanceof FrozenSet) return "frozenset(...)";
  return value instanceof PyObject ? knownCycleMark(out, value) : "...";
}

function stepsOf(out: TextOut, value: Value): Steps {
  if (Array.isArray(value)) return sequenceSteps(out, value, ["[", "]"]);
  if (value instanceof Tuple) {
    return sequenceSteps(out, value.items, ["(", value.items.length === 1 ? ",)" : ")"]);
  }
  if (value instanceof Map) return dictSteps(out, value);
  if (value instanceof Set) return setSteps(out, value, "set");
  if (value instanceof FrozenSet) return setSteps(out, value.members, "frozenset");
  const steps = value instanceof PyObject ? knownSteps(out, value) : undefined;
  return steps ?? sequenceSteps(out, [], ["<object …", ">"]);
}
