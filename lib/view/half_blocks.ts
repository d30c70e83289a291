/** Images in the characters of a terminal: each shows two pixels, one above the other. */

import type { Pixels } from "../objects/image.ts";

/** The number of colours of the terminal: 2^24, or the 256 of xterm. */
export type ColourDepth = "24-bit" | "256";

/** The space for an image, in characters, and the colours. */
export interface ImageRoom {
  readonly width: number;
  readonly rows: number;
  readonly depth: ColourDepth;
}

/** The steps of a component in the colour cube of xterm. */
const CUBE = [0, 95, 135, 175, 215, 255];

/**
 * Draws an image, scaled down to fit. Transparent parts are drawn on black.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { halfBlocks } from "./half_blocks.ts";
 *
 * const rgba = new Uint8ClampedArray([255, 0, 0, 255, 0, 0, 255, 255]);
 * assertEquals(halfBlocks({ width: 1, height: 2, rgba }, { width: 80, rows: 24, depth: "24-bit" }), [
 *   "\x1b[38;2;255;0;0;48;2;0;0;255m▀\x1b[0m",
 * ]);
 * ```
 */
export function halfBlocks({ width, height, rgba }: Pixels, room: ImageRoom): string[] {
  const scale = Math.max(1, width / room.width, height / (2 * room.rows));
  const [columns, lines] = [Math.max(1, Math.floor(width / scale)), Math.max(1, Math.floor(height / scale))];
  const pixel = (column: number, line: number): string => {
    if (line >= lines) return colour(0, 0, 0, room.depth);
    const at = 4 * (Math.floor(line * scale) * width + Math.floor(column * scale));
    const opacity = rgba[at + 3]! / 255;
    return colour(rgba[at]! * opacity, rgba[at + 1]! * opacity, rgba[at + 2]! * opacity, room.depth);
  };
  return Array.from({ length: Math.ceil(lines / 2) }, (_, row) => {
    let before = "";
    let text = "";
    for (let column = 0; column < columns; column++) {
      const style = `\x1b[38;${pixel(column, 2 * row)};48;${pixel(column, 2 * row + 1)}m`;
      text += style === before ? "▀" : `${style}▀`;
      before = style;
    }
    return `${text}\x1b[0m`;
  });
}

function colour(red: number, green: number, blue: number, depth: ColourDepth): string {
  if (depth === "24-bit") return `2;${Math.round(red)};${Math.round(green)};${Math.round(blue)}`;
  const [r, g, b] = [red, green, blue].map(nearest);
  return `5;${16 + 36 * r! + 6 * g! + b!}`;
}

function nearest(component: number): number {
  let best = 0;
  for (const [step, value] of CUBE.entries()) {
    if (Math.abs(value - component) < Math.abs(CUBE[best]! - component)) best = step;
  }
  return best;
}
