/**
 * Random programs of opcodes. They keep a rough account of the stack, so that most of them run to their end, and do there
 * what no pickler does: fill what is closed, take out of the memo what is still open, nest, alias and call at random.
 */
import * as op from "../../lib/pickle/opcodes.ts";

type Random = (n: number) => number;
type Sort = "plain" | "list" | "dict" | "set" | "tuple" | "other";

const KEYS = ["type", "body", "id", "room", "x", ""];
const TEXTS = [...KEYS, "message", "é", "latin1", "int", "1.5", "3/4", "NaN", "E", "<", "f8", "C"];

/** Makes one program. */
export class ProgramMaker {
  readonly #random: Random;
  #out: number[] = [];
  #stack: Sort[] = [];
  #marks: number[] = [];
  #memo: Sort[] = [];
  #puts: number[] = [];
  #calls = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Makes a program of so many steps, and what it takes to end with one value. */
  make(steps: number): Uint8Array {
    this.#out = [];
    this.#stack = [];
    this.#marks = [];
    this.#memo = [];
    this.#puts = [];
    this.#calls = 0;
    if (this.#random(3) > 0) this.#emit(op.PROTO, this.#random(6));
    if (this.#random(2) === 0) {
      this.#emit(op.EMPTY_DICT);
      this.#push("dict");
      if (this.#random(2) === 0) this.#memoize();
    }
    for (let i = 0; i < steps; i++) this.#step();
    this.#end();
    return Uint8Array.from(this.#out);
  }

  #emit(...bytes: number[]): void {
    this.#out.push(...bytes);
  }

  #push(sort: Sort): void {
    this.#stack.push(sort);
  }

  #fence(): number {
    return this.#marks.at(-1) ?? 0;
  }

  #pick<T>(items: readonly T[]): T {
    return items[this.#random(items.length)]!;
  }

