/**
 * The objects of a pickle that is being verified: their nesting, the costs of their hashes and of `repr`, and which of them
 * are items of others.
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

/** Nanoseconds to hash one leaf of a key and store it. */
const LEAF_COST = 100;
/** The same for a leaf of a key with a Fraction, which counts as fifteen. */
const FRACTION_LEAF_COST = 1200;
/** Nanoseconds of our own for a step along a chain of open objects. */
const STEP_COST = 50;
/** Bytes of a long number that count as one leaf. */
const BYTES_PER_LARGE_LEAF = 8;
/** The kinds that opcodes fill. All others are complete when they are made. */
const IS_FILLED = new Uint8Array(32);
for (
  const kind of [Kind.LIST, Kind.DICT, Kind.SET, Kind.ORDERED_DICT, Kind.DEFAULTDICT, Kind.DEQUE]
) IS_FILLED[kind] = 1;

/** The objects of one pickle after another, in the same memory. */
export class ObjectTable extends Rows {
  depth = 500;
  /** The results of {@linkcode gather}. */
  height = 0;
  root = 0;
  leaves = 0;
  traits = 0;
  /** The cost of `repr` for the current items: set before {@linkcode gather}, which adds the cost of shared objects. */
  time = 0;
  text = 0;
  opens = 0;
  /** Objects made at this offset or later are included in that cost. */
  since = Infinity;
  /** The same for the whole pickle, in addition to the cost of its bytes and rows. */
  moreTime = 0;
  moreText = 0;
  moreOpens = 0;
  stack: Int32Array = new Int32Array(0);

  /** Releases the objects of a pickle. */
  override reset(keepsMemory = false): void {
    super.reset(keepsMemory);
    if (this.moreTime !== 0 || this.moreText !== 0) this.moreTime = this.moreText = this.moreOpens = 0;
  }

  /** Returns whether all of these slots are plain and none is a long text, so that {@linkcode gather} is not needed. */
  arePlain(from: number, to: number): boolean {
    if (this.hasLongText) return false;
    const stack = this.stack;
    let seen = 0;
    for (let i = from; i < to; i++) seen |= stack[i]!;
    return seen >= 0;
  }

  /**
   * Summarizes slots that are about to become items of one container: sets {@linkcode height} to their nesting,
   * {@linkcode root} to the innermost open object in them, {@linkcode leaves} and {@linkcode traits} to what hashing takes.
   *
   * @param from the position of the first; the objects below it on the stack are open
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

  /** The same for the keys and values of a dict, which is unhashable: {@linkcode leaves} and {@linkcode traits} are 0. */
  gatherPairs(from: number, to: number): void {
    const stack = this.stack;
    this.height =
      this.root =
      this.leaves =
      this.traits =
        0;
    for (let i = from; i < to; i++) if (hasRow(stack[i]!)) this.#place(rowOf(stack[i]!), from);
  }

  /** Adds the slots that {@linkcode gather} has summarized to a container. */
  fill(id: number, count: number, source: number): void {
    const rows = this.rows;
    const row = id << 3;
    if (count > 0 && (rows[row]! & PLACED) !== 0) throw badFill(source);
    rows[row]! |= this.traits;
    rows[row + SIZE]! += count;
    const leaves = rows[row + LEAVES]!;
    if (leaves >= 0) rows[row + LEAVES] = this.leaves < 0 ? -1 : Math.min(leaves + this.leaves, MANY);
    // A container in itself has the root that it had before.
    const root = this.root === id + 1 ? rows[row + ROOT]! : this.root;
    if (root !== 0) rows[row + ROOT] = this.#join(rows[row + ROOT]!, root);
    const height = this.height + FRAMES[rows[row]! & KIND_MASK]!;
    if (height > this.depth) throw tooDeep(source, this.depth);
    if (height > rows[row + HEIGHT]!) rows[row + HEIGHT] = height;
    if (this.weighs) this.weigh(id);
  }

  /** Adds plain items to a container that is no dict. */
  fillPlain(id: number, count: number, source: number): void {
    const rows = this.rows, row = id << 3;
    this.fillPlainDict(id, count, source);
    if (rows[row + LEAVES]! >= 0) rows[row + LEAVES] = Math.min(rows[row + LEAVES]! + count, MANY);
  }

