/**
 * Meter of the work on keys and on the arguments of calls: items, bytes and characters read so far. Decode limits it, since
 * alternating two long equal keys, or copying one long list again and again, takes quadratic time. It is one for the whole module,
 * since the methods of Map and Set have no parameter for it.
 */
export const keyWork = { done: 0 };

// Costs in the unit of keyWork, about 3 ns. At the default of 16 units per byte a megabyte takes 50 ms at most. An honest pickle
// contains what is worked on, so each cost is below 16 times the fewest bytes that the member or entry takes in a pickle.

/** Adding a member to a set that is made of a list: two bytes in a pickle. */
export const MEMBER_WORK = 24;
/** Copying an entry of a dict: four bytes. */
export const ENTRY_WORK = 48;
/** Looking up a member of a frozenset in an equal one; a pickler never writes two equal frozensets into one dict. */
export const EQUAL_MEMBER_WORK = 256;
/** Making an object that waits for its BUILD: 35 bytes with it. */
export const UNFILLED_WORK = 384;
/** Comparing text: V8 compares machine words, so 2 to this power characters cost one unit. */
export const COMPARED = 5;
