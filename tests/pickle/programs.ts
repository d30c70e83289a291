/**
 * Random programs of opcodes. They track the stack roughly, so that most of them run to their end, and they do what no pickler
 * does: fill finished objects, reference unfinished ones, nest, alias and call at random.
 */
import * as op from "../../lib/pickle/values/opcodes.ts";
import { little } from "./bytes.ts";

type Random = (n: number) => number;
type Sort = "plain" | "list" | "dict" | "set" | "tuple" | "other";

const KEYS = ["type", "body", "id", "room", "x", ""];
const TEXTS = [...KEYS, "message", "é", "latin1", "int", "1.5", "3/4", "NaN", "E", "<", "f8", "C"];

/** Makes one program. */
export class ProgramMaker {
  readonly #random: Random;
  #out: number[] = [];
  // Where opcodes begin.
  #starts: number[] = [];
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
    this.#starts = [];
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
    return Uint8Array.from(this.#random(4) === 0 ? this.#framed() : this.#out);
  }

  /** An opcode with its argument. */
  #emit(...bytes: number[]): void {
    this.#starts.push(this.#out.length);
    this.#out.push(...bytes);
  }

  // Sets frames around runs of opcodes; now and then one that is a little too long or too short.
  #framed(): number[] {
    const framed: number[] = [];
    for (let at = 0; at < this.#starts.length;) {
      const next = Math.min(at + 1 + this.#random(12), this.#starts.length);
      const start = this.#starts[at]!, end = this.#starts[next] ?? this.#out.length;
      if (this.#random(2) === 0) {
        framed.push(op.FRAME, ...little(end - start + (this.#random(20) === 0 ? this.#random(5) - 2 : 0), 8));
      }
      framed.push(...this.#out.slice(start, end));
      at = next;
    }
    return framed;
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
    const isAscii = bytes.length === text.length;
    switch (this.#random(12)) {
      case 0:
        this.#emit(op.BINUNICODE, ...little(bytes.length, 4), ...bytes);
        break;
      case 1:
        this.#emit(op.BINUNICODE8, ...little(bytes.length, 8), ...bytes);
        break;
      case 2:
        this.#line(
          op.UNICODE,
          text.replace(/[^ -~]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`),
        );
        break;
      case 3:
        this.#line(op.STRING, isAscii ? `'${text}'` : "'?'");
        break;
      case 4:
        if (isAscii) this.#emit(op.SHORT_BINSTRING, bytes.length, ...bytes);
        else this.#emit(op.SHORT_BINSTRING, 0);
        break;
      case 5:
        if (isAscii) this.#emit(op.BINSTRING, ...little(bytes.length, 4), ...bytes);
        else this.#emit(op.BINSTRING, 0, 0, 0, 0);
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
    switch (this.#random(12)) {
      case 7:
        this.#emit(op.BININT2, value & 0xff, value >> 8);
        break;
      case 8:
        this.#line(
          op.LONG,
          this.#pick([`${value}L`, `-${value}`, "123456789012345678901234567890L", "0L", "-0L"]),
        );
        break;
      case 9:
        this.#emit(op.LONG4, 3, 0, 0, 0, value & 0xff, 1, this.#random(2) * 0xff);
        break;
      case 10: {
        const size = this.#pick([0, 1, 8, 9, 17, 70]);
        this.#emit(op.LONG1, size, ...Array.from({ length: size }, () => this.#random(256)));
        break;
      }
      case 11:
        this.#line(op.INT, this.#pick(["00", "01", "0", "-1", "1"]));
        break;
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
    switch (this.#random(10)) {
      case 8:
        this.#emit(op.BINBYTES, 1, 0, 0, 0, this.#random(256));
        this.#push("plain");
        break;
      case 9:
        if (this.#random(2) === 0) this.#emit(op.BINBYTES8, 2, 0, 0, 0, 0, 0, 0, 0, 65, 66);
        else this.#emit(op.BYTEARRAY8, 1, 0, 0, 0, 0, 0, 0, 0, 65);
        this.#push("plain");
        break;
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
      switch (this.#random(4)) {
        case 0:
          this.#line(op.PUT, String(index));
          break;
        case 1:
          this.#emit(op.LONG_BINPUT, ...little(index, 4));
          break;
        default:
          this.#emit(op.BINPUT, index & 0xff);
      }
      this.#puts.push(index);
    }
    this.#memo.push(top);
  }

  #get(): void {
    if (this.#puts.length === 0) return;
    const index = this.#random(this.#puts.length);
    switch (this.#random(4)) {
      case 0:
        this.#line(op.GET, String(this.#puts[index]!));
        break;
      case 1:
        this.#emit(op.LONG_BINGET, ...little(this.#puts[index]!, 4));
        break;
      default:
        this.#emit(op.BINGET, this.#puts[index]! & 0xff);
    }
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
    this.#stack.length = this.#marks.pop()!;
    this.#emit(op.TUPLE);
    this.#emit(this.#random(30) === 0 ? this.#pick([op.NEWOBJ, op.NEWOBJ_EX, op.OBJ]) : op.REDUCE);
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
        this.#emit(op.EMPTY_LIST);
        this.#push("list");
        for (let left = this.#random(3); left > 0; left--) {
          if (this.#random(6) === 0 && this.#puts.length > 0) this.#get();
          else this.#plain();
          this.#emit(op.APPEND);
          this.#stack.pop();
        }
        return;
      case "dict":
        this.#emit(op.EMPTY_DICT);
        this.#emit(op.BININT1, this.#random(256));
        this.#emit(op.NONE);
        this.#emit(op.SETITEM);
        return this.#push("dict");
      case "zone":
        return this.#zone();
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

  // Opcodes as text: lines, bytes behind #, and any others by their characters.
  #lines(text: string): void {
    for (const line of text.split(" ")) {
      const argument = line.slice(1);
      if (line[0] === "c") this.#line(op.GLOBAL, argument.replace(":", "\n"));
      else if (/^[IVL]/.test(line)) this.#line(line.charCodeAt(0), argument);
      else if (line[0] === "#") {
        this.#emit(op.SHORT_BINBYTES, argument.length / 2, ...Uint8Array.fromHex(argument));
      } else for (const opcode of line) this.#emit(opcode.charCodeAt(0));
    }
  }

  #zone(): void {
    const [days, seconds] = [this.#pick(["0", "-1", "1"]), this.#pick(["0", "3600", "86399", "86400"])];
    this.#lines(`cdatetime:timezone ( cdatetime:timedelta ( I${days} I${seconds} I0 tRtR`);
    this.#push("plain");
    if (this.#random(2) === 0) this.#memoize();
  }

  // UUIDs, and numpy's scalars and arrays: calls whose arguments hang together.
  #made(): void {
    const random = this.#random;
    const [code, bytes, sizes] = this.#pick(DTYPES);
    const order = code === "i1" || code === "b1" || code === "S1" ? "|" : this.#pick(["<", "<", ">"]);
    const dtype = `cnumpy:dtype ( V${code} ${
      this.#pick(["I00 I01", "I0 I1"])
    } tR ( I3 V${order} NNN ${sizes} tb`;
    switch (random(4)) {
      case 0:
        this.#lines(`cuuid:UUID )\x81}( Vint I${this.#pick(["5", "7", String(2n ** 128n - 1n), "-1"])} ub`);
        break;
      case 1:
        this.#lines(
          `cnumpy.core.multiarray:_reconstruct ( cnumpy:ndarray ( I0 t #62 tR ( I1 ( I${random(3)} I${
            random(2)
          } t ${dtype} I0${random(2)} #${bytes.repeat(random(3))} tb`,
        );
        break;
      default:
        this.#lines(`cnumpy.core.multiarray:scalar ( ${dtype} #${bytes} tR`);
    }
    this.#push("plain");
    if (random(2) === 0) this.#memoize();
  }

  #step(): void {
    const roll = this.#random(100);
    if (roll < 3) this.#made();
    else if (roll < 24) this.#plain();
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

const NUMBER = "I-1 I-1 I0";
const DTYPES = [
  ["i1", "03", NUMBER],
  ["b1", "01", NUMBER],
  ["u2", "0100", NUMBER],
  ["i8", "ffffffffffffffff", NUMBER],
  ["f2", "003c", NUMBER],
  ["f8", "000000000000f03f", NUMBER],
  ["c8", "0000803f00000000", NUMBER],
  ["U1", "61000000", "I4 I4 I8"],
  ["S1", "61", "I1 I1 I0"],
] as const;

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
  ["datetime", "time", ["clock", "zone"], "plain"],
  ["datetime", "datetime", ["moment", "zone"], "plain"],
  ["copyreg", "_reconstructor", ["any", "any", "any"], "other"],
  ["datetime", "datetime", ["moment"], "plain"],
  ["datetime", "timedelta", ["int", "int", "int"], "plain"],
  ["decimal", "Decimal", ["text"], "plain"],
  ["fractions", "Fraction", ["int", "int"], "plain"],
  ["fractions", "Fraction", ["text"], "plain"],
  ["pathlib", "PurePosixPath", ["text", "text"], "plain"],
  ["pathlib", "PureWindowsPath", ["text", "text", "text"], "plain"],
  ["uuid", "UUID", [], "other"],
];
