/**
 * The objects of a pickle while it is verified: their nesting, the cost of hashing and showing them, and which are part of
 * others.
 *
 * @module
 */
import { badFill, tooDeep, tooMuchWork } from "./failure.ts";
import { Kind, REPR_FRAMES, SHOW_COST } from "./kinds.ts";
import * as columns from "./columns.ts";
import { OPENS, OUTER_TEXT, OUTER_TIME, TEXT, TIME, Trait } from "./columns.ts";
import { EMPTY_TIME, OPEN_TEXT, Rows } from "./rows.ts";
import * as slotFunctions from "./slot.ts";

// Bound here, since V8 takes a module's own constants for literals but reads and checks an import at each use.
const { HEIGHT, KIND_MASK, LEAVES, MANY, PLACED, POSITION, ROOT, SIZE, SOURCE, TRAITS } = columns;
const { hasRow, rowOf, slotOf } = slotFunctions;
const { DTYPE, NAME } = Kind;
const FRAMES = REPR_FRAMES;

const MAX_SHOWN = 1e30;

/** Time to hash one leaf of a key and store it, in nanoseconds. */
const LEAF_COST = 100;
/** The same where a leaf may be one of the fifteen of a Fraction. */
const FRACTION_LEAF_COST = 1200;
/** Time of one step along a chain of open objects, of our own, in nanoseconds. */
const STEP_COST = 50;
/** The most bytes of a long number that count as a leaf. */
const BYTES_PER_LARGE_LEAF = 8;
/** The kinds that opcodes fill; any other is whole as soon as it is there. */
const IS_FILLED = new Uint8Array(32);
for (
  const kind of [Kind.LIST, Kind.DICT, Kind.SET, Kind.ORDERED_DICT, Kind.DEFAULTDICT, Kind.DEQUE]
) IS_FILLED[kind] = 1;

/** The objects of one pickle after another. */
export class ObjectTable extends Rows {
  depth = 500;
  /** The result of {@linkcode gather}. */
  height = 0;
  root = 0;
  leaves = 0;
  traits = 0;
  /** The cost of showing the items at hand: set before {@linkcode gather}, which adds that of shared objects. */
  time = 0;
  text = 0;
  opens = 0;
  /** The offset from which on objects are part of them already. */
  since = Infinity;
  /** The same for the whole pickle, beyond the cost of its bytes and rows. */
  moreTime = 0;
  moreText = 0;
  moreOpens = 0;
  stack: Int32Array = new Int32Array(0);

  /** Forgets everything. */
  override reset(): void {
    super.reset();
    if (this.moreTime !== 0 || this.moreText !== 0) this.moreTime = this.moreText = this.moreOpens = 0;
  }

  /** Returns whether none of these slots has a row or may be a long text: they become items without being gathered. */
  arePlain(from: number, to: number): boolean {
    if (this.hasLongText) return false;
    const stack = this.stack;
    let seen = 0;
    for (let i = from; i < to; i++) seen |= stack[i]!;
    return seen >= 0;
  }

  /**
   * Looks at slots that are about to become the items of one container: {@linkcode height}, {@linkcode root} and
   * {@linkcode leaves} then say how deep they nest, the innermost open object they hold, and what hashing all takes.
   *
   * @param from the position of the first; what stands below is still open
   */
  gather(from: number, to: number): void {
    const { stack, rows, hasLongText } = this;
    let leaves = 0, traits = 0;
    this.height = this.root = 0;
    for (let i = from; i < to; i++) {
      const slot = stack[i]!;
      if (leaves >= 0) {
        const cost = hasRow(slot) || hasLongText ? this.hashCost(slot) : 1;
        leaves = cost < 0 ? -1 : Math.min(leaves + cost, MANY);
      }
      if (!hasRow(slot)) continue;
      traits |= rows[rowOf(slot) << 3]! & TRAITS;
      this.#place(rowOf(slot), from);
    }
    this.leaves = leaves;
    this.traits = traits;
  }

  /** The same for keys and values of a dict, whose hash nobody asks for. */
  gatherPairs(from: number, to: number): void {
    const stack = this.stack;
    this.height =
      this.root =
      this.leaves =
      this.traits =
        0;
    for (let i = from; i < to; i++) if (hasRow(stack[i]!)) this.#place(rowOf(stack[i]!), from);
  }

  /** Makes the items that {@linkcode gather} looked at part of a container. */
  fill(id: number, count: number, source: number): void {
    const rows = this.rows;
    const row = id << 3;
    if (count > 0 && (rows[row]! & PLACED) !== 0) throw badFill(source);
    rows[row]! |= this.traits;
    rows[row + SIZE]! += count;
    const leaves = rows[row + LEAVES]!;
    if (leaves >= 0) rows[row + LEAVES] = this.leaves < 0 ? -1 : Math.min(leaves + this.leaves, MANY);
    // An object that holds only itself and what it was made around has come full circle.
    const root = this.root === id + 1 ? rows[row + ROOT]! : this.root;
    if (root !== 0) rows[row + ROOT] = this.#join(rows[row + ROOT]!, root);
    const height = this.height + FRAMES[rows[row]! & KIND_MASK]!;
    if (height > this.depth) throw tooDeep(source, this.depth);
    if (height > rows[row + HEIGHT]!) rows[row + HEIGHT] = height;
    if (this.weighs) this.weigh(id);
  }