  /** Adds plain keys and values to a dict. */
  fillPlainDict(id: number, count: number, source: number): void {
    const rows = this.rows, row = id << 3;
    if (count > 0 && (rows[row]! & PLACED) !== 0) throw badFill(source);
    rows[row + SIZE]! += count;
    if (this.weighs) this.weigh(id);
  }

  /** Adds the cost of `repr` for the current items to that of a row. */
  weigh(id: number): void {
    const shown = this.shown, at = id << 3;
    shown[at]! += this.time;
    shown[at + TEXT]! += this.text;
    if (this.opens > 0) shown[at + OPENS]! += this.opens;
  }

  /**
   * Charges the hashing of a key, each time that it is one: CPython does not cache the hash of a tuple.
   *
   * @param leaves the {@linkcode hashCost}, which bounds the number of tuples, too
   * @param traits the traits of the key
   */
  chargeKeys(leaves: number, traits: number, source: number): void {
    this.charge(((traits & Trait.FRACTION) === 0 ? LEAF_COST : FRACTION_LEAF_COST) * leaves, source);
  }

  /** Gives an object that a call has made from a list or dict the nesting of that. */
  inherit(id: number, from: number): void {
    this.set(id, HEIGHT, this.get(from, HEIGHT) - 1 + FRAMES[this.kind(id)]!);
    this.set(id, ROOT, this.get(from, ROOT));
  }

  /**
   * Makes the object of a slot part of another, as an argument of a call or the state of BUILD.
   *
   * @param id the row of the other; −1 if there is none, as for the value of the pickle
   * @param below the objects below this position on the stack are open
   */
  give(slot: number, id: number, below: number): void {
    this.time = this.text = this.opens = 0;
    if (!hasRow(slot)) return;
    this.height = this.root = 0;
    this.since = Infinity;
    this.#place(rowOf(slot), below);
    if (id >= 0 && this.weighs) this.weigh(id);
  }

  // A comparison visits an object as often as `repr` does.
  protected override beginWeight(id: number, kind: number): void {
    super.beginWeight(id, kind);
    const cost = this.costs.size === 0 ? 0 : this.costs.get(id) ?? 0;
    if (cost > 0) this.addShown(id, cost, 0);
  }

  /** Returns whether the object of a slot is no item of another, has no open object in it, and does not nest too deep. */
  isSettled(slot: number): boolean {
    if (!hasRow(slot)) return true;
    const rows = this.rows, row = rowOf(slot) << 3;
    return (rows[row]! & PLACED) === 0 && rows[row + ROOT] === 0 && rows[row + HEIGHT]! <= this.depth;
  }

  /** Adds to the cost of `repr` for a row. The characters for the whole pickle follow from its bytes. */
  addShown(id: number, time: number, text: number): void {
    this.moreTime += time;
    if (!this.weighs) return;
    this.shown[id << 3]! += time;
    this.shown[(id << 3) + TEXT]! += text;
  }

  /** Adds to the time of `repr` for the whole pickle. */
  addMore(time: number): void {
    this.moreTime += time;
  }

  /** Returns an upper bound on the bytes of the long numbers in the object of a slot. */
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

  // Adds the cost of an item that its bytes do not account for: it was made earlier, or is an item of another, too.
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

  // Settles an object with a root that is no longer open: the nesting and cost of the root are final now.
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

  // Adds the cost of an outer object to an inner one, once for each of its references to open objects.
  #addOuter(inner: number, outer: number, isOpen: boolean): void {
    const shown = this.shown;
    const at = inner << 3, from = outer << 3;
    const opens = shown[at + OPENS]!;
    // A reference may be to any of the objects that were open, so the most expensive of them counts.
    for (const [column, most] of [[TIME, OUTER_TIME], [TEXT, OUTER_TEXT]] as const) {
      const outermost = Math.max(shown[from + column]!, shown[from + most]!);
      shown[at + most] = Math.max(shown[at + most]!, outermost);
      shown[at + column] = Math.min(shown[at + column]! + opens * outermost, MAX_SHOWN);
    }
    const further = isOpen ? opens * (1 + shown[from + OPENS]!) : 0;
    shown[at + OPENS] = Math.min(further, MAX_SHOWN);
  }

  // Merges two chains of open objects into one, from the inside out, and returns its innermost object.
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
      // Along a chain positions decrease. If they do not, no pickler has written this.
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
