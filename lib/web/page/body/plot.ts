/** Numbers as pictures: a line, y against x, a heat map. */

import { type Grid, rangesOf, summaryOf } from "../../../objects/numbers.ts";
import { canvas } from "../dom.ts";

/** The widest picture and the highest plot and heat map, in CSS pixels. */
const WIDEST = 560;
const HEIGHT = 220;
const HIGHEST_MAP = 360;
const MARGIN = { left: 64, right: 12, top: 10, bottom: 24 };
const LINE_COLORS = ["#2a6fdb", "#c8503c", "#2e8b57", "#8a5cc2", "#b8860b", "#3f7f93"];

/** A row of numbers with its name. */
export interface Series {
  readonly name: string;
  readonly numbers: Float64Array;
}

/**
 * Draws each series as a line over its index. Each column of pixels shows the minimum and the maximum of its numbers.
 *
 * @param room The width that there is for it, in CSS pixels.
 */
export function linePlot(series: readonly Series[], room: number): HTMLCanvasElement {
  const all = series.map(({ numbers }) => summaryOf(numbers)).filter((summary) => summary !== null);
  const min = Math.min(...all.map((summary) => summary.min));
  const max = Math.max(...all.map((summary) => summary.max));
  const longest = Math.max(...series.map(({ numbers }) => numbers.length));
  const label = series.map(({ name, numbers }) => `${name || "line"} of ${numbers.length} numbers`).join(
    ", ",
  );
  const width = Math.min(WIDEST, room);
  const [element, context] = canvas(width, HEIGHT, `${label}, from ${short(min)} to ${short(max)}`);
  const frame = drawFrame(context, { width, x: [0, longest - 1], y: [min, max] });
  for (const [i, { numbers }] of series.entries()) {
    context.strokeStyle = LINE_COLORS[i % LINE_COLORS.length]!;
    drawLine(context, numbers, frame);
  }
  drawLegend(context, series);
  return element;
}

/** Draws the second series over the first. */
export function xyPlot(x: Series, y: Series, room: number): HTMLCanvasElement {
  const [xs, ys] = [summaryOf(x.numbers), summaryOf(y.numbers)];
  const name = `${y.name || "y"} against ${x.name || "x"}, ${x.numbers.length} points`;
  const width = Math.min(WIDEST, room);
  const [element, context] = canvas(width, HEIGHT, name);
  if (xs === null || ys === null) return element;
  const { px, py } = drawFrame(context, { width, x: [xs.min, xs.max], y: [ys.min, ys.max] });
  context.fillStyle = context.strokeStyle = LINE_COLORS[0]!;
  const count = x.numbers.length;
  context.beginPath();
  // Points on the same pixel are drawn once, so the time does not grow with their number.
  const seen = new Set<number>();
  for (let i = 0; i < count; i++) {
    const [left, top] = [px(x.numbers[i]!), py(y.numbers[i]!)];
    const place = Math.round(left) * 4096 + Math.round(top);
    if (!Number.isFinite(left + top) || seen.has(place)) continue;
    seen.add(place);
    context.fillRect(left - 1, top - 1, 2, 2);
  }
  return element;
}

/**
 * Draws a grid with a color for each number. If the grid is larger than the picture, each dot shows one of several
 * numbers.
 */
export function heatMap(grid: Grid, room: number): HTMLCanvasElement {
  const scale = Math.min(12, Math.min(WIDEST, room) / grid.columns, HIGHEST_MAP / grid.rows);
  const width = Math.max(1, Math.round(grid.columns * scale));
  const height = Math.max(1, Math.round(grid.rows * scale));
  let [min, max] = [Infinity, -Infinity];
  for (let row = 0; row < grid.rows; row++) {
    for (let column = 0; column < grid.columns; column++) {
      const number = grid.at(row, column);
      if (number < min) min = number;
      if (number > max) max = number;
    }
  }
  const label = `heat map of ${grid.rows} × ${grid.columns} numbers, from ${short(min)} to ${short(max)}`;
  const [element, context] = canvas(width, height, label);
  for (let top = 0; top < height; top++) {
    const row = Math.min(grid.rows - 1, Math.floor(top / scale));
    for (let left = 0; left < width; left++) {
      const number = grid.at(row, Math.min(grid.columns - 1, Math.floor(left / scale)));
      context.fillStyle = Number.isFinite(number) ? heat((number - min) / (max - min || 1)) : "#808080";
      context.fillRect(left, top, 1, 1);
    }
  }
  return element;
}

