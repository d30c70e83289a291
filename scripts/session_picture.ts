/** Draws screens of terminals as SVG: each row as it stands, with its colours, on light or on dark. */

import { columnsOf, graphemes } from "../lib/terminal/width.ts";

/** A terminal to draw. */
export interface Panel {
  readonly title: string;
  /** Its rows, with SGR sequences as tmux writes them. */
  readonly rows: readonly string[];
  /** Its place in the picture and its size, in cells; a row of cells is kept free for its title. */
  readonly column: number;
  readonly row: number;
  readonly columns: number;
  readonly height: number;
}

/** The colours of a picture. */
export interface Palette {
  readonly back: string;
  readonly bar: string;
  readonly text: string;
  readonly dim: string;
  /** Black, red, green, yellow, blue, magenta, cyan and white, and the same brighter. */
  readonly colours: readonly string[];
}

export const LIGHT: Palette = {
  back: "#ffffff",
  bar: "#e7eaee",
  text: "#1f2328",
  dim: "#656d76",
  colours: [
    ...["#24292f", "#c0232c", "#116329", "#7d4e00", "#0958c4", "#7a3fc0", "#1b6f78", "#6e7781"],
    ...["#57606a", "#a40e26", "#1a7f37", "#8a5800", "#1f6feb", "#8250df", "#2a7f88", "#8c959f"],
  ],
};

export const DARK: Palette = {
  back: "#0d1117",
  bar: "#21262d",
  text: "#e6edf3",
  dim: "#8b949e",
  colours: [
    ...["#484f58", "#ff7b72", "#3fb950", "#d29922", "#58a6ff", "#bc8cff", "#39c5cf", "#b1bac4"],
    ...["#8b949e", "#ffa198", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#56d4dd", "#f0f6fc"],
  ],
};

/** The size of a cell and of the letters in it, and the space around the text of a panel, in pixels. */
const [CELL, LINE, FONT, PAD] = [7.8, 17, 13, 10];

/** The look of a run of text. */
interface Look {
  readonly colour?: string;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly reverse: boolean;
}

/** A text in one look, and the column that it begins in. */
export interface Run extends Look {
  readonly text: string;
  readonly column: number;
  /** Its width, in cells. */
  readonly width: number;
}

const PLAIN: Look = { bold: false, dim: false, reverse: false };

/**
 * Splits rows into runs of one look; a look lasts beyond the end of a row. Characters of two cells are runs of their own, so that a font in which they are not
 * twice as wide moves nothing behind them.
 *
 * @example
 * ```ts
 * import { LIGHT, readRows } from "./session_picture.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const [[nick, text] = []] = readRows(["\x1b[31mann\x1b[39m: hi"], LIGHT);
 * assertEquals([nick?.text, nick?.colour, text?.text, text?.column], ["ann", LIGHT.colours[1], ": hi", 3]);
 * ```
 */
export function readRows(rows: readonly string[], palette: Palette): Run[][] {
  let look = PLAIN;
  return rows.map((row) => {
    const [runs, last] = readRow(row, { look, palette });
    look = last;
    return runs;
  });
}

function readRow(row: string, { look, palette }: { look: Look; palette: Palette }): [Run[], Look] {
  const runs: Run[] = [];
  let column = 0;
  for (const [at, piece] of row.split("\x1b[").entries()) {
    const plain = at === 0 ? piece : piece.slice(piece.indexOf("m") + 1);
    if (at > 0) look = change(look, piece.slice(0, piece.indexOf("m")), palette);
    let text = "";
    const end = () => {
      if (text !== "") runs.push({ ...look, text, column: column - text.length, width: text.length });
      text = "";
    };
    for (const character of graphemes(plain)) {
      const width = columnsOf(character);
      if (width === 1 && character.length === 1) {
        text += character;
        column++;
        continue;
      }
      end();
      runs.push({ ...look, text: character, column, width });
      column += width;
    }
    end();
  }
  return [runs, look];
}

/** Gives the look after an SGR sequence. */
function change(look: Look, parameters: string, palette: Palette): Look {
  const codes = parameters.split(";").map(Number);
  const { colour: _, ...rest } = look;
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at]!;
    if (code === 0) look = PLAIN;
    else if (code === 1) look = { ...look, bold: true };
    else if (code === 2) look = { ...look, dim: true };
    else if (code === 7) look = { ...look, reverse: true };
    else if (code === 22) look = { ...look, bold: false, dim: false };
    else if (code === 27) look = { ...look, reverse: false };
    else if (code === 39) look = rest;
    else if (code >= 30 && code <= 37) look = { ...look, colour: palette.colours[code - 30]! };
    else if (code >= 90 && code <= 97) look = { ...look, colour: palette.colours[code - 82]! };
    else if (code === 38 && codes[at + 1] === 5) {
      look = { ...look, colour: ofCube(codes[at + 2]!, palette) };
      at += 2;
    } else if (code === 38 && codes[at + 1] === 2) {
      look = { ...look, colour: `rgb(${codes.slice(at + 2, at + 5).join()})` };
      at += 4;
    }
  }
  return look;
}

