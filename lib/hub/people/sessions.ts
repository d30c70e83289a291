/** The sessions of those who are here: who says a session's secret goes on where its connection was. */

/** The live connections by their sessions. */
export class Sessions<T extends { session: string }> {
  readonly #live = new Map<string, T>();

  /** Takes a connection in, under the session that it has. */
  begin(owner: T): void {
    this.#live.set(owner.session, owner);
  }

  /** Gives a connection the session that it names, and gives the live connection that had it, where one has. */
  take(owner: T, asked: string | undefined): T | undefined {
    if (asked === undefined || asked === owner.session) return undefined;
    const before = this.#live.get(asked);
    this.#live.delete(owner.session);
    owner.session = asked;
    this.#live.set(asked, owner);
    return before;
  }

  /**
   * Lets a connection go.
   *
   * @returns Whether another has its session now.
   */
  end(owner: T): boolean {
    if (this.#live.get(owner.session) !== owner) return true;
    this.#live.delete(owner.session);
    return false;
  }
}
