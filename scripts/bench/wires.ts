/** The protocols of the servers that are measured: how a client enters, posts, and tells messages from the rest. */

import { encodeFrame, HEADER_SIZE, parseHeader } from "../../lib/frame/mod.ts";
import { encode } from "../../lib/pickle/encode/encode.ts";

/** The text of every message: 100 bytes, the same ones for every server. */
export const TEXT = "All work and no play makes Jack a dull boy. ".repeat(3).slice(0, 100);

/** The contents of a piece of a client's stream. */
export interface Found {
  /** Messages that came whole. */
  messages: number;
  /** Acks that came whole. */
  acks: number;
  /** Whether the server wants an answer to its ping. */
  ping: boolean;
}

/** Reads one client's stream, piece by piece, without decoding bodies. */
export interface Counter {
  count(piece: Uint8Array): Found;
}

/** One protocol. */
export interface Wire {
  /** Returns the first bytes that a client sends. `number` is the client's. */
  enter(number: number): Uint8Array;
  /** One message with {@linkcode TEXT}, as it is posted. */
  readonly post: Uint8Array;
  readonly pong: Uint8Array;
  counter(): Counter;
}

const bytes = (text: string) => new TextEncoder().encode(text);

/** The shortest message: what is shorter is an ack, presence, or a ping. */
const MESSAGE_SIZE = TEXT.length;

/** Frames of ours: what is longer than the text is a message, and an ack is told by its type. */
class FrameCounter implements Counter {
  /** The begin of a frame whose kind is not known yet, and what is still to come of a message. */
  #rest = new Uint8Array(0);
  #skip = 0;

  count(piece: Uint8Array): Found {
    const found = { messages: 0, acks: 0, ping: false };
    let at = 0;
    if (this.#skip > 0) {
      at = Math.min(this.#skip, piece.length);
      this.#skip -= at;
      if (this.#skip === 0) found.messages++;
    } else if (this.#rest.length > 0) {
      const whole = new Uint8Array(this.#rest.length + piece.length);
      whole.set(this.#rest);
      whole.set(piece, this.#rest.length);
      piece = whole;
      this.#rest = new Uint8Array(0);
    }
    while (at < piece.length) {
      const have = piece.length - at;
      const size = have < HEADER_SIZE ? Infinity : parseHeader(piece, at) + HEADER_SIZE;
      if (size > have) {
        if (size > MESSAGE_SIZE + HEADER_SIZE && size < Infinity) this.#skip = size - have;
        else this.#rest = piece.slice(at);
        break;
      }
      if (size > MESSAGE_SIZE + HEADER_SIZE) found.messages++;
      else tell(piece.subarray(at, at + size), found);
      at += size;
    }
    return found;
  }
}

function tell(frame: Uint8Array, found: Found): void {
  const text = LATIN1.decode(frame);
  if (text.includes("ack")) found.acks++;
  else if (text.includes("ping")) found.ping = true;
}

const LATIN1 = new TextDecoder("latin1");
const NEWLINE = 0x0a;
const PING = bytes("PING");

/** Lines: what is as long as the text is a message. */
class LineCounter implements Counter {
  /** The length of the line under way, and whether it begins as a ping does. */
  #length = 0;
  #ping = true;

  count(piece: Uint8Array): Found {
    const found = { messages: 0, acks: 0, ping: false };
    for (let at = 0; at < piece.length;) {
      for (let i = at; this.#ping && this.#length + i - at < PING.length && i < piece.length; i++) {
        this.#ping = piece[i] === PING[this.#length + i - at];
      }
      const end = piece.indexOf(NEWLINE, at);
      if (end < 0) {
        this.#length += piece.length - at;
        break;
      }
      if (this.#length + end - at >= MESSAGE_SIZE) found.messages++;
      else if (this.#ping) found.ping = true;
      this.#length = 0;
      this.#ping = true;
      at = end + 1;
    }
    return found;
  }
}

/** A dict in a frame of ours. */
export function frame(message: Record<string, unknown>): Uint8Array {
  return encodeFrame(encode(new Map(Object.entries(message)) as Parameters<typeof encode>[0]));
}

const chat: Wire = {
  enter: (number) => frame({ type: "hello", nick: `n${number}`, replay: 0 }),
  post: frame({ type: "message", body: TEXT }),
  pong: frame({ type: "pong" }),
  counter: () => new FrameCounter(),
};

const relay: Wire = {
  ...chat,
  enter: () => new Uint8Array(0),
  post: encodeFrame(encode(TEXT)),
};

const nats: Wire = {
  enter: () => bytes(`CONNECT {"verbose":false,"pedantic":false,"echo":false}\r\nSUB room 1\r\n`),
  post: bytes(`PUB room ${TEXT.length}\r\n${TEXT}\r\n`),
  pong: bytes("PONG\r\n"),
  counter: () => new LineCounter(),
};

const irc: Wire = {
  enter: (number) => bytes(`NICK n${number}\r\nUSER n${number} 0 * :n\r\nJOIN #room\r\n`),
  post: bytes(`PRIVMSG #room :${TEXT}\r\n`),
  pong: bytes("PONG :bench\r\n"),
  counter: () => new LineCounter(),
};

/** The protocols by name. */
export const WIRES = { chat, relay, nats, irc };
export type WireName = keyof typeof WIRES;
