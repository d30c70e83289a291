/** A browser as a duplex: converts between the frames of the hub and the lines of a WebSocket. */

import type { Duplex } from "../connection/duplex.ts";
import { encodeFrame } from "../frame/mod.ts";
import { FrameJoiner } from "./frame_joiner.ts";
import type { LineCache } from "./line_cache.ts";
import { decode } from "../pickle/decode/decode.ts";
import { encode } from "../pickle/encode/encode.ts";
import { PickleError } from "../pickle/values/errors.ts";
import type { Value } from "../pickle/values/values.ts";
import { errorLine } from "./lines.ts";

/** A socket of text messages, such as that of ws. */
export interface LineSocket {
  /** Sends a line. `sent` is called when the system has taken it. */
  send(line: string, sent: (error?: Error) => void): void;
  /** Pauses and resumes reading. */
  pause(): void;
  resume(): void;
  close(code: number, reason: string): void;
  terminate(): void;
}

/** The options of a {@linkcode BrowserDuplex}. */
export interface BrowserDuplexOptions {
  /** The lines of frames that go to many browsers. */
  readonly cache: LineCache;
  /** Converts a line to a frame. Rejects if the line is not valid. */
  readonly frameOf: (line: string) => Promise<Uint8Array>;
  /**
   * Counts a line against the rates of its peer.
   *
   * @returns The milliseconds for which to pause reading.
   */
  readonly wait: (bytes: number) => number;
  /** Whether a line that is not valid ends a browser that is not welcomed yet, as in a private chat. */
  readonly refusesInvalid: boolean;
  /** Called with the session, a secret that authenticates this browser's requests. */
  readonly welcomed: (session: string) => void;
  /** Calls back after the given number of milliseconds. */
  readonly after: (ms: number, then: () => void) => () => void;
}

/** The beginning of the line of a welcome. */
const WELCOME = '{"type": "welcome"';

/** A line that waits for its turn. */
interface Waiting {
  readonly line: string | Map<Value, Value>;
  readonly bytes: number;
  /** Called when the hub has taken it. */
  readonly taken: () => void;
}

/** A message whose pickle was requested. */
interface Wanted {
  readonly id: number;
  /** The ref of the request for it. */
  readonly ref: string;
  readonly found: (pickle: Uint8Array<ArrayBuffer> | null) => void;
  /** Whether the next frame is that message. */
  isNext: boolean;
}

/** A frame that is no pickle: what the hub gets for a line that is not valid. */
const INVALID = encodeFrame(new Uint8Array());

const NORMAL = 1000;
const ONLY_TEXT = 1003;

/**
 * Converts frames to lines and lines to frames, one at a time in each direction. The socket is not read while a frame
 * waits for the hub, and a write of the hub completes when the system has taken its last line.
 */
export class BrowserDuplex implements Duplex {
  readonly #socket: LineSocket;
  readonly #options: BrowserDuplexOptions;
  /** The received lines that wait for their turn, and requests that this server makes for the browser. */
  readonly #lines: Waiting[] = [];
  #wanted: Wanted | null = null;
  readonly #frames = new FrameJoiner();
  #isTaking = false;
  /**
   * The rest of the frame that the hub is reading, and the callbacks that wait for a frame and for the end of this one.
   */
  #frame: Uint8Array | null = null;
  #readable: (() => void) | null = null;
  #taken: (() => void) | null = null;
  #endRest: (() => void) | null = null;
  #isClosed = false;
  #isWelcomed = false;

