/** The space on a screen. */

/** The space for an object. */
export interface ScreenSpace {
  /** Columns of the screen, and rows. */
  readonly width: number;
  readonly rows: number;
  /** The columns that a text takes. */
  readonly widthOf: (text: string) => number;
  /**
   * Returns a text, or as much of it as there is room for, with a remark about the rest that has its size. If left out,
   * a text of some forty lines is not shortened.
   */
  readonly fold?: (text: string, size: string) => string;
}
