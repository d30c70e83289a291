/** Text of containers, as repr shows them. */
import { reprScalar } from "./scalar.ts";
import type { TextOut } from "./text_out.ts";
import type { Value } from "../values/values.ts";

/**
 * A generator that writes the text of a container. It yields each container inside, which is to be written at that place before
 * the generator is resumed.
 */
export type Steps<Result = void> = Generator<Value | Captured, Result, string>;

/** A value whose text is to be returned to the generator, not written. */
export class Captured {
  /** @param room The number of characters that are needed. */
  constructor(readonly value: Value, readonly room: number) {}
}

/** Writes a scalar; returns false for a container. */
export function writeScalar(out: TextOut, value: Value): boolean {
  const text = reprScalar(value, out.room);
  if (text === undefined) return false;
  out.write(text);
  return true;
}

/** Shows one value. */
export function* valueSteps(out: TextOut, value: Value): Steps {
  if (!writeScalar(out, value)) yield value;
}

/** Shows items with commas between them, and the given text before and after. */
export function* sequenceSteps(
  out: TextOut,
  items: Iterable<Value>,
  [before, after]: [string, string],
): Steps {
  out.write(before);
  let separator = "";
  for (const item of items) {
    if (out.full) return;
    out.write(separator);
    separator = ", ";
    if (!writeScalar(out, item)) yield item;
  }
  out.write(after);
}

/** Shows the entries of a dict between braces. */
export function* dictSteps(out: TextOut, entries: Iterable<readonly [Value, Value]>): Steps {
  out.write("{");
  let separator = "";
  for (const [key, value] of entries) {
    if (out.full) return;
    out.write(separator);
    separator = ", ";
    if (!writeScalar(out, key)) yield key;
    out.write(": ");
    if (!writeScalar(out, value)) yield value;
  }
  out.write("}");
}

/** Shows a set or frozenset; an empty one has no braces. */
export function setSteps(out: TextOut, members: ReadonlySet<Value>, name: "set" | "frozenset"): Steps {
  if (members.size === 0) return sequenceSteps(out, [], [`${name}(`, ")"]);
  return sequenceSteps(out, members, name === "set" ? ["{", "}"] : ["frozenset({", "})"]);
}