  /** Makes plain items part of a container that is no dict. */
  fillPlain(id: number, count: number, source: number): void {
    const rows = this.rows, row = id << 3;
    this.fillPlainDict(id, count, source);
    if (rows[row + LEAVES]! >= 0) rows[row + LEAVES] = Math.min(rows[row + LEAVES]! + count, MANY);
  }

  /** Makes plain keys and values part of a dict, of whose keys it is known then that they have a hash. */
  fillPlainDict(id: number, count: number, source: number): void {
    const rows = this.rows, row = id << 3;
    if (count > 0 && (rows[row]! & PLACED) !== 0) throw badFill(source);
    rows[row + SIZE]! += count;
    if (this.weighs) this.weigh(id);
  }

  /** Adds the cost of showing the items at hand to a row. */
  weigh(id: number): void {
    const shown = this.shown, at = id << 3;
    shown[at]! += this.time;
    shown[at + TEXT]! += this.text;
    if (this.opens > 0) shown[at + OPENS]! += this.opens;
  }

  /**
   * Charges the hashing of keys, each as often as it is a key: CPython keeps no hash of a tuple.
   *
   * @param leaves their {@linkcode hashCost}; no more tuples than leaves are around them
   * @param traits of the keys
   */
  chargeKeys(leaves: number, traits: number, source: number): void {
    this.charge(((traits & Trait.FRACTION) === 0 ? LEAF_COST : FRACTION_LEAF_COST) * leaves, source);
  }

  /** Gives an object that a call made from a list or dict the depth of that. */
  inherit(id: number, from: number): void {
    this.set(id, HEIGHT, this.get(from, HEIGHT) - 1 + FRAMES[this.kind(id)]!);
    this.set(id, ROOT, this.get(from, ROOT));
  }

  /**
   * Makes a slot's object part of another that a call or BUILD gives it to.
   *
   * @param id the row of the other, −1 where the pickle ends with the slot as its value
   * @param below what stands below this position is still open
   */
  give(slot: number, id: number, below: number): void {
    this.time = this.text = this.opens = 0;
    if (!hasRow(slot)) return;
    this.height = this.root = 0;
    this.since = Infinity;
    this.#place(rowOf(slot), below);
    if (id >= 0 && this.weighs) this.weigh(id);
  }

  // A comparison meets an object as often as it is shown.
  protected override beginWeight(id: number, kind: number): void {
    super.beginWeight(id, kind);
    const cost = this.costs.size === 0 ? 0 : this.costs.get(id) ?? 0;
    if (cost > 0) this.addShown(id, cost, 0);
  }

  /** Tells whether a slot's object is part of no other, holds no open one and does not nest too deep. */
  isSettled(slot: number): boolean {
    if (!hasRow(slot)) return true;
    const rows = this.rows, row = rowOf(slot) << 3;
    return (rows[row]! & PLACED) === 0 && rows[row + ROOT] === 0 && rows[row + HEIGHT]! <= this.depth;
  }

  /** Adds to the cost of showing a row; for the whole pickle the characters are counted by its bytes already. */
  addShown(id: number, time: number, text: number): void {
    this.moreTime += time;
    if (!this.weighs) return;
    this.shown[id << 3]! += time;
    this.shown[(id << 3) + TEXT]! += text;
  }

  /** Adds to the time of showing the pickle. */
  addMore(time: number): void {
    this.moreTime += time;
  }

  /** Gives at least how many bytes the long numbers have that a slot's object is or holds. */
  largeBytesOf(slot: number): number {
    return (this.traitsOf(slot) & Trait.LARGE) === 0
      ? 0
      : BYTES_PER_LARGE_LEAF * this.get(rowOf(slot), LEAVES);
  }