/** Gives a colour of the 256 of a terminal. */
function ofCube(index: number, palette: Palette): string {
  if (index < 16) return palette.colours[index]!;
  const level = (step: number) => step === 0 ? 0 : 55 + 40 * step;
  const [red, green, blue] = index >= 232
    ? Array(3).fill(8 + 10 * (index - 232))
    : [36, 6, 1].map((size) => level(Math.floor((index - 16) / size) % 6));
  return `rgb(${red},${green},${blue})`;
}

/** Draws panels side by side and below each other, as their places say. */
export function draw(panels: readonly Panel[], palette: Palette): string {
  const right = Math.max(...panels.map(({ column, columns }) => column + columns));
  const bottom = Math.max(...panels.map(({ row, height }) => row + height + 1));
  const across = new Set(panels.map(({ column }) => column)).size;
  const down = new Set(panels.map(({ row }) => row)).size;
  const size = [right * CELL + across * 3 * PAD - PAD, bottom * LINE + down * 3 * PAD - PAD].map(Math.ceil);
  const columns = [...new Set(panels.map(({ column }) => column))].toSorted((a, b) => a - b);
  const rows = [...new Set(panels.map(({ row }) => row))].toSorted((a, b) => a - b);
  const drawn = panels.map((panel) => {
    const x = panel.column * CELL + columns.indexOf(panel.column) * 3 * PAD;
    const y = panel.row * LINE + rows.indexOf(panel.row) * 3 * PAD;
    const wide = panel.column === 0 && panel.columns === right ? size[0]! - 2 * PAD : panel.columns * CELL;
    return drawPanel(panel, { x, y, width: wide + 2 * PAD, palette });
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.join(" ")}" width="${size[0]}" ` +
    `font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="${FONT}">`,
    "<style>text{white-space:pre}</style>",
    ...drawn,
    "</svg>\n",
  ].join("\n");
}

interface Frame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly palette: Palette;
}

function drawPanel({ title, rows, height }: Panel, { x, y, width, palette }: Frame): string {
  const bar = LINE + PAD;
  const box = `x="0.5" y="0.5" width="${round(width - 1)}" rx="7"`;
  const lines = readRows(rows.slice(0, height), palette).map((runs, i) => {
    const top = bar + PAD / 2 + i * LINE;
    return runs.map((run) => drawRun(run, { top, palette })).join("");
  });
  return [
    `<g transform="translate(${round(x)},${round(y)})">`,
    `<rect ${box} height="${
      round(bar + height * LINE + PAD - 1)
    }" fill="${palette.back}" stroke="${palette.bar}"/>`,
    `<path d="M.5 ${bar}V7.5a7 7 0 0 1 7-7H${
      round(width - 7.5)
    }a7 7 0 0 1 7 7V${bar}z" fill="${palette.bar}"/>`,
    `<text x="${PAD}" y="${bar - 9}" fill="${palette.dim}">${escape(title)}</text>`,
    ...lines.filter((line) => line !== ""),
    "</g>",
  ].join("\n");
}

function drawRun(run: Run, { top, palette }: { top: number; palette: Palette }): string {
  const x = round(PAD + run.column * CELL);
  const colour = run.colour ?? (run.dim ? palette.dim : palette.text);
  const back = run.reverse
    ? `<rect x="${x}" y="${top}" width="${round(run.width * CELL)}" height="${LINE}" fill="${colour}"/>`
    : "";
  if (run.text.trim() === "") return back;
  const look = [
    `fill="${run.reverse ? palette.back : colour}"`,
    ...(run.bold ? ['font-weight="bold"'] : []),
    ...(run.dim && run.colour !== undefined ? ['opacity="0.7"'] : []),
  ].join(" ");
  return `${back}<text x="${x}" y="${top + FONT}" textLength="${round(run.width * CELL)}" ${look}>${
    escape(run.text)
  }</text>`;
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