  constructor(socket: LineSocket, options: BrowserDuplexOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  /** Takes a message from the socket. `taken` is called when the hub has taken it. */
  message(line: string, bytes: number, taken: () => void): void {
    this.#add({ line, bytes, taken });
  }

  /**
   * Requests a message that this browser may see from the hub, and returns its unchanged payload; null if there is
   * none, or another request is under way.
   */
  fetchPickle(room: string, id: number): Promise<Uint8Array<ArrayBuffer> | null> {
    if (this.#wanted !== null || this.#isClosed) return Promise.resolve(null);
    return new Promise((resolve) => {
      const ref = `pickle ${id}`;
      const found = (pickle: Uint8Array<ArrayBuffer> | null) => {
        this.#wanted = null;
        resolve(pickle);
      };
      this.#wanted = { id, ref, found, isNext: false };
      const request: [Value, Value][] = [["type", "history"], ["room", room], ["before", id + 1], [
        "limit",
        1,
      ]];
      this.#add({ line: new Map<Value, Value>([...request, ["ref", ref]]), bytes: 0, taken: () => {} });
    });
  }

  #add(waiting: Waiting): void {
    // Messages that were read together with this one still come after the pause.
    this.#lines.push(waiting);
    if (this.#isTaking) return;
    this.#isTaking = true;
    this.#socket.pause();
    this.#takeAll().finally(() => {
      this.#isTaking = false;
      if (!this.#isClosed) this.#socket.resume();
    });
  }

  /** Refuses a message that is not text. */
  refuseBinary(): void {
    this.#socket.close(ONLY_TEXT, "lines of JSON only");
  }

  /** Handles the end of the socket. */
  ended(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#lines.length = 0;
    this.#frame = null;
    this.#wanted?.found(null);
    this.#endRest?.();
    this.#readable?.();
    this.#taken?.();
  }

  async read(into: Uint8Array): Promise<number | null> {
    while (this.#frame === null) {
      if (this.#isClosed) return null;
      await new Promise<void>((resolve) => this.#readable = resolve);
    }
    const count = Math.min(into.length, this.#frame.length);
    into.set(this.#frame.subarray(0, count));
    this.#frame = count < this.#frame.length ? this.#frame.subarray(count) : null;
    if (this.#frame === null) this.#taken?.();
    return count;
  }

  async write(bytes: Uint8Array): Promise<number> {
    for (let at = 0; at < bytes.length;) {
      const frame = this.#frames.take(bytes, at);
      at = frame.next;
      if (frame.payload === null) continue;
      if (!this.#takeWanted(frame.payload)) {
        await this.#sendLine(await this.#options.cache.lineOf(frame.payload));
      }
    }
    return bytes.length;
  }

  closeWrite(): Promise<void> {
    this.#socket.close(NORMAL, "");
    return Promise.resolve();
  }

  close(): void {
    if (this.#isClosed) return;
    this.ended();
    this.#socket.terminate();
  }

  #send(line: string): Promise<void> {
    if (this.#isClosed) return Promise.reject(new Deno.errors.BrokenPipe("the browser is gone"));
    return new Promise((resolve, reject) =>
      this.#socket.send(line, (error) => error === undefined || error === null ? resolve() : reject(error))
    );
  }

  async #sendLine(line: string): Promise<void> {
    if (line.startsWith(WELCOME)) {
      this.#isWelcomed = true;
      this.#options.welcomed(JSON.parse(line).session);
    }
    await this.#send(line);
  }

  /** Takes the answer to the request for a pickle, which is not sent to the page. */
  #takeWanted(payload: Uint8Array): boolean {
    const wanted = this.#wanted;
    if (wanted === null) return false;
    const dict = decode(payload);
    if (wanted.isNext) {
      // For an id above the newest one, the hub answers with the newest message.
      const isIt = dict instanceof Map && dict.get("id") === wanted.id;
      wanted.found(isIt ? new Uint8Array(payload) : null);
      return true;
    }
    if (!(dict instanceof Map) || dict.get("ref") !== wanted.ref) return false;
    if (dict.get("type") === "replay" && dict.get("count") === 1) wanted.isNext = true;
    else wanted.found(null);
    return true;
  }

  /** Passes the lines on one after the other, each when the hub has read the one before. */
  async #takeAll(): Promise<void> {
    for (let next = this.#lines.shift(); next !== undefined && !this.#isClosed; next = this.#lines.shift()) {
      await this.#rest(this.#options.wait(next.bytes));
      try {
        const { line } = next;
        const frame = typeof line === "string"
          ? await this.#options.frameOf(line)
          : encodeFrame(encode(line));
        await this.#give(frame);
      } catch (error) {
        if (!(error instanceof PickleError)) throw error;
        if (this.#options.refusesInvalid && !this.#isWelcomed) await this.#give(INVALID);
        else await this.#send(errorLine(error.message)).catch(() => {});
      } finally {
        next.taken();
      }
    }
  }

  /** Lets the hub read a frame. */
  #give(frame: Uint8Array): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#frame = frame;
    this.#readable?.();
    this.#readable = null;
    return new Promise((resolve) => this.#taken = resolve);
  }

  #rest(ms: number): Promise<void> {
    if (ms <= 0 || this.#isClosed) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#options.after(ms, resolve);
      this.#endRest = () => {
        cancel();
        resolve();
      };
    });
  }
}
