/** Views of objects: a tree, a table, a plot or a picture, according to the value. */

import { clean } from "../../../base/text.ts";
import { arrayName } from "../../../objects/array_name.ts";
import { pictureOf, pixelsOf } from "../../../objects/image.ts";
import { gridOf, numbersOf, summaryOf } from "../../../objects/numbers.ts";
import { type Table, tableOf } from "../../../objects/table.ts";
import { format } from "../../../pickle/repr/format.ts";
import { DateTime } from "../../../pickle/values/known.ts";
import { NDArray } from "../../../pickle/values/known_numpy.ts";
import { ByteArray, FrozenSet, Tuple, type Value } from "../../../pickle/values/values.ts";
import { button, canvas, el } from "../dom.ts";
import { heatMap, linePlot, type Series, short, xyPlot } from "./plot.ts";
import { filesOf, save, type SavedFile, savePng } from "./save.ts";
import { timeView } from "./time.ts";

/** The fewest numbers that are drawn as a line, and the most series of one plot. */
const FEWEST_NUMBERS = 8;
const MOST_SERIES = 6;
/** The most rows of a table, and entries of a branch, that are shown at once. */
const ROWS_AT_ONCE = 50;
const BRANCHES_AT_ONCE = 100;
/** The most characters of a value on one line. */
const ONE_LINE = 160;
/** The most characters of an array as Python prints it. */
const MOST_VALUES = 20_000;

/** The files of a message that holds an object, and the room for it. */
export interface ObjectPlace {
  /** The width that there is for pictures, in CSS pixels. */
  readonly room: number;
  /** The name of its files. */
  readonly name: string;
  /** Its pickle. */
  readonly pickle: SavedFile;
}

/** Shows a value other than a text. */
export function objectView(value: Value, place: ObjectPlace): HTMLElement {
  const pictures = picturesOf(value, place.room);
  const drawn = pictures.map((picture) => el("div", { class: "picture" }, picture));
  const body = drawn.length > 0 ? drawn : [plainView(value)];
  return el(
    "div",
    { class: "object" },
    el("div", { class: "summary" }, summary(value)),
    ...body,
    actions(value, place, pictures),
  );
}

/** The picture, or pictures, of a value; none if it has none. */
function picturesOf(value: Value, room: number): Picture[] {
  const pixels = pixelsOf(value);
  if (pixels !== null) {
    const image = document.createElement("canvas");
    image.width = pixels.width;
    image.height = pixels.height;
    image.className = "pixels";
    image.setAttribute("role", "img");
    image.setAttribute("aria-label", `image of ${pixels.width} × ${pixels.height} pixels`);
    image.getContext("2d")?.putImageData(new ImageData(pixels.rgba, pixels.width, pixels.height), 0, 0);
    return [image];
  }
  const file = pictureOf(value);
  if (file !== null) {
    const image = el("img", {
      class: "pixels",
      attributes: { alt: `${file.type} of ${file.bytes.length} bytes` },
    });
    const url = URL.createObjectURL(new Blob([new Uint8Array(file.bytes)], { type: file.type }));
    image.addEventListener("load", () => URL.revokeObjectURL(url));
    image.addEventListener("error", () => URL.revokeObjectURL(url));
    image.src = url;
    return [image];
  }
  const grid = gridOf(value);
  if (grid !== null && grid.rows > 1 && grid.columns > 1) return [heatMap(grid, room)];
  const numbers = numbersOf(value);
  if (numbers !== null && numbers.length >= FEWEST_NUMBERS) return [linePlot([{ name: "", numbers }], room)];
  return columnPlots(value, room);
}

/** The plots of a dict of columns: two of equal length as y over x, more as lines. */
function columnPlots(value: Value, room: number): HTMLCanvasElement[] {
  if (!(value instanceof Map) || value.size === 0 || value.size > MOST_SERIES) return [];
  const series: Series[] = [];
  for (const [name, column] of value) {
    const numbers = numbersOf(column);
    if (typeof name !== "string" || numbers === null || numbers.length < FEWEST_NUMBERS) return [];
    series.push({ name, numbers });
  }
  const [x, y] = series;
  if (x !== undefined && y !== undefined && series.length === 2 && x.numbers.length === y.numbers.length) {
    return [xyPlot(x, y, room)];
  }
  return [linePlot(series, room)];
}

/** A value without a picture: a table, a tree, or one line. */
function plainView(value: Value): HTMLElement {
  const table = tableOf(value);
  if (table !== null) return tableView(table);
  return branchesOf(value) === null ? el("code", {}, oneLine(value)) : treeView(value);
}

/** A table, whose rows are shown {@linkcode ROWS_AT_ONCE} at a time. */
export function tableView({ columns, rows, cell }: Table): HTMLElement {
  const body = el("tbody");
  const more = button("", () => add());
  let shown = 0;
  const add = () => {
    const end = Math.min(rows, shown + ROWS_AT_ONCE);
    for (; shown < end; shown++) {
      const row = shown;
      body.append(el("tr", {}, ...columns.map((_, column) => el("td", {}, cellView(cell(row, column))))));
    }
    more.textContent = `${rows - shown} more rows`;
    more.hidden = shown === rows;
  };
  add();
  const head = el(
    "thead",
    {},
    el("tr", {}, ...columns.map((name) => el("th", { attributes: { scope: "col" } }, name))),
  );
  return el("div", { class: "table", attributes: { tabindex: "0" } }, el("table", {}, head, body), more);
}

