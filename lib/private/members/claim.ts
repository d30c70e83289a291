/** The claim of a hello to be let in, and what becomes of it. */

/** The claim of a hello, and its proof. */
export interface Claim {
  /** The name of the key, see {@linkcode memberId}. */
  readonly member: string;
  readonly nonce: Uint8Array;
  readonly proof: Uint8Array;
  /** The nick that the peer asks for. */
  readonly nick?: string | undefined;
  /** Whether a peer that uses the listener's own code is to become a member. */
  readonly enrol?: boolean | undefined;
}

/** Somebody who is let in. */
export interface Admission {
  /** The member's name; undefined for peers that came with the listener's own code. */
  readonly member: string | undefined;
  /** The listener's proof. */
  readonly proof: Uint8Array;
  /** The secret that replaces the code from now on. */
  readonly secret: Uint8Array | undefined;
  /** Whether they became a member by this. */
  readonly isNew: boolean;
  /** Returns whether the admission is still valid. The member may be revoked before the hub knows of the connection. */
  readonly holds: () => boolean;
  /** Must be called when their connection has ended. */
  readonly gone: () => void;
}

/**
 * The reason for a denial. "in use": the person who used the code first is connected. "not now": whether the key is
 * right is not known, or its use cannot be stored at the moment.
 */
export type Denial = "wrong" | "in use" | "not now";
