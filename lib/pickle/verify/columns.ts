/**
 * Columns of a row: the numbers that verify keeps for each container and for each result of a call.
 *
 * @module
 */

/** The kind, with flags and traits in the upper bits. */
export const KIND = 0;
/** The offset of the opcode that made it. */
export const SOURCE = 1;
/** The position on the stack where it was made. As long as it is there it is *open*: a pickler fills only open objects. */
export const POSITION = 2;
/** The number of stack frames that `repr` takes for it, itself included, the open objects in it not. */
export const HEIGHT = 3;
/** The row of the innermost open object in it, plus one, or 0. The root of that object is the next one further out. */
export const ROOT = 4;
/**
 * The number of objects that are hashed for its hash, or for those of all its items; −1 if one of them is unhashable. A
 * tuple of one item counts as a leaf of its own, so that a chain of them is no deeper than its count of leaves.
 */
export const LEAVES = 5;
/** The greatest count of leaves. */
export const MANY = 0x3fffffff;
/** The number of its items. */
export const SIZE = 6;
/**
 * For a hashable object with items, the position of their slots in {@linkcode ObjectTable.items}, −1 if they are not kept.
 * For other kinds a number of their own.
 */
export const EXTRA = 7;
export const KIND_MASK = 0xff;
/** Flag in the column of the kind: the object is an item of another, and may not be filled any more. */
export const PLACED = 0x100;
/** Flag in the column of the kind: BUILD has set the state; of a list or dict: a call has copied it. */
export const BUILT = 0x200;
/** Properties of an object, or of an object inside it, that matter for a key; bits in the column of the kind. */
export const Trait = {
  /** A number of numpy, which cannot be compared with every object. */
  NUMPY: 0x400,
  /** Text or bytes of numpy, which may equal text and bytes of Python. */
  NUMPY_TEXT: 0x800,
  /** An object whose hash is not computed here; all such keys of a container are charged as if their hashes were equal. */
  UNFORESEEN: 0x1000,
  /** A number so long that multiplying it takes time. */
  LARGE: 0x2000,
  /** A Fraction, whose hash takes an exponentiation in CPython 3.8. */
  FRACTION: 0x4000,
} as const;
export const TRAITS = Trait.NUMPY | Trait.NUMPY_TEXT | Trait.UNFORESEEN | Trait.LARGE | Trait.FRACTION;

/** Columns of the cost of `repr` for an object: nanoseconds, characters, and references to open objects. */
export const TIME = 0;
export const TEXT = 1;
export const OPENS = 2;
/** The greatest cost among the objects in it that were open when they became its items. */
export const OUTER_TIME = 3;
export const OUTER_TEXT = 4;
export const SHOWN_WIDTH = 8;