function cellView(value: Value): Node {
  if (typeof value === "string") return document.createTextNode(value);
  return value instanceof DateTime ? timeView(value) : document.createTextNode(oneLine(value));
}

/** A dict, list or set as a tree whose branches unfold. */
export function treeView(value: Value): HTMLElement {
  const branches = branchesOf(value);
  if (branches === null) return el("span", { class: "leaf" }, leafView(value));
  const list = el("ul", { class: "tree" });
  const iterator = branches[Symbol.iterator]();
  const more = button("more", () => add());
  const add = () => {
    more.remove();
    for (let i = 0; i < BRANCHES_AT_ONCE; i++) {
      const { done, value: branch } = iterator.next();
      if (done) return;
      list.append(branchView(branch[0], branch[1]));
    }
    list.after(more);
  };
  const whole = el("div", {}, list);
  add();
  return whole;
}

function branchView(key: string, value: Value): HTMLElement {
  const label = el("span", { class: "key" }, `${key}: `);
  if (branchesOf(value) === null) return el("li", {}, label, leafView(value));
  const details = el("details", {}, el("summary", {}, label, oneLine(value)));
  details.addEventListener("toggle", () => details.append(inside(value)), { once: true });
  return el("li", {}, details);
}

function inside(value: Value): HTMLElement {
  return tableOf(value) === null ? treeView(value) : tableView(tableOf(value)!);
}

function leafView(value: Value): Node {
  return value instanceof DateTime ? timeView(value) : document.createTextNode(oneLine(value));
}

/** Returns the entries of a container, with their keys as text; null for any other value. */
function branchesOf(value: Value): Iterable<readonly [string, Value]> | null {
  if (value instanceof Map) return mapped(value, ([key, item]) => [oneLine(key), item] as const);
  const items = Array.isArray(value)
    ? value
    : value instanceof Tuple
    ? value.items
    : value instanceof Set
    ? value
    : value instanceof FrozenSet
    ? value.members
    : null;
  let index = 0;
  return items === null ? null : mapped(items, (item) => [String(index++), item] as const);
}

function* mapped<T, R>(items: Iterable<T>, change: (item: T) => R): Iterable<R> {
  for (const item of items) yield change(item);
}

/** Returns a value as Python's repr shows it, cut if it is long. */
export function oneLine(value: Value): string {
  const text = format(value, { limit: ONE_LINE + 1 });
  return text.length > ONE_LINE ? `${text.slice(0, ONE_LINE)}…` : text;
}

/** Describes a value: its kind and size. */
function summary(value: Value): string {
  if (value instanceof NDArray) {
    return `${clean(arrayName(value))}${spread(value)}`;
  }
  if (value instanceof Map) return `dict of ${value.size}`;
  if (Array.isArray(value)) return `list of ${value.length}${spread(value)}`;
  if (value instanceof Tuple) return `tuple of ${value.items.length}`;
  if (value instanceof Set) return `set of ${value.size}`;
  if (value instanceof FrozenSet) return `frozenset of ${value.members.size}`;
  if (value instanceof Uint8Array) return `bytes of ${value.length}`;
  if (value instanceof ByteArray) return `bytearray of ${value.bytes.length}`;
  return "";
}

function spread(value: Value): string {
  const numbers = numbersOf(value);
  const found = numbers === null ? null : summaryOf(numbers);
  return found === null ? "" : `, ${short(found.min)} to ${short(found.max)}, mean ${short(found.mean)}`;
}

type Picture = HTMLCanvasElement | HTMLImageElement;

/** The buttons below: other views of the value, and its files. */
function actions(value: Value, { name, pickle }: ObjectPlace, pictures: readonly Picture[]): HTMLElement {
  const bar = el("div", { class: "actions" });
  const [picture] = pictures;
  if (picture !== undefined && (branchesOf(value) !== null || value instanceof NDArray)) {
    const values = button("values", () => {
      values.remove();
      bar.before(valuesView(value));
    });
    bar.append(values);
  }
  if (picture !== undefined) bar.append(button("save .png", () => savePng(asCanvas(picture), name)));
  for (const { ending, bytes } of [...filesOf(value), pickle]) {
    bar.append(button(`save .${ending}`, async () => save(`${name}.${ending}`, await bytes())));
  }
  return bar;
}

function valuesView(value: Value): HTMLElement {
  if (branchesOf(value) !== null) return plainView(value);
  return el("pre", { attributes: { tabindex: "0" } }, format(value, { style: "print", limit: MOST_VALUES }));
}

function asCanvas(picture: Picture): HTMLCanvasElement {
  if (picture instanceof HTMLCanvasElement) return picture;
  const [element, context] = canvas(picture.naturalWidth, picture.naturalHeight, picture.alt);
  context.drawImage(picture, 0, 0, picture.naturalWidth, picture.naturalHeight);
  return element;
}
