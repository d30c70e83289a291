/**
 * Columns of a row: the numbers that are kept for a container or a called object while a pickle is verified.
 *
 * @module
 */

/** The columns of a row. */
export const KIND = 0;
/** The offset of the opcode that made it. */
export const SOURCE = 1;
/** The position on the stack where it was made. It is *open* while it stands there: only then does a pickler fill it. */
export const POSITION = 2;
/** How many stack frames `repr` takes for it, itself counted; what it holds of open objects is not. */
export const HEIGHT = 3;
/** One more than the row of the innermost open object that it holds, or 0; that one's root is the next further out. */
export const ROOT = 4;
/**
 * The objects that hashing it, or all its items, touches; −1 where something in it cannot be hashed. A tuple of one counts
 * as a leaf of its own, so that a chain of them is no deeper than it is long.
 */
export const LEAVES = 5;
/** Leaves are counted up to this. */
export const MANY = 0x3fffffff;
/** The number of its items. */
export const SIZE = 6;
/**
 * For what can be hashed and holds others, where their slots begin in {@linkcode ObjectTable.items}, −1 if they are not
 * kept; otherwise as the kind has it.
 */
export const EXTRA = 7;
export const KIND_MASK = 0xff;
/** Set in the column of the kind as soon as another object has it as an item: from then on nothing fills it. */
export const PLACED = 0x100;
/** Set in the column of the kind once BUILD has given it its state; of a list or dict, once a call has copied it. */
export const BUILT = 0x200;
/** Properties of an object, or of something inside it, that decide how it may be a key; bits in the column of the kind. */
export const Trait = {
  /** A number of numpy: it cannot be compared with everything. */
  NUMPY: 0x400,
  /** Text or bytes of numpy, which equal text and bytes of Python. */
  NUMPY_TEXT: 0x800,
  /** Something that is charged as though all such keys of a container had one hash. */
  UNFORESEEN: 0x1000,
  /** A number so long that a product with it takes time. */
  LARGE: 0x2000,
  /** A Fraction, whose hash takes a power in CPython 3.8. */
  FRACTION: 0x4000,
} as const;
export const TRAITS = Trait.NUMPY | Trait.NUMPY_TEXT | Trait.UNFORESEEN | Trait.LARGE | Trait.FRACTION;

/** The columns of the cost of showing an object: nanoseconds, characters, and references to open objects. */
export const TIME = 0;
export const TEXT = 1;
export const OPENS = 2;
/** The most that one of the objects takes which were open when it was given them. */
export const OUTER_TIME = 3;
export const OUTER_TEXT = 4;
export const SHOWN_WIDTH = 8;
