import { columnsOf, graphemes, mostColumnsOf } from "../../lib/terminal/width.ts";

/** How a terminal measures, and what it does when it is made narrower. */
export interface EmulatorOptions {
  columns: number;
  rows: number;
  /** "cluster": a grapheme is one cell; "point": each code point has cells of its own, joined or not. */
  measures?: "cluster" | "point";
  /** How many columns a code point or grapheme has; by lib/terminal/width.ts if left out. */
  width?: (text: string) => number;
  /** Whether what was wrapped is wrapped anew. */
  reflows?: boolean;
}

const ESC = "\x1b";
/** A control sequence, another escape, or a character. */
const TOKEN = new RegExp(`${ESC}\\[[?\\d;]*[@-~]|${ESC}.|[^]`, "gu");
const SEQUENCE = new RegExp(`^${ESC}\\[(\\??)([\\d;]*)([@-~])$`);

interface Row {
  /** A cell is a grapheme, "" the second half of a wide one, and undefined never written. */
  cells: (string | undefined)[];
  /** Whether the terminal itself broke the line here. */
  wrapped: boolean;
}

/**
 * A terminal as small as the screen needs: it interprets the few sequences that the screen writes, refuses all others,
 * and tells what a person would see.
 */
export class Emulator {
  #columns: number;
  #rows: number;
  readonly #measures: "cluster" | "point";
  readonly #width: (text: string) => number;
  readonly #reflows: boolean;
  /** All rows, the scrollback first; the last `#rows` of them are on the screen. */
  #lines: Row[] = [];
  #row = 0;
  #column = 0;
  #wrapNext = false;
  readonly modes = new Map<string, boolean>([["?7", true], ["?25", true]]);
  bells = 0;
  /** How often something was written. */
  writes = 0;
  /** The parameters of each SGR that was used; which cells have it is not kept. */
  readonly styles = new Set<string>();

  constructor(options: EmulatorOptions) {
    this.#columns = options.columns;
    this.#rows = options.rows;
    this.#measures = options.measures ?? "cluster";
    this.#width = options.width ?? (this.#measures === "cluster" ? columnsOf : mostColumnsOf);
    this.#reflows = options.reflows ?? true;
    for (let row = 0; row < options.rows; row++) this.#lines.push({ cells: [], wrapped: false });
  }

  /** The rows of the screen, without blanks at their ends. */
  get screen(): string[] {
    return this.#lines.slice(-this.#rows).map(textOf);
  }

  /** All that was ever on the screen: lines as they were written, blank ones at the end left out. */
  get lines(): string[] {
    const lines: string[] = [];
    let open = "";
    for (const row of this.#lines) {
      open += row.wrapped ? cellsText(row.cells) : textOf(row);
      if (row.wrapped) continue;
      lines.push(open);
      open = "";
    }
    while (lines.at(-1) === "") lines.pop();
    return lines;
  }

