/** The space on a screen. */

/** The space for an object. */
export interface ScreenSpace {
  /** Columns of the screen, and rows. */
  readonly width: number;
  readonly rows: number;
  /** The columns that a text takes. */
  readonly widthOf: (text: string) => number;
  /** Returns how many UTF-16 code units of a text there is room for; if left out, those of some forty lines. */
  readonly textEnd?: (text: string) => number;
}
