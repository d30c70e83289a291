/** A private chat of the tests' own on loopback, and peers that prove themselves, or do not. */

import type { BrokerCommand } from "../../lib/cli/broker.ts";
import type { OpenDoor } from "../../lib/listener.ts";
import { type Clock, SYSTEM_CLOCK } from "../../lib/base/clock.ts";
import type { LogEvent } from "../../lib/log/log.ts";
import type { Value } from "../../lib/pickle/values/values.ts";
import { keyOfCode } from "../../lib/private/code.ts";
import { parsePem } from "../../lib/private/pem.ts";
import { PrivateChat } from "../../lib/private/private_chat.ts";
import { checkProof, makeProof, memberId } from "../../lib/private/proof.ts";
import { ManualClock } from "../clock.ts";
import { Listening, TestPeer, type Told } from "../integration/listening.ts";

/** The reusable code of listeners that were given one. */
export const SHARED_CODE = "k7qm2xhp9dnvc4ta";

/** A code that no listener of a test knows. */
export const WRONG_CODE = "k7qm2xhp9dnvc4tb";

/** How a peer introduces itself, where it is not as it should. */
export interface Introduction {
  readonly nick?: string;
  readonly enrol?: boolean;
  /** The certificate that the proof is tied to; the listener's if not given. */
  readonly certificate?: string;
  /** Keys that take the place of others in the hello. */
  readonly keys?: Record<string, Value>;
}

/** A private chat that runs until it is disposed of, with its files in a folder of its own. */
export class Closed implements AsyncDisposable {
  readonly #listening: Listening;
  readonly chat: PrivateChat;
  readonly folder: string;
  readonly certificate: string;
  /** What the operator was shown. */
  readonly notes: string[];
  readonly log: LogEvent[];
  #noted = Promise.withResolvers<void>();

  private constructor(
    listening: Listening,
    chat: PrivateChat,
    { folder, notes, log }: { folder: string; notes: string[]; log: LogEvent[] },
  ) {
    this.#listening = listening;
    this.chat = chat;
    this.folder = folder;
    this.notes = notes;
    this.log = log;
    this.certificate = Deno.readTextFileSync(`${folder}/listener.crt`);
  }

  static async start(
    options: {
      sharedCode?: string;
      clock?: Clock;
      folder?: string;
      operatorToken?: string;
      operator?: string;
      attended?: boolean;
      broker?: BrokerCommand;
    } = {},
  ): Promise<Closed> {
    const folder = options.folder ?? await Deno.makeTempDir({ prefix: "chat-private-" });
    await Deno.chmod(folder, 0o700);
    const notes: string[] = [];
    const log: LogEvent[] = [];
    let chat: PrivateChat | undefined;
    let noted = () => {};
    const openDoor: OpenDoor = async (shared) => {
      chat = await PrivateChat.open({
        folder,
        clock: options.clock ?? SYSTEM_CLOCK,
        random: (size) => crypto.getRandomValues(new Uint8Array(size)),
        log: (event) => log.push(event),
        elsewhere: shared,
        sharedCode: options.sharedCode,
        attended: options.attended ?? true,
        operator: options.operator,
        where: () => "HOST",
        note: (text) => {
          notes.push(text);
          noted();
        },
      });
      return chat.door;
    };
    const { operatorToken, broker } = options;
    const listening = await Listening.start({
      openDoor,
      ...operatorToken ? { operatorToken } : {},
      ...broker ? { broker } : {},
    });
    const closed: Closed = new Closed(listening, chat!, { folder, notes, log });
    noted = () => closed.#noted.resolve();
    return closed;
  }

  /** What its listener has logged. */
  get served(): readonly LogEvent[] {
    return this.#listening.log;
  }

  /** Settles when its listener ends, with the error that ended it. */
  get ended(): Promise<void> {
    return this.#listening.served;
  }

  get port(): number {
    return this.#listening.port;
  }

  /** Types a command at the listener's terminal; gives what it says. It may say the next code in between by itself. */
  async command(name: string, rest = ""): Promise<string> {
    const before = this.notes.length;
    this.chat.commands.get(name)!.run(rest);
    for (;;) {
      this.#noted = Promise.withResolvers();
      const said = this.notes.slice(before).find((note) => rest === "" || !note.startsWith("others join"));
      if (said !== undefined) return said;
      await this.#noted.promise;
    }
  }