  #text(text: string): void {
    const bytes = new TextEncoder().encode(text);
    switch (this.#random(4)) {
      case 0:
        this.#emit(op.BINUNICODE, bytes.length, 0, 0, 0, ...bytes);
        break;
      case 1:
        if (/^[a-z]*$/i.test(text)) {
          this.#emit(op.UNICODE, ...bytes, 10);
          break;
        }
        this.#emit(op.SHORT_BINUNICODE, bytes.length, ...bytes);
        break;
      default:
        this.#emit(op.SHORT_BINUNICODE, bytes.length, ...bytes);
    }
    this.#push("plain");
  }

  #line(opcode: number, text: string): void {
    this.#emit(opcode, ...new TextEncoder().encode(text), 10);
  }

  #number(): void {
    const value = this.#random(300);
    switch (this.#random(7)) {
      case 0:
        this.#line(op.INT, String(value - 150));
        break;
      case 1:
        this.#emit(op.BININT, value & 0xff, 0, 0, this.#random(2) * 0xff);
        break;
      case 2:
        this.#emit(op.LONG1, 2, value & 0xff, 1);
        break;
      case 3:
        this.#emit(op.BINFLOAT, 0x3f, value & 0xff, 0, 0, 0, 0, 0, 0);
        break;
      case 4:
        this.#line(op.FLOAT, this.#pick(["1.5", "nan", "-inf", "1e400", "1e5", " 1"]));
        break;
      default:
        this.#emit(op.BININT1, value & 0xff);
    }
    this.#push("plain");
  }

  #plain(): void {
    switch (this.#random(8)) {
      case 0:
        this.#emit(op.NONE);
        this.#push("plain");
        break;
      case 1:
        this.#emit(this.#pick([op.NEWTRUE, op.NEWFALSE]));
        this.#push("plain");
        break;
      case 2:
        this.#emit(op.SHORT_BINBYTES, 2, this.#random(256), 65);
        this.#push("plain");
        break;
      case 3:
        this.#emit(op.EMPTY_TUPLE);
        this.#push("tuple");
        break;
      case 4:
      case 5:
        this.#number();
        break;
      default:
        this.#text(this.#pick(TEXTS));
    }
  }

  #memoize(): void {
    if (this.#stack.length <= this.#fence()) return;
    const top = this.#stack.at(-1)!;
    if (this.#random(2) === 0) {
      this.#emit(op.MEMOIZE);
      this.#puts.push(this.#puts.length);
    } else {
      const index = this.#random(4) === 0 ? this.#random(this.#memo.length + 2) : this.#memo.length;
      this.#emit(op.BINPUT, index & 0xff);
      this.#puts.push(index);
    }
    this.#memo.push(top);
  }

  #get(): void {
    if (this.#puts.length === 0) return;
    const index = this.#random(this.#puts.length);
    this.#emit(op.BINGET, this.#puts[index]! & 0xff);
    this.#push(this.#memo[index]!);
  }

  #open(): void {
    const [opcode, sort] = this.#pick<[number, Sort]>([
      [op.EMPTY_LIST, "list"],
      [op.EMPTY_LIST, "list"],
      [op.EMPTY_DICT, "dict"],
      [op.EMPTY_DICT, "dict"],
      [op.EMPTY_SET, "set"],
    ]);
    this.#emit(opcode);
    this.#push(sort);
    if (this.#random(3) > 0) this.#memoize();
    if (this.#random(2) === 0) this.#mark();
  }

  #mark(): void {
    this.#emit(op.MARK);
    this.#marks.push(this.#stack.length);
  }

  #closeMark(): void {
    if (this.#marks.length === 0) return;
    const mark = this.#marks.at(-1)!;
    let count = this.#stack.length - mark;
    const below = mark > (this.#marks.at(-2) ?? 0) ? this.#stack[mark - 1] : undefined;
    if ((below === "dict" || this.#random(4) === 0) && count % 2 === 1) {
      this.#plain();
      count++;
    }
    this.#marks.pop();
    this.#stack.length = mark;
    if (this.#random(12) === 0) this.#emit(op.POP_MARK);
    else if (below === "list" && this.#random(3) > 0) this.#emit(op.APPENDS);
    else if (below === "dict" && this.#random(4) > 0) this.#emit(op.SETITEMS);
    else if (below === "set" && this.#random(3) > 0) this.#emit(op.ADDITEMS);
    else {
      const [opcode, sort] = this.#pick<[number, Sort]>([
        [op.TUPLE, "tuple"],
        [op.LIST, "list"],
        [op.FROZENSET, "tuple"],
        ...(count % 2 === 0 ? [[op.DICT, "dict"] as [number, Sort]] : []),
      ]);
      this.#emit(opcode);
      this.#push(sort);
      if (this.#random(2) === 0) this.#memoize();
    }
  }

  #fold(): void {
    const free = this.#stack.length - this.#fence();
    const [first, second, third] = [this.#stack.at(-1), this.#stack.at(-2), this.#stack.at(-3)];
    if (free >= 3 && third === "dict" && this.#random(2) === 0) {
      this.#emit(op.SETITEM);
      this.#stack.length -= 2;
    } else if (free >= 2 && second === "list") {
      this.#emit(op.APPEND);
      this.#stack.length -= 1;
    } else if (free >= 1 && first !== undefined) {
      const size = 1 + this.#random(Math.min(free, 3));
      this.#emit(op.TUPLE1 + size - 1);
      this.#stack.length -= size;
      this.#push("tuple");
      if (this.#random(2) === 0) this.#memoize();
    }
  }

  #name(module: string, name: string): void {
    if (this.#random(2) === 0) {
      this.#line(op.GLOBAL, `${module}\n${name}`);
    } else {
      this.#text(module);
      this.#text(name);
      this.#emit(op.STACK_GLOBAL);
      this.#stack.length -= 2;
    }
    this.#push("other");
  }

  #call(): void {
    if (this.#calls++ > 6) return;
    const [module, name, kinds, sort] = this.#pick(CALLS);
    this.#name(module, name);
    if (this.#random(2) === 0) this.#memoize();
    this.#mark();
    const count = kinds.length + (this.#random(12) === 0 ? this.#random(3) - 1 : 0);
    for (let i = 0; i < count; i++) this.#argument(this.#random(10) === 0 ? "any" : kinds[i] ?? "any");
    this.#marks.pop();
    this.#stack.length -= count;
    this.#emit(op.TUPLE, this.#random(30) === 0 ? op.NEWOBJ : op.REDUCE);
    this.#stack.pop();
    this.#push(sort);
    if (this.#random(2) === 0) this.#memoize();
  }

  #argument(kind: string): void {
    const bytes = (...values: number[]) => {
      this.#emit(op.SHORT_BINBYTES, values.length, ...values);
      this.#push("plain");
    };
    switch (kind) {
      case "int":
        return this.#number();
      case "small":
        this.#emit(op.BININT1, this.#random(3));
        return this.#push("plain");
      case "text":
        return this.#text(this.#pick(TEXTS));
      case "latin1":
        return this.#text("latin1");
      case "date":
        return bytes(this.#random(40), this.#random(256), this.#random(14), this.#random(33));
      case "clock":
        return bytes(this.#random(26), this.#random(62), this.#random(62), this.#random(17), 66, 64);
      case "moment":
        return bytes(
          7,
          229,
          1 + this.#random(13),
          this.#random(33),
          this.#random(25),
          1,
          2,
          this.#random(17),
          4,
          5,
        );
      case "list":
        this.#emit(op.EMPTY_LIST, op.BININT1, this.#random(256), op.APPEND);
        return this.#push("list");
      case "dict":
        this.#emit(op.EMPTY_DICT, op.BININT1, this.#random(256), op.NONE, op.SETITEM);
        return this.#push("dict");
      case "float":
        this.#emit(op.BINFLOAT, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0);
        return this.#push("plain");
      case "factory":
        return this.#name("builtins", this.#pick(["list", "int", "set", "range"]));
      case "empty":
        this.#emit(op.EMPTY_TUPLE);
        return this.#push("tuple");
    }
    if (this.#random(2) === 0) this.#get();
    this.#plain();
  }

  #step(): void {
    const roll = this.#random(100);
    if (roll < 24) this.#plain();
    else if (roll < 36) this.#open();
    else if (roll < 52) this.#closeMark();
    else if (roll < 68) this.#fold();
    else if (roll < 78) this.#get();
    else if (roll < 84) this.#memoize();
    else if (roll < 88) this.#mark();
    else if (roll < 93) this.#call();
    else if (roll < 95 && this.#stack.length > this.#fence()) {
      this.#emit(op.DUP);
      this.#push(this.#stack.at(-1)!);
    } else if (roll < 97 && this.#stack.length > this.#fence()) {
      this.#emit(op.POP);
      this.#stack.pop();
    } else if (roll < 98) {
      this.#emit(op.PROTO, this.#random(6));
    } else {
      this.#emit(
        this.#pick([op.BUILD, op.POP, op.LIST, op.SETITEM, op.ADDITEMS, op.NEWOBJ, op.READONLY_BUFFER]),
      );
    }
  }

  #end(): void {
    while (this.#marks.length > 0) this.#closeMark();
    if (this.#stack.length === 0) this.#plain();
    while (this.#stack.length > 1) {
      if (this.#random(3) > 0) this.#fold();
      else {
        this.#emit(op.POP);
        this.#stack.pop();
      }
    }
    this.#emit(op.STOP);
  }
}

const CALLS: readonly (readonly [string, string, readonly string[], Sort])[] = [
  ["builtins", "set", ["list"], "set"],
  ["builtins", "frozenset", ["list"], "tuple"],
  ["__builtin__", "set", ["list"], "set"],
  ["_codecs", "encode", ["text", "latin1"], "plain"],
  ["builtins", "bytes", [], "plain"],
  ["builtins", "bytearray", ["date"], "other"],
  ["builtins", "complex", ["float", "float"], "plain"],
  ["builtins", "range", ["int", "int", "small"], "plain"],
  ["builtins", "slice", ["int", "any", "int"], "other"],
  ["collections", "OrderedDict", [], "dict"],
  ["collections", "defaultdict", ["factory"], "dict"],
  ["collections", "Counter", ["dict"], "other"],
  ["collections", "deque", ["empty", "int"], "list"],
  ["collections", "deque", [], "list"],
  ["datetime", "date", ["date"], "plain"],
  ["datetime", "time", ["clock"], "plain"],
  ["datetime", "datetime", ["moment"], "plain"],
  ["datetime", "timedelta", ["int", "int", "int"], "plain"],
  ["decimal", "Decimal", ["text"], "plain"],
  ["fractions", "Fraction", ["int", "int"], "plain"],
  ["fractions", "Fraction", ["text"], "plain"],
  ["pathlib", "PurePosixPath", ["text", "text"], "plain"],
  ["pathlib", "PureWindowsPath", ["text", "text", "text"], "plain"],
  ["uuid", "UUID", [], "other"],
];