  /** The row of the screen and the column that the cursor is in, from 0. */
  get cursor(): [number, number] {
    return [this.#row, this.#column];
  }

  /** What stands in the cursor's row before the cursor. */
  get beforeCursor(): string {
    return cellsText(this.#line().cells.slice(0, this.#column));
  }

  write(text: string): void {
    this.writes++;
    for (const [token] of text.matchAll(TOKEN)) {
      if (token.startsWith("\x1b")) this.#escape(token);
      else this.#plain(token);
    }
  }

  #plain(char: string): void {
    switch (char) {
      case "\r":
        this.#column = 0;
        this.#wrapNext = false;
        return;
      case "\n":
        this.#wrapNext = false;
        return this.#lineFeed();
      case "\x07":
        this.bells++;
        return;
    }
    if (/\p{Cc}/u.test(char)) throw new Error(`a control character: ${JSON.stringify(char)}`);
    this.#put(char);
  }

  #put(char: string): void {
    const line = this.#line();
    let last = this.#wrapNext ? this.#columns - 1 : this.#column - 1;
    while (last > 0 && line.cells[last] === "") last--;
    const before = line.cells[last];
    if (before !== undefined && last >= 0) {
      const joins = this.#measures === "cluster"
        ? graphemes(before + char).length === 1
        : this.#width(char) === 0;
      if (joins) {
        const grown = this.#measures === "cluster" ? this.#width(before + char) - this.#width(before) : 0;
        line.cells[last] = before + char;
        if (grown > 0 && last + 1 < this.#columns) {
          line.cells[last + 1] = "";
          if (line.cells[last + 2] === "") line.cells[last + 2] = " ";
          this.#column = Math.min(this.#columns - 1, last + 2);
          this.#wrapNext = last + 2 >= this.#columns;
        }
        return;
      }
    }
    const width = Math.max(1, this.#width(char));
    if (this.modes.get("?7")) {
      if (this.#wrapNext || this.#column + width > this.#columns) {
        line.wrapped = true;
        this.#column = 0;
        this.#wrapNext = false;
        this.#lineFeed();
      }
    } else if (this.#column + width > this.#columns) this.#column = this.#columns - width;
    this.#store(char, width);
  }

  #store(char: string, width: number): void {
    const { cells } = this.#line();
    while (cells.length < this.#column) cells.push(undefined);
    // To overwrite half of a wide character is to lose the other half.
    if (cells[this.#column] === "") cells[this.#column - 1] = " ";
    if (cells[this.#column + width] === "") cells[this.#column + width] = " ";
    cells[this.#column] = char;
    for (let more = 1; more < width; more++) cells[this.#column + more] = "";
    this.#column += width;
    this.#wrapNext = this.#column >= this.#columns;
    if (this.#wrapNext) this.#column = this.#columns - 1;
  }

  #lineFeed(): void {
    if (this.#row + 1 < this.#rows) this.#row++;
    else this.#lines.push({ cells: [], wrapped: false });
  }

  #escape(sequence: string): void {
    if (sequence === "\x1bD") {
      this.#wrapNext = false;
      return this.#lineFeed();
    }
    const match = SEQUENCE.exec(sequence);
    if (match === null) throw new Error(`an unknown sequence: ${JSON.stringify(sequence)}`);
    const [, question, parameters, final] = match;
    const count = Number(parameters || 1);
    if (question === "?") {
      if (final !== "h" && final !== "l") throw new Error(`an unknown mode: ${JSON.stringify(sequence)}`);
      this.modes.set("?" + parameters, final === "h");
      return;
    }
    if (final === "m") return void this.styles.add(parameters!);
    this.#wrapNext = false;
    switch (final) {
      case "A":
        this.#row = Math.max(0, this.#row - count);
        return;
      case "H":
        this.#row = this.#column = 0;
        return;
      case "K":
        if (parameters !== "2") throw new Error(`an unknown erase: ${JSON.stringify(sequence)}`);
        return blank(this.#line());
      case "J":
        return this.#erase(parameters!);
    }
    throw new Error(`an unknown sequence: ${JSON.stringify(sequence)}`);
  }

  #erase(parameters: string): void {
    if (parameters === "2") return this.#lines.slice(-this.#rows).forEach(blank);
    if (parameters !== "" && parameters !== "0") throw new Error(`an unknown erase: ${parameters}`);
    // As tmux does: what is erased from the very first cell on goes to the scrollback, and can be read there.
    if (this.#row === 0 && this.#column === 0) {
      const used = this.screen.findLastIndex((row) => row !== "") + 1;
      for (let row = 0; row < used; row++) this.#lines.push({ cells: [], wrapped: false });
      return;
    }
    const line = this.#line();
    line.cells.length = Math.min(line.cells.length, this.#column);
    // As in tmux: only a row that is erased as a whole forgets that the next one goes on with it.
    if (this.#column === 0) line.wrapped = false;
    this.#lines.slice(this.#lines.length - this.#rows + this.#row + 1).forEach(blank);
  }

  /** Makes the terminal another size, as a person who drags a window's corner does. */
  resize(columns: number, rows: number): void {
    let cursorLine = this.#lines.length - this.#rows + this.#row;
    if (this.#reflows) cursorLine = this.#reflow(columns, cursorLine);
    else for (const { cells } of this.#lines) cells.length = Math.min(cells.length, columns);
    this.#columns = columns;
    this.#column = Math.min(this.#column, columns - 1);
    this.#rows = rows;
    // What is blank below the cursor goes before anything scrolls away.
    while (
      this.#lines.length > rows && this.#lines.length - 1 > cursorLine && textOf(this.#lines.at(-1)!) === ""
    ) this.#lines.pop();
    while (this.#lines.length < rows) this.#lines.push({ cells: [], wrapped: false });
    this.#row = Math.max(0, Math.min(rows - 1, cursorLine - (this.#lines.length - rows)));
  }

  #reflow(columns: number, cursorLine: number): number {
    const lines: Row[] = [];
    let cells: (string | undefined)[] = [];
    let cursorAt = -1;
    let moved = 0;
    for (const [index, row] of this.#lines.entries()) {
      if (index === cursorLine) cursorAt = cells.length + this.#column;
      cells.push(...row.cells);
      if (row.wrapped) continue;
      const first = lines.length;
      lines.push(...wrap(cells, columns));
      if (cursorAt >= 0) {
        const down = Math.min(Math.floor(cursorAt / columns), lines.length - first - 1);
        this.#column = Math.min(cursorAt - down * columns, columns - 1);
        moved = first + down;
        cursorAt = -1;
      }
      cells = [];
    }
    this.#lines = lines;
    return moved;
  }

  #line(): Row {
    return this.#lines[this.#lines.length - this.#rows + this.#row]!;
  }
}

function wrap(cells: (string | undefined)[], columns: number): Row[] {
  const rows: Row[] = [];
  let at = 0;
  while (at < cells.length) {
    let end = Math.min(cells.length, at + columns);
    if (cells[end] === "") end--;
    rows.push({ cells: cells.slice(at, end), wrapped: end < cells.length });
    at = end;
  }
  return rows.length === 0 ? [{ cells: [], wrapped: false }] : rows;
}

function blank(row: Row): void {
  row.cells.length = 0;
  row.wrapped = false;
}

function textOf(row: Row): string {
  return cellsText(row.cells).trimEnd();
}

function cellsText(cells: Row["cells"]): string {
  return cells.map((cell) => cell ?? " ").join("");
}
