/** Output buffer of a pickle, with the frames of protocol 4. */
import { PickleError } from "../values/errors.ts";
import { FRAME } from "../values/opcodes.ts";

/** The number of bytes that may be written after a {@linkcode Writer.flush} without another check. */
const SLACK = 1024;
/** The size of the buffer that a writer keeps, so that a short pickle allocates only its result. */
const KEPT = 64 * 1024;
/** The largest buffer that the next pickle reuses unless it was collected; fresh memory costs as much as the writing. */
const SPARE = 4 * 1024 * 1024;
/** The size at which a frame ends with the next object; bytes and text of this size are outside frames. */
const FRAME_TARGET = 64 * 1024;
/** Shorter contents get no frame, as in CPython. */
const FRAME_LEAST = 4;
const FRAME_HEADER = 9;

/**
 * Output buffer of a pickle, with the frames of protocol 4.
 *
 * `buf` and `pos` are public for loops that write many small objects. Such a loop calls `flush` before each object where `pos`
 * is beyond `soft`; then it may write up to 1,024 bytes. For more it calls `room`.
 */
export class Writer {
  readonly #small = new Uint8Array(KEPT);
  readonly #smallView = new DataView(this.#small.buffer);
  buf: Uint8Array<ArrayBuffer> = this.#small;
  view: DataView<ArrayBuffer> = this.#smallView;
  pos = 0;
  soft = KEPT - SLACK;
  /** The start of the contents of the open frame; -1 without one. */
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

  /** Opens a frame. */
  enterFrame(): void {
    if (!this.#framed) return;
    this.pos += FRAME_HEADER;
    this.#frame = this.pos;
    this.#measure();
  }

  /** Ends the open frame, if there is one. */
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

  /** Makes room where `pos` is beyond `soft`: by a new frame, a larger buffer, or both. */
  flush(): void {
    if (this.#frame >= 0 && this.pos - this.#frame >= FRAME_TARGET) {
      this.leaveFrame();
      this.room(FRAME_HEADER);
      this.enterFrame();
    }
    this.room(0);
  }

  /** Makes room for `count` bytes, and for the 1,024 after them. */
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

  /** Returns whether text or bytes of a length are written outside frames. */
  standsOutside(length: number): boolean {
    return this.#framed && length >= FRAME_TARGET;
  }

  /** Writes a text with one byte for each character. */
  ascii(text: string): void {
    this.room(text.length);
    for (let i = 0; i < text.length; i++) this.buf[this.pos++] = text.charCodeAt(i);
  }

  /** Writes one byte. */
  byte(byte: number): void {
    this.buf[this.pos++] = byte;
  }

  /** Writes four bytes, little-endian. */
  uint32(value: number): void {
    this.view.setUint32(this.pos, value, true);
    this.pos += 4;
  }

  /** Writes eight bytes, little-endian. */
  uint64(value: number): void {
    this.uint32(value >>> 0);
    this.uint32(Math.floor(value / 2 ** 32));
  }

  /** Ends the last frame, and returns the bytes. */
  finish(): Uint8Array<ArrayBuffer> {
    this.leaveFrame();
    const { buf, pos } = this;
    if (buf === this.#small) return buf.slice(0, pos);
    if (buf.length > SPARE) return buf.subarray(0, pos);
    if (this.#spare?.deref() !== buf) this.#spare = new WeakRef(buf);
    return new Uint8Array(buf.subarray(0, pos));
  }

  /** Releases a large buffer. */
  release(): void {
    this.buf = this.#small;
    this.view = this.#smallView;
  }

  #measure(): void {
    const end = this.buf.length - SLACK;
    this.soft = this.#frame < 0 ? end : Math.min(end, this.#frame + FRAME_TARGET - 1);
  }
}
