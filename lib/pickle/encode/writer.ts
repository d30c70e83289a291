import { PickleError } from "../values/errors.ts";
import { FRAME } from "../values/opcodes.ts";

/** How many bytes may be written after one {@linkcode Writer.flush} without another look at the room that is left. */
const SLACK = 1024;
/** What one writer keeps between two pickles, so that a short one allocates nothing but its result. */
const KEPT = 64 * 1024;
/** A larger buffer serves the next pickle too, unless the collector takes it: fresh memory costs as much as what is written. */
const SPARE = 4 * 1024 * 1024;
/** From this size on a frame ends with the next object, and bytes and text of this size stand outside frames. */
const FRAME_TARGET = 64 * 1024;
/** CPython writes less than this without a frame. */
const FRAME_LEAST = 4;
const FRAME_HEADER = 9;

/**
 * The bytes of a pickle while it is written: a buffer that grows, and the frames of protocol 4.
 *
 * `buf` and `pos` are open to the loops that write many small things at once. Such a loop calls `flush` where `pos` is
 * beyond `soft`, before each object; then it may write up to 1,024 bytes. Whatever is longer asks for its `room`.
 */
export class Writer {
  readonly #small = new Uint8Array(KEPT);
  readonly #smallView = new DataView(this.#small.buffer);
  buf: Uint8Array<ArrayBuffer> = this.#small;
  view: DataView<ArrayBuffer> = this.#smallView;
  pos = 0;
  soft = KEPT - SLACK;
  /** Where the open frame's content begins; -1 where there is none. */
  #frame = -1;
  #framed = false;
  #limit = 0;
  #spare: WeakRef<Uint8Array<ArrayBuffer>> | null = null;

  /** Begins a pickle of at most `limit` bytes. */
  start(framed: boolean, limit: number): void {
    this.pos = 0;
    this.#limit = limit;
    this.#framed = framed;
    this.#frame = -1;
    this.#measure();
  }

  /** Opens the first frame, or the next one after {@linkcode Writer.leaveFrame}. */
  enterFrame(): void {
    if (!this.#framed) return;
    this.pos += FRAME_HEADER;
    this.#frame = this.pos;
    this.#measure();
  }

  /** Ends the open frame, so that what follows stands in none. */
  leaveFrame(): void {
    const start = this.#frame;
    if (start < 0) return;
    const length = this.pos - start;
    if (length < FRAME_LEAST) {
      this.buf.copyWithin(start - FRAME_HEADER, start, this.pos);
      this.pos -= FRAME_HEADER;
    } else {
      this.buf[start - FRAME_HEADER] = FRAME;
      this.view.setUint32(start - 8, length >>> 0, true);
      this.view.setUint32(start - 4, length / 2 ** 32, true);
    }
    this.#frame = -1;
    this.#measure();
  }

  /** Goes on where `pos` is beyond `soft`: with a new frame, with a larger buffer, or with both. */
  flush(): void {
    if (this.#frame >= 0 && this.pos - this.#frame >= FRAME_TARGET) {
      this.leaveFrame();
      this.room(FRAME_HEADER);
      this.enterFrame();
    }
    this.room(0);
  }

  /** Makes room for `count` bytes, and for the small things after them. */
  room(count: number): void {
    const needed = this.pos + count + SLACK;
    if (needed > this.buf.length) {
      if (this.pos + count > this.#limit) {
        const message = `Cannot encode the value: the pickle would be longer than ${this.#limit}`;
        throw new PickleError("limit", message, { limit: "memory" });
      }
      const spare = this.#spare?.deref();
      const grown = spare !== undefined && spare !== this.buf && spare.length >= needed
        ? spare
        : new Uint8Array(Math.max(needed, this.buf.length * 2));
      grown.set(this.buf.subarray(0, this.pos));
      this.buf = grown;
      this.view = new DataView(grown.buffer);
    }
    this.#measure();
  }

  /** Whether something of `length` bytes stands outside frames, with its opcode. */
  standsOutside(length: number): boolean {
    return this.#framed && length >= FRAME_TARGET;
  }

  /** Writes text of which each character is one byte. */
  ascii(text: string): void {
    this.room(text.length);
    for (let i = 0; i < text.length; i++) this.buf[this.pos++] = text.charCodeAt(i);
  }

  /** Writes one byte, an opcode mostly. */
  byte(byte: number): void {
    this.buf[this.pos++] = byte;
  }

  /** Writes a length or a number of four bytes. */
  uint32(value: number): void {
    this.view.setUint32(this.pos, value, true);
    this.pos += 4;
  }

  /** Writes a length of eight bytes. */
  uint64(value: number): void {
    this.uint32(value >>> 0);
    this.uint32(Math.floor(value / 2 ** 32));
  }

  /** Ends the last frame, and hands over what was written. */
  finish(): Uint8Array<ArrayBuffer> {
    this.leaveFrame();
    const { buf, pos } = this;
    if (buf === this.#small) return buf.slice(0, pos);
    if (buf.length > SPARE) return buf.subarray(0, pos);
    if (this.#spare?.deref() !== buf) this.#spare = new WeakRef(buf);
    return new Uint8Array(buf.subarray(0, pos));
  }

  /** Lets a large buffer go. */
  release(): void {
    this.buf = this.#small;
    this.view = this.#smallView;
  }

  #measure(): void {
    const end = this.buf.length - SLACK;
    this.soft = this.#frame < 0 ? end : Math.min(end, this.#frame + FRAME_TARGET - 1);
  }
}
