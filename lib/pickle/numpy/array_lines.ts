/** Layout of an array in brackets and lines, as numpy's. */
import { EDGE } from "./column.ts";
import type { TextOut } from "../repr/text_out.ts";

/** The items to lay out, and the width. */
export interface ArrayLines {
  readonly shape: readonly number[];
  /** Whether the items in the middle are omitted. */
  readonly summarised: boolean;
  readonly separator: string;
  /** The number of characters before the first bracket. */
  readonly indent: number;
  readonly width: number;
  /** Returns the text of the next item that is shown; undefined after the last. */
  next(): string | undefined;
}

/** Writes an array of one dimension or more, until the text is full. */
export function writeLines(out: TextOut, lines: ArrayLines): void {
  writeAxis(out, lines, { axis: 0, indent: " ".repeat(lines.indent + 1), width: lines.width });
}

/** Returns the positions on an axis that are shown, with null for the omitted ones. */
export function shownOf(length: number, summarised: boolean): (number | null)[] {
  if (!summarised || length <= 2 * EDGE) return Array.from({ length }, (_, at) => at);
  return [0, 1, 2, null, length - 3, length - 2, length - 1];
}

interface Axis {
  readonly axis: number;
  readonly indent: string;
  readonly width: number;
}

function writeAxis(out: TextOut, lines: ArrayLines, { axis, indent, width }: Axis): void {
  const { shape, summarised, separator } = lines;
  if (axis === shape.length - 1) return writeRow(out, lines, { axis, indent, width });
  const between = separator.trimEnd() + "\n".repeat(shape.length - axis - 1) + indent;
  out.write("[");
  for (const [at, position] of shownOf(shape[axis]!, summarised).entries()) {
    if (out.full) return;
    if (at > 0) out.write(between);
    if (position === null) out.write("...");
    else writeAxis(out, lines, { axis: axis + 1, indent: indent + " ", width: width - 1 });
  }
  out.write("]");
}

/** Writes the items of the last axis, wrapped where a line is full. */
function writeRow(
  out: TextOut,
  { shape, summarised, separator, next }: ArrayLines,
  { axis, indent, width }: Axis,
): void {
  const room = width - Math.max(separator.trimEnd().length, 1);
  const row = new Row(out, { indent, room });
  out.write("[");
  for (const [at, position] of shownOf(shape[axis]!, summarised).entries()) {
    if (out.full) return;
    if (at > 0) row.append(separator);
    const word = position === null ? "..." : next();
    if (word === undefined) break;
    if (position === null) row.add(word);
    else row.addWord(word);
  }
  row.end();
  out.write("]");
}

/** Line wrapping of a row. */
class Row {
  readonly #out: TextOut;
  readonly #indent: string;
  readonly #room: number;
  /** The line so far, including the indent before its first item. */
  #line: string;
  #length: number;
  /** The length of the part that the row does not write. */
  #skip: number;

  constructor(out: TextOut, { indent, room }: { indent: string; room: number }) {
    this.#out = out;
    this.#indent = indent;
    this.#room = room;
    this.#line = indent;
    this.#length = indent.length;
    this.#skip = indent.length;
  }

  append(text: string): void {
    this.#line += text;
    this.#length += characters(text);
  }

  /** Adds an item, on a new line where it does not fit. */
  add(word: string): void {
    if (!this.#hasRoom(characters(word))) this.#break(this.#indent);
    this.append(word);
  }

  /** Adds an item of one or several lines, which stay aligned. */
  addWord(word: string): void {
    const [first = "", ...others] = word.split("\n");
    if (others.length === 0) return this.add(word);
    const widest = Math.max(characters(first), ...others.map(characters));
    let indent = " ".repeat(this.#length);
    if (!this.#hasRoom(widest)) {
      this.#break(this.#indent);
      indent = this.#indent;
    }
    this.append(first);
    for (const line of others) {
      this.#break(indent);
      this.append(line);
    }
    this.append(" ".repeat(widest - characters(others.at(-1)!)));
  }

  end(): void {
    this.#out.write(this.#line.slice(this.#skip));
  }

  #hasRoom(length: number): boolean {
    return this.#length + length <= this.#room || this.#length <= this.#indent.length;
  }

  #break(indent: string): void {
    this.#out.write(this.#line.trimEnd().slice(this.#skip) + "\n");
    this.#line = indent;
    this.#length = indent.length;
    this.#skip = 0;
  }
}

/** Counts characters as Python does: a surrogate pair is one. */
export function characters(text: string): number {
  return text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
}