  /** Makes a code for one person, as `/invite` does. */
  async invite(name = ""): Promise<string> {
    return codeIn(await this.command("invite", name));
  }

  /** Connects in plain. */
  knock(): Promise<TestPeer> {
    return this.#listening.connect();
  }

  /** Connects by TLS, and says nothing. */
  async shakeHands(certificate = this.certificate): Promise<TestPeer> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port: this.port });
    conn.setNoDelay(true);
    const tls = await Deno.startTls(conn, { hostname: "chat.invalid", caCerts: [certificate] });
    await tls.handshake();
    // What a peer does with it, both kinds can.
    return new TestPeer(tls as unknown as Deno.TcpConn);
  }

  /** Connects by TLS and says hello with a proof. */
  async come(key: string | Uint8Array<ArrayBuffer>, introduction: Introduction = {}): Promise<Guest> {
    const peer = await this.shakeHands();
    const { nick, enrol, keys } = introduction;
    const certificate = parsePem(introduction.certificate ?? this.certificate, "CERTIFICATE")!;
    const bytes = typeof key === "string" ? keyOfCode(key) : key;
    const nonce = crypto.getRandomValues(new Uint8Array(32));
    peer.send({
      type: "hello",
      ...nick === undefined ? {} : { nick },
      ...enrol === undefined ? {} : { enrol },
      nonce,
      member: await memberId(bytes),
      proof: await makeProof(bytes, { by: "peer", certificate, nonce }),
      ...keys,
    });
    const first = await peer.receive();
    const proof = first?.proof;
    const isProved = proof instanceof Uint8Array &&
      await checkProof(bytes, proof, { by: "listener", certificate, nonce });
    return { peer, first, isProved, [Symbol.dispose]: () => peer[Symbol.dispose]() };
  }

  /** Comes and is let in; gives the secret, where there is one, and the nick. */
  async enter(key: string | Uint8Array<ArrayBuffer>, introduction: Introduction = {}): Promise<Inside> {
    const { peer, first, isProved } = await this.come(key, introduction);
    if (!isProved) throw new Error(`not let in: ${JSON.stringify(first)}`);
    const { nick } = await peer.until("welcome");
    await peer.until("replay");
    const secret = first?.secret as Uint8Array<ArrayBuffer> | undefined;
    return { peer, secret, nick, [Symbol.dispose]: () => peer[Symbol.dispose]() };
  }

  /** Ends the listener and keeps its folder. */
  async stop(): Promise<void> {
    await this.#listening.end();
    this.chat.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** A peer that said hello. */
export interface Guest extends Disposable {
  readonly peer: TestPeer;
  /** The first message of the listener. */
  readonly first: Told | null;
  /** Whether it has the listener's proof. */
  readonly isProved: boolean;
}

/** A peer that was let in. */
export interface Inside extends Disposable {
  readonly peer: TestPeer;
  readonly secret: Uint8Array<ArrayBuffer> | undefined;
  readonly nick: unknown;
}

/** Gives the code in a line for the operator, without dashes. */
export function codeIn(text: string): string {
  return /[a-z0-9]{4}(?:-[a-z0-9]{4}){3}/.exec(text)![0].replaceAll("-", "");
}

/** A clock that a test moves, and that tells when a timer of a length is set. */
export class AwaitedClock extends ManualClock {
  #set = new Map<number, PromiseWithResolvers<void>>();

  override after(ms: number, then: () => void): () => void {
    const cancel = super.after(ms, then);
    this.#of(ms).resolve();
    return cancel;
  }

  /** Resolves when a timer of that length is set next, or was since the last call. */
  async isSet(ms: number): Promise<void> {
    await this.#of(ms).promise;
    this.#set.delete(ms);
  }

  #of(ms: number): PromiseWithResolvers<void> {
    const set = this.#set.get(ms) ?? Promise.withResolvers<void>();
    this.#set.set(ms, set);
    return set;
  }
}
