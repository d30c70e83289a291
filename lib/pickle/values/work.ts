/**
 * How many items, bytes and characters of keys and of the arguments of known calls were looked at so far. Decode reads it to
 * keep a pickle from making two long equal keys take turns, or from having one long list copied again and again: that is
 * quadratic, however it is done.
 */
export const keyWork = { done: 0 };

// What things cost in the unit of keyWork, about 3 ns: with 16 of them for each byte a megabyte takes 50 ms at most. An
// honest pickle has what it works on in it, so these stay below 16 times the bytes that a member or an entry takes at least.

/** To find or put a member of a list that is made a set: in a pickle it takes two bytes. */
export const MEMBER_WORK = 24;
/** To copy an entry of a dict: it takes four. */
export const ENTRY_WORK = 48;
/** To look for the members of a frozenset in one that is equal to it; a pickler never writes two of them into one dict. */
export const EQUAL_MEMBER_WORK = 256;
/** To make an object that waits for its BUILD: with that it takes 35 bytes. */
export const UNFILLED_WORK = 384;
/** Of text to compare, which V8 does in words of the machine, 2 to the power of this are one. */
export const COMPARED = 5;
