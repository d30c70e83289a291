/** Sessions: a connection that names the secret of another one continues in its place. */

/** The live connections by their sessions. */
export class Sessions<T extends { session: string }> {
  readonly #live = new Map<string, T>();

  /** Registers a connection under its session. */
  begin(owner: T): void {
    this.#live.set(owner.session, owner);
  }

  /** The live connection with that session. */
  find(session: string): T | undefined {
    return this.#live.get(session);
  }

  /** Gives a connection the session that it names; returns the live connection that had it, if there is one. */
  take(owner: T, asked: string | undefined): T | undefined {
    if (asked === undefined || asked === owner.session) return undefined;
    const before = this.#live.get(asked);
    this.#live.delete(owner.session);
    owner.session = asked;
    this.#live.set(asked, owner);
    return before;
  }

  /**
   * Removes a connection.
   *
   * @returns Whether another connection has its session now.
   */
  end(owner: T): boolean {
    if (this.#live.get(owner.session) !== owner) return true;
    this.#live.delete(owner.session);
    return false;
  }
}