/** Returns a color for 0 to 1: from dark blue over green to yellow, with growing lightness. */
export function heat(part: number): string {
  return `hsl(${Math.round(260 - 200 * part)} 70% ${Math.round(22 + 50 * part)}%)`;
}

interface Frame {
  /** The width of the part in which the lines are, in CSS pixels. */
  readonly width: number;
  readonly px: (x: number) => number;
  readonly py: (y: number) => number;
}

function drawFrame(
  context: CanvasRenderingContext2D,
  { width: outer, x: [x0, x1], y: [y0, y1] }: { width: number; x: [number, number]; y: [number, number] },
): Frame {
  const [width, height] = [outer - MARGIN.left - MARGIN.right, HEIGHT - MARGIN.top - MARGIN.bottom];
  const px = (x: number) => MARGIN.left + (x - x0) / (x1 - x0 || 1) * width;
  const py = (y: number) => MARGIN.top + height - (y - y0) / (y1 - y0 || 1) * height;
  context.font = "11px system-ui, sans-serif";
  context.fillStyle = context.strokeStyle = "#808890";
  context.lineWidth = 1;
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const y of [y0, (y0 + y1) / 2, y1]) {
    context.fillText(short(roundedBy(y, y1 - y0)), MARGIN.left - 6, py(y));
    context.globalAlpha = 0.35;
    context.beginPath();
    context.moveTo(MARGIN.left, py(y));
    context.lineTo(MARGIN.left + width, py(y));
    context.stroke();
    context.globalAlpha = 1;
  }
  context.textBaseline = "top";
  for (const [x, align] of [[x0, "left"], [x1, "right"]] as const) {
    context.textAlign = align;
    context.fillText(short(x), px(x), MARGIN.top + height + 6);
  }
  return { width, px, py };
}

function drawLine(context: CanvasRenderingContext2D, numbers: Float64Array, { width, px, py }: Frame): void {
  context.lineWidth = 1.5;
  context.lineJoin = "round";
  context.beginPath();
  const columns = Math.floor(width);
  if (numbers.length <= columns * 2) {
    let isDown = false;
    for (let i = 0; i < numbers.length; i++) {
      const y = numbers[i]!;
      if (!Number.isFinite(y)) isDown = false;
      else if (isDown) context.lineTo(px(i), py(y));
      else {
        context.moveTo(px(i), py(y));
        isDown = true;
      }
    }
  } else {
    const { min, max } = rangesOf(numbers, columns);
    for (let column = 0; column < columns; column++) {
      if (Number.isNaN(min[column]!)) continue;
      const x = MARGIN.left + column;
      context.lineTo(x, py(min[column]!));
      context.lineTo(x, py(max[column]!));
    }
  }
  context.stroke();
}

function drawLegend(context: CanvasRenderingContext2D, series: readonly Series[]): void {
  if (series.length < 2) return;
  context.textAlign = "left";
  context.textBaseline = "top";
  let left = MARGIN.left + 6;
  for (const [i, { name }] of series.entries()) {
    context.fillStyle = LINE_COLORS[i % LINE_COLORS.length]!;
    context.fillText(name, left, MARGIN.top + 2);
    left += context.measureText(name).width + 14;
  }
}

/** Returns 0 for a number that is nothing beside the range of an axis. */
function roundedBy(number: number, range: number): number {
  return Math.abs(number) < range / 1000 ? 0 : number;
}

/** A number in few characters. */
export function short(number: number): string {
  if (!Number.isFinite(number)) return "";
  const text = String(Number(number.toPrecision(4)));
  return text.length <= 8 ? text : number.toExponential(2);
}
