/**
 * How many items, bytes and characters of keys and of the arguments of known calls were looked at so far. Decode reads it to
 * keep a pickle from making two long equal keys take turns, or from having one long list copied again and again: that is
 * quadratic, however it is done.
 */
export const keyWork = { done: 0 };

/** What it costs to find or put one member, in the unit of {@linkcode keyWork}: about a byte compared or copied. */
export const MEMBER_WORK = 16;
