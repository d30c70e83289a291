/** Removal of a peer from its rooms by an operator. */

/** The reason for which an operator removed a peer from its rooms. */
export interface Removal {
  readonly why: "kicked" | "banned";
  /** The operator's nick. */
  readonly by: string;
  readonly text?: string | undefined;
}
