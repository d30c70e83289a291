/** What tests of the connector share: a connector in this process, and peers on real sockets that do as they are told. */

import { type Clock, SYSTEM_CLOCK } from "../../lib/base/clock.ts";
import type { Endpoint } from "../../lib/base/address.ts";
import type { ConnectCommand } from "../../lib/cli/mod.ts";
import { Source } from "../../lib/cli/sources.ts";
import { connect, converse, type Io } from "../../lib/connector.ts";
import { encodeFrame, FrameReader } from "../../lib/frame/mod.ts";
import { listenerDict, type ListenerMessage } from "../../lib/protocol/message.ts";
import { decode } from "../../lib/pickle/decode/decode.ts";
import { encode } from "../../lib/pickle/encode/encode.ts";
import type { Value } from "../../lib/pickle/values/values.ts";
import type { View } from "../../lib/view/view.ts";

const ENCODER = new TextEncoder();

/** Lines that a test types while the connector runs. */
export class Typing {
  readonly readable: ReadableStream<Uint8Array>;
  #controller!: ReadableStreamDefaultController<Uint8Array>;

  constructor() {
    this.readable = new ReadableStream({ start: (controller) => void (this.#controller = controller) });
  }

  type(text: string): void {
    this.#controller.enqueue(ENCODER.encode(text));
  }

  end(): void {
    this.#controller.close();
  }
}

/** Output that a test reads, and may wait for. */
export class Written {
  text = "";
  #waiting: { ready: (text: string) => boolean; resolve: () => void }[] = [];
  readonly #decoder = new TextDecoder();

  isTerminal(): boolean {
    return false;
  }

  write(bytes: Uint8Array): Promise<number> {
    this.text += this.#decoder.decode(bytes, { stream: true });
    for (const { ready, resolve } of this.#waiting) if (ready(this.text)) resolve();
    this.#waiting = this.#waiting.filter(({ ready }) => !ready(this.text));
    return Promise.resolve(bytes.length);
  }

  /** Resolves when what was written satisfies the condition. */
  until(ready: (text: string) => boolean): Promise<void> {
    if (ready(this.text)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ ready, resolve }));
  }

  get lines(): string[] {
    return this.text.split("\n").slice(0, -1);
  }
}

/** What may differ from a connector that reads an empty input. */
export interface Setting {
  /** The standard input: text, or what a test types. */
  readonly input?: string | ReadableStream<Uint8Array>;
  readonly typed?: boolean;
  /** The environment; empty if not given. */
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  readonly stdout?: Written;
  /** What shows it all, in place of what the command asks for. */
  readonly view?: View;
}

/** A connector that runs. */
export interface Running {
  readonly status: Promise<number>;
  readonly stdout: Written;
  readonly stderr: Written;
  /** Sends it a signal. */
  interrupt(status: number): void;
}

/** Starts a connector to a port of this machine, or to the hosts of the command. */
export function start(
  command: Partial<ConnectCommand> & Partial<Endpoint>,
  setting: Setting = {},
): Running {
  const { input = "", clock = SYSTEM_CLOCK, typed = false, stdout = new Written(), env = {} } = setting;
  const stderr = new Written();
  const signals = new AbortController();
  const readable = typeof input === "string"
    ? ReadableStream.from(input === "" ? [] : [ENCODER.encode(input)])
    : input;
  const whole: ConnectCommand = {
    kind: "connect",
    hosts: [{ host: command.host ?? "127.0.0.1", port: command.port ?? 0 }],
    greet: command.nick !== undefined || command.room !== undefined || command.hosts !== undefined,
    send: [],
    stats: false,
    follow: false,
    json: false,
    bodies: false,
    trace: false,
    reconnect: true,
    color: "never",
    bell: "off",
    plainScreen: false,
    ...command,
  };
  const io: Io = {
    stdin: { readable, isTerminal: () => typed },
    stdout,
    stderr,
    env: (name) => Object.hasOwn(env, name) ? env[name] : undefined,
    openFile: (path) => Deno.open(path),
    interrupted: signals.signal,
    clock,
    random: (size) => crypto.getRandomValues(new Uint8Array(size)),
  };
  const { view } = setting;
  const status = view === undefined
    ? connect(whole, io)
    : converse({ ...whole, send: whole.send.flatMap((post) => post instanceof Source ? [] : [post]) }, io, {
      view,
    });
  return { status, stdout, stderr, interrupt: (status) => signals.abort(status) };
}

/** Runs a connector to its end. */
export async function run(
  command: Partial<ConnectCommand> & Partial<Endpoint>,
  setting: Setting = {},
): Promise<{ status: number; out: string; err: string }> {
  const running = start(command, setting);
  const status = await running.status;
  return { status, out: running.stdout.text, err: running.stderr.text };
}

/** The other end of one connection, as a test plays it. */
export class Peer {
  readonly #conn: Deno.TcpConn;
  readonly #frames: FrameReader;
  /** Is told how many bytes each read gave. */
  afterRead = (_count: number) => {};

  constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
    const read = async (into: Uint8Array) => {
      const count = await conn.read(into);
      this.afterRead(count ?? 0);
      return count;
    };
    this.#frames = new FrameReader({ read }, { maxPayload: 64 * 1024 * 1024 });
  }

  /** Sends bytes as they are. */
  async sendBytes(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) at += await this.#conn.write(bytes.subarray(at));
  }

