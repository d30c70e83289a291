/**
 * The interface between a private chat and the other listeners that serve it. They share one text, which holds the
 * members.
 */

/** A version of the shared text. */
export interface Version {
  /** Null as long as nobody has written it. */
  readonly text: string | null;
  /** Grows with each version. */
  readonly revision: number;
}

/** The error where the shared members cannot be read or changed now. The message is one line for people. */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
}

/** The other listeners of a private chat. */
export interface MembersElsewhere {
  /** The name of this run of the listener, which no other run has. */
  readonly self: string;
  /** The newest version that is known here. */
  readonly version: Version;
  /** Takes the one that is asked and told, once. */
  attach(here: MembersHere): void;
  /**
   * Makes sure that the version is not older than this call.
   *
   * @returns Whether that is known.
   */
  refresh(): Promise<boolean>;
  /**
   * Writes a text in the place of the version with a revision.
   *
   * @returns False if another listener has written meanwhile; then the version is the newer one.
   * @throws {Unavailable} If it could not be written, or that is not known.
   * @throws {Error} With one line for people, if it is too long.
   */
  replace(text: string, revision: number): Promise<boolean>;
  /** Ends this listener, because the text is not one that it can use. */
  fail(text: string): void;
  /**
   * Returns whether somebody is connected to another run of a listener by the key with that id. A run that is gone has
   * nobody.
   *
   * @throws {Unavailable} If it does not answer.
   */
  isUsed(run: string, id: string): Promise<boolean>;
  /** The names of the members who are connected to other listeners, as far as is known. */
  present(): Iterable<string>;
  /** Tells the others that a client gave a wrong proof, or a right one after wrong ones. */
  tried(client: string, isRight: boolean): void;
}

/** The answers of this listener to the others. */
export interface MembersHere {
  /** Takes note of a version that another listener has written, or that what is shared can be changed again. */
  changed(): void;
  /** Returns whether somebody is connected by the key with that id, or about to be. */
  isUsed(id: string): boolean;
  /** Counts a proof that a client gave to another listener. */
  tried(client: string, isRight: boolean): void;
}
