import { Captured, dictSteps, sequenceSteps, setSteps, type Steps, writeScalar } from "./container_steps.ts";
import { printArraySteps } from "../numpy/array_steps.ts";
import { Slice } from "../values/known.ts";
import { NDArray, NumpyScalar } from "../values/known_numpy.ts";
import { knownCycleMark, knownSteps } from "./known_steps.ts";
import { printKnown } from "./known.ts";
import { TextOut } from "./text_out.ts";
import { CodePoints, FrozenSet, PyObject, Tuple, type Value } from "../values/values.ts";

/** How {@linkcode format} shows a value. */
export interface FormatOptions {
  /** The most characters (UTF-16 code units) of the text, the ellipsis that ends a longer one among them. 2^28 if left out. */
  limit?: number;
  /**
   * As Python's repr does, or as print does, which shows a str bare and the likes of a date as `2024-01-02`; what stands
   * in a container is shown by repr in both. "repr" if left out.
   */
  style?: "repr" | "print";
}

/** Half of what a string of V8 can hold. */
const DEFAULT_LIMIT = 2 ** 28;

/**
 * Shows a value as Python 3.11 does, so that {@linkcode parse} reads it back.
 *
 * It takes time in proportion to the limit, or to the text where there is none: 54 bytes of shared tuples can print as
 * 134 million characters. A container that holds itself is shown as `[...]` in itself. What only a call could make is
 * a hint, `<module.Class …>`, and an int too long for Python's repr is shown in hexadecimal.
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
  // What numpy takes out of an array to print it is shown by repr where it is bytes.
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

/** numpy prints an array of no dimensions as the object in it. */
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

/** Shows a value as Python's `str` does where that differs from repr. */
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

/** How many values may have their texts captured inside each other; each takes its text apart again. */
const MAX_CAPTURES = 100;

/** Shows a value that holds others, without recursion: how deep they nest is for the sender to choose. */
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

/** Whether Python's repr knows a value in itself again. A slice it shows until it comes to the container that both are in. */
function marksItself(value: Value): boolean {
  return !(value instanceof Slice);
}

/** What Python shows for a container inside itself. */
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