  #place(id: number, from: number): void {
    const rows = this.rows;
    const row = id << 3;
    if (this.#isOpen(id, from)) {
      this.root = this.#join(this.root, id + 1);
      this.text += OPEN_TEXT;
      this.moreText += OPEN_TEXT;
      this.opens++;
      this.moreOpens++;
      return;
    }
    const isNew = (rows[row]! & PLACED) === 0 && rows[row + ROOT] === 0 &&
      (!this.weighs || rows[row + SOURCE]! >= this.since);
    if (!isNew) this.#weighItem(id, from);
    rows[row]! |= PLACED;
    if (rows[row + HEIGHT]! > this.height) this.height = rows[row + HEIGHT]!;
    if (rows[row + ROOT] !== 0) this.root = this.#join(this.root, rows[row + ROOT]!);
  }

  // An item that was just made, and no part of another before, is part of what its bytes take.
  #weighItem(id: number, from: number): void {
    const rows = this.rows, row = id << 3;
    const shown = this.shown, at = id << 3;
    if (!this.weighs) {
      if (rows[row + ROOT] !== 0) this.#settle(id, from);
      else if (this.kind(id) === DTYPE || this.kind(id) === NAME) {
        this.moreTime += EMPTY_TIME + SHOW_COST[this.kind(id)]!;
        return;
      }
      this.needsWeights = true;
      return;
    }
    const time = shown[at]!, text = shown[at + TEXT]!;
    if (rows[row + ROOT] !== 0) this.#settle(id, from);
    const wasPlaced = (rows[row]! & PLACED) !== 0;
    const isCounted = !wasPlaced && rows[row + SOURCE]! >= this.since;
    this.time += shown[at]! - (isCounted ? time : 0);
    this.text += shown[at + TEXT]! - (isCounted ? text : 0);
    if (!isCounted) this.opens += shown[at + OPENS]!;
    const moreTime = shown[at]! - (wasPlaced ? 0 : time),
      moreText = shown[at + TEXT]! - (wasPlaced ? 0 : text);
    if (moreTime === 0 && !wasPlaced) return;
    this.moreTime += moreTime;
    this.moreText += moreText;
    if (wasPlaced) this.moreOpens += shown[at + OPENS]!;
  }

  // An object inside it was open when it was put in and is not any more: its whole depth and cost are known now.
  #settle(id: number, from: number): void {
    const rows = this.rows;
    const chain: number[] = [];
    for (let at = id; rows[(at << 3) + ROOT] !== 0 && !this.#isOpen(rows[(at << 3) + ROOT]! - 1, from);) {
      chain.push(at);
      at = rows[(at << 3) + ROOT]! - 1;
      if (chain.length > this.depth) break;
    }
    this.charge(STEP_COST * chain.length, rows[(id << 3) + SOURCE]!);
    for (let i = chain.length - 1; i >= 0; i--) {
      const inner = chain[i]!, row = inner << 3;
      const outer = rows[row + ROOT]! - 1, above = outer << 3;
      rows[above]! |= PLACED;
      rows[row + HEIGHT] = Math.min(rows[row + HEIGHT]! + rows[above + HEIGHT]!, this.depth + 1);
      rows[row + ROOT] = rows[above + ROOT]!;
      if (this.weighs) this.#addOuter(inner, outer, rows[row + ROOT] !== 0);
    }
  }

  // Adds the cost of showing an object to that of another, which holds it as often as it has references to open objects.
  #addOuter(inner: number, outer: number, isOpen: boolean): void {
    const shown = this.shown;
    const at = inner << 3, from = outer << 3;
    const opens = shown[at + OPENS]!;
    // Its root is one of the objects that were open; another may take longer.
    for (const [column, most] of [[TIME, OUTER_TIME], [TEXT, OUTER_TEXT]] as const) {
      const outermost = Math.max(shown[from + column]!, shown[from + most]!);
      shown[at + most] = Math.max(shown[at + most]!, outermost);
      shown[at + column] = Math.min(shown[at + column]! + opens * outermost, MAX_SHOWN);
    }
    const further = isOpen ? opens * (1 + shown[from + OPENS]!) : 0;
    shown[at + OPENS] = Math.min(further, MAX_SHOWN);
  }

  // Of two open objects the inner one becomes the root, and the outer one hangs on it: whatever becomes of each counts.
  #join(a: number, b: number): number {
    if (a === b || b === 0) return a;
    if (a === 0) return b;
    const rows = this.rows;
    let inner = a, outer = b;
    if (rows[((a - 1) << 3) + POSITION]! < rows[((b - 1) << 3) + POSITION]!) [inner, outer] = [b, a];
    let row = (inner - 1) << 3;
    for (;;) {
      this.charge(STEP_COST, rows[row + SOURCE]!);
      const next = rows[row + ROOT]!;
      if (next === outer || next === inner) break;
      if (next === 0) {
        rows[row + ROOT] = outer;
        break;
      }
      const nextRow = (next - 1) << 3;
      // Positions sink along a chain of open objects. Where they do not, no pickler wrote it: that is over the bound.
      if (rows[nextRow + POSITION]! >= rows[row + POSITION]!) {
        throw tooMuchWork(rows[row + SOURCE]!);
      }
      if (rows[nextRow + POSITION]! < rows[((outer - 1) << 3) + POSITION]!) {
        rows[row + ROOT] = outer;
        outer = next;
      }
      row = (rows[row + ROOT]! - 1) << 3;
    }
    return inner;
  }

  #isOpen(id: number, below: number): boolean {
    const position = this.rows[(id << 3) + POSITION]!;
    return position < below && this.stack[position] === slotOf(id) && IS_FILLED[this.kind(id)] === 1;
  }
}
