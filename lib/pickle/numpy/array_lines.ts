/** Items of an array in brackets and lines, as numpy lays them out. */
import { EDGE } from "./column.ts";
import type { TextOut } from "../repr/text_out.ts";

/** What to lay out, and how wide. */
export interface ArrayLines {
  readonly shape: readonly number[];
  /** Whether those in the middle are left out. */
  readonly summarised: boolean;
  readonly separator: string;
  /** How many characters stand before the first bracket. */
  readonly indent: number;
  readonly width: number;
  /** The text of each item that is shown, in order; undefined where there are no more to be had. */
  next(): string | undefined;
}

/** Writes an array of one dimension or more, until the text is full. */
export function writeLines(out: TextOut, lines: ArrayLines): void {
  writeAxis(out, lines, { axis: 0, indent: " ".repeat(lines.indent + 1), width: lines.width });
}

/** The positions on an axis that are shown, and among them null for those that are left out. */
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

/** A line that is being filled. */
class Row {
  readonly #out: TextOut;
  readonly #indent: string;
  readonly #room: number;
  /** The line so far, with the indent that stands before its first item. */
  #line: string;
  #length: number;
  /** How much of it was not written by the row itself. */
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

  /** Adds an item, on a new line where this one has no room for it. */
  add(word: string): void {
    if (!this.#hasRoom(characters(word))) this.#break(this.#indent);
    this.append(word);
  }

  /** Adds an item that may have several lines itself, which stay below each other. */
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

/** How many characters Python counts: a surrogate pair is one. */
export function characters(text: string): number {
  return text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
}