  /** Sends an object. */
  send(value: Value): Promise<void> {
    return this.sendBytes(encodeFrame(encode(value)));
  }

  /** Says a listener's message. */
  say(message: ListenerMessage): Promise<void> {
    return this.send(listenerDict(message));
  }

  /** Receives the next object, or undefined at the end. */
  async receive(): Promise<Value | undefined> {
    for (;;) {
      const payload = this.#frames.take();
      if (payload !== null) return decode(payload);
      if (!await this.#frames.fill()) return undefined;
    }
  }

  /** Receives the next message of that type. */
  async hear(type: string): Promise<Map<Value, Value>> {
    for (;;) {
      const value = await this.receive();
      if (value === undefined) throw new Error(`Cannot hear ${type}: the connector is gone`);
      if (value instanceof Map && value.get("type") === type) return value;
    }
  }

  /** Says welcome, as the answer to a hello where it has a ref. */
  welcome(
    { nick, epoch, ref, maxFrame = 1000 }: { nick: string; epoch: string; ref?: number; maxFrame?: number },
  ): Promise<void> {
    const limits = new Map([["max_frame", maxFrame]]);
    const names = { nick, epoch, room: "lobby", session: "s", server: "test", version: "0" };
    return this.say({ type: "welcome", protocol: 1, ...names, limits, ref });
  }

  /** Says what a listener says to one who enters, and answers hello. */
  async letIn(
    options: { epoch?: string; head?: number; maxFrame?: number } = {},
  ): Promise<Map<Value, Value>> {
    const { epoch = "e1", head = 0, maxFrame = 1000 } = options;
    await this.welcome({ nick: "guest-1", epoch, maxFrame });
    const hello = await this.hear("hello");
    const nick = String(hello.get("nick") ?? "guest-1");
    await this.welcome({ nick, epoch, maxFrame, ref: hello.get("ref") as number });
    await this.say({ type: "joined", room: "lobby", nick, at: 1.5, nicks: [nick], topic: "", head });
    return hello;
  }

  closeWrite(): Promise<void> {
    return this.#conn.closeWrite();
  }

  close(): void {
    this.#conn.close();
  }

  /** Reads to the end and closes. */
  async finish(): Promise<Value[]> {
    const rest: Value[] = [];
    for (let value = await this.receive(); value !== undefined; value = await this.receive()) {
      rest.push(value);
    }
    this.close();
    return rest;
  }
}

/**
 * Listens on a free port while a test plays the other end of what connects. What the test hands to `after` is waited for when
 * nobody is listened to any more.
 */
export async function withListener(
  play: (
    port: number,
    accept: () => Promise<Peer>,
    after: (playing: Promise<void>) => void,
  ) => Promise<void>,
): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const playing: Promise<void>[] = [];
  try {
    await play(
      listener.addr.port,
      async () => new Peer(await listener.accept()),
      (one) => playing.push(one),
    );
  } finally {
    listener.close();
    await Promise.all(playing);
  }
}

/** A clock that runs so many times as fast as the machine's. */
export function fasterClock(times: number): Clock {
  return { ...SYSTEM_CLOCK, after: (ms, then) => SYSTEM_CLOCK.after(ms / times, then) };
}
