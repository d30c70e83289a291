/** The table that is printed. */

/** One server's line: its name, its figures, and what stands beside them. */
export interface Line {
  readonly name: string;
  /** The figure of each round. */
  readonly figures: readonly number[];
  readonly unit: string;
  /** This server's median against another's. */
  readonly against?: { readonly name: string; readonly ratio: number };
}

/** The middle of the figures. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Writes the lines of a row below its title. */
export function table(
  title: string,
  { bar, lines }: { readonly bar: string; readonly lines: readonly Line[] },
): string {
  const cells = lines.map(({ name, figures, unit, against }) => [
    name,
    `${shown(median(figures))} ${unit}`,
    figures.length > 1 ? `${shown(Math.min(...figures))} to ${shown(Math.max(...figures))}` : "",
    against ? `${against.ratio.toFixed(2)} x ${against.name}` : "",
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => row[column]!.length)));
  const text = cells.map((row) =>
    "  " + row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()
  );
  return `${title}\n  bar: ${bar}\n${text.join("\n")}\n`;
}

function shown(figure: number): string {
  if (Math.abs(figure) >= 100) return Math.round(figure).toLocaleString("en-US");
  return figure.toPrecision(3);
}
