/** The space on a screen. */

/** The space for an object. */
export interface ScreenSpace {
  /** Columns of the screen, and rows. */
  readonly width: number;
  readonly rows: number;
  /** The columns that a text takes. */
  readonly widthOf: (text: string) => number;
  /**
   * Returns a text, or as much of it as fits, with a remark that contains `size`, the size of the whole. If not given,
   * texts of up to about forty lines are not shortened.
   */
  readonly fold?: (text: string, size: string) => string;
}
