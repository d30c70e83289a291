/** Sessions. A connection that presents the secret of another connection continues in its place. */

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

  /** Gives a connection the session that it asks for, and returns the live connection that had it, if any. */
  take(owner: T, asked: string | undefined): T | undefined {
    if (asked === undefined || asked === owner.session) return undefined;
    const before = this.#live.get(asked);
    this.#live.delete(owner.session);
    owner.session = asked;
    this.#live.set(asked, owner);
    return before;
  }

  /** Gives up the session of a connection, because it continues at another listener. */
  yield(owner: T): void {
    if (this.#live.get(owner.session) === owner) this.#live.delete(owner.session);
  }

  /**
   * Removes a connection.
   *
   * @returns Whether another connection has taken over its session.
   */
  end(owner: T): boolean {
    if (this.#live.get(owner.session) !== owner) return true;
    this.#live.delete(owner.session);
    return false;
  }
}
